"""A02: one invoice, or one visit, paid for twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

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
    code="A02",
    title="同一票据、同一就诊重复补偿",
    source="医疗保障基金使用监督管理条例第四十一条(二)：重复享受医疗保障待遇；大足办法第三十七条(七)",
    needs=frozenset({Need.INVOICES, Need.VISITS}),
    certainty=Certainty.CERTAIN,
    window=Window.YEARS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Entry refuses an invoice of the same issuer; here it is found although the issuer was
    written in another way. And what the hospital settled at once, handed in on paper as well: a
    stay of this kind overlaps itself, which is A03. One hit on the later settled claim."""
    told: set[int] = set()
    for settlement, said in (*_invoices(new, known), *_visits(new, known)):
        if settlement not in told:
            told.add(settlement)
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.CERTAIN,
                settlement=settlement,
                finding=said,
            )


def _invoices(new: Sequence[ClaimFacts], known: Known) -> Iterator[tuple[int, str]]:
    """Numbers are short enough to meet by chance; number, day and amount together are not."""
    fresh = {claim.settlement for claim in new}
    same: dict[object, list[InvoiceFacts]] = defaultdict(list)
    for one in known.invoices:
        same[one.number, one.issued_on, one.amount].append(one)
    for group in same.values():
        first = min(group, key=lambda one: one.settlement)
        for one in group:
            pair = {one.settlement, first.settlement}
            if len(pair) == 2 and pair & fresh:
                yield (
                    one.settlement,
                    f"发票 {one.number}（{one.issued_on}）以“{one.issuer}”开具，与另一张结算单中"
                    f"“{first.issuer}”的发票号码、日期、金额相同",
                )


def _visits(new: Sequence[ClaimFacts], known: Known) -> Iterator[tuple[int, str]]:
    fresh = {claim.settlement for claim in new}
    same: dict[object, list[ClaimFacts]] = defaultdict(list)
    for one in known.visits:
        same[one.person, one.institution_name, one.starts, one.ends, one.total].append(one)
    for group in same.values():
        by_number = sorted(group, key=lambda one: one.settlement)
        for at, one in enumerate(by_number):
            other = next((each for each in by_number[:at] if each.paper != one.paper), None)
            if other is not None and {one.settlement, other.settlement} & fresh:
                yield (
                    one.settlement,
                    f"{one.starts} 在{one.institution_name}的同一次就诊已在结算单 {other.number} "
                    "结算，即时结算与手工报销各一次",
                )
