"""Months and date ranges. Pure: the day it is today is always passed in."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

LAST_YEAR = 2100


@dataclass(frozen=True, order=True)
class Month:
    """One accounting month."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 9999):
            raise ValueError(f"月份“{self.year}-{self.month}”不对：应为 年-月，如 2026-03")

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2026-03`. Raises ValueError with a Chinese message."""
        year, dash, month = text.strip().partition("-")
        digits = (year + month).isascii() and year.isdecimal() and month.isdecimal()
        # One year inside what a month may be, so that the months beside it are some as well.
        if not (dash and digits and 1900 < int(year[:5]) <= LAST_YEAR):
            raise ValueError(f"月份“{text}”不对：应为 年-月，如 2026-03")
        return cls(int(year), int(month))

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> "Month":
        return Month.of(self.first - timedelta(days=1))

    @property
    def words(self) -> str:
        """As pages and papers say it; `str` is what addresses and files have."""
        return f"{self.year}年{self.month}月"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def parse_day(text: str) -> date | None:
    """The day written as 2026-03-01; None for anything else, also for a day that does not exist."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def age_on(birth_date: date, day: date) -> int:
    """Full years of age on `day`; someone born on 29 February turns a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def overlap(first: date, last: date, other_first: date, other_last: date) -> bool:
    """Whether two closed date ranges share a day."""
    return first <= other_last and other_first <= last
