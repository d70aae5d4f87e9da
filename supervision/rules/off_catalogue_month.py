"""A30: an institution's month with more outside the catalogues than the measures allow."""

from collections.abc import Iterator, Sequence

from lib.money import half_up, to_yuan, told
from policies.terms.conditions import Subject
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
    code="A30",
    title="机构月度目录外占比超限",
    source="统筹区办法对目录外项目的限额（大足办法第三十条：街镇乡 10%，县级及以上 5%）",
    needs=frozenset({Need.MONTHS, Need.TERMS}),
    window=Window.MONTH,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Over a month that is over. It stands on the claim with most outside the catalogues, whose
    measures say the limit: where the inspection begins."""
    claims = {claim.settlement: claim for claim in new}
    for one in known.months:
        terms, top = known.terms.get(one.settlement), claims.get(one.settlement)
        limit = terms.bill.consent_limit if terms is not None else None
        if limit is None or top is None or not top.designated:
            continue
        row = limit.ratios.find(Subject(categories={"level": one.level, "care": top.care}))
        if row is None or one.off_catalogue * 10_000 <= row.value * one.total:
            continue
        share = half_up(one.off_catalogue * 10_000, one.total)
        yield Hit(
            rule=RULE.code,
            certainty=Certainty.SUSPECT,
            settlement=one.settlement,
            finding=(
                f"{one.institution_name} {one.month:%Y-%m} 目录外费用 "
                f"{told(to_yuan(one.off_catalogue))} 元，占 {share / 100:.2f}%，"
                f"超过{row.article}的 {row.value / 100:.2f}%；本单目录外金额最大"
            ),
            amount=one.off_catalogue - half_up(row.value * one.total, 10_000),
        )
