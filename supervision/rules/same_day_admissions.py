"""A12: a whole village enters one hospital on one day."""

from collections.abc import Iterator, Sequence
from datetime import date

from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule, Window

RULE = Rule(
    code="A12",
    title="同村多人同日集中入院",
    source="医疗保障基金使用监督管理条例第三十八条、第四十条：挂床、诱导住院的常见迹象",
    needs=frozenset({Need.NEIGHBOURS}),
    moments=BOTH,
    window=Window.DAY,
    beds=True,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """At least `group_persons` people of one village admitted to one hospital on one day.

    Deliveries are left out: births do not come by arrangement. The hit stands on every claim of
    the group, since each of them is to be looked at.
    """
    groups: dict[tuple[str, str, date], list[ClaimFacts]] = {}
    for claim in known.neighbours:
        if claim.counts_as_stay:
            key = (claim.village, claim.institution, claim.starts)
            groups.setdefault(key, []).append(claim)
    touched = {(claim.village, claim.institution, claim.starts) for claim in new}
    for key, group in groups.items():
        persons = len({claim.person for claim in group})
        if key not in touched or persons < known.bounds.group_persons:
            continue
        # Whom it costs nothing is fetched first (五保 in a published case).
        aided = len({claim.person for claim in group if claim.aided})
        whom = f"，其中 {aided} 人由政府资助参保" if aided else ""
        for claim in sorted(group, key=lambda claim: claim.settlement):
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"同村 {persons} 人于 {claim.starts} 同日入住{claim.institution_name}{whom}"
                ),
            )
