"""The time limits of a case, by hand from the norms and as properties."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.workdays import Calendar
from supervision.cases import clocks
from supervision.cases.clocks import Span, case_due, counted_to, joined

# 劳动节 2026 as announced: 1 to 5 May off, 9 May worked.
MAY = Calendar(frozenset(date(2026, 5, day) for day in range(1, 6)), frozenset({date(2026, 5, 9)}))
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
SPANS = st.lists(
    st.builds(
        lambda first, length: Span(first, first + timedelta(days=length)),
        DAYS,
        st.integers(0, 80),
    ),
    max_size=6,
)


def test_a_clue_is_checked_within_15_working_days_and_once_15_more() -> None:
    # From Wednesday 22 April: 23 24 27 28 29 30 | 6 7 8 9 11 12 13 14 15 May.
    assert clocks.clue_due(date(2026, 4, 22), MAY, extended=False) == date(2026, 5, 15)
    assert clocks.clue_due(date(2026, 4, 22), MAY, extended=True) == date(2026, 6, 5)


def test_a_case_takes_90_days_without_those_that_do_not_count() -> None:
    filed = date(2026, 4, 8)
    assert case_due(filed, 0, []) == date(2026, 7, 7)
    assert case_due(filed, 30, []) == date(2026, 8, 6)
    # An expert review of 10 days and a hearing inside it: ten days, not twelve.
    review, hearing = (
        Span(date(2026, 5, 1), date(2026, 5, 10)),
        Span(date(2026, 5, 4), date(2026, 5, 5)),
    )
    assert case_due(filed, 0, [review, hearing]) == date(2026, 7, 17)
    # What began after the term had run out changes nothing.
    assert case_due(filed, 0, [Span(date(2026, 7, 8), date(2026, 7, 20))]) == date(2026, 7, 7)


@pytest.mark.parametrize(
    ("already", "days", "words"),
    [
        (0, 30, ""), (0, 20, "第一次延长为 30 日"), (30, 60, ""), (30, 61, "1 至 60 日"),
        (30, 0, "1 至 60 日"), (90, 1, "不能再延长"),
    ],
)  # fmt: skip
def test_a_term_is_extended_twice_at_most(already: int, days: int, words: str) -> None:
    found = clocks.extension_problem(already, days)
    assert words in found and bool(words) == bool(found)


def test_the_shorter_terms() -> None:
    assert clocks.legal_due(date(2026, 4, 27), MAY) == date(2026, 5, 13)
    assert clocks.delivery_due(date(2026, 6, 1), MAY) == date(2026, 6, 10)
    assert clocks.hearing_until(date(2026, 6, 1), MAY) == date(2026, 6, 8)
    assert clocks.registration_due(date(2026, 4, 9), MAY) == date(2026, 4, 20)
    assert clocks.seal_due(date(2026, 4, 9), extended=False) == date(2026, 5, 9)
    assert clocks.seal_due(date(2026, 4, 9), extended=True) == date(2026, 6, 8)
    assert clocks.paying_due(date(2026, 6, 1)) == date(2026, 6, 16)


def test_what_nobody_found_for_two_years_is_punished_no_more() -> None:
    ended = date(2024, 2, 29)
    assert clocks.prescribed_on(ended, grave=False) == date(2026, 3, 1)
    assert not clocks.is_prescribed(ended, date(2026, 2, 28), grave=False)
    assert clocks.is_prescribed(ended, date(2026, 3, 1), grave=False)
    assert not clocks.is_prescribed(ended, date(2029, 2, 28), grave=True)


def days_of(spans: list[Span]) -> set[date]:
    return {
        one.first_day + timedelta(days=at)
        for one in spans
        for at in range((one.last_day - one.first_day).days + 1)
    }


@given(DAYS, st.integers(1, 200), SPANS)
def test_exactly_so_many_days_count(first: date, number: int, spans: list[Span]) -> None:
    due = counted_to(first, number, spans)
    off = days_of(spans)
    between = [first + timedelta(days=at) for at in range(1, (due - first).days + 1)]
    assert sum(day not in off for day in between) == number
    assert due not in off


@given(SPANS)
def test_joined_spans_hold_the_same_days_apart(spans: list[Span]) -> None:
    whole = joined(spans)
    assert days_of(whole) == days_of(spans)
    for one, two in pairwise(whole):
        assert one.last_day + timedelta(days=1) < two.first_day


@given(DAYS, st.integers(0, 90), SPANS, SPANS)
def test_more_days_that_do_not_count_never_bring_the_term_nearer(
    filed: date, extended: int, spans: list[Span], more: list[Span]
) -> None:
    assert case_due(filed, extended, [*spans, *more]) >= case_due(filed, extended, spans)
    assert case_due(filed, extended, spans) >= filed + timedelta(days=90 + extended)
