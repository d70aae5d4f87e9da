"""A01: care after the patient's death."""

from collections.abc import Iterator, Sequence

from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule, Window

RULE = Rule(
    code="A01",
    title="死亡后就诊",
    source="医疗保障基金使用监督管理条例第四十条；审计常见问题：参保人死亡后仍有报销",
    needs=frozenset({Need.OUTLIVED}),
    moments=BOTH,
    certainty=Certainty.CERTAIN,
    window=Window.YEARS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Care that began after the day of death is certain; a stay that only ended after it, suspect.

    Care on the day of death itself is in order. Whenever the claim was settled: lists of deaths
    arrive after the claims.
    """
    for claim in known.outlived:
        if claim.death_date is None or claim.ends <= claim.death_date:
            continue
        after = claim.starts > claim.death_date
        what = f"{claim.starts} 就诊" if after else f"{claim.ends} 才出院"
        yield Hit(
            rule=RULE.code,
            certainty=Certainty.CERTAIN if after else Certainty.SUSPECT,
            settlement=claim.settlement,
            finding=f"登记的死亡日期为 {claim.death_date}，此后 {what}（{claim.institution_name}）",
        )
