"""What a payment method gives for an institution's month. Pure, in fen.

Each method answers with one amount a case; they sum exactly to what the month is worth, so that a
statement always leads down to its claims. What this is more or less than the sum by items is the
institution's gain or loss (结余留用、超支自担). Which method holds, and every number in it, is the
agreement's; no norm gives one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.money import split


@dataclass(frozen=True, slots=True)
class Case:
    """One claim of the month. `items`: what the fund pays for it by items; `days`: in bed;
    `disease`: the code that a fixed price goes by; `group`: of DIP."""

    items: int
    days: int = 0
    disease: str = ""
    group: str = ""


def by_item(cases: Sequence[Case]) -> list[int]:
    """按项目付费: as the claims were settled."""
    return [case.items for case in cases]


def by_head(cases: Sequence[Case], heads: int, rate: int) -> list[int]:
    """按人头付费: `rate` for each of so many people, whatever was used, shared out by what was.

    Without any case there is nothing to carry it: the amount is `heads * rate` and no line.
    """
    return _shared(heads * rate, cases)


def by_bed_day(cases: Sequence[Case], rate: int) -> list[int]:
    """按床日付费: `rate` for each day in bed; what is no stay is paid by items."""
    return [case.days * rate if case.days else case.items for case in cases]


def by_disease(cases: Sequence[Case], prices: Mapping[str, int]) -> list[int]:
    """按病种付费: the price of the disease, the rest is the hospital's; others by items."""
    return [prices.get(case.disease, case.items) for case in cases]


def by_budget(cases: Sequence[Case], left: int) -> list[int]:
    """总额预算: by items as long as the year's budget lasts, then what is left, shared out."""
    due = sum(case.items for case in cases)
    return by_item(cases) if due <= left else _shared(max(left, 0), cases)


def by_points(cases: Sequence[Case], weights: Mapping[str, int], amount: int) -> list[int]:
    """按病种分值付费 (DIP): `amount` shared out by the weights of the cases' groups.

    Among institutions `amount` is `amounts_by_points` of theirs. Raises ValueError for a group
    without a weight: a case is never paid nothing for want of one.
    """
    missing = sorted({case.group for case in cases} - weights.keys())
    if missing:
        raise ValueError(f"分组 {missing[0] or '（空）'} 没有分值")
    if not cases:
        return []
    return split(amount, [weights[case.group] for case in cases])


def amounts_by_points(budget: int, points: Mapping[str, int]) -> dict[str, int]:
    """The area's budget of the month among institutions (code → points of all their cases)."""
    if not points:
        return {}
    return dict(zip(points, split(budget, list(points.values())), strict=True))


def _shared(amount: int, cases: Sequence[Case]) -> list[int]:
    """By items, and evenly where nothing was paid by items."""
    if not cases:
        return []
    weights = [case.items for case in cases]
    return split(amount, weights if sum(weights) else [1] * len(cases))
