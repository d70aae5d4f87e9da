"""The settlement sheet: kept as issued at every step, a copy when printed again."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Division, User
from claims.models import Settlement
from claims.papers import DENIAL_NOTICE, SHEET
from claims.services import refuse
from desk.models import Paper
from enrollment.models import Household, Person
from tests.claims.conftest import line
from tests.claims.test_pages import body
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
Enter = Callable[..., Settlement]


def sheet(claim: Settlement) -> str:
    return reverse("claims:sheet", args=[claim.pk])


def test_a_corrected_name_and_a_move_do_not_change_the_sheet(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person, village_b: Division
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    window = as_user(cast.hospital_clerk)
    name, place = wang.name, claim.division.place
    first = body(window.post(sheet(claim)))
    assert name in first and place in first and "次补打" not in first and "data-print-now" in first

    Person.objects.filter(pk=wang.pk).update(name="王晓梅")
    Household.objects.filter(pk=wang.household_id).update(division=village_b)
    Division.objects.filter(pk=claim.division_id).update(name="桥亭社区")
    looked = body(as_user(cast.reviewer).get(sheet(claim)))
    again = body(as_user(cast.reviewer).post(sheet(claim), {"reason": "原件遗失"}))
    for page in (looked, again):
        assert name in page and place in page
        assert "王晓梅" not in page and "桥亭社区" not in page
    assert "副本 第 1 次补打" in again and "周文静" in again and "（原件遗失）" in again
    assert "韩梅 打印" in again
    assert "副本" not in looked and "未经打印登记" in looked
    assert [paper.copy for paper in Paper.objects.all()] == [0, 1]


def test_each_step_of_the_claim_issues_its_own_sheet(
    as_user: SignIn,
    cast: SimpleNamespace,
    counter: Enter,
    wang: Person,
    agree: Callable[[Settlement], Settlement],
) -> None:
    """At the counter nobody has reviewed it; what the cashier hands out names all the hands."""
    claim = counter(wang, line("X01", "100", "10"))
    first = body(as_user(cast.hospital_clerk).post(sheet(claim)))
    assert "待初审" in first and "周文静" not in first
    agree(claim)
    second = body(as_user(cast.cashier).post(sheet(claim)))
    assert "待支付" in second and "初审：周文静" in second and "复核：吴国栋" in second
    assert "副本" not in second
    assert {paper.copy for paper in Paper.objects.all()} == {0}


def test_a_draft_is_not_issued(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person
) -> None:
    claim = counter(wang, line("X01", "100", "10"), submit_now=False)
    assert "草稿" in body(as_user(cast.hospital_clerk).post(sheet(claim)))
    assert not Paper.objects.exists()


def test_the_notice_of_a_refusal_keeps_what_it_said(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    refuse(actor=cast.reviewer, settlement=claim, code="accident", words="交警认定对方全责")

    def change() -> None:
        Person.objects.filter(pk=wang.pk).update(name="王晓梅")

    keeps_what_it_said(
        DENIAL_NOTICE,
        reverse("claims:denial_notice", args=[claim.pk]),
        hand=as_user(cast.reviewer),
        change=change,
        elsewhere=as_user(cast.clerk_b),
        stranger=as_user(cast.sysadmin),
    )


def test_the_sheet_keeps_what_it_said(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person
) -> None:
    claim = counter(wang, line("X01", "100", "10"))

    def change() -> None:
        Person.objects.filter(pk=wang.pk).update(name="王晓梅")

    keeps_what_it_said(
        SHEET,
        sheet(claim),
        hand=as_user(cast.hospital_clerk),
        change=change,
        elsewhere=as_user(cast.clerk_b),
        stranger=as_user(cast.sysadmin),
    )


def test_the_facts_are_plain_and_mask_the_number(counter: Enter, wang: Person) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    facts = SHEET.facts(claim)
    assert facts["amounts"]["total"] == "1,000.00"
    assert wang.resident_id not in str(facts)
