"""A township's register names people by whatever document the portal knows them."""

import pytest

from enrollment.models import Enrollment
from enrollment.people.lifecycle import Newcomer, change_number, record_newcomer
from enrollment.rosters.models import RegisterRow
from tests.enrollment.people.conftest import named
from tests.enrollment.rosters.conftest import HEADER, OCTOBER, number, the_chens, xlsx

pytestmark = pytest.mark.django_db
CERTIFICATE = "P500123456"


@pytest.fixture
def baby(cast, uploaded, confirmed):
    """The Chens are registered from a file; a child is born, with a birth certificate only."""
    rows = [[*row[:9], "否"] for row in the_chens()]
    rows[0][9] = "是"
    confirmed(uploaded(xlsx([HEADER, *rows])))
    newborn = Newcomer(
        name="陈安安", relationship="3", kind="birth_certificate", number=CERTIFICATE, sex="2",
        birth_date=OCTOBER,
    )  # fmt: skip
    household = named("陈国强").household
    return record_newcomer(
        actor=cast.clerk_a, household=household, newcomer=newborn, kind="birth", on=OCTOBER
    )


def line_of(name, document):
    return ["桥亭村", "", "1", name, document, "女儿", "农村", "", "二档", "是"]


def test_a_newborn_is_enrolled_by_the_birth_certificate(baby, uploaded, confirmed):
    register = uploaded(xlsx([HEADER, *the_chens()[:1], line_of("陈安安", CERTIFICATE)]))
    assert register.error_count == 0, list(RegisterRow.objects.values_list("problems"))
    confirmed(register)
    assert Enrollment.objects.filter(person=baby, status="pending").count() == 1


def test_an_unknown_certificate_is_no_resident_id(baby, uploaded):
    register = uploaded(xlsx([HEADER, *the_chens()[:1], line_of("陈小小", "P500999999")]))
    assert "身份证号应为 18 位" in str(RegisterRow.objects.get(name="陈小小").problems)
    assert register.error_count == 2  # the household waits as a whole


def test_old_and_new_number_in_one_file_are_one_person(cast, baby, uploaded):
    new = number("20251015", 8, male=False)
    change_number(
        actor=cast.clerk_a, person=baby, kind="resident_id", number=new, effective_on=OCTOBER,
        on=OCTOBER,
    )  # fmt: skip
    register = uploaded(
        xlsx([HEADER, *the_chens()[:1], line_of("陈安安", CERTIFICATE), line_of("陈安安", new)])
    )
    problems = [str(row.problems) for row in RegisterRow.objects.filter(register=register)]
    assert sum("是同一人（曾用证件号码）" in text for text in problems) == 1
