"""The lines of a counter bill: found in the catalogue of the day, priced, sorted, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from claims.classification import (
    MAX_SUBTOTAL,
    classify,
    line_amount,
    line_lacks,
    payable_limit,
    self_pay_problem,
)
from claims.entries import CounterLine
from claims.models import BillLine
from institutions.catalogue import items_by_code, match_items
from institutions.models import CatalogueItem
from lib.money import to_fen, to_yuan, told
from policies.terms import ORIGINS, BillClass, Terms


@dataclass(frozen=True, kw_only=True)
class TypedLine:
    """A line as it is typed: `text` is a code, a name or initials; the amount follows."""

    text: str
    quantity: Decimal
    unit_price: Decimal
    origin: str = ""
    self_pay: Decimal | None = None
    supply_days: int | None = None


def priced_lines(typed: Sequence[TypedLine], *, area_code: str, day: date) -> list[CounterLine]:
    """The lines with the code that each text means on that day, and quantity × price.

    Raises Refusal at the line whose text means no item, or more than one.
    """
    matches = match_items(area_code, day, (line.text for line in typed))
    rows = []
    for position, line in enumerate(typed):
        found = matches.get(line.text.strip(), [])
        if len(found) != 1:
            many = "有多个匹配，请选定一个" if found else "目录中没有，请重新查找"
            raise Refusal(f"“{line.text}”{many}", at=("lines", position, "code"))
        rows.append(
            CounterLine(
                code=found[0].code,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount=to_yuan(line_amount(line.quantity, line.unit_price)),
                origin=line.origin,
                self_pay=line.self_pay,
                supply_days=line.supply_days,
            )
        )
    return rows


def over_limits(lines: Sequence[CounterLine], *, area_code: str, day: date) -> list[str]:
    """In words, what costs more than its limit in the catalogue of the day. One statement."""
    items = items_by_code(area_code, day, (line.code for line in lines))
    doubts = []
    for number, line in enumerate(lines, start=1):
        item = items[line.code]
        if item.price_limit is not None and line.unit_price > item.price_limit:
            over = line.unit_price - item.price_limit
            doubts.append(f"第 {number} 项 {item.name}：单价高出限价 {told(over)} 元，请核对")
    return doubts


def class_of(
    item: CatalogueItem, terms: Terms, *, consent_signed: bool, approved: bool = True
) -> str:
    """The bill class that takes the item under these measures, "" when none does. What is limited
    (限制使用) and was used beyond its limits, so not `approved`, the patient pays as a whole."""
    beyond = item.is_limited and not approved
    return classify(
        payment_class=CatalogueItem.PaymentClass.C if beyond else item.payment_class,
        category=item.category,
        consent_signed=consent_signed or beyond,
        classes=terms.bill.classes,
    )


def bill_lines(
    lines: Sequence[CounterLine], *, area_code: str, day: date, consent_signed: bool, terms: Terms
) -> list[BillLine]:
    """The bill from the catalogue of the day, two statements however long it is."""
    if not lines:
        raise Refusal("费用清单是空的，请至少录入一行", "lines")
    items = items_by_code(area_code, day, (line.code for line in lines))
    rows = [
        _bill_line(position, line, items, day=day, consent_signed=consent_signed, terms=terms)
        for position, line in enumerate(lines)
    ]
    check_total(rows)
    return rows


def line_faults(
    lines: Mapping[int, CounterLine],
    *,
    area_code: str,
    day: date,
    consent_signed: bool,
    terms: Terms,
) -> dict[int, str]:
    """What `bill_lines` would refuse, of each line by its key; one statement."""
    items = items_by_code(area_code, day, (line.code for line in lines.values()))
    found = {}
    for at, line in lines.items():
        try:
            _bill_line(at - 1, line, items, day=day, consent_signed=consent_signed, terms=terms)
        except Refusal as refusal:
            found[at] = refusal.message.removeprefix(f"第 {at} 行：")
    return found


def _bill_line(
    position: int,
    line: CounterLine,
    items: Mapping[str, CatalogueItem],
    *,
    day: date,
    consent_signed: bool,
    terms: Terms,
) -> BillLine:
    """One line as it is written. Raises Refusal at its place."""
    item = items.get(line.code)
    if item is None:
        raise Refusal(
            f"第 {position + 1} 行：目录中没有编码“{line.code}”（{day}），请重新查找",
            at=("lines", position, "code"),
        )
    _check_line(position, line)
    bill_class = class_of(item, terms, consent_signed=consent_signed, approved=line.is_approved)
    origin = _origin(position, line, item, terms.bill.classes.get(bill_class))
    limit = payable_limit(line.quantity, item.price_limit)
    return BillLine(
        line_number=position + 1,
        item=item,
        item_code=item.code,
        item_name=item.name,
        category=item.category,
        bill_class=bill_class,
        origin=origin,
        **line.columns(),
        limit_amount=None if limit is None else to_yuan(limit),
    )


def _origin(position: int, line: CounterLine, item: CatalogueItem, rule: BillClass | None) -> str:
    """Where the item was made: as the catalogue says, else as the clerk does. Raises Refusal when
    the measures cannot judge the item, because no class takes it or its origin is not known."""
    row = f"第 {position + 1} 行："
    if rule is None:
        raise Refusal(
            f"{row}现行办法没有接收“{item.name}”（{item.get_payment_class_display()}）的费用类别，"
            "请与县经办中心联系",
            at=("lines", position, "code"),
        )
    at = ("lines", position, "origin")
    if line.origin and line.origin not in ORIGINS:
        raise Refusal(f"{row}请选择产地", at=at)
    if item.origin and line.origin not in {"", item.origin}:
        raise Refusal(
            f"{row}目录写明“{item.name}”是{item.get_origin_display()}，与所选产地不符，请核对",
            at=at,
        )
    origin = item.origin or line.origin
    wrong = self_pay_problem(rule, line.self_pay, line.amount)
    if wrong:
        raise Refusal(f"{row}{wrong}", at=("lines", position, "self_pay"))
    if line_lacks(rule, counted=True, origin=origin, self_pay=True):
        raise Refusal(
            f"{row}{rule.name}按产地先自付，目录没有写明“{item.name}”的产地，请选择产地", at=at
        )
    return origin


def _check_line(position: int, line: CounterLine) -> None:
    row = f"第 {position + 1} 行："
    if line.quantity <= 0:
        raise Refusal(f"{row}数量应大于 0", at=("lines", position, "quantity"))
    if line.unit_price < 0:
        raise Refusal(f"{row}单价不能为负数", at=("lines", position, "unit_price"))
    try:
        right = line_amount(line.quantity, line.unit_price)
        written = to_fen(line.amount)
    except ValueError:
        raise Refusal(
            f"{row}金额最多两位小数，数量最多四位，单价最多六位", at=("lines", position, "amount")
        ) from None
    if written != right:
        raise Refusal(
            f"{row}数量 × 单价 = {told(to_yuan(right))} 元，"
            f"与金额 {told(line.amount)} 元不符，请核对",
            at=("lines", position, "amount"),
        )
    if not 0 < right <= MAX_SUBTOTAL:
        raise Refusal(f"{row}金额应大于 0、不超过一千万元", at=("lines", position, "amount"))


def check_total(rows: Sequence[BillLine]) -> None:
    total = sum((row.amount for row in rows), Decimal(0))
    if to_fen(total) > MAX_SUBTOTAL:
        raise Refusal(f"总费用 {told(total)} 元超过一千万元，请核对", "lines")
