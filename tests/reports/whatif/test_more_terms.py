"""A year under measures that count by hospital, by the week and by discharge, and take what the
bill shows as paid first: recomputed, it is what was settled (tests/claims/test_more_terms.py)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from claims.services import Cut, cut_and_review
from reports.whatif.run import simulate
from tests.claims.conftest import (  # noqa: F401
    TODAY,
    catalogue,
    counter,
    invoice,
    line,
    paper,
    paper_line,
    register,
    stay,
    wang,
)
from tests.claims.test_more_terms import TEXT, THOUSAND, january, pack  # noqa: F401


@pytest.fixture
def year(counter, paper, register, wang, village_a, cast):  # noqa: F811
    register.cover(wang, year=2025)
    shown = replace(paper_line("1000.00", "class_b"), self_pay=Decimal("150.00"))
    # Over the new year 300; the hospital of the paper bill, cut to 900 of which 135 are paid
    # first, 159; the county's again, approved, 450; a birth 500 beyond its 320; dialysis 3 x 400.
    counter(wang, THOUSAND, visit=stay(date(2025, 12, 28), date(2026, 1, 2)))
    billed = paper(wang, "1000.00", lines=[shown], visit=january(5))
    cut = {1: Cut(Decimal(900), "多计")}
    cut_and_review(actor=cast.reviewer, settlement=billed, cuts=cut, on=TODAY)
    counter(wang, THOUSAND, visit=january(8, facts={"approved"}))
    counter(wang, THOUSAND, visit=january(11))
    counter(wang, line("X01", "32", "10"), visit=january(14, care="birth"))
    for day in (19, 20, 21, 22):
        when = date(2026, 1, day)
        counter(wang, line("X01", "5", "100"), visit=stay(when, when, care="dialysis"))


def test_the_measures_in_force_give_what_was_settled(year, county):
    """The bill cut to 900, of which 135 are paid first: (900 - 135 - 500) x 60% = 159."""
    told = simulate(
        area=county, year=2026, source=TEXT, name="x", on=TODAY, progress=lambda *told: None
    )
    assert told["check"]["differing"] == 0, told["check"]
    assert told["check"]["compared"] == 9
    assert told["check"]["settled"] == 300_00 + 159_00 + 450_00 + 500_00 + 3 * 400_00


def test_a_draft_by_admission_takes_the_stay_out_of_the_year(year, county):
    """The stay of December lies outside the cover of 2026, -300; the county's stay of January is
    the first there, 300 in place of 450; the one not approved is still the third."""
    draft = TEXT.replace(", by: discharge", "")
    told = simulate(
        area=county, year=2026, source=draft, name="x", on=TODAY, progress=lambda *told: None
    )
    assert told["total"]["change"] == -300_00 - 150_00
