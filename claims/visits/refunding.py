"""Part of a charge is taken back before anything is settled (退费: 接口 2301 负数明细).

The line as it was charged stays; in its place another with the same sender's number stands for
what is left of it. Whoever reads a bill reads the lines that stand, and needs to know no more.
"""

from collections.abc import Collection, Sequence
from copy import copy
from decimal import Decimal

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.errors import Refusal
from claims.classification import payable_limit
from claims.models import BillLine, Visit
from claims.visits.models import BillBatch, LineRefund
from desk.kept import Kept, among, given
from lib.money import to_yuan, told

ZERO = Decimal(0)


def refund(
    rows: Sequence[BillLine], of: Sequence[str], visit: Visit, batch: BillBatch
) -> list[LineRefund]:
    """Take back what these unsaved rows say of the lines with these numbers.

    What is known by its number is skipped. Raises Refusal at a row: no such line, another price,
    more than is left, or settled.
    """
    known = {one.sender_number: one for one in _standing(visit)}
    lines = {row.sender_number: row for row in charged_lines(visit, of)}
    left = {number: row.quantity for number, row in lines.items()}
    for one in known.values():
        if one.line.sender_number in left:
            left[one.line.sender_number] -= one.quantity
    new = []
    for position, (row, number) in enumerate(zip(rows, of, strict=True)):
        if row.sender_number in known:
            continue
        charged = lines.get(number)
        _check(row, charged, left.get(number, ZERO), number, position)
        assert charged is not None
        left[number] -= row.quantity
        new.append(
            LineRefund(
                visit=visit,
                batch=batch,
                line=charged,
                sender_number=row.sender_number,
                charged_on=row.charged_on,
                quantity=row.quantity,
                amount=row.amount,
            )
        )
    LineRefund.objects.bulk_create(new)
    renew(visit, {one.line_id for one in new})
    return new


def _standing(visit: Visit) -> list[LineRefund]:
    rows = LineRefund.objects.filter(visit=visit, batch__withdrawn_at=None)
    return list(rows.select_related("line", "batch"))


def charged_lines(visit: Visit, numbers: Collection[str]) -> list[BillLine]:
    """The lines with these senders' numbers as they were charged: those that stand, and those of
    which something was taken back, instead of what is left of them."""
    first: dict[str, BillLine] = {}
    for row in CHARGED(visit=visit.pk, numbers=list(numbers)):
        row.visit = visit
        first.setdefault(row.sender_number, row)
    return list(first.values())


def _charged() -> QuerySet[BillLine]:
    refunds = LineRefund.objects.filter(line=OuterRef("pk"), batch__withdrawn_at=None)
    rows = BillLine.objects.filter(among("sender_number", given("numbers")))
    rows = rows.filter(Q(is_live=True) | Exists(refunds.order_by()), visit_id=given("visit"))
    return rows.select_related("item", "batch").order_by("pk")


CHARGED = Kept(_charged)


def _check(
    row: BillLine, charged: BillLine | None, left: Decimal, number: str, position: int
) -> None:
    at = f"第 {position + 1} 行退费"
    if charged is None:
        raise Refusal(f"{at}：原明细 {number} 没有上传过，或已经撤销", "lines")
    if charged.part is not None:
        raise Refusal(f"{at}：原明细 {number} 已经结算，请先撤销结算", "lines")
    if (row.item_code, row.unit_price) != (charged.item_code, charged.unit_price):
        raise Refusal(f"{at}：项目或单价与原明细 {number} 不同，请核对", "lines")
    if charged.self_pay_amount is not None:
        raise Refusal(f"{at}：按票据先自付的明细不能部分退费，请整行撤销后重传", "lines")
    if row.quantity > left:
        raise Refusal(f"{at}：原明细 {number} 只剩 {told(left)}，不够退，请核对", "lines")


def renew(visit: Visit, charged: Collection[int]) -> None:
    """Let what is left of these lines stand: nothing, a part, or again the line itself."""
    if not charged:
        return
    rows = list(visit.lines.filter(pk__in=charged).select_related("item", "batch"))
    numbers = [row.sender_number for row in rows]
    visit.lines.filter(is_live=True, sender_number__in=numbers).update(is_live=False)
    refunds = list(
        LineRefund.objects.filter(line__in=rows, batch__withdrawn_at=None).order_by("pk")
    )
    last: int = visit.lines.aggregate(last=Max("line_number"))["last"] or 0
    parts = []
    for row in rows:
        mine = [one for one in refunds if one.line_id == row.pk]
        gone = row.batch is not None and row.batch.withdrawn_at is not None
        if not gone and sum(one.quantity for one in mine) < row.quantity:
            last += 1
            parts.append(_part(row, mine, last))
    BillLine.objects.bulk_create(parts)


def _part(row: BillLine, refunds: Sequence[LineRefund], line_number: int) -> BillLine:
    """What is left of a line, unsaved; it came with the last of what was taken back. A line that
    was let go never lives again, so the whole of it is another line too."""
    left = copy(row)
    left.pk, left._state.adding = None, True
    left.line_number, left.is_live = line_number, True
    left.batch_id = refunds[-1].batch_id if refunds else row.batch_id
    left.quantity = row.quantity - sum((one.quantity for one in refunds), ZERO)
    left.amount = row.amount - sum((one.amount for one in refunds), ZERO)
    left.approved_amount = left.amount
    limit = payable_limit(left.quantity, row.item.price_limit if row.item is not None else None)
    left.limit_amount = None if limit is None else to_yuan(limit)
    return left


def refuse_refunded(batches: Collection[int], visit: Visit) -> None:
    """A charge is withdrawn after, or together with, what was taken back of it."""
    for one in _standing(visit):
        if one.line.batch_id in batches and one.batch_id not in batches:
            raise Refusal(
                f"明细 {one.line.sender_number} 有退费，请先撤销退费所在的{one.batch}费用"
            )
