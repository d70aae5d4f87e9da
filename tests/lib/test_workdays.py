from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.workdays import after_workdays, is_workday, workdays_between

FRIDAY = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("days", "worked"), [(0, 0), (1, 0), (2, 0), (3, 1), (7, 5), (9, 5), (28, 20), (-3, -3)]
)
def test_days_after_a_friday(days: int, worked: int) -> None:
    """Saturday and Sunday do not count; four weeks are twenty working days."""
    assert workdays_between(FRIDAY, FRIDAY + timedelta(days=days)) == worked


@given(
    st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    st.integers(0, 60),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 5, 1)), max_size=9),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 5, 1)), max_size=4),
)
def test_with_holidays_like_counting_one_by_one(
    first: date, days: int, off: set[date], on: set[date]
) -> None:
    last = first + timedelta(days=days)
    each = (first + timedelta(days=at) for at in range(1, days + 1))
    assert workdays_between(first, last, off, on) == sum(is_workday(day, off, on) for day in each)
    assert workdays_between(first, after_workdays(first, days, off, on), off, on) == days


def test_like_counting_one_by_one() -> None:
    for first in (FRIDAY + timedelta(days=at) for at in range(7)):
        for days in range(40):
            each = [first + timedelta(days=at) for at in range(1, days + 1)]
            assert workdays_between(first, first + timedelta(days=days)) == sum(
                map(is_workday, each)
            )
