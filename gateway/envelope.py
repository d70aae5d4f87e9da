"""From the bytes of a message to the bytes of its answer (报文头、交易输入、交易输出).

What a client sends is never an error of the portal's: whatever is wrong with it is told in the
answer, infcode -1, with node and field.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.errors import Refusal
from claims.visits.alike import FIELD as ALIKE
from gateway.acceptance.faults import note_fault
from gateway.asked import Answer, Asked
from gateway.clients.models import Client
from gateway.interface.answering import written as output_of
from gateway.interface.checking import FAULTS, Fault, check, check_head
from gateway.interface.reading import Spec, spec_of
from gateway.messages.models import SignIn
from gateway.messages.once import UNDER_WAY, Sent, UnderWayError, answered
from gateway.reading import UnreadableError, digest_of, read, written
from gateway.transactions import TRANSACTIONS

DONE, REFUSED = 0, -1
NODE_AND_FIELD = 2  # names of a place
MAX_TOLD = 200  # characters of err_msg (head.csv)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How the answer's own head is filled in: whose area, since when."""

    area: str
    began: datetime
    now: Any

    def write(self, *, told: str = "", warned: Sequence[str] = (), output: Any = None) -> str:
        """The answer as JSON. `told`: why it was refused, "" when it was done."""
        ended = self.now()
        serial = secrets.randbelow(10**10)
        return written(
            {
                "infcode": REFUSED if told else DONE,
                "inf_refmsgid": f"{self.area:0<6}{self.began:%Y%m%d%H%M%S}{serial:010d}",
                "refmsg_time": _moment(self.began),
                "respond_time": _moment(ended),
                "err_msg": _short(told),
                "warn_msg": _short("；".join(warned)),
                "output": {} if output is None else output,
            }
        )


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"


def _short(text: str) -> str:
    return text if len(text) <= MAX_TOLD else f"{text[: MAX_TOLD - 1]}…"


def answer(body: bytes, *, client: Client, infno: str, on: Any, now: Any) -> str:
    """The answer to one message of a client that proved who it is, as JSON.

    `infno`: of the address it was sent to, "" of the single address. `on`: today; `now`: the local
    moment, asked for again when the answer is written.
    """
    area = client.institution.division.county_code
    reply = Reply(area=area, began=now(), now=now)
    try:
        message = read(body)
    except UnreadableError as wrong:
        return reply.write(told=str(wrong))
    head = {name: value for name, value in message.items() if name != "input"}
    checked_head = check_head(head)
    if checked_head.faults:
        return reply.write(told=told_of(checked_head.faults))
    wrong_head = _head_problem(head, client, infno)
    spec, transaction = spec_of(head["infno"]), TRANSACTIONS.get(head["infno"])
    if wrong_head or spec is None or transaction is None:
        unknown = f"infno（交易编号）：{head['infno']} 不是本平台开通的交易，请核对"
        return reply.write(told=wrong_head or unknown)
    given = message.get("input")
    checked = check(spec, given)
    left = (*checked_head.unknown, *checked.unknown)
    unread = [f"没有读取的字段：{'、'.join(left)}"] if left else []
    if checked.faults:
        told = told_of(checked.faults)
        note_fault(client, head["infno"], told, reply.began)
        # A field that is asked for may stand there under another name.
        return reply.write(told=told, warned=unread)
    asked = Asked(
        client=client,
        institution=client.institution,
        infno=head["infno"],
        msgid=head["msgid"],
        head={name: "" if value is None else str(value) for name, value in head.items()},
        input=checked.values,
        on=on,
        at=reply.began,
        warnings=unread,
    )
    return _answered(asked, transaction, spec, reply, digest_of(asked.infno, given))


def _answered(asked: Asked, transaction: Any, spec: Spec, reply: Reply, digest: str) -> str:
    sent = Sent(
        client=asked.client,
        institution=asked.institution,
        infno=asked.infno,
        msgid=asked.msgid,
        digest=digest,
        at=reply.began,
    )

    def told(output: Answer) -> str:
        return reply.write(output=output_of(spec, output), warned=asked.warnings)

    def refused(refusal: Refusal) -> str:
        return reply.write(told=_placed(refusal, spec), warned=asked.warnings)

    try:
        return answered(sent, transaction, asked, told=told, refused=refused)
    except UnderWayError:
        return reply.write(told=UNDER_WAY)
    except Refusal as refusal:
        return refused(refusal)


def _head_problem(head: Mapping[str, Any], client: Client, infno: str) -> str:
    """What does not fit together in a head whose fields are right each by itself; the first."""
    code, area = client.institution.code, client.institution.division.county_code
    fits = {
        f"infno（交易编号）：报文是 {head['infno']}，却发到 {infno} 的地址，请核对": (
            infno in {"", head["infno"]}
        ),
        "fixmedins_code（定点医药机构编号）：不是这个接入标识的机构，请核对": (
            head["fixmedins_code"] == code
        ),
        "msgid（发送方报文ID）：应以本机构编号开头，请按 机构编号+时间+顺序号 编写": (
            head["msgid"].startswith(code)
        ),
        f"mdtrtarea_admvs（就医地医保区划）：本平台是 {area}，请核对": (
            head["mdtrtarea_admvs"] == area
        ),
        f"insuplc_admdvs（参保地医保区划）：本平台只办理 {area} 的参保人，异地参保人请走异地结算": (
            (head.get("insuplc_admdvs") or area) == area
        ),
        "sign_no（签到流水号）：没有这次签到或已签退，请重新签到【9001】": (
            _is_signed_in(client, head.get("sign_no") or "")
        ),
    }
    return next((words for words, right in fits.items() if not right), "")


def _is_signed_in(client: Client, number: str) -> bool:
    """Whether the number of a sign-in holds; without one the client's own credentials do."""
    signed_in = SignIn.objects.filter(client=client, number=number, signed_out_at=None)
    return not number or signed_in.exists()


def told_of(faults: Sequence[Fault]) -> str:
    """The gravest fault whole, a node or row that is missing or no such; of the others how many
    there are, and where as far as there is room."""
    first, *others = sorted(faults, key=lambda one: bool(one.field))
    if not others:
        return _short(first.message)
    count = f"（另有{'至少' if len(faults) >= FAULTS else ''} {len(others)} 处"
    room = MAX_TOLD - len(count) - 1
    told = first.message if len(first.message) <= room else f"{first.message[: room - 1]}…"
    room -= len(told) + 2  # a colon, and the sign that not all are named
    named = ""
    for place in dict.fromkeys(_place(one) for one in others):
        more = f"{named}、{place}" if named else place
        if len(more) > room:
            named = f"{named}…" if named else ""
            break
        named = more
    return f"{told}{count}{f'：{named}' if named else ''}）"


def _place(fault: Fault) -> str:
    """Where it is: node, row and field, as the first one is told."""
    row = f"[{fault.index + 1}]" if fault.index is not None else ""
    return ".".join(name for name in (f"{fault.node}{row}", fault.field) if name)


def _placed(refusal: Refusal, spec: Spec) -> str:
    """The refusal of a service with the node and the field that it names."""
    names = [str(step) for step in refusal.at if isinstance(step, str)]
    if names[-1:] == [ALIKE]:
        return f"{refusal.message}（说明写在 exp_content 的 {ALIKE} 里）"
    rows = [step for step in refusal.at if isinstance(step, int)]
    if len(names) < NODE_AND_FIELD or names[0] not in spec.asks:
        return refusal.message
    row = f"[{rows[0] + 1}]" if rows else ""
    return f"{names[0]}{row}.{'.'.join(names[1:])}：{refusal.message}"
