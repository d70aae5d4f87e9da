"""What the measures ask of a whole year counts what the old system settled of it, to the fen."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from claims.assistance.cases import find_cases
from claims.assistance.models import AidCase
from claims.carried.year import own_before, paid_before
from claims.computation import paid_in_year
from claims.models import Settlement
from claims.second.computing import dues
from claims.second.models import SecondRun
from claims.services.patients import standing_of
from enrollment.models import Person
from institutions.models import Institution
from policies.models import Pack
from tests.claims.carried.conftest import MOVED
from tests.claims.carried.test_old_settlements import old, read, sent
from tests.claims.conftest import line, stay
from tests.claims.second.conftest import pack

__all__ = ["pack", "read", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "as_application")]
JUNE = {"入院日期": "2026-06-20", "出院日期": "2026-06-28", "结算日期": "2026-06-29"}


@pytest.fixture
def half(wang: Person, hospital: Institution, read: Callable[..., Any]) -> Person:
    """王建国's two stays of the old system: 8 200.00, of which it paid 4 000.00 and he 4 200.00; in
    June 5 000.00, within the scope 4 500.50, paid 2 000.00: he bore 2 500.50 of that, and 499.50
    beyond it, of 3 000.00 in cash. By hand: paid 6 000.00, borne 4 200.00 + 2 500.50 = 6 700.50."""
    read(
        old(wang, "JS1"),
        old(wang, "JS2", 总费用="5000", 费用目录内费用="5000", 符合范围金额="4500.50",
            基金支付="2000", 个人现金="3000", **JUNE),
    )  # fmt: skip
    return wang


def test_what_the_fund_paid_this_year(half: Person, county: Division) -> None:
    assert (str(paid_before(half.pk, 2026)), paid_before(half.pk, 2025)) == ("6000.00", 0)
    assert own_before(2026) == {half.pk: 670_050}
    told = dict(standing_of(half, on=MOVED, area_code=county.code).counters)
    assert told["本年基金支付（含门诊）"] == "6,000.00 元"


def test_a_claim_of_ours_stands_on_top(
    half: Person, counter: Callable[..., Settlement], agree: Callable[..., Settlement]
) -> None:
    """The sheet's 本年基金支付累计: 6 000.00 and what this claim is paid."""
    days = stay(date(2026, 7, 3), date(2026, 7, 9))
    claim = agree(counter(half, line("S03", "1", "1000"), visit=days, on=date(2026, 7, 9)))
    assert paid_in_year(claim) == Decimal(6000) + claim.fund_amount


def test_who_bore_much_is_pointed_out(
    half: Person, cast: SimpleNamespace, county: Division
) -> None:
    """6 700.50 reach the 6 000.00 of 普通, though nothing was settled here."""
    assert find_cases(actor=cast.reviewer, area=county, year=2026, on=MOVED) == 1
    case = AidCase.objects.get()
    assert (case.person, str(case.own_amount), case.level) == (half, "6700.50", "普通")


def test_the_second_compensation_counts_both_halves(
    half: Person, county: Division, pack: Pack, cast: SimpleNamespace
) -> None:
    run = SecondRun.objects.create(area=county, year=2026, pack=pack, requested_by=cast.reviewer)
    assert {one: due.own for one, due in dues(run).items()} == {half.pk: 670_050}
