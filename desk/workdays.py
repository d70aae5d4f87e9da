"""Working days by the announced calendar (`SpecialDay`)."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from desk.models import SpecialDay
from lib import workdays


@dataclass(frozen=True, slots=True)
class Calendar:
    """Announced days off, and weekends that are worked instead; where none are announced every
    weekday is worked, so that a due day is never later than it has to be."""

    off: Set[date] = frozenset()
    on: Set[date] = frozenset()

    def after(self, day: date, number: int) -> date:
        """The last of so many working days, counted from the day after."""
        return workdays.after_workdays(day, number, self.off, self.on)

    def between(self, first: date, last: date) -> int:
        """Working days after `first` up to `last`."""
        return workdays.workdays_between(first, last, self.off, self.on)


def calendar(since: date) -> Calendar:
    """What is announced from a day on. One statement."""
    rows = dict(SpecialDay.objects.since(since).values_list("day", "kind"))
    off = {day for day, kind in rows.items() if kind == SpecialDay.Kind.OFF}
    return Calendar(off, rows.keys() - off)
