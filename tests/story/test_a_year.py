"""A county's whole fund year through all months to its closing and into the next spring.

The year is drawn, closed, paid and shared out, and the spring comes in by the services that the
pages call; then everything that the portal says is computed a second time from bare rows
(`tests/recount/`). The same with twenty thousand people is `bench/year.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Division
from claims.models import Settlement
from demo.county import seed
from demo.places import COUNTY_CODE
from demo.plan import Plan
from demo.spring import Came, go_on
from funds.models import Period, Voucher
from lib.periods import Month
from reports.models import MonthlyReport
from tests.recount.compare import compare_all
from tests.recount.rows import Leg, Rows, read

pytestmark = [pytest.mark.slow, pytest.mark.seconds(60)]

YEAR = 2027
MARCH = Month(YEAR + 1, 3)
# What the year and its spring have to show: reserves, the closing, accounts and surplus of the
# year, premiums that waited for it, money that came back and money that went out again.
SHOWN = {
    "premium_collected", "advance_recognised", "subsidy_received", "expenditure_funded",
    "claim_paid", "interest_received", "reserve_drawn", "income_closed", "expense_closed",
    "accounts_carried", "surplus_reserved", "claim_recovered",
    "prior_recovery", "payment_returned", "returned_paid",
}  # fmt: skip


@pytest.fixture(scope="module")
def came(django_db_setup: None, django_db_blocker: Any) -> Iterator[Came]:
    """500 healthy people in 2027, in a transaction that is taken back after the module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            seed(Plan(500, YEAR, 6, date(YEAR, 12, 31), often=0.5, stays=0.4))
            yield go_on(YEAR, claims=18, seed=6)
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def area(came: Came) -> Division:
    return Division.objects.get(code=COUNTY_CODE)


def test_every_figure_of_a_year_and_its_spring_is_found_a_second_time(
    came: Came, area: Division
) -> None:
    closed = Period.objects.filter(status=Period.Status.CLOSED)
    assert (closed.filter(year=YEAR).count(), closed.filter(year=YEAR + 1).count()) == (12, 3)
    done = MonthlyReport.objects.filter(status=MonthlyReport.Status.DONE, year=YEAR + 1)
    assert {one.month for one in done} == {1, 2, 3}
    assert not Settlement.objects.filter(policy_year=YEAR, status="approved").exists()
    assert came.late
    assert came.recovered == 4
    assert SHOWN - set(Voucher.objects.values_list("event", flat=True)) == set()
    found = compare_all(area, Month(YEAR, 1), MARCH, YEAR)
    assert [str(one) for one in found.different] == []
    assert found.compared > 5_000


def one_more(leg: Leg) -> Leg:
    return leg._replace(debit=leg.debit + 1) if leg.debit else leg._replace(credit=leg.credit + 1)


@pytest.mark.parametrize("what", ["leg", "claim", "cover"])
def test_a_single_fen_is_told_by_the_names_of_what_it_moves(area: Division, what: str) -> None:
    """The comparison is no empty one: of a row that says a fen more, what differs is named."""
    rows: Rows = read(area.code)
    if what == "leg":
        at = next(at for at, leg in enumerate(rows.legs) if leg.code == "5001-inpatient")
        legs = [one_more(leg) if at == which else leg for which, leg in enumerate(rows.legs)]
        rows, wanted = replace(rows, legs=legs), "科目 5001-inpatient 期末"
    elif what == "claim":
        last = max(
            at for at, one in enumerate(rows.claims)
            if one.status == "submitted" and one.settled_on.month == 3
        )  # fmt: skip
        claims = list(rows.claims)
        claims[last] = claims[last]._replace(cost=claims[last].cost + 1)
        rows, wanted = replace(rows, claims=claims), "指标 cost 本月"
    else:
        at = next(at for at, one in enumerate(rows.covers) if one.year == YEAR + 1)
        covers = list(rows.covers)
        covers[at] = covers[at]._replace(account=covers[at].account + 1)
        rows, wanted = replace(rows, covers=covers), "指标 account_idle 本年"
    found = compare_all(area, MARCH, MARCH, YEAR, rows)
    assert f"{MARCH} {wanted}" in {one.name for one in found.different}
