"""A06: days in a bed on which nobody did anything for the patient (挂床)."""

from collections.abc import Iterator, Sequence
from datetime import date

from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A06",
    title="疑似挂床住院",
    source="医疗保障基金使用监督管理条例第三十八条(一)：挂床住院；大足办法第三十条",
    needs=frozenset({Need.CHARGES}),
    beds=True,
)
# Charged by the day whether the patient is there or not.
BY_THE_DAY = frozenset({"bed", "nursing", "consultation"})


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """At least `empty_days` days before the discharge on which the bed was charged and nothing
    else. Judged are bills that are kept day by day: one line for all days of the bed tells
    nothing. Not asked beforehand, when the bill is not whole."""
    for claim in new:
        charges = known.charges.get(claim.settlement, ()) if claim.counts_as_stay else ()
        held: set[date] = set()
        served: set[date] = set()
        for one in charges:
            if one.charged_on is not None:
                (held if one.category in BY_THE_DAY else served).add(one.charged_on)
        empty = sorted(day for day in held - served if day < claim.ends)
        if len(empty) >= known.bounds.empty_days:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"有 {len(empty)} 天收了床位、护理或诊察费而没有任何其他费用，"
                    f"首日 {empty[0]}；请核对病历和夜间查房"
                ),
                amount=claim.fund,
            )
