"""The bill of a visit: lines in batches, withdrawn by batch (费用明细上传、撤销)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, Max
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.entries import Charges
from claims.models import BillLine, Visit
from claims.services.lines import bill_lines
from claims.visits.holding import hold_visit
from claims.visits.models import BillBatch, LineRefund
from claims.visits.parts import standing_parts
from claims.visits.refunding import charged_lines, refund, refuse_refunded, renew
from claims.visits.workflow import VISITS
from desk.changes import all_or_nothing
from desk.kept import Kept, given
from policies.services import Measures

MAX_LINE = 32_767  # what the column of the line's number holds


@all_or_nothing()
def add_lines(entry: Charges, *, actor: User, visit: Visit, on: date) -> BillBatch:
    """Take the lines in. A batch's number that is known takes the lines to that batch.

    A line whose sender's number is known is skipped when it says the same, and refused when it says
    otherwise: a batch that is sent twice is written once. The statements do not grow with the bill.
    """
    visit, _ = hold_visit(visit, actor=actor, event="lines_added")
    assert visit.institution is not None
    measures = Measures.of_visit(
        area_code=visit.institution.division.county_code,
        starts=visit.starts,
        ends=visit.days.ends or visit.starts,
    )
    rows = bill_lines(
        entry.lines,
        area_code=measures.pack.area.code,
        day=visit.starts,
        consent_signed=visit.consent_signed,
        terms=measures.terms,
    )
    for position, (row, line) in enumerate(zip(rows, entry.lines, strict=True)):
        row.sender_number, row.charged_on = line.number.strip(), line.charged_on
        _check_day(row, visit, on, position)
    taken_back = [line.takes_back for line in entry.lines]
    back = [row for row, of in zip(rows, taken_back, strict=True) if of]
    charged = [row for row, of in zip(rows, taken_back, strict=True) if not of]
    new, known = _unknown(charged, visit)
    number = entry.number.strip()
    if not new and not back and known is not None and known.batch is not None:
        return known.batch
    batch = _batch(visit, number, actor)
    last = visit.lines.aggregate(last=Max("line_number"))["last"] or 0
    if last + len(new) > MAX_LINE:
        raise Refusal(f"一次就诊最多 {MAX_LINE} 行费用，请先中途结算或与县经办中心联系", "lines")
    for line_number, row in enumerate(new, start=last + 1):
        row.visit, row.batch, row.part, row.line_number = visit, batch, None, line_number
    BillLine.objects.bulk_create(new)
    if back:
        refund(back, [of for of in taken_back if of], visit, batch)
    VISITS.take(visit, "lines_added", actor=actor, beside=_beside([batch.number], new))
    return batch


def _check_day(row: BillLine, visit: Visit, on: date, position: int) -> None:
    fault = day_fault(row.charged_on, visit, on)
    if fault:
        at = ("lines", position, "charged_on")
        raise Refusal(f"第 {position + 1} 行：{fault}", at=at)


def day_fault(charged_on: date | None, visit: Visit, on: date) -> str:
    """What is wrong with the day of a charge, "" when nothing."""
    last = visit.days.ends or on
    if charged_on is None or visit.starts <= charged_on <= last:
        return ""
    return f"计费日期 {charged_on} 不在就诊期间（{visit.starts} 至 {last}），请核对"


def _unknown(rows: Sequence[BillLine], visit: Visit) -> tuple[list[BillLine], BillLine | None]:
    """The rows that are not there yet, and one that is. Raises Refusal at a row whose number is
    known for something else."""
    numbers = [row.sender_number for row in rows if row.sender_number]
    known = {row.sender_number: row for row in charged_lines(visit, numbers)}
    new, found = [], None
    for position, row in enumerate(rows):
        there = known.get(row.sender_number) if row.sender_number else None
        if there is None:
            new.append(row)
            known[row.sender_number] = row
        elif _says(there) == _says(row):
            found = there if there.pk else found
        else:
            raise Refusal(
                f"第 {position + 1} 行：明细号 {row.sender_number} 已用于“{there.item_name}”，"
                "内容不同，请核对；要更正的，请先撤销那一批",
                at=("lines", position, "number"),
            )
    return new, found


def _says(row: BillLine) -> tuple[object, ...]:
    return (row.item_code, row.quantity, row.unit_price, row.amount, row.charged_on, row.origin,
            row.self_pay_amount, row.supply_days, row.doctor_code, row.own_code)  # fmt: skip


BATCH = Kept(
    lambda: (
        BillBatch.objects.live()
        .filter(visit_id=given("visit"), number=given("number"))
        .order_by("pk")[:1]
    )
)


def _batch(visit: Visit, number: str, actor: User) -> BillBatch:
    """The live batch of the sender's number, or a new one; ours are counted."""
    if number:
        batch = BATCH.first(visit=visit.pk, number=number)
        if batch is not None:
            return batch
    else:
        taken = set(visit.batches.values_list("number", flat=True))
        number = next(text for text in map(str, range(1, len(taken) + 2)) if text not in taken)
    return BillBatch.objects.create(visit=visit, number=number, received_by=actor)


@all_or_nothing()
def withdraw_batch(*, actor: User, batch: BillBatch, reason: str) -> BillBatch:
    """Take one batch out of the bill; its lines stay readable and count nowhere."""
    withdrawn = _withdraw([batch.pk], batch.visit, actor, reason)
    if not withdrawn:
        raise Refusal(f"{batch}费用已经撤销")
    return withdrawn[0]


@all_or_nothing()
def withdraw_all(*, actor: User, visit: Visit, reason: str) -> list[BillBatch]:
    """Take every batch out that no settlement stands on (接口：批次号填 0000)."""
    return _withdraw(visit.batches.values_list("pk", flat=True), visit, actor, reason)


@all_or_nothing()
def withdraw_lines(
    *, actor: User, visit: Visit, numbers: Sequence[str], reason: str
) -> list[BillLine]:
    """Take single lines out of the bill, by the sender's numbers; a batch that has none left is
    withdrawn with its last one (接口 2302). Raises Refusal naming a number that is not there."""
    visit, reason = hold_visit(visit, actor=actor, event="batch_withdrawn", reason=reason)
    known = visit.lines.filter(is_live=True, sender_number__in=numbers)
    lines = list(known.select_related("batch"))
    missing = set(numbers) - {line.sender_number for line in lines}
    if missing:
        raise Refusal(f"明细号 {min(missing)} 没有上传过，或已经撤销", "number")
    _refuse_settled(visit, lines)
    refunded = LineRefund.objects.filter(visit=visit, line__sender_number__in=numbers)
    if refunded.filter(batch__withdrawn_at=None).exists():
        raise Refusal("这一行有退费，不能单独撤销，请撤销整批后重传", "number")
    batches = {line.batch_id for line in lines if line.batch_id}
    BillLine.objects.filter(pk__in=[line.pk for line in lines]).update(is_live=False)
    empty = visit.batches.live().filter(pk__in=batches).exclude(lines__is_live=True)
    _end_batches(list(empty), actor, reason)
    told = sorted({line.batch.number for line in lines if line.batch is not None})
    beside = _beside(told, lines)
    VISITS.take(visit, "batch_withdrawn", actor=actor, reason=reason, beside=beside)
    return lines


def _withdraw(batches: Iterable[int], visit: Visit, actor: User, reason: str) -> list[BillBatch]:
    visit, reason = hold_visit(visit, actor=actor, event="batch_withdrawn", reason=reason)
    refunds = Exists(LineRefund.objects.filter(visit=visit).order_by())
    live = visit.batches.live().filter(pk__in=list(batches)).order_by("pk")
    rows: list[Any] = list(live.annotate(has_refunds=refunds))
    has_refunds = any(row.has_refunds for row in rows)
    lines = visit.lines.filter(batch__in=rows, is_live=True)
    gone = list(lines.select_related("batch"))
    _refuse_settled(visit, gone)
    if has_refunds:
        refuse_refunded([row.pk for row in rows], visit)
    lines.update(is_live=False)
    _end_batches(rows, actor, reason)
    if has_refunds:
        renew(visit, LineRefund.objects.filter(batch__in=rows).values_list("line", flat=True))
    if rows:
        VISITS.take(
            visit,
            "batch_withdrawn",
            actor=actor,
            reason=reason,
            beside=_beside([row.number for row in rows], gone),
        )
    return rows


def _refuse_settled(visit: Visit, lines: Sequence[BillLine]) -> None:
    """A settlement that stands on a line goes first, the last part before the others."""
    settled = max((one for one in lines if one.part), key=lambda one: one.part or 0, default=None)
    if settled is not None:
        claim = next(one for one in standing_parts(visit) if one.part == settled.part)
        raise Refusal(
            f"{settled.batch}费用已在结算单 {claim.number} 中结算，请先撤回该结算，再撤销费用"
        )


def _end_batches(batches: Sequence[BillBatch], actor: User, reason: str) -> None:
    for one in batches:
        one.withdrawn_by, one.withdrawn_at, one.withdrawn_reason = actor, timezone.now(), reason
    BillBatch.objects.bulk_update(batches, ["withdrawn_by", "withdrawn_at", "withdrawn_reason"])


def _beside(batches: Sequence[str], lines: Sequence[BillLine]) -> dict[str, object]:
    """What the trail says of the batches beside the visit."""
    return {
        "batches": "、".join(batches),
        "lines": len(lines),
        "amount": str(sum(row.amount for row in lines)),
    }
