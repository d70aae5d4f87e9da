"""A11: more outside the three catalogues than the measures let a hospital ask consent for."""

from collections.abc import Iterator, Sequence

from lib.money import half_up
from policies.terms.conditions import Subject
from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Moment, Need, Rule

RULE = Rule(
    code="A11",
    title="目录外费用占比超限",
    source="统筹区办法对目录外项目的限额（大足办法第三十条：街镇乡 10%，县级及以上 5%）",
    needs=frozenset({Need.LIMITS}),
    moments=frozenset({Moment.DURING}),
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """The off-catalogue share of one bill is above the limit for the hospital's level.

    Exactly the limit is in order. Hospitals without an agreement owe the county no consent, and
    without a limit in the measures there is nothing to find.
    """
    for claim in new:
        limit = known.limits.get(claim.settlement)
        if limit is None or not claim.designated:
            continue
        row = limit.ratios.find(Subject(categories={"level": claim.level, "care": claim.care}))
        if row is None or claim.off_catalogue * 10_000 <= row.value * claim.total:
            continue
        share = half_up(claim.off_catalogue * 10_000, claim.total)
        yield Hit(
            rule=RULE.code,
            certainty=Certainty.SUSPECT,
            settlement=claim.settlement,
            finding=(
                f"目录外费用占比 {_percent(share)}，超过{row.article}的 {_percent(row.value)}，"
                f"请核对{claim.institution_name}的患者签字同意书"
            ),
            amount=claim.off_catalogue - half_up(row.value * claim.total, 10_000),
        )


def _percent(ratio: int) -> str:
    return f"{ratio // 100}.{ratio % 100:02d}%"
