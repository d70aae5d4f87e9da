"""How big the county is, which insurance year it shows, and the only source of chance. Pure."""

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

MIN_PERSONS = 500
# A large county.
MAX_PERSONS = 1_000_000


class PlanError(ValueError):
    """The county asked for cannot be made; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Plan:
    """What was asked for. The same plan always draws the same county.

    `through` is the last day the demo knows of; claims stop there or at the end of the year.
    `often`, `stays`: how often people see a doctor, and lie in hospital, against the demo's usual.
    """

    persons: int
    year: int
    seed: int
    through: date
    often: float = 1
    stays: float = 1

    def __post_init__(self) -> None:
        if not MIN_PERSONS <= self.persons <= MAX_PERSONS:
            raise PlanError(
                f"人数 {self.persons} 不对：演示县应在 {MIN_PERSONS} 至 {MAX_PERSONS} 人之间"
            )
        if not 2013 <= self.year <= 2098:
            raise PlanError(f"年度 {self.year} 不对：应在 2013 至 2098 之间")
        if self.through < date(self.year, 1, 1):
            raise PlanError(
                f"截止日 {self.through} 早于 {self.year} 年度的第一天：请用 --year 指定更早的年度"
            )

    @cached_property
    def last_day(self) -> date:
        """The last day on which anything happens."""
        return min(self.through, date(self.year, 12, 31))

    @property
    def next_year(self) -> int:
        """The insurance year people can enrol for next, seen from `through`."""
        return self.through.year + 1

    def chance(self, purpose: str, index: int = 0) -> Random:
        """A stream of its own for each purpose and township, so that none disturbs another."""
        return Random(f"{self.seed}/{purpose}/{index}")  # noqa: S311 - a demo, not a secret


class Wheel(Generic[T]):
    """Items drawn by weight."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self.items = list(items)
        self.bounds = list(itertools.accumulate(weights))
        if len(self.items) != len(self.bounds) or not self.items or self.bounds[-1] <= 0:
            raise ValueError("a wheel needs one positive weight per item")

    def spin(self, chance: Random) -> T:
        place = bisect.bisect_right(self.bounds, chance.random() * self.bounds[-1])
        return self.items[min(place, len(self.items) - 1)]
