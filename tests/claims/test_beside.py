"""Beside the claim, without leaving it: year, family, hospital, findings, and a cut tried out."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.models import Division
from claims.deciding.models import Screened
from claims.models import Settlement
from enrollment.models import Person
from tests.claims.conftest import Register, line, stay
from tests.claims.test_cuts import li, pneumonia

__all__ = ["li", "pneumonia"]
pytestmark = pytest.mark.django_db
Enter = Callable[..., Settlement]
FORM = {
    "cuts-1-approved_amount": "4990.60", "cuts-2-approved_amount": "720",
    "cuts-3-approved_amount": "180.60", "cuts-4-approved_amount": "114",
    "cuts-2-code": "over_quantity",
}  # fmt: skip


def page(client, claim: Settlement, **query: str) -> str:
    return client.get(reverse("claims:claim", args=[claim.pk]), query).content.decode()


def test_the_reviewer_reads_it_on_one_page(
    pneumonia: Settlement,
    counter: Enter,
    register: Register,
    li: Person,
    cast: SimpleNamespace,
    as_user,
) -> None:
    earlier = stay(date(2026, 1, 5), date(2026, 1, 9))
    counter(li, line("X01", "50", "10"), visit=earlier)
    wife = register.person("赵桂芳", li.household, tier="tier1")
    counter(wife, line("X01", "40", "10"), visit=earlier)
    Screened.objects.create(settlement=pneumonia, open=["A05 十五日内再入院：上次 01-05"])
    told = page(as_user(cast.reviewer), pneumonia)
    for said in ("A05 十五日内再入院", "赵桂芳", "共 1 次，住院 1 次", "120.00", "90.30", "可报"):
        assert said in told
    assert "同户家人" not in page(as_user(cast.hospital_clerk), pneumonia)


def test_the_bill_stands_among_those_that_the_hospital_settled_in_the_ninety_days_before(
    counter: Enter, register: Register, village_a: Division, cast: SimpleNamespace, as_user
) -> None:
    """300 and 500 within the ninety days, 9 000 on the day before them: two bills, 400 a time."""
    home = register.household(village_a)
    for first, last, amount in (
        (date(2026, 1, 5), date(2026, 1, 6), "900"),
        (date(2026, 1, 6), date(2026, 1, 9), "30"),
        (date(2026, 2, 3), date(2026, 2, 9), "50"),
    ):
        patient = register.person(f"周{amount}", home)
        counter(patient, line("X01", amount, "10"), visit=stay(first, last), on=last)
    claim = counter(
        register.person("周正", home), line("X01", "70", "10"),
        visit=stay(date(2026, 4, 6), date(2026, 4, 9)), on=date(2026, 4, 9),
    )  # fmt: skip
    told = page(as_user(cast.reviewer), claim)
    assert "此前 90 天同类结算 2 笔，次均费用 400.00 元" in told


def test_the_new_total_is_told_while_a_cut_is_typed_and_nothing_is_kept(
    pneumonia: Settlement, cast: SimpleNamespace, as_user
) -> None:
    url = reverse("claims:cut_tried", args=[pneumonia.pk])
    told = as_user(cast.reviewer).post(url, FORM).content.decode()
    for said in ("2,240.36", "1,056.00", "3,764.84"):
        assert said in told
    pneumonia.refresh_from_db()
    assert pneumonia.status == "submitted"
    assert Settlement.objects.count() == 1
    assert pneumonia.visit.lines.get(line_number=2).cut_code == ""
    wrong = as_user(cast.reviewer).post(url, FORM | {"cuts-2-code": ""}).content.decode()
    assert "请写明核减原因" in wrong


def test_the_page_costs_the_same_for_many_claims(
    counter: Enter,
    register: Register,
    village_a: Division,
    cast: SimpleNamespace,
    as_user,
    django_assert_max_num_queries,
) -> None:
    home = register.household(village_a)
    claims = [counter(register.person(f"周{at}", home), line("X01", "30", "10")) for at in range(4)]
    # Layers and lines once more for the fingerprint of what the page shows (desk/seen.py).
    with django_assert_max_num_queries(49):
        page(as_user(cast.reviewer), claims[0])
