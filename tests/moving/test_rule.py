"""Which backups stay."""

from datetime import UTC, datetime, timedelta

import pytest

from moving.keeping.rule import Rule, kept, moment_of


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 2, tzinfo=UTC)


NIGHT = on(2026, 11, 29)  # a Sunday
NIGHTS = [NIGHT - timedelta(days=k) for k in range(400)]


def test_seven_days_five_weeks_twelve_months_of_a_year_of_nights() -> None:
    found = kept(NIGHTS, Rule())
    days = {NIGHT - timedelta(days=k) for k in range(7)}
    weeks = {on(2026, 11, day) for day in (29, 22, 15, 8, 1)}  # Sundays
    ends = [
        on(2026, 10, 31), on(2026, 9, 30), on(2026, 8, 31),
        on(2026, 7, 31), on(2026, 6, 30), on(2026, 5, 31),
        on(2026, 4, 30), on(2026, 3, 31), on(2026, 2, 28),
        on(2026, 1, 31), on(2025, 12, 31),
    ]  # fmt: skip
    months = set(ends) | {NIGHT}
    assert found == days | weeks | months
    assert len(found) == 7 + 4 + 11


def test_a_machine_that_slept_keeps_what_it_has() -> None:
    seldom = [on(2026, month, 3) for month in range(1, 7)]
    assert kept(seldom, Rule()) == set(seldom)
    twice = [NIGHT, NIGHT + timedelta(hours=9)]
    assert kept(twice, Rule()) == {NIGHT + timedelta(hours=9)}
    assert kept([], Rule()) == set()


def test_the_rule_is_read_from_three_numbers() -> None:
    assert Rule.read("2,0,0") == Rule(2, 0, 0)
    assert kept(NIGHTS, Rule(2, 0, 0)) == {NIGHT, NIGHT - timedelta(days=1)}
    for wrong in ("", "7", "0,5,12", "a,b,c", "7,-1,2"):
        with pytest.raises(ValueError):
            Rule.read(wrong)


def test_only_names_of_backups_are_moments() -> None:
    assert moment_of("20261129-020000") == NIGHT
    assert moment_of("20261129-020000.partial") is None
    assert moment_of("scans") is None
