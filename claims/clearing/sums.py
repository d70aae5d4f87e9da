"""The sums of a statement: what is taken off, kept back, set off and paid. Pure, fen."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.money import half_up, split

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Statement:
    """`claimed` = `deducted` + `deposit` + `set_off` + `prepaid` + `paid`, to the fen."""

    claimed: int
    deducted: int
    deposit: int
    set_off: int
    prepaid: int

    @property
    def agreed(self) -> int:
        """What the fund owes for the month once the deductions stand."""
        return self.claimed - self.deducted

    @property
    def paid(self) -> int:
        """What goes to the bank."""
        return self.agreed - self.deposit - self.set_off - self.prepaid


def statement(
    claimed: int, deducted: int, *, percent: int, debt: int = 0, prepaid: int = 0
) -> Statement:
    """`percent`: kept as deposit of what is agreed. `debt`: what the institution owes the fund;
    `prepaid`: what it holds in advance and is to work off now. Each takes at most what is left.

    Debts go before advances: a debt is due, an advance is recovered by the year's end.
    """
    if not 0 <= deducted <= claimed:
        raise ValueError("more is deducted than was claimed")
    agreed = claimed - deducted
    deposit = half_up(agreed * percent, PERCENT)
    left = agreed - deposit
    set_off = min(debt, left)
    return Statement(claimed, deducted, deposit, set_off, min(prepaid, left - set_off))


def returned(deposit: int, score: int, full: int, off: int = 0) -> int:
    """What the year's assessment gives back of the deposits (质量保证金): all of it from a score of
    `full` on. Below that as many hundredths as points or, where the county's form says so, `off`
    hundredths less for each point below.

    The agreements that are published say “按比例” and not of what; the score out of a hundred is
    the reading here (domain.md 6.4: from 95 on all). 85 points and 10 % a point is what village
    stations are held to (卫生服务站目标责任书 二之3).
    """
    if not 0 <= score <= PERCENT:
        raise ValueError("a score is 0 to 100")
    if score >= full:
        return deposit
    share = max(0, PERCENT - off * (full - score)) if off else score
    return half_up(deposit * share, PERCENT)


def taken(amounts: Sequence[int], parts: Sequence[int]) -> list[list[int]]:
    """Each of `parts` (which together are no more than the amounts) as fen of each amount, the rest
    behind them: every list sums to its part, every column to its amount.

    Proportional to what the part before left over, so that no amount falls below zero.
    """
    left = list(amounts)
    found = []
    for part in parts:
        share = split(part, left) if part else [0] * len(left)
        left = [have - gone for have, gone in zip(left, share, strict=True)]
        found.append(share)
    return [*found, left]


def shares_of(amounts: Sequence[int], deductions: Sequence[int]) -> list[list[int]]:
    """Fen of each amount that each deduction takes, one after the other, in proportion to what the
    ones before left over."""
    left, found = list(amounts), []
    for one in deductions:
        share = split(one, left)
        left = [have - gone for have, gone in zip(left, share, strict=True)]
        found.append(share)
    return found
