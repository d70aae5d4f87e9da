"""Months, ages and division codes."""

from datetime import date

import pytest

from lib.divisions import DivisionCodeError, level_of, lies_inside, parent_code
from lib.periods import Month, age_on, months_after, overlap, parse_day


def test_months_follow_each_other() -> None:
    assert Month(2025, 12).next() == Month(2026, 1)
    assert Month(2026, 1).previous() == Month(2025, 12)
    assert (Month(2024, 2).first, Month(2024, 2).last) == (date(2024, 2, 1), date(2024, 2, 29))
    assert str(Month.parse(" 2026-3 ")) == "2026-03"
    assert Month(2025, 12) < Month(2026, 1)


@pytest.mark.parametrize("text", ["2026", "2026-13", "甲-1", "2026-", "0001-01"])
def test_a_wrong_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="月份"):
        Month.parse(text)


def test_a_day_that_does_not_exist_is_no_day() -> None:
    assert parse_day("2026-03-01") == date(2026, 3, 1)
    assert [parse_day(text) for text in ("", "2026-13-45", "昨天", "9" * 6000)] == [None] * 4


def test_age_changes_on_the_birthday() -> None:
    born = date(2008, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == 17
    assert age_on(born, date(2026, 3, 1)) == 18
    assert age_on(date(2000, 5, 1), date(2026, 4, 30)) == 25
    assert age_on(date(2000, 5, 1), date(2026, 5, 1)) == 26


def test_ranges_that_share_a_day_overlap() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 10)
    assert overlap(first, last, last, date(2026, 2, 1))
    assert not overlap(first, last, date(2026, 1, 11), date(2026, 2, 1))


def test_codes_know_their_level_and_parent() -> None:
    assert [level_of(c) for c in ("500225", "500225101", "500225101201", "50022510120101")] == [
        "county",
        "township",
        "village",
        "group",
    ]
    assert parent_code("50022510120101") == "500225101201"
    assert parent_code("500225") == ""
    assert lies_inside("500225101201", "500225101")
    assert not lies_inside("500225101201", "500225102")
    assert not lies_inside("500225101201", "")


@pytest.mark.parametrize("code", ["", "50022", "50022510", "5002251A1", "５００２２５"])
def test_a_wrong_code_is_refused(code: str) -> None:
    with pytest.raises(DivisionCodeError):
        level_of(code)


def test_a_month_without_the_day_ends_on_its_last():
    assert months_after(date(2026, 1, 1), 12) == date(2027, 1, 1)
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
