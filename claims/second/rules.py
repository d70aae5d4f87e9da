"""What a second compensation comes to. Pure: fen in, fen out."""

from lib.money import half_up
from policies.terms import SecondRule

WHOLE = 10_000  # ratios are 1/10000


def due_of(rule: SecondRule, own: int) -> int:
    """Of a year's own pay the rule's share of what is above its floor, at most its cap."""
    return min(rule.cap, half_up(max(0, own - rule.floor) * rule.ratio, WHOLE))


def scaled(due: int, budget: int | None, total: int) -> int:
    """What is paid of it where the year has less to give than all are due: everybody the same
    share, fen that do not come out even stay in the fund."""
    return due if budget is None or total <= budget else due * budget // total
