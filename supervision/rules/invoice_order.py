"""A21: one person's invoices whose numbers do not run with their days."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from supervision.rules.bounds import Bounds
from supervision.rules.facts import (
    Certainty,
    ClaimFacts,
    Hit,
    InvoiceFacts,
    Known,
    Need,
    Rule,
    Window,
)

RULE = Rule(
    code="A21",
    title="发票号与开票日期次序不符",
    source="医疗保障基金使用监督管理条例第四十一条：伪造、变造票据的常见迹象（法院、审计案例）",
    needs=frozenset({Need.INVOICES}),
    window=Window.YEARS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Of one person and issuer: a later day with a smaller number, or days `serial_days` apart and
    numbers within `serial_gap` (连号): of a book some leave the counter every hour. The hit stands
    on a new claim, once."""
    fresh = {claim.settlement for claim in new}
    told: set[int] = set()
    for invoices in _series(known.invoices):
        for one, other in combinations(invoices, 2):
            said = _odd(one, other, known.bounds)
            at = max(({one.settlement, other.settlement} & fresh) - told, default=None)
            if said and at is not None and one.settlement != other.settlement:
                told.add(at)
                yield Hit(rule=RULE.code, certainty=Certainty.SUSPECT, settlement=at, finding=said)


def _series(invoices: Sequence[InvoiceFacts]) -> list[list[InvoiceFacts]]:
    """Those that can be compared, by day: numbers that differ in their last digits only."""
    found: dict[tuple[int, str, str, int], list[InvoiceFacts]] = defaultdict(list)
    for one in sorted(invoices, key=lambda one: (one.issued_on, one.number)):
        if one.number[-1:].isdigit():
            head = one.number.rstrip("0123456789") or one.number[:-8]
            found[one.person, one.issuer, head, len(one.number)].append(one)
    return list(found.values())


def _odd(one: InvoiceFacts, other: InvoiceFacts, bounds: Bounds) -> str:
    """`one` was issued on the same day or before."""
    gap, days = _serial(other) - _serial(one), (other.issued_on - one.issued_on).days
    named = (
        f"{one.issuer}的发票 {one.number}（{one.issued_on}）与 {other.number}（{other.issued_on}）"
    )
    if days > 0 and gap < 0:
        return f"{named}：日期在后的号码反而在前"
    close = days >= bounds.serial_days and gap <= bounds.serial_gap
    return f"{named}：相隔 {days} 天却几乎连号" if close else ""


def _serial(invoice: InvoiceFacts) -> int:
    """Its last eight digits at most: before these stand a year and a book."""
    digits = len(invoice.number) - len(invoice.number.rstrip("0123456789"))
    return int(invoice.number[-min(digits, 8) :])
