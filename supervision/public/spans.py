"""Of which days a notice is: a month, a quarter or a year's campaign, never others: pure.

Days that somebody chooses would tell by the difference of two notices what happened on one day. A
span that is not over is no notice yet, for the same reason.
"""

from dataclasses import dataclass
from datetime import date

from lib.periods import Month


@dataclass(frozen=True, slots=True)
class Span:
    """`text` as it stands in an address, `words` on paper."""

    text: str
    words: str
    first: date
    last: date

    def __str__(self) -> str:
        return self.text


def month_of(text: str) -> Span:
    """2026-03. Raises ValueError for what is no month."""
    month = Month.parse(text)
    return Span(str(month), month.words, month.first, month.last)


def quarter_of(text: str) -> Span:
    """2026-q1. Raises ValueError for what is no quarter."""
    year, _, number = text.partition("-q")
    if number not in {"1", "2", "3", "4"}:
        raise ValueError("季度应写成 2026-q1")
    last = Month.parse(f"{year}-{int(number) * 3:02d}")
    first = last.previous().previous()
    return Span(f"{last.year}-q{number}", f"{last.year}年第{number}季度", first.first, last.last)


def quarter_now(day: date) -> Span:
    """The quarter of the day."""
    return quarter_of(f"{day.year}-q{(day.month + 2) // 3}")


def quarter_before(day: date) -> Span:
    """The last quarter that is over."""
    number = (day.month - 1) // 3
    return quarter_of(f"{day.year}-q{number}" if number else f"{day.year - 1}-q4")
