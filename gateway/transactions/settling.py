"""What the hospital and the portal must agree about before money is computed, and after."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from claims.models import BillLine, Settlement, Visit
from claims.services import Preview
from desk.kept import Kept, given
from gateway.asked import Asked, Row
from gateway.local import extra_of, med_type_of, same_kind
from gateway.messages.models import Message
from gateway.prechecks.services import REASON
from gateway.traces.services import missing_codes
from lib.money import told
from policies.terms import Terms

# Field of the message → columns of the settlement that it sums up.
PARTS = {
    # Lines may have come or gone since `check_total` looked, before the visit was held.
    "medfee_sumamt": ("total_amount",),
    "fulamt_ownpay_amt": ("full_self_pay_amount", "borne_amount"),
    "overlmt_selfpay": ("over_limit_amount",),
    "preselfpay_amt": ("first_self_pay_amount",),
    "inscp_scp_amt": ("in_scope_amount",),
}


def _open_lines(visit: Visit) -> list[BillLine]:
    """What no settlement took so far, with its batch."""
    lines = OPEN_LINES(visit=visit.pk)
    for line in lines:
        line.visit = visit
    return lines


OPEN_LINES = Kept(
    lambda: (
        BillLine.objects.filter(visit_id=given("visit"), is_live=True, part=None)
        .select_related("batch")
        .order_by("line_number")
    )
)


def lines_to_settle(visit: Visit) -> list[BillLine]:
    """The open lines. Where a settlement has them, who asks once more with another message hears
    what the first one did: Raises Refusal. Asked for once more where none has: a settlement that
    was taken back in between has left them open, and to ask for them anew would bill them twice."""
    lines = _open_lines(visit)
    if lines:
        return lines
    _refuse_settled(visit)
    return _open_lines(visit)


def _refuse_settled(visit: Visit) -> None:
    last = visit.settlements.exclude(status=Settlement.Status.WITHDRAWN).order_by("part").last()
    if last is not None:
        sent = Message.objects.that_made([last]).order_by("pk").values_list("msgid", flat=True)
        by = f"，报文 {sent[0]}" if sent else ""
        raise Refusal(
            f"这次就诊已经结算：结算 ID {last.number}{by}。请勿重复结算，也不要重传明细；"
            "没有收到应答的，用原报文再问",
            at=("data", "mdtrt_id"),
        )


def check_open_batches(visit: Visit, number: str) -> list[BillLine]:
    """The open lines, all of them of this batch: a visit is settled with its whole bill."""
    lines = lines_to_settle(visit)
    batches = {line.batch.number for line in lines if line.batch is not None}
    if number not in batches:
        raise Refusal("这个收费批次没有未结算的明细，请先上传【2204】", at=("data", "chrg_bchno"))
    others = batches - {number}
    if others:
        raise Refusal(
            f"这次就诊还有未结算的批次 {'、'.join(sorted(others))}：一次就诊的费用一并结算，"
            "请用同一批次号上传，或撤销后重传",
            at=("data", "chrg_bchno"),
        )
    return lines


def check_total(row: Row, lines: Iterable[BillLine]) -> None:
    """What the hospital sums up is what it sent in. Raises Refusal naming both."""
    total = sum((line.amount for line in lines), Decimal(0))
    if row["medfee_sumamt"] != total:
        raise Refusal(
            f"医疗费总额 {told(row['medfee_sumamt'])} 元，与已上传未结算的明细合计 "
            f"{told(total)} 元不符，请核对",
            at=("data", "medfee_sumamt"),
        )


def check_traced(visit: Visit, lines: Iterable[BillLine], on: date) -> None:
    """From the day that the county set nothing is settled without the codes of the packs."""
    without = missing_codes(visit, lines, on)
    if without:
        names = "、".join(sorted(without))[:80]
        raise Refusal(f"{names} 没有上传追溯码，请先上传【3505A】，再结算", at=("data", "mdtrt_id"))


def check_parts(row: Row, settlement: Settlement) -> None:
    """A hospital that settles with other parts than it was told would print them."""
    for name, columns in PARTS.items():
        ours = sum((getattr(settlement, column) for column in columns), Decimal(0))
        if name in row and row[name] != ours:
            raise Refusal(
                f"报文为 {told(row[name])} 元，按现行办法算得 {told(ours)} 元，请重新预结算",
                at=("data", name),
            )


def check_kind(row: Row, visit: Visit, terms: Terms) -> None:
    """The bill that is settled is of the kind that was registered."""
    told_kind, kind = row.get("med_type", ""), med_type_of(terms, visit.care)
    if told_kind and not same_kind(told_kind, kind):
        raise Refusal(
            f"这次就诊登记的医疗类别是 {kind}，报文是 {told_kind}，请核对", at=("data", "med_type")
        )


def settle_reason(asked: Asked) -> str:
    """Why it is another visit than one that it looks like (exp_content.alike_reason)."""
    extra = extra_of(asked, asked.row())
    left = [name for name in extra if name not in {"alike_reason", REASON}]
    if left:
        asked.warn(f"结算时没有读取 exp_content 的 {'、'.join(left)}，请在登记时填写")
    reason: str = extra.get("alike_reason", "")
    return reason


def warn_alike(asked: Asked, preview: Preview) -> None:
    """What will be asked about at the settlement is told with the trial."""
    if preview.alike and not settle_reason(asked):
        asked.warn(
            f"{'；'.join(preview.alike)}。确属另一次就诊的，结算时在 exp_content 写明 alike_reason"
        )
