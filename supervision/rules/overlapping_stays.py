"""A03: in two hospital beds on the same day."""

from collections.abc import Iterator, Sequence

from claims.stays import overlap
from supervision.rules.facts import (
    BOTH,
    Certainty,
    ClaimFacts,
    Hit,
    Known,
    Need,
    Rule,
    Window,
    by_person,
)

RULE = Rule(
    code="A03",
    title="住院期间重叠",
    source="医疗保障基金使用监督管理条例第三十八条、第四十条",
    needs=frozenset({Need.STAYS}),
    moments=BOTH,
    certainty=Certainty.CERTAIN,
    window=Window.DAYS,
    beds=True,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Stays of one person that share a night (claims/stays.py): what entry refuses, and imports
    or corrected days can still bring about.

    The hit stands on the new claim; of two new ones, on the one settled later.
    """
    stays = by_person([claim for claim in known.stays if claim.bed])
    fresh = {claim.settlement for claim in new}
    for claim in new:
        if not claim.bed:
            continue
        for other in stays.get(claim.person, []):
            if other.settlement in fresh and other.settlement >= claim.settlement:
                continue
            if overlap(claim, other):
                yield Hit(
                    rule=RULE.code,
                    certainty=Certainty.CERTAIN,
                    settlement=claim.settlement,
                    finding=(
                        f"{claim.starts} 至 {claim.ends} 在{claim.institution_name}住院，"
                        f"与结算单 {other.number}（{other.institution_name}，"
                        f"{other.starts} 至 {other.ends}）重叠"
                    ),
                )
                break
