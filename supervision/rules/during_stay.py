"""A04: outpatient care or drugs bought while in a hospital bed."""

from collections.abc import Iterator, Sequence

from supervision.rules.facts import (
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
    code="A04",
    title="住院期间门诊、购药",
    source="医疗保障基金使用监督管理条例第三十八条(一)、第四十条：挂床住院、冒名就医的常见迹象",
    needs=frozenset({Need.STAYS, Need.VISITS}),
    window=Window.DAYS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """A day after the admission and before the discharge: on these two the patient may come from
    the outpatient department or buy what to take home. On the outpatient claim, whichever of the
    two was settled last."""
    fresh = {claim.settlement for claim in new}
    stays = by_person([claim for claim in known.stays if claim.bed])
    for visit in known.visits:
        for stay in stays.get(visit.person, ()):
            touched = {visit.settlement, stay.settlement} & fresh
            if touched and stay.starts < visit.starts and visit.ends < stay.ends:
                yield Hit(
                    rule=RULE.code,
                    certainty=Certainty.SUSPECT,
                    settlement=visit.settlement,
                    finding=(
                        f"{visit.starts} 在{visit.institution_name}门诊或购药，当时正在"
                        f"{stay.institution_name}住院（结算单 {stay.number}，"
                        f"{stay.starts} 至 {stay.ends}）"
                    ),
                    amount=visit.fund,
                )
                break
