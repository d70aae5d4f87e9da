"""What visitors of the demo county are told, and that it is true."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test.utils import override_settings

from accounts.models import User
from accounts.roles import ROLE_NAMES
from claims.models import Settlement
from demo.guide import NEW_FAMILY, SHOWN, guide
from demo.staff import DEMO_PASSWORD
from enrollment.models import Enrollment, Person
from insured.door import _bearer
from lib.resident_id import parse

AUTUMN, SUMMER = date(2026, 11, 20), date(2026, 7, 20)
pytestmark = pytest.mark.usefixtures("seeded", "db")


def test_the_guide_names_accounts_that_open_with_the_password() -> None:
    text = guide(address="http://127.0.0.1:8000", today=AUTUMN)
    assert "地址：http://127.0.0.1:8000/\n" in text
    assert DEMO_PASSWORD in text
    for username, role in SHOWN:
        assert f"  {username}" in text
        assert ROLE_NAMES[role] in text
        user = authenticate(username=username, password=DEMO_PASSWORD)
        assert isinstance(user, User)
        assert (user.role, user.is_active) == (role, True)
    for clerk in User.objects.filter(role="township_clerk"):
        assert clerk.username in text


def test_the_guide_offers_a_family_that_nobody_has_and_a_patient_who_is_covered() -> None:
    lines = guide(address="http://x", today=AUTUMN).splitlines()
    offered = [line.split()[-1] for line in lines if line.startswith("   ")]
    assert len(offered) == len(NEW_FAMILY)
    for number, (_, _, born, male) in zip(offered, NEW_FAMILY, strict=True):
        read = parse(number, AUTUMN)
        assert (read.birth_date, read.sex) == (born, "1" if male else "2")
        assert not Person.objects.with_number(number).exists()
    told_patient = next(line for line in lines if "可用：" in line)
    name, number = told_patient.split("可用：")[1].split("，")[0].split()
    person = Person.objects.with_number(number).get()
    assert person.name == name
    assert Enrollment.objects.covering(AUTUMN).filter(person=person).exists()
    assert not person.visits.exists()


def test_the_guide_is_honest_about_the_window() -> None:
    closed = guide(address="http://x", today=SUMMER)
    assert "今天（2026-07-20）不在缴费期内，2027 年度缴费期是 2026-10-01 至 2026-11-30" in closed
    assert "第十五条" in closed
    assert "HEZUO_TODAY=2026-10-21" in closed
    assert "新户参保" not in closed
    is_open = guide(address="http://x", today=date(2026, 10, 21))
    assert "在 2027 年度缴费期内" in is_open
    assert "新户参保" in is_open


def test_the_guide_counts_the_work_that_waits() -> None:
    text = guide(address="http://x", today=AUTUMN)
    assert f"“待初审”有 {Settlement.objects.awaiting_review().count()} 笔" in text
    assert f"“待支付”有 {Settlement.objects.awaiting_payment().count()} 笔" in text
    assert "“基金运行月报”现有 2 份" in text


@override_settings(BASE_URL="http://127.0.0.1:9321", TODAY=AUTUMN)
def test_the_guide_takes_the_servers_address_unless_told_another() -> None:
    out, other = StringIO(), StringIO()
    call_command("demo_guide", stdout=out)
    call_command("demo_guide", "http://10.0.0.5/", stdout=other)
    assert "地址：http://127.0.0.1:9321/\n" in out.getvalue()
    assert "地址：http://10.0.0.5/\n" in other.getvalue()


def test_the_guide_says_how_an_insured_person_gets_in(settings: Any) -> None:
    """A receipt, its bearer with an own phone that nobody has, and where the code can be read."""
    line = next(
        one for one in guide(address="http://x", today=AUTUMN).splitlines() if "/me/" in one
    )
    receipt = line.split("收据号 ")[1].split("，")[0]
    number = line.split("身份证号 ")[1].split("；")[0]
    person = Person.objects.with_number(number).get()
    assert person.phone.startswith("140") and len(person.phone) == 11
    assert _bearer(receipt, number, AUTUMN) == (person.pk, person.phone)
    assert "HEZUO_SHORT_MESSAGE" in line
    settings.SHORT_MESSAGE = "demo.stand_ins.ShortMessages"
    assert "web.log" in guide(address="http://x", today=AUTUMN)
