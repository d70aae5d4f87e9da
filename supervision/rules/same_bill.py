"""A28: the same outpatient bill of one patient twice on one day."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

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
    code="A28",
    title="同日重复门诊单",
    source="医疗保障基金使用监督管理条例第三十八条(三)：重复收费",
    needs=frozenset({Need.VISITS}),
    window=Window.DAY,
    beds=False,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Same place, day and sum, entered in the same way. A suspicion: two equal injections on one
    day are possible. On the later settled one."""
    fresh = {claim.settlement for claim in new}
    same: dict[object, list[ClaimFacts]] = defaultdict(list)
    for one in known.visits:
        same[one.person, one.institution, one.starts, one.total, one.paper].append(one)
    for group in same.values():
        first, *others = sorted(group, key=lambda one: one.settlement)
        for one in others:
            if {one.settlement, first.settlement} & fresh:
                yield Hit(
                    rule=RULE.code,
                    certainty=Certainty.SUSPECT,
                    settlement=one.settlement,
                    finding=(
                        f"{one.starts} 在{one.institution_name}有金额相同的另一张门诊单"
                        f"（结算单 {first.number}）"
                    ),
                    amount=one.fund,
                )
