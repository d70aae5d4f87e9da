"""A20: the same bill under two names."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from supervision.rules.facts import Certainty, Charge, ClaimFacts, Hit, Known, Need, Rule, Window

RULE = Rule(
    code="A20",
    title="费用清单雷同",
    source="医疗保障基金使用监督管理条例第四十条、第四十一条：伪造票据、处方、病历的常见迹象",
    needs=frozenset({Need.FAR, Need.CHARGES}),
    window=Window.YEARS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Of the longer bill `like_share` per cent of the lines agree in item, quantity and amount with
    another person's, of the same hospital elsewhere. The hit names the likest. Two lines agree by
    chance (床位、护理 of equal days), four of five do not."""
    bounds = known.bounds
    bills = {one.settlement: _lines(known.charges.get(one.settlement, ())) for one in known.far}
    fresh = {claim.settlement for claim in new}
    there: dict[str, list[ClaimFacts]] = defaultdict(list)
    for one in known.far:
        there[one.institution].append(one)
    for claim in new:
        mine, likest = bills.get(claim.settlement, Counter()), (0, "")
        for other in there.get(claim.institution, ()) if mine else ():
            if other.person == claim.person:
                continue
            if other.settlement in fresh and other.settlement > claim.settlement:
                continue  # of two new ones the later settled is told
            shared = (mine & bills[other.settlement]).total()
            longer = max(mine.total(), bills[other.settlement].total())
            if shared >= bounds.like_lines and shared * 100 >= longer * bounds.like_share:
                likest = max(likest, (shared, other.number))
        if likest[0]:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"{claim.institution_name}的清单共 {mine.total()} 行，其中 {likest[0]} 行"
                    f"与另一人的结算单 {likest[1]} 项目、数量、金额完全相同"
                ),
            )


def _lines(charges: Sequence[Charge]) -> Counter[tuple[str, int, int]]:
    return Counter((one.name, one.quantity, one.amount) for one in charges)
