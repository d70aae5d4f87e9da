"""A19: several of one village with invoices of one hospital far away."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A19",
    title="同村多人持同一外地医院发票",
    source="审计署 2017 年第 1 号公告：虚假发票套取；零星报销核查的常见迹象",
    needs=frozenset({Need.FAR}),
)
# No norm names a figure: a couple that works in one town is usual, three families are asked about.
MIN_PERSONS = 3
MAX_DAYS = 180


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """At least `MIN_PERSONS` people of one village within `MAX_DAYS` days before the new claim."""
    groups: dict[tuple[str, str], list[ClaimFacts]] = defaultdict(list)
    for claim in known.far:
        groups[claim.village, claim.institution].append(claim)
    for claim in new:
        group = [
            one
            for one in groups.get((claim.village, claim.institution), [])
            if 0 <= (claim.starts - one.starts).days <= MAX_DAYS
        ]
        persons = len({one.person for one in group})
        if persons >= MIN_PERSONS:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"同村 {persons} 人在 {MAX_DAYS} 天内持{claim.institution_name}的发票报销，"
                    "请向该院核实"
                ),
            )
