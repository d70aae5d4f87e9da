"""A07: a short stay that was little more than a check-up (低标准住院)."""

from collections.abc import Iterator, Sequence

from lib.money import half_up
from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Moment, Need, Rule

RULE = Rule(
    code="A07",
    title="疑似低标准入院、体检式住院",
    source="医疗保障基金使用监督管理条例第三十八条(二)：过度检查；降低住院标准的常见迹象",
    needs=frozenset({Need.CHARGES}),
    moments=frozenset({Moment.DURING}),
    beds=True,
)
TESTS = frozenset({"examination", "special_examination", "laboratory"})


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """At most `short_days` days, and of the bill without the bed at least `test_share` per cent
    for examinations. Whose bill is one sum (手工录入) has no such line and is not judged."""
    bounds = known.bounds
    for claim in new:
        days = max(1, (claim.ends - claim.starts).days)
        if not claim.counts_as_stay or days > bounds.short_days:
            continue
        charges = known.charges.get(claim.settlement, ())
        whole = sum(one.amount for one in charges if one.category != "bed")
        tests = sum(one.amount for one in charges if one.category in TESTS)
        if whole and tests * 100 >= whole * bounds.test_share:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"住院 {days} 天，检查化验占费用（床位除外）的 {half_up(tests * 100, whole)}%，"
                    "请核对入院指征"
                ),
                amount=claim.fund,
            )
