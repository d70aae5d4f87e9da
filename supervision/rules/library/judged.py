"""What one point says of one bill, and the bill as points look at it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from supervision.rules.facts import Charge, ClaimFacts
from supervision.rules.points import Library, Missing, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A hit: places of the charges, the fen in question, whether it is plain, and in words."""

    point: Point
    lines: tuple[int, ...]
    amount: int
    is_certain: bool
    words: str


Verdict = Found | Missing | None


class Bill:
    """A claim with its charges, found by code."""

    def __init__(self, claim: ClaimFacts, charges: Sequence[Charge], library: Library) -> None:
        self.claim, self.charges, self.library = claim, charges, library

    @cached_property
    def by_code(self) -> Mapping[str, list[int]]:
        """Code → places of its charges."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.charges):
            if one.code:
                found.setdefault(one.code, []).append(place)
        return found

    @cached_property
    def by_group(self) -> Mapping[str, list[int]]:
        """Group of operations → places of the charges whose item stands in it."""
        found: dict[str, list[int]] = {}
        for code, places in self.by_code.items():
            for point in self.library.by_code.get(code, ()):
                if point.window == "same_operation":
                    found.setdefault(point.value, []).extend(places)
        return found

    @property
    def days(self) -> int:
        """Days are counted with the first or with the last one, by no norm with both: both pass."""
        return (self.claim.ends - self.claim.starts).days + 1

    def day(self, place: int) -> date | None:
        """On which day it was charged: who comes and goes on one day was charged on it."""
        on = self.charges[place].charged_on
        if on is None and self.claim.starts == self.claim.ends:
            return self.claim.starts
        return on

    def on_days(self, places: Iterable[int]) -> tuple[dict[date, list[int]], list[int]]:
        """Places by day, and those of which the day is not told."""
        dated: dict[date, list[int]] = {}
        undated = []
        for place in places:
            day = self.day(place)
            if day is None:
                undated.append(place)
            else:
                dated.setdefault(day, []).append(place)
        return dated, undated

    def amount(self, places: Iterable[int]) -> int:
        return sum(self.charges[place].amount for place in places)

    def found(self, point: Point, places: Iterable[int], words: str, *, sure: bool = True) -> Found:
        lines = tuple(sorted(places))
        return Found(
            point=point,
            lines=lines,
            amount=self.amount(lines),
            is_certain=point.sure and sure,
            words=f"“{point.name}”{words}",
        )


def age_on(born: date, day: date) -> int:
    """Full years; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


ONE_DAY = timedelta(days=1)
