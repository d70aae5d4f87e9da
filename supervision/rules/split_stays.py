"""A05: one illness cut into two stays (分解住院)."""

from collections.abc import Iterator, Sequence

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
    code="A05",
    title="疑似分解住院",
    source="医疗保障基金使用监督管理条例第三十八条(一)",
    needs=frozenset({Need.STAYS}),
    moments=BOTH,
    window=Window.DAYS,
    beds=True,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Back in the same hospital with the same diagnosis within `split_days` days of discharge.

    The hit stands on the later stay, whichever of the two was settled last. Stays that overlap
    are another rule's business. A diagnosis that nobody wrote down is the same as no other. Both
    stays are one event.
    """
    fresh = {claim.settlement for claim in new}
    for stays in by_person([claim for claim in known.stays if claim.counts_as_stay]).values():
        for position, later in enumerate(stays):
            for earlier in stays[:position]:
                if not {earlier.settlement, later.settlement} & fresh:
                    continue
                days = (later.starts - earlier.ends).days
                if (
                    0 <= days <= known.bounds.split_days
                    and later.institution == earlier.institution
                    and later.diagnosis
                    and later.diagnosis == earlier.diagnosis
                ):
                    yield Hit(
                        rule=RULE.code,
                        certainty=Certainty.SUSPECT,
                        settlement=later.settlement,
                        beside=(earlier.settlement,),
                        finding=(
                            f"{earlier.ends} 出院（结算单 {earlier.number}），{days} 天后于 "
                            f"{later.starts} 因同一诊断再入{later.institution_name}"
                        ),
                    )
                    break
