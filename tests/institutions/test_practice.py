"""Where a practitioner may work: at the institution of his registration while that holds, and at
others that two people have put on record (多点执业)."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division
from institutions.models import Institution, Level, Practitioner
from institutions.practice.models import PracticePlace
from institutions.practice.reading import doctors_of
from institutions.practice.services import propose_place
from institutions.practice.workflow import PLACES
from tests.claims.test_statements import statements

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
MARCH = date(2026, 3, 2)
HAN = "D500225000001"


@pytest.fixture
def han(township_hospital: Institution) -> Practitioner:
    return Practitioner.objects.create(
        code=HAN, name="韩永康", institution=township_hospital, qualification="2009500225001",
        licence="110500225000017", licence_from=date(2024, 1, 1), licence_until=date(2026, 12, 31),
    )  # fmt: skip


def asked(cast: SimpleNamespace, hospital: Institution, **given: Any) -> PracticePlace:
    facts: dict[str, Any] = {
        "code": HAN, "first_day": date(2026, 4, 1), "last_day": date(2026, 9, 30),
        "evidence": "卫医备〔2026〕3号", "reason": "对口支援坐诊", "on": MARCH,
    }  # fmt: skip
    return propose_place(actor=cast.supervisor, institution=hospital, **facts | given)


def agreed(cast: SimpleNamespace, hospital: Institution, **given: Any) -> PracticePlace:
    row = asked(cast, hospital, **given)
    return PLACES.decide(row, "approve_practice_place", actor=cast.approver, on=MARCH)


def refused(place: Institution, day: date) -> str:
    return doctors_of([HAN])[HAN].refused_at(place, day)


def test_refused_only_where_no_place_covers_the_day(
    cast: SimpleNamespace, han: Practitioner, hospital: Institution,
    township_hospital: Institution,
) -> None:  # fmt: skip
    assert refused(township_hospital, MARCH) == ""
    assert refused(hospital, MARCH) == (
        f"医师 {HAN} 2026-03-02 在大足县人民医院没有有效的执业注册或多点执业备案，"
        "费用医保不予支付，急诊、抢救除外"
    )
    row = asked(cast, hospital)
    assert refused(hospital, date(2026, 4, 1))  # one hand decides nothing
    PLACES.decide(row, "approve_practice_place", actor=cast.approver, on=MARCH)
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [bool(refused(hospital, day)) for day in days] == [True, False, False, True]
    # His registration runs out: nowhere any more.
    assert refused(township_hospital, date(2027, 1, 1))
    assert statements(lambda: doctors_of([HAN])) == 1


def test_a_place_given_up_early_is_decided_once_more(
    cast: SimpleNamespace, han: Practitioner, hospital: Institution
) -> None:
    agreed(cast, hospital)
    agreed(cast, hospital, last_day=date(2026, 6, 30))
    assert refused(hospital, date(2026, 6, 30)) == "" and refused(hospital, date(2026, 7, 1))


def test_of_whom_no_licence_is_registered_the_place_is_not_asked(
    han: Practitioner, hospital: Institution
) -> None:
    Practitioner.objects.filter(pk=han.pk).update(licence="")
    assert refused(hospital, MARCH) == ""


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"code": "D1"}, "code", "没有登记这个医师代码"),
        ({"code": "hy"}, "code", f"韩永康（{HAN}），请改填其中一个的代码"),
        ({"code": "韩永"}, "code", f"韩永康（{HAN}），请改填其中一个的代码"),
        ({"last_day": date(2026, 3, 1)}, "last_day", "不能早于起始日期 2026-04-01"),
        ({"last_day": date(2027, 1, 1)}, "last_day", "有效期 2026-12-31"),
    ],
)
def test_what_is_refused_at_its_input(
    cast: SimpleNamespace, han: Practitioner, hospital: Institution, given: dict[str, Any],
    field: str, words: str,
) -> None:  # fmt: skip
    with pytest.raises(Refusal) as told:
        asked(cast, hospital, **given)
    assert words in told.value.message and told.value.at == (field,)


def test_a_whole_code_elsewhere_goes_before_a_part_of_one_here(
    cast: SimpleNamespace, han: Practitioner, hospital: Institution, other_county: Division
) -> None:
    there = Institution.objects.create(
        code="H50022600001", name="荣昌县人民医院", level=Level.COUNTY, division=other_county
    )
    zhou = Practitioner.objects.create(code=HAN[:-1], name="周远", institution=there)
    assert asked(cast, hospital, code=f" {HAN[:-1].lower()}").practitioner == zhou


def test_the_institution_page_names_who_comes_from_elsewhere(
    cast: SimpleNamespace, han: Practitioner, hospital: Institution,
    township_hospital: Institution, as_user: Any, settings: Any,
) -> None:  # fmt: skip
    settings.TODAY = MARCH
    with pytest.raises(Refusal, match="龙水镇卫生院是韩永康的主要执业机构"):
        asked(cast, township_hospital)
    row = agreed(cast, hospital)
    reader = as_user(cast.auditor)
    page = reader.get(reverse("institutions:institution", args=[hospital.pk])).content.decode()
    assert "多点执业" in page and "韩永康" in page and "龙水镇卫生院" in page
    own = reader.get(reverse("institutions:institution", args=[township_hospital.pk]))
    assert "110500225000017" in own.content.decode()
    one = reader.get(reverse("institutions:practice_place", args=[row.pk])).content.decode()
    assert "卫医备〔2026〕3号" in one
