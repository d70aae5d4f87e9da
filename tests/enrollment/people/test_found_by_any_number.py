"""Whoever comes is found, by any number of theirs: at both claim desks, the window, in files."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.collection.receipts import take_payment
from enrollment.collection.tax import match_tax_file
from enrollment.cover.late import enroll_late, set_newborn_rule
from enrollment.models import Enrollment, Person, TaxRow
from enrollment.people.lifecycle import Newcomer, change_number, record_newcomer
from enrollment.people.search import bearers, found_people
from tests.enrollment.collection.conftest import workbook
from tests.enrollment.collection.taxes import import_tax_file
from tests.enrollment.conftest import resident_id, text_of

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 10)
CERTIFICATE = "Y500999001"
COUNTER, PAPER = "/claims/enter/counter", "/claims/enter/paper"


@pytest.fixture
def in_march(settings):
    settings.TODAY = MARCH


@pytest.fixture
def baby(autumn, campaign, cast):
    """冉腊月, born on 20 February with a birth certificate; her cover since then is paid."""
    set_newborn_rule(actor=cast.accountant, campaign=campaign, days=90, source="县医保〔2025〕3号")
    child = newborn(cast, autumn.chens, CERTIFICATE, "冉腊月")
    enroll_late(actor=cast.clerk_a, household=autumn.chens, members=[child], tier="tier2", on=MARCH)
    take_payment(actor=cast.clerk_a, household=autumn.chens, received=Decimal(120), on=MARCH)
    return child


def newborn(cast, household, number, name, kind="birth_certificate", born=date(2026, 2, 20)):
    one = Newcomer(
        name=name, relationship="3", kind=kind, number=number, sex="2", birth_date=born,
    )  # fmt: skip
    return record_newcomer(
        actor=cast.clerk_a, household=household, newcomer=one, kind="birth", on=MARCH
    )


def renumbered(cast, child):
    new = resident_id("20260220", 7, male=False)
    change_number(
        actor=cast.clerk_a, person=child, kind="resident_id", number=new,
        effective_on=MARCH, on=MARCH,
    )  # fmt: skip
    return new


@pytest.mark.parametrize(("who", "url"), [("hospital_clerk", COUNTER), ("clerk_a", PAPER)])
def test_a_newborn_is_found_at_both_claim_desks(who, url, baby, cast, as_user, in_march):
    desk = as_user(getattr(cast, who))
    page = text_of(desk.post(url, {"action": "find", "resident_id": CERTIFICATE}))
    assert "冉腊月" in page
    assert "出生医学证明" in page
    assert "所录号码是" not in page
    new = renumbered(cast, baby)
    page = text_of(desk.post(url, {"action": "find", "resident_id": CERTIFICATE}))
    assert "所录号码是冉腊月原出生医学证明号码，2026-03-10 起停用，现用居民身份证" in page
    assert "所录号码是" not in text_of(desk.post(url, {"action": "find", "resident_id": new}))
    page = text_of(desk.post(url, {"action": "find", "resident_id": baby.certificate_number}))
    assert "冉腊月" in page


def test_a_household_number_offers_its_members(autumn, cast, as_user, in_march):
    desk = as_user(cast.hospital_clerk)
    answer = desk.post(COUNTER, {"action": "find", "resident_id": autumn.chens.number})
    assert "查到 4 人" in text_of(answer)
    tokens = {row["one"].person.name: row["token"] for row in answer.context["candidates"]}
    page = text_of(desk.post(COUNTER, {"patient": tokens["张素珍"]}))
    assert "费用清单" in page
    assert "张素珍" in page


def test_only_the_township_finds_by_name(autumn, cast, as_user, in_march):
    asked = {"action": "find", "resident_id": "张素珍"}
    assert "1950" in text_of(as_user(cast.clerk_a).post(PAPER, asked))
    page = text_of(as_user(cast.hospital_clerk).post(COUNTER, asked))
    assert "不按姓名查找" in page
    assert "1950" not in page


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("passport", "MB123456"),
        ("passport", "123456789"),
        ("hk_macau_permit", "H12345678"),
        ("taiwan_permit", "12345678"),
        ("foreign_residence", "USA110080010155"),
        ("officer", "南字第01234567号"),
    ],
)
def test_any_document_finds_its_bearer_everywhere(kind, number, autumn, cast, as_user, in_march):
    child = newborn(cast, autumn.zhous, number, "周安安", kind)
    mine = Person.objects.visible_to(cast.clerk_a)
    assert [one.person for one in found_people(mine, number.lower(), 5)] == [child]
    assert bearers([number], mine)[number].person == child
    page = text_of(as_user(cast.clerk_a).post("/enrollment/", {"text": number}, follow=True))
    assert autumn.zhous.number in page
    assert not bearers([number], Person.objects.visible_to(cast.clerk_b))


def test_finding_many_costs_what_finding_one_costs(autumn, cast):
    mine = Person.objects.visible_to(cast.clerk_a)
    numbers = [resident_id("19780512"), resident_id("19800103", male=False), CERTIFICATE, "x"]

    def statements(texts):
        with CaptureQueriesContext(connection) as queries:
            bearers(texts, mine)
        return len(queries)

    assert statements(numbers[:1]) == statements(numbers) == 2


@pytest.mark.parametrize("entered", ["before", "after"])
def test_tax_paid_under_a_birth_certificate_after_the_window(entered, autumn, campaign, cast):
    """Born on 1 December, the day after the window; paid on the 12th: matched all the same."""
    set_newborn_rule(actor=cast.accountant, campaign=campaign, days=90, source="县医保〔2025〕3号")
    on = date(2025, 12, 15)
    child = newborn(cast, autumn.chens, CERTIFICATE, "冉腊月", born=date(2025, 12, 1))
    head = ["证件号码", "缴费人姓名", "实缴金额", "缴费日期", "电子税票号码"]
    line = [CERTIFICATE, "冉腊月", 120, "2025-12-12", "350016112500099901"]

    def enter():
        enroll_late(
            actor=cast.clerk_a, household=autumn.chens, members=[child], tier="tier2", on=on
        )

    if entered == "before":
        enter()
        new = resident_id("20251201", 7, male=False)
        change_number(
            actor=cast.clerk_a, person=child, kind="resident_id", number=new, effective_on=on,
            on=on,
        )  # fmt: skip
    done = import_tax_file(
        actor=cast.accountant, campaign=campaign, file_name="shuiwu.xlsx",
        content=workbook([head, line]), on=on,
    )  # fmt: skip
    if entered == "after":
        assert TaxRow.objects.get().problem == "此人没有 2026 年度待缴费的参保登记，请先登记"
        enter()
        match_tax_file(actor=cast.accountant, file=done.file, on=on)
    row = TaxRow.objects.get()
    assert (row.enrollment.person, row.problem) == (child, "")
    assert Enrollment.objects.get(person=child).receipt.amount == 120
