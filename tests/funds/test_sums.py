"""Figures for reports: what moved by account, month, township and tier."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Division
from funds.models import Book, Posting, Voucher
from funds.services import close_period, close_year
from lib.periods import Month

pytestmark = pytest.mark.usefixtures("money_aside")

OCTOBER, MARCH = date(2025, 10, 20), date(2026, 3, 9)


@pytest.fixture
def year(book: Book, post: Callable[..., Voucher], town_a: Division, town_b: Division) -> Book:
    for town, tier, amount in (
        (town_a, "tier1", "20.00"),
        (town_a, "tier2", "120.00"),
        (town_b, "tier1", "40.00"),
    ):
        post("premium_collected", amount, OCTOBER, township=town, tier=tier, policy_year=2026)
    post("subsidy_received", "400.00", MARCH, funding_level="central")
    post("claim_paid", "60.00", MARCH, township=town_a, tier="tier2", purpose="inpatient")
    post("claim_paid", "15.00", date(2026, 4, 2), township=town_b, purpose="outpatient")
    post("claim_recovered", "10.00", date(2026, 4, 3), township=town_b, purpose="outpatient")
    return book


def moved(book: Book, first: Month, last: Month, *by: str) -> list[dict[str, object]]:
    return Posting.objects.filter(account__kind__in=["income", "expense"]).sums(
        area=book.area, first_month=first, last_month=last, by=by
    )


def test_sums_by_account(year: Book) -> None:
    assert moved(year, Month(2025, 10), Month(2026, 4), "account") == [
        {"account": "4001-personal", "debit": Decimal("0.00"), "credit": Decimal("180.00")},
        {"account": "4101-central", "debit": Decimal("0.00"), "credit": Decimal("400.00")},
        {"account": "5001-inpatient", "debit": Decimal("60.00"), "credit": Decimal("0.00")},
        {"account": "5001-outpatient", "debit": Decimal("15.00"), "credit": Decimal("10.00")},
    ]


def test_sums_by_township_and_tier(year: Book) -> None:
    rows = moved(year, Month(2025, 10), Month(2025, 12), "township", "tier")

    assert [(row["township"], row["tier"], row["credit"]) for row in rows] == [
        ("500225101", "tier1", Decimal("20.00")),
        ("500225101", "tier2", Decimal("120.00")),
        ("500225102", "tier1", Decimal("40.00")),
    ]


def test_sums_by_month_take_only_these_months(year: Book) -> None:
    rows = moved(year, Month(2026, 3), Month(2026, 4), "year", "month", "kind")

    assert [
        (row["year"], row["month"], row["kind"], row["debit"], row["credit"]) for row in rows
    ] == [
        (2026, 3, "expense", Decimal("60.00"), Decimal("0.00")),
        (2026, 3, "income", Decimal("0.00"), Decimal("400.00")),
        (2026, 4, "expense", Decimal("15.00"), Decimal("10.00")),
    ]


def test_year_end_transfers_do_not_hide_the_years_income(
    year: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_transferred", "180.00", OCTOBER)
    for month in (10, 11):
        period = year.periods.get(year=2025, month=month)
        close_period(actor=cast.accountant, period=period, on=date(2026, 1, 4))
    close_year(actor=cast.accountant, book=year, year=2025, on=date(2026, 1, 4))

    rows = moved(year, Month(2025, 1), Month(2025, 12), "account")
    assert rows == [
        {"account": "4001-personal", "debit": Decimal("0.00"), "credit": Decimal("180.00")}
    ]


def test_another_area_or_an_unknown_dimension(year: Book, other_county: Division) -> None:
    facts = {"first_month": Month(2025, 10), "last_month": Month(2026, 4)}
    assert Posting.objects.sums(area=other_county, by=["account"], **facts) == []
    with pytest.raises(KeyError):
        Posting.objects.sums(area=year.area, by=["voucher__summary"], **facts)


def test_two_statements_whatever_the_grouping(year: Book) -> None:
    with CaptureQueriesContext(connection) as queries:
        moved(year, Month(2025, 10), Month(2026, 4), "account", "month", "township", "tier")
    assert len(queries) == 2


def test_visible_to_one_county_only(
    year: Book, cast: SimpleNamespace, other_county: Division
) -> None:
    for rows in (Book.objects, Voucher.objects, Posting.objects):
        assert rows.visible_to(cast.accountant).count() == rows.count() > 0
        for stranger in (cast.other_officer, cast.clerk_a, cast.cadre_a, cast.sysadmin):
            assert rows.visible_to(stranger).count() == 0
