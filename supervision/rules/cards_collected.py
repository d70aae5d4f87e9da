"""A29: cards of a village run through one after the other (集中刷卡)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from lib.money import to_yuan, told
from supervision.rules.facts import (
    Certainty,
    ClaimFacts,
    Hit,
    Known,
    Need,
    Rule,
    Window,
)

RULE = Rule(
    code="A29",
    title="同村多人同日同额刷卡",
    source="医疗保障基金使用监督管理条例第四十条：收集凭证、虚构医药服务（典型案例：集中保管就诊卡）",
    needs=frozenset({Need.CROWDS}),
    window=Window.DAY,
    beds=False,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """At least `same_sum_persons` people of one village, one place, one day, one sum. A suspicion:
    on a day of vaccinations they do pay the same. On every claim of the group."""
    groups: dict[object, list[ClaimFacts]] = defaultdict(list)
    for claim in known.crowds:
        groups[_key(claim)].append(claim)
    for key in dict.fromkeys(_key(claim) for claim in new if not claim.bed):
        group = groups.get(key, [])
        persons = len({claim.person for claim in group})
        if persons < known.bounds.same_sum_persons:
            continue
        for claim in sorted(group, key=lambda claim: claim.settlement):
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"同村 {persons} 人于 {claim.starts} 在{claim.institution_name}结算，"
                    f"金额都是 {told(to_yuan(claim.total))} 元，请核实就诊卡在谁手里"
                ),
                amount=claim.fund,
            )


def _key(claim: ClaimFacts) -> object:
    return claim.village, claim.institution, claim.starts, claim.total
