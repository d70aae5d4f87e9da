"""Institutions beside their peers: limits by hand and against the textbook, sums of real claims."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import sqrt
from statistics import mean, stdev
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Division
from claims.models import BillLine, Settlement, Visit
from claims.services import withdraw
from enrollment.models import Person
from institutions.models import Agreement, Institution, Level
from supervision.profiles.funnel import Sums, Verdict, limits, together, verdict
from supervision.profiles.measures import BY_CODE
from supervision.profiles.reading import figures, profile, span_of, sums_of
from tests.claims.conftest import (
    book,
    catalogue,
    counter,
    line,
    register,
    stay,
    wang,
)
from tests.claims.test_statements import statements

__all__ = ["book", "catalogue", "counter", "register", "wang"]
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 30)
Enter = Callable[..., Settlement]


def sums(pairs: list[tuple[float, float]]) -> Sums:
    return Sums(
        len(pairs), sum(x for x, _ in pairs), sum(y for _, y in pairs),
        sum(x * x for x, _ in pairs), sum(y * y for _, y in pairs), sum(x * y for x, y in pairs),
    )  # fmt: skip


def test_limits_of_a_mean_by_hand() -> None:
    """Costs 1, 2, 3, 4, 5: mean 3, S² = 10/4, S = 1.5811; of four visits 3 ± 1.96 · 0.79057."""
    found = limits(sums([(cost, 1) for cost in (1, 2, 3, 4, 5)]), 4)
    assert found is not None
    assert found.centre == 3
    assert (round(found.low, 4), round(found.high, 4)) == (1.4505, 4.5495)
    assert (round(found.far_low, 4), round(found.far_high, 4)) == (0.5571, 5.4429)


def test_limits_of_a_share_are_the_binomial_ones() -> None:
    """20 of 100 come again: p = 0.2, of 25 stays 0.2 ± 1.96 · √(0.2 · 0.8 / 25) = 0.2 ± 0.1568,
    up to the N - 1 of the sample."""
    found = limits(sums([(1, 1)] * 20 + [(0, 1)] * 80), 25)
    assert found is not None
    half = 1.96 * sqrt(0.2 * 0.8 * 100 / 99 / 25)
    assert found.high - 0.2 == pytest.approx(half)
    assert half == pytest.approx(0.1568, abs=0.001)
    assert found.far_low == 0.0  # no share is below zero


def test_limits_of_a_ratio_of_sums_by_hand() -> None:
    """Drugs 30 of 100 and 90 of 200: R = 0.4, residuals -10 and +10, S² = 200, ȳ = 150: of one
    visit 0.4 ± 1.96 · 14.1421 / 150 = 0.4 ± 0.18479."""
    found = limits(sums([(30, 100), (90, 200)]), 1)
    assert found is not None
    assert found.high == pytest.approx(0.4 + 0.184791, abs=1e-5)


@given(
    st.lists(st.integers(0, 100_000), min_size=2, max_size=40), st.integers(1, 500)
)  # fmt: skip
def test_with_ones_below_it_is_the_mean_and_its_standard_error(costs: list[int], n: int) -> None:
    found = limits(sums([(cost, 1) for cost in costs]), n)
    assert found is not None
    assert found.centre == pytest.approx(mean(costs))
    assert found.high == pytest.approx(
        mean(costs) + 1.96 * stdev(costs) / sqrt(n), rel=1e-6, abs=1e-3
    )


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 99)), min_size=2, max_size=30))
def test_limits_narrow_with_the_visits_and_lie_around_the_centre(
    pairs: list[tuple[float, float]],
) -> None:
    few, many = limits(sums(pairs), 10), limits(sums(pairs), 1000)
    assert few is not None and many is not None
    for one in (few, many):
        assert 0 <= one.far_low <= one.low <= one.centre <= one.high <= one.far_high
    assert many.far_high - many.centre <= few.far_high - few.centre


def test_the_sums_of_parts_are_those_of_the_whole() -> None:
    one, two = [(1.0, 2.0), (3.0, 4.0)], [(5.0, 6.0)]
    assert together([sums(one), sums(two)]) == sums(one + two)


@pytest.mark.parametrize(
    ("value", "n", "told"),
    [
        (3.0, 9, Verdict.FEW),
        (3.0, 100, Verdict.WITHIN),
        (3.35, 100, Verdict.ABOVE),  # 1.96 · 0.158 = 0.310
        (3.6, 100, Verdict.FAR_ABOVE),  # 3.09 · 0.158 = 0.489
        (2.65, 100, Verdict.BELOW),
        (2.4, 100, Verdict.FAR_BELOW),
    ],
)
def test_what_is_told_of_an_institution(value: float, n: int, told: Verdict) -> None:
    peers = sums([(cost, 1) for cost in (1, 2, 3, 4, 5)])
    assert verdict(Sums(n, value * n, n), limits(peers, n)) is told


def test_whole_months_before_a_day() -> None:
    assert span_of(date(2026, 3, 2), 12) == (date(2025, 3, 1), date(2026, 2, 28))
    assert span_of(date(2026, 1, 31), 1) == (date(2025, 12, 1), date(2025, 12, 31))


# -- of real claims -------------------------------------------------------------------------------


@pytest.fixture
def three(
    county: Division, hospital: Institution, counter: Enter, wang: Person, book: Any
) -> list[Institution]:
    """王建国 was twice in the county hospital: 8 days, 1200 yuan; 3 days later 2 days, 400 yuan."""
    counter(wang, line("S03", "1", "1200"), visit=stay(date(2026, 3, 1), date(2026, 3, 9)))
    counter(wang, line("X01", "4", "100"), visit=stay(date(2026, 3, 12), date(2026, 3, 14)))
    return [
        hospital,
        *(
            Institution.objects.create(
                code=f"H5002250000{at}", name=f"第{at}医院", level=Level.COUNTY, division=county
            )
            for at in (2, 3)
        ),
    ]


@pytest.mark.django_db
def test_what_two_stays_sum_to(three: list[Institution]) -> None:
    """800 a stay, 5 days, 400 of 1600 are drugs, one of two came again, both were admitted."""
    read = sums_of([one.pk for one in three], MARCH, APRIL)
    found = {one.measure.code: one for one in profile(read, three[0].pk, "county")}
    assert {code: (one.n, one.value) for code, one in found.items()} == {
        "stay_cost": (2, 80_000),
        "stay_days": (2, 500),
        "drugs": (2, 2_500),
        "off": (2, 0),
        "own": (2, found["own"].value),
        "again": (2, 5_000),
        "admitted": (2, 10_000),
    }
    personal = sum(Settlement.objects.values_list("personal_amount", flat=True), Decimal(0))
    assert found["own"].value == round(personal / 1600 * 10_000)
    assert all(one.verdict is Verdict.FEW for one in found.values())  # no peers with stays


@pytest.mark.django_db
def test_what_was_taken_back_or_settled_later_does_not_count(
    three: list[Institution], cast: SimpleNamespace
) -> None:
    assert sums_of([three[0].pk], date(2026, 4, 1), APRIL) == {}
    for one in Settlement.objects.all():
        withdraw(actor=cast.hospital_clerk, settlement=one, reason="重复录入")
    assert sums_of([three[0].pk], MARCH, APRIL) == {}


@pytest.mark.django_db
def test_three_peers_give_limits(three: list[Institution]) -> None:
    """The other two have had the same stays: nobody lies outside."""
    own = sums_of([three[0].pk], MARCH, APRIL)[three[0].pk, "county", "stay"]
    read = {(one.pk, "county", "stay"): own for one in three}
    rows = figures(read, "county", BY_CODE["stay_cost"])
    assert [one.scaled("centre") for one in rows] == [80_000] * 3
    # S² = 6 · 400² / 5 of six stays; of two 800 ± 1.96 · 438.178 / √2.
    assert rows[0].scaled("high") == round((800 + 1.96 * sqrt(6 * 160_000 / 5) / sqrt(2)) * 100)


@pytest.mark.django_db
def test_on_the_pages(
    three: list[Institution], cast: SimpleNamespace, as_user: Any, settings: Any
) -> None:
    settings.TODAY = date(2026, 5, 6)
    Agreement.objects.filter(institution=three[0]).update(terms={"stay_cost": 70_000})
    client, name = as_user(cast.supervisor), three[0].name
    page = client.get(reverse("supervision:profiles"), {"level": "county"}).content.decode()
    assert name in page and "800.00 元" in page and "<svg" in page
    one = reverse("supervision:profile", args=[three[0].pk])
    page = client.get(one).content.decode()
    assert "800.00 元" in page and "700.00 元" in page and "超过约定" in page
    assert "25.00 %" in page and "50.00 %" in page
    wrong = client.get(one, {"since": "2026-05", "until": "2026-01"}).content.decode()
    assert "开始月份不能晚于截止月份" in wrong
    assert as_user(cast.hospital_clerk).get(one).status_code == 403
    assert as_user(cast.clerk_a).get(one).status_code == 403


@pytest.mark.django_db
def test_many_claims_cost_the_statements_of_one(
    three: list[Institution], cast: SimpleNamespace, as_user: Any, counter: Enter, register: Any,
    village_a: Division, settings: Any,
) -> None:  # fmt: skip
    settings.TODAY = date(2026, 5, 6)
    client, page = as_user(cast.supervisor), reverse("supervision:profile", args=[three[0].pk])
    client.get(page)
    few = statements(lambda: client.get(page))
    for at in range(5):
        person = register.person(f"王{at}", register.household(village_a))
        counter(person, line("S03", "1", "900"))
    assert statements(lambda: client.get(page)) == few
    assert Visit.objects.count() == 7 and BillLine.objects.count() == 7
