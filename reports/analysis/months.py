"""The months that an analysis is about, and those that it is compared with. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from lib.periods import Month

MAX_MONTHS = 36  # three years: columns of a chart that can still be told apart


@dataclass(frozen=True, slots=True)
class Months:
    """From the first to the last month, both included."""

    first: Month
    last: Month

    def __len__(self) -> int:
        return number_of(self.last) - number_of(self.first) + 1

    def __str__(self) -> str:
        return str(self.last) if self.first == self.last else f"{self.first} 至 {self.last}"

    @property
    def all(self) -> list[Month]:
        return [moved(self.first, at) for at in range(len(self))]

    @property
    def span(self) -> tuple[Month, Month]:
        return self.first, self.last

    def earlier(self, months: int) -> "Months":
        return Months(moved(self.first, -months), moved(self.last, -months))


def number_of(month: Month) -> int:
    """Months since the year 0."""
    return month.year * 12 + month.month - 1


def moved(month: Month, by: int) -> Month:
    year, rest = divmod(number_of(month) + by, 12)
    return Month(year, rest + 1)


def last_months(last: Month, number: int) -> Months:
    return Months(moved(last, 1 - number), last)


def joined(months: Iterable[Month]) -> list[Months]:
    """Months in order, those that follow each other together."""
    found: list[Months] = []
    for one in months:
        if found and moved(found[-1].last, 1) == one:
            found[-1] = Months(found[-1].first, one)
        else:
            found.append(Months(one, one))
    return found
