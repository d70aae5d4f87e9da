"""One person lies in one bed. Pure: days in, days out; entry refuses what the screening finds."""

from datetime import date
from typing import NamedTuple, Protocol


class Stay(Protocol):
    """Days of admission and discharge; a stay of one day begins and ends on the same.

    `ends` is None while nobody knows: still in the bed."""

    @property
    def starts(self) -> date: ...
    @property
    def ends(self) -> date | None: ...


def overlap(one: Stay, other: Stay) -> bool:
    """Whether the two cannot both be true of one person (基金使用监督管理条例第三十八条、第四十条).

    Leaving one hospital and entering another on the same day is a transfer and in order; so a stay
    of one day overlaps only what began before and ended after that day.
    """
    return other.starts < (one.ends or date.max) and one.starts < (other.ends or date.max)


class Days(NamedTuple):
    """A stay as its days alone."""

    starts: date
    ends: date | None
