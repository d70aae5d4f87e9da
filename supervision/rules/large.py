"""A13: claims that are looked at for their size alone (大额、高比例抽审)."""

from collections.abc import Iterator, Sequence

from lib.money import half_up, to_yuan, told
from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Rule

RULE = Rule(
    code="A13",
    title="大额、补偿比例异常",
    source="街镇乡合作医疗管理：大额费用逐单复核、抽查；数值由统筹区确定",
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """A bill of at least `large_total` yuan, or one of `paid_total` of which the fund pays more
    than `paid_share` per cent."""
    bounds = known.bounds
    for claim in new:
        said = ""
        if claim.total >= bounds.large_total * 100:
            said = f"医疗费总额 {told(to_yuan(claim.total))} 元，达到大额抽审的标准"
        elif (
            claim.total >= bounds.paid_total * 100
            and claim.fund * 100 > claim.total * bounds.paid_share
        ):
            said = f"基金支付占医疗费的 {half_up(claim.fund * 100, claim.total)}%，高于通常比例"
        if said:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=said,
                amount=claim.fund,
            )
