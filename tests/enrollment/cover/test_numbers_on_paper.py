"""Each number on paper belongs to one person for ever, whoever moves where afterwards."""

import re

import pytest

from enrollment.cover.certificates import issue_certificates, reissue_certificate
from enrollment.models import Person, Receipt
from enrollment.people.households import correct_event, move_household, split_household
from enrollment.people.models import RegisterEvent
from tests.conftest import make_division
from tests.enrollment.conftest import MARCH, OCTOBER

pytestmark = pytest.mark.django_db


def on(page):
    """Name → 18-digit number of the sheet, and the household's 16 digits."""
    text = page.content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.S)
    cells = [re.findall(r"<td[^>]*>\s*(.*?)\s*</td>", row, re.S) for row in rows]
    people = {}
    for row in cells:
        number = next((cell for cell in row if re.fullmatch(r"\d{18}", cell)), None)
        name = next((cell for cell in row if re.fullmatch(r"[陈李张][一-鿿]{2}", cell)), None)
        if number and name:
            people[name] = number
    return people, re.search(r"户编号：(?:<strong>)?(\d{16})", text)[1]


@pytest.fixture
def chens(autumn, settings):
    settings.TODAY = OCTOBER
    return autumn.chens


def receipt_of(household, client):
    receipt = Receipt.objects.get(household=household)
    return client.get(f"/enrollment/receipts/{receipt.pk}")


def split(cast, chens):
    """陈小明 (03) founds his own household and is 01 there, as his father is at home."""
    keeps = {one.pk: one.relationship for one in chens.members.exclude(name="陈小明")}
    son = Person.objects.get(name="陈小明")
    return split_household(
        actor=cast.clerk_a, household=chens, leaving=[son.pk],
        relationships=keeps | {son.pk: "0"}, division=chens.division,
        effective_on=MARCH, on=MARCH, reason="成家分户",
    )  # fmt: skip


@pytest.mark.parametrize("printed", [True, False], ids=["printed before", "never printed"])
def test_a_receipt_says_the_numbers_of_its_day_after_a_split(
    printed, cast, chens, as_user, settings
):
    clerk, receipt = as_user(cast.clerk_a), Receipt.objects.get(household=chens)
    if printed:
        clerk.post(f"/enrollment/receipts/{receipt.pk}")
    numbers, number = on(receipt_of(chens, clerk))
    assert numbers["陈小明"] == f"{chens.number}03" and number == chens.number
    settings.TODAY = MARCH
    new = split(cast, chens)
    assert Person.objects.get(name="陈小明").certificate_number == f"{new.number}01"
    assert on(receipt_of(chens, clerk)) == (numbers, number)
    assert len(set(numbers.values())) == 4


@pytest.mark.parametrize("printed", [True, False], ids=["printed before", "never printed"])
def test_a_receipt_says_the_numbers_of_its_day_after_a_move(
    printed, cast, chens, town_a, as_user, settings
):
    clerk, receipt = as_user(cast.clerk_a), Receipt.objects.get(household=chens)
    if printed:
        clerk.post(f"/enrollment/receipts/{receipt.pk}")
    before = on(receipt_of(chens, clerk))
    settings.TODAY = MARCH
    elsewhere = make_division("500225101202", "龙水镇盐河村", town_a)
    move_household(
        actor=cast.clerk_a, household=chens, division=elsewhere, effective_on=MARCH, on=MARCH,
        reason="易地搬迁",
    )  # fmt: skip
    chens.refresh_from_db()
    assert chens.number != before[1]
    assert on(receipt_of(chens, clerk)) == before
    correct_event(
        actor=cast.clerk_a, event=RegisterEvent.objects.get(kind="move"), on=MARCH, reason="没有搬"
    )
    assert on(receipt_of(chens, clerk)) == before


def test_the_certificates_of_both_households_share_no_number(
    cast, campaign, chens, as_user, settings
):
    clerk = as_user(cast.clerk_a)
    (old,) = issue_certificates(
        actor=cast.clerk_a, campaign=campaign, households=[chens], on=OCTOBER
    )
    settings.TODAY = MARCH
    split(cast, chens)
    first, _ = on(clerk.get(f"/enrollment/watch/certificates/{old.pk}"))
    assert first["陈国强"] == f"{chens.number}01" and first["陈小明"] == f"{chens.number}03"
    again = reissue_certificate(
        actor=cast.clerk_a, campaign=campaign, household=chens, reason="成员变动", on=MARCH
    )
    second, _ = on(clerk.get(f"/enrollment/watch/certificates/{again.pk}"))
    son = Person.objects.get(name="陈小明")
    assert second.get("陈小明", son.certificate_number) == son.certificate_number
    assert second["陈国强"] == f"{chens.number}01"
    assert len(set(second.values())) == len(second)


def test_a_corrected_name_leaves_the_issued_receipt_alone(cast, chens, as_user):
    clerk, receipt = as_user(cast.clerk_a), Receipt.objects.get(household=chens)
    url = f"/enrollment/receipts/{receipt.pk}"
    clerk.post(url)
    Person.objects.filter(name="陈小明").update(name="陈晓明")
    numbers, _ = on(clerk.get(url))
    assert "陈小明" in numbers and "陈晓明" not in numbers
