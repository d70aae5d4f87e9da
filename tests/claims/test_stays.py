"""One person in one bed: every way in which two stays can lie beside each other."""

from dataclasses import dataclass
from datetime import date

import pytest

from claims.stays import overlap


@dataclass(frozen=True)
class Stay:
    starts: date
    ends: date


def stay(first: int, last: int) -> Stay:
    return Stay(date(2026, 3, first), date(2026, 3, last))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (stay(1, 5), False),  # left on the day of admission: a transfer
        (stay(9, 12), False),  # admitted elsewhere on the day of discharge
        (stay(1, 6), True),
        (stay(8, 12), True),
        (stay(5, 9), True),
        (stay(6, 7), True),
        (stay(1, 12), True),
        (stay(5, 5), False),  # a day's treatment on the day of admission …
        (stay(9, 9), False),  # … or of discharge
        (stay(7, 7), True),  # but not from the middle of a stay
        (stay(1, 4), False),
        (stay(10, 12), False),
    ],
)
def test_beside_a_stay_from_the_fifth_to_the_ninth(other, expected):
    assert overlap(stay(5, 9), other) is expected
    assert overlap(other, stay(5, 9)) is expected


def test_two_stays_of_the_same_single_day_do_not_overlap():
    assert not overlap(stay(5, 5), stay(5, 5))
