"""Working days (工作日). Pure.

Monday to Friday, less the days off and with the working weekends that somebody passes in: those are
announced anew for each year (国务院办公厅节假日安排) and no rule gives them.
"""

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5


def is_workday(day: date, off: Collection[date] = (), on: Collection[date] = ()) -> bool:
    """Whether offices are open. `off`: holidays; `on`: weekends that are worked instead."""
    return day in on or (day.weekday() < SATURDAY and day not in off)


def after_workdays(
    day: date, number: int, off: Collection[date] = (), on: Collection[date] = ()
) -> date:
    """The last of so many working days, counted from the day after `day` (民法典 第二百零一条)."""
    if number < 0:
        raise ValueError("number must not be negative")
    left = number
    while left:
        day += timedelta(days=1)
        left -= is_workday(day, off, on)
    return day


def workdays_between(
    first: date, last: date, off: Collection[date] = (), on: Collection[date] = ()
) -> int:
    """Working days after `first` up to `last`; negative when `last` is the earlier one."""
    if last < first:
        return -workdays_between(last, first, off, on)
    weeks, rest = divmod((last - first).days, 7)
    plain = weeks * SATURDAY + sum(
        is_workday(first + timedelta(days=at)) for at in range(1, rest + 1)
    )
    between = {day for day in {*off, *on} if first < day <= last}
    return plain + sum(is_workday(day, off, on) - is_workday(day) for day in between)
