"""A26: who changed the patient's record typed in the claim soon after."""

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
    code="A26",
    title="同一经办人变更登记后录入报销",
    source="基金监管典型案例（法院判决）：经办人员修改参保人信息、账号后虚报零星报销；不相容岗位分离",
    needs=frozenset({Need.STANDINGS}),
    window=Window.DAYS,
)


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """Of claims on paper alone: at the counter the hospital enters them. In a small township one
    clerk does both, and honestly: so it is told, and nothing is stopped."""
    standings = {one.settlement: one for one in known.standings}
    for claim in new:
        one = standings.get(claim.settlement)
        if not claim.paper or one is None or one.changed_on is None or one.entered_on is None:
            continue
        days = (one.entered_on - one.changed_on).days
        if 0 <= days <= known.bounds.hand_days:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding=(
                    f"录入人 {one.changed_on} 变更过该参保人或其家庭的登记（账号、成员等），"
                    f"{days} 天后录入这张手工报销单，请由他人核对票据原件与收款账户"
                ),
                amount=claim.fund,
            )
