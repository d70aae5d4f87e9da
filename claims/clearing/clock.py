"""By when a month is declared and paid. Pure.

Claims are declared by the 10th of the month after, and paid within 20 working days counted from the
day after (即时结算, domain.md 7.5), by the calendar that the caller has.
"""

from collections.abc import Callable
from datetime import date

from lib.periods import Month

DECLARE_BY = 10
PAY_WITHIN = 20


def declare_by(month: Month) -> date:
    """The last day for declaring it."""
    return month.next().first.replace(day=DECLARE_BY)


def pay_by(month: Month, declared_on: date, after: Callable[[date, int], date]) -> date:
    """The last day for paying it: of a late declaration counted from its own day. `after`: the last
    of so many working days after a day."""
    return after(max(declared_on, declare_by(month)), PAY_WITHIN)
