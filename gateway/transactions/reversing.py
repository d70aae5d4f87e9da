"""2601 冲正: what got no answer is as if it had never been sent, in whatever order both arrive."""

from accounts.errors import Refusal
from claims.models import Visit
from claims.visits import services
from gateway.asked import Answer, Asked, Transaction
from gateway.identifiers import mdtrt_id, psn_no
from gateway.messages.models import Message
from gateway.messages.once import Sent, hold, keep
from gateway.transactions.outpatient import take_back, what_stands
from gateway.transactions.visits import WITHDRAWN_HERE

# What may be corrected this way: whose effect a hospital cannot see without the answer.
OPEN_TO_IT = ("2207", "2304", "2401")


def correct(asked: Asked) -> Answer:
    """Take the effect of the other message back, or forbid it where it has not come yet."""
    row = asked.row()
    number, infno = row["omsgid"], row["oinfno"]
    if infno not in OPEN_TO_IT:
        raise Refusal(
            f"只有 {'、'.join(OPEN_TO_IT)} 可以冲正，其余请用各自的撤销交易", at=("data", "oinfno")
        )
    if number == asked.msgid or not number.startswith(asked.institution.code):
        raise Refusal("不是本机构的报文 ID，请核对", at=("data", "omsgid"))
    hold(asked.institution, number)
    other = Message.objects.filter(institution=asked.institution, msgid=number).first()
    if other is None:
        asked.corrects.append(_forbidden(asked, number, infno).pk)
        asked.warn("原报文没有到过；今后到达也不再办理。报文 ID 请核对")
        return {}
    if other.infno != infno:
        raise Refusal(f"这个报文是 {other.infno}，不是 {infno}，请核对", at=("data", "oinfno"))
    if other.visit is not None and psn_no(other.visit.person) != row["psn_no"]:
        raise Refusal("人员编号与原报文不是同一人，请核对", at=("data", "psn_no"))
    if other.reversed_by_id is not None:
        asked.warn("原报文此前已经冲正")
        return {}
    if other.settlement is not None and what_stands(other.settlement) is None:
        # Settlement and reversal stand in both books: marked as corrected, the one would be left
        # out of the reconciling and the other would not.
        asked.warn(f"原报文的结算 {other.settlement.number} 此前已经撤销，没有再冲正；对账照旧")
        return {}
    asked.warn(_undo(asked, other))
    asked.corrects.append(other.pk)
    return {}


def _forbidden(asked: Asked, number: str, infno: str) -> Message:
    """A message that has not come: whenever it does, it is refused."""
    sent = Sent(
        client=asked.client,
        institution=asked.institution,
        infno=infno,
        msgid=number,
        digest="",
        at=asked.at,
    )
    return keep(sent, answer="", done=False, writes=True)


def _undo(asked: Asked, other: Message) -> str:
    """Of one that was refused there is nothing; what was taken back since is back already. Says
    what was done."""
    if other.settlement is not None:
        return f"已撤销结算 {take_back(asked, other.settlement).number}"
    if other.visit is not None and other.infno == "2401":
        visit = asked.made["visit"] = other.visit
        if visit.status == Visit.Status.VOID:
            return f"入院登记 {mdtrt_id(visit)} 此前已经撤销"
        reason = WITHDRAWN_HERE.format(asked.infno)
        services.cancel_registration(actor=asked.actor, visit=visit, reason=reason)
        return f"已撤销入院登记 {mdtrt_id(visit)}"
    return "原报文已被拒绝，没有办成，无须冲正"


TRANSACTIONS = {"2601": Transaction(correct, writes=True)}
