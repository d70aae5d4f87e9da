"""How long the fund can pay, by hand."""

from decimal import Decimal

import pytest

from funds.named import FundPosition
from funds.payments.lasting import lasting
from lib.periods import Month

NOVEMBER = Month(2026, 11)


def asked(balance: int, owed: int, income: int, expense: int):
    position = FundPosition(Decimal(balance), Decimal(income), Decimal(expense))
    return lasting(position, Decimal(owed), NOVEMBER)


def test_what_is_owed_comes_first() -> None:
    """(1 000 − 400) at 1 200 a year: 6.0 months; 20 a month are lost of 240, so 600 last 30."""
    found = asked(1_000, 400, 960, 1_200)
    assert (found.left, found.months, found.deficit) == (600, Decimal("6.0"), Decimal(20))
    assert found.runs_out == Month(2029, 6)  # May 2029 takes the last 20


@pytest.mark.parametrize(
    ("left", "month"), [(19, Month(2026, 12)), (20, Month(2027, 1)), (39, Month(2027, 1))]
)
def test_the_first_month_that_is_not_paid_whole(left: int, month: Month) -> None:
    """20 a month are lost: 19 do not pay for December, 20 just do."""
    assert asked(left, 0, 960, 1_200).runs_out == month


def test_no_end_in_sight() -> None:
    assert asked(600, 0, 1_200, 1_200).runs_out is None
    assert asked(600, 0, 1_300, 1_200).deficit == 0
    assert asked(1_200, 0, 960, 1_200).runs_out is None  # sixty months
    assert asked(600, 0, 0, 0).months is None


def test_months_are_those_in_which_something_was_paid() -> None:
    """779.00 over nine months are 86.56 a month: 600 last 6.9 months, not 9.2 of twelve."""
    position = FundPosition(Decimal(600), Decimal(0), Decimal(779), months=9)
    assert lasting(position, Decimal(0), NOVEMBER).months == Decimal("6.9")


def test_what_is_owed_and_not_there() -> None:
    found = asked(300, 400, 960, 1_200)
    assert (found.left, found.months, found.runs_out) == (-100, 0, NOVEMBER)
