"""Limits of one prescription (第三十一条), told while it is typed and to the reviewer."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from claims.models import Settlement
from claims.prescriptions import Prescribed, beyond_limits
from enrollment.models import Person
from institutions.models import CatalogueItem
from policies.loader import load_pack
from tests.claims.conftest import TODAY, line, stay
from tests.claims.test_pages import COUNTER, bill, body, found, token

DAZU = load_pack(Path(__file__).resolve().parents[2] / "policies" / "packs" / "dazu.yaml")


def told(level: str, *lines: Prescribed, care: str = "outpatient") -> list[str]:
    return beyond_limits(DAZU, care=care, level=level, lines=lines)


def drug(name: str, yuan: int, category: str = "western_drug") -> Prescribed:
    return Prescribed(name, category, yuan * 100)


@pytest.mark.parametrize(
    ("level", "limit"), [("village", 15), ("township", 25), ("central", 25), ("county", 40)]
)
def test_amounts_by_level(level: str, limit: int) -> None:
    assert told(level, drug("阿莫西林", limit)) == []
    (said,) = told(level, drug("阿莫西林", limit), drug("布洛芬", 1))
    assert f"处方 {limit + 1}.00 元" in said and f"不超过 {limit}.00 元" in said
    assert "第三十一条" in said


def test_examinations_do_not_count() -> None:
    assert told("township", drug("阿莫西林", 20), drug("血常规", 30, "laboratory")) == []


def test_five_medicines_and_a_decoction_is_one() -> None:
    five = [drug(f"药{n}", 1) for n in range(4)] + [drug(f"草{n}", 1, "herbal_drug") for n in "abc"]
    assert told("county", *five) == []
    (said,) = told("county", *five, drug("药9", 1))
    assert said == "药品 6 种，单张处方不超过 5 种（第三十一条）"


def test_two_antibiotics() -> None:
    """The same one twice is one."""
    two = [Prescribed(name, "western_drug", 100, True) for name in ("头孢", "阿莫西林", "头孢")]
    assert told("county", *two, drug("甘草片", 1)) == []
    (said,) = told("county", *two, Prescribed("左氧氟沙星", "western_drug", 100, True))
    assert said == (
        "抗菌药物 3 种（头孢、左氧氟沙星、阿莫西林），单张处方不超过 2 种（第三十一条）"
    )


def test_a_stay_is_no_prescription_and_a_city_hospital_has_no_limit() -> None:
    assert told("county", drug("阿莫西林", 400), care="inpatient") == []
    assert told("city", drug("阿莫西林", 400)) == []


def test_three_days_and_fifteen_for_the_chronically_ill() -> None:
    """第三十一条: 一般不超过 3 天，慢性病不超过 15 天; a day more is told."""

    def days(name: str, number: int | None) -> Prescribed:
        return Prescribed(name, "western_drug", 100, days=number)

    assert told("village", days("阿莫西林", 3), days("甘草片", None)) == []
    assert told("village", days("阿莫西林", 4), days("布洛芬", 7)) == [
        "布洛芬 7 天、阿莫西林 4 天，单张门诊处方用药量不超过 3 天（第三十一条）"
    ]
    assert told("village", days("硝苯地平", 15), care="chronic") == []
    assert told("village", days("硝苯地平", 16), care="chronic") == [
        "硝苯地平 16 天，慢性病处方用药量不超过 15 天（第三十一条）"
    ]
    assert told("village", days("硝苯地平", 30), care="inpatient") == []
    fees = Prescribed("换药", "treatment", 100, days=9)
    assert told("village", fees) == []


@pytest.mark.django_db
def test_the_days_are_typed_kept_and_told(
    wang: Person,
    catalogue: object,
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
    settings: Any,
) -> None:
    """韩梅 types seven days of a medicine: she is told before she settles, 周文静 afterwards; the
    column is there for outpatients only, and words are no number of days."""
    settings.TODAY = TODAY
    clerk = as_user(cast.hospital_clerk)
    sealed = token(found(clerk, COUNTER, wang))
    day = TODAY.isoformat()
    given = {"patient": sealed, "care": "outpatient", "starts": day, "ends": day}
    given |= {"diagnosis": "上呼吸道感染", "referral": "none"} | bill(("X01", "1", "10.00"))

    def post(action: str, days: str) -> str:
        sent = given | {"action": action, "lines-0-supply_days": days}
        return body(clerk.post(COUNTER, sent, follow=True))

    page = post("preview", "7")
    assert "7 天，单张门诊处方用药量不超过 3 天" in page
    assert 'data-cares="outpatient special chronic tuberculosis prenatal">用药天数' in page
    assert "用药天数应为整数" in post("preview", "一周吧")
    assert "用药天数应为 1 至 366" in post("preview", "9999999999")
    post("submit", "7")
    claim = Settlement.objects.get()
    assert claim.bill_lines().get().supply_days == 7
    shown = body(as_user(cast.reviewer).get(reverse("claims:claim", args=[claim.pk])))
    assert "（用 7 天）" in shown and "7 天，单张门诊处方用药量不超过 3 天" in shown


@pytest.mark.django_db
def test_the_reviewer_and_the_hospital_are_told(
    counter: Callable[..., Settlement], wang: Person, cast: SimpleNamespace, as_user
) -> None:
    visit = stay(TODAY, TODAY, care="outpatient")
    claim = counter(wang, line("X01", "5", "10.00"), visit=visit)
    url = reverse("claims:claim", args=[claim.pk])
    assert "处方 50.00 元" in as_user(cast.reviewer).get(url).content.decode()
    shown = as_user(cast.hospital_clerk).get(
        reverse("claims:line_shown"),
        {"lines-0-code": "F01", "lines-0-quantity": "2", "lines-0-unit_price": "35.00"},
    )
    assert "单价高出限价 5.00 元" in shown.content.decode()


@pytest.mark.django_db
def test_the_reviewer_is_told_of_antibiotics_by_the_catalogue(
    counter: Callable[..., Settlement], wang: Person, cast: SimpleNamespace, as_user
) -> None:
    """As the catalogue marks them on the day of the visit."""
    CatalogueItem.objects.filter(code__in=["X01", "X02", "X09"]).update(is_antibiotic=True)
    lines = [line(code, "1", "3.00") for code in ("X01", "X02", "X09")]
    claim = counter(wang, *lines, visit=stay(TODAY, TODAY, care="outpatient"))
    url = reverse("claims:claim", args=[claim.pk])
    assert "抗菌药物 3 种" in as_user(cast.reviewer).get(url).content.decode()
    CatalogueItem.objects.filter(code="X09").update(is_antibiotic=False)
    assert "抗菌药物 3 种" not in as_user(cast.reviewer).get(url).content.decode()
