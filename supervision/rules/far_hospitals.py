"""A19: several of one village with invoices of one hospital far away."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Need, Rule, Window

RULE = Rule(
    code="A19",
    title="同村多人持同一外地医院发票",
    source="审计署 2017 年第 1 号公告：虚假发票套取；零星报销核查的常见迹象",
    needs=frozenset({Need.FAR}),
    window=Window.DAYS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """At least `far_persons` people of one village within `far_days` days before the new claim: a
    couple that works in one town is usual, three families are asked about."""
    bounds = known.bounds
    groups: dict[tuple[str, str], list[ClaimFacts]] = defaultdict(list)
    for claim in known.far:
        groups[claim.village, claim.institution].append(claim)
    for claim in new:
        group = [
            one
            for one in groups.get((claim.village, claim.institution), [])
            if 0 <= (claim.starts - one.starts).days <= bounds.far_days
        ]
        persons = len({one.person for one in group})
        if persons >= bounds.far_persons:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"同村 {persons} 人在 {bounds.far_days} 天内持{claim.institution_name}"
                    "的发票报销，请向该院核实"
                ),
            )
