"""A24: entered again although the patient said that they were never there."""

from collections.abc import Iterator, Sequence

from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule, Window

RULE = Rule(
    code="A24",
    title="本人否认过的就诊再次录入",
    source="医疗保障基金使用监督管理条例第四十条：冒名住院、虚构医药服务；参保人在经办窗口说明",
    needs=frozenset({Need.DENIED}),
    moments=BOTH,
    certainty=Certainty.CERTAIN,
    window=Window.YEARS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """The same patient, the same place and a day in common, whatever became of what was denied:
    withdrawn or cancelled and entered anew it is the same. A denial that was dismissed is none."""
    for claim in new:
        for one in known.denied:
            same = (one.person, one.institution) == (claim.person, claim.institution)
            days = one.starts <= claim.ends and (one.ends is None or claim.starts <= one.ends)
            if same and days and one.settlement != claim.settlement:
                until = f"{one.ends}" if one.ends else "在院"
                yield Hit(
                    rule=RULE.code,
                    certainty=Certainty.CERTAIN,
                    settlement=claim.settlement,
                    finding=(
                        f"本人否认过 {one.starts} 至 {until} 在{claim.institution_name}的就诊"
                        f"（{one.told}），又录入 {claim.starts} 至 {claim.ends} 的就诊"
                    ),
                )
                break
