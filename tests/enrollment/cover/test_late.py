"""After the window: newborns by a named rule, the unborn entered in time, waiting after a gap."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.receipts import take_payment
from enrollment.cover.late import (
    complete_child,
    drop_child,
    enroll_late,
    expect_child,
    set_newborn_rule,
)
from enrollment.cover.models import ExpectedChild, LateEntry
from enrollment.models import Campaign, Enrollment, Household, Person
from enrollment.people.lifecycle import Newcomer, record_newcomer
from tests.application import as_owner
from tests.enrollment.conftest import OCTOBER, text_of
from tests.enrollment.refusals import refuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "in_october")]
MARCH = date(2026, 3, 10)
CHILD = Newcomer(
    name="陈小宝", relationship="2", kind="birth_certificate", number="Y500000001", sex="1",
    birth_date=date(2026, 2, 20),
)  # fmt: skip


def born(cast, household, newcomer=CHILD, on=MARCH):
    return record_newcomer(
        actor=cast.clerk_a, household=household, newcomer=newcomer, kind="birth", on=on
    )


def join(cast, household, *members, on=MARCH, tier="tier2"):
    return enroll_late(actor=cast.clerk_a, household=household, members=members, tier=tier, on=on)


def expect(cast, campaign, mother, **facts):
    facts = {"working_name": "陈宝宝", "permit_number": "渝2025-0012",
             "due_on": date(2026, 2, 15), "on": OCTOBER} | facts  # fmt: skip
    return expect_child(actor=cast.clerk_a, mother=mother, campaign=campaign, **facts)


def test_the_dazu_measures_let_nobody_in_late(autumn, campaign, cast):
    child = born(cast, autumn.chens)
    with pytest.raises(Refusal, match="缴费期已于 2025-11-30 截止，陈小宝不属于"):
        join(cast, autumn.chens, child)
    assert not Enrollment.objects.filter(person=child).exists()


def test_who_is_covered_is_told_so_and_who_is_not_of_the_season_that_runs(autumn, campaign, cast):
    """In November the next year's money is being taken: waiting for that season would be wrong."""
    with refuses("陈国强已办理 2026 年度参保，不需要再办"):
        join(cast, autumn.chens, Person.objects.get(name="陈国强"))
    Campaign.objects.create(
        area=campaign.area, year=2027, first_day=date(2026, 10, 1), last_day=date(2026, 11, 30),
        remit_by=date(2026, 12, 10),
    )  # fmt: skip
    november = date(2026, 11, 28)
    child = born(cast, autumn.chens, on=november)
    with refuses(
        "2026 年度缴费期已于 2025-11-30 截止，陈小宝不属于可以在缴费期外参保的人员，"
        "请按“参保、续保”办理 2027 年度"
    ):
        join(cast, autumn.chens, child, on=november)


def test_a_named_rule_lets_a_newborn_in_from_birth(autumn, campaign, cast):
    set_newborn_rule(actor=cast.accountant, campaign=campaign, days=90, source="县医保〔2025〕3号")
    child = born(cast, autumn.chens)
    (row,) = join(cast, autumn.chens, child)
    assert (row.cover_first_day, row.cover_last_day) == (date(2026, 2, 20), date(2026, 12, 31))
    receipt, change = take_payment(
        actor=cast.clerk_a, household=autumn.chens, received=Decimal(120), on=MARCH
    )
    assert (receipt.amount, change) == (Decimal(120), 0)
    entry = LateEntry.objects.get()
    assert (entry.ground, entry.waiting_until) == ("newborn", None)
    assert entry.source == "县医保〔2025〕3号：出生 90 日内参保，自出生起享受"
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        LateEntry.objects.update(source="别的")


def test_the_day_after_the_rule_is_too_late(autumn, campaign, cast):
    set_newborn_rule(actor=cast.accountant, campaign=campaign, days=18, source="县医保〔2025〕3号")
    child = born(cast, autumn.chens)  # 18 days old on 10 March
    with pytest.raises(Refusal, match="缴费期已于"):
        join(cast, autumn.chens, child, on=date(2026, 3, 11))
    assert join(cast, autumn.chens, child)[0].status == "pending"


def test_a_rule_without_a_source_is_none(campaign, cast):
    for days, source, words in ((90, "有", "请写明依据"), (0, "县医保〔2025〕3号", "1 至 366")):
        with pytest.raises(Refusal, match=words):
            set_newborn_rule(actor=cast.accountant, campaign=campaign, days=days, source=source)


def test_the_household_keeps_its_tier(autumn, campaign, cast):
    set_newborn_rule(actor=cast.accountant, campaign=campaign, days=90, source="县医保〔2025〕3号")
    child = born(cast, autumn.chens)
    with pytest.raises(Refusal, match="须选择同一档次"):
        join(cast, autumn.chens, child, tier="tier1")


def test_an_ordinary_entry_is_still_not_paid_after_the_window(autumn, campaign, cast):
    with pytest.raises(Refusal, match="缴费期已于 2025-11-30 截止"):
        take_payment(actor=cast.clerk_a, household=autumn.zhous, received=Decimal(240), on=MARCH)


def test_a_child_entered_before_birth_is_covered_from_birth(autumn, campaign, cast):
    mother = Person.objects.get(name="李桂芳")
    row = expect(cast, campaign, mother)
    child = complete_child(actor=cast.clerk_a, expected=row, newcomer=CHILD, on=MARCH)
    assert (child.name, child.household_id) == ("陈小宝", autumn.chens.pk)
    row.refresh_from_db()
    assert row.child == child
    (cover,) = join(cast, autumn.chens, child, on=date(2026, 8, 1))  # long after any 90 days
    assert cover.cover_first_day == date(2026, 2, 20)
    assert cover.late_entry.ground == "expected"
    with pytest.raises(Refusal, match="已经补登"):
        complete_child(actor=cast.clerk_a, expected=row, newcomer=CHILD, on=MARCH)


def test_born_before_the_year_begins(autumn, campaign, cast):
    row = expect(cast, campaign, Person.objects.get(name="李桂芳"), due_on=date(2025, 12, 10))
    early = Newcomer(
        name="陈小宝", relationship="2", kind="birth_certificate", number="Y500000002", sex="1",
        birth_date=date(2025, 12, 5),
    )  # fmt: skip
    child = complete_child(actor=cast.clerk_a, expected=row, newcomer=early, on=date(2025, 12, 8))
    (cover,) = join(cast, autumn.chens, child, on=date(2025, 12, 8))
    assert cover.cover_first_day == date(2026, 1, 1)


def test_who_cannot_be_expected(autumn, campaign, cast):
    mother = Person.objects.get(name="李桂芳")
    for who, facts, words in (
        (Person.objects.get(name="陈国强"), {}, "请选择本户在册的母亲"),
        (mother, {"on": date(2025, 12, 1)}, "只在缴费期"),
        (mother, {"due_on": date(2027, 1, 5)}, "预产期应在"),
        (mother, {"permit_number": " "}, "准生证"),
    ):
        with pytest.raises(Refusal, match=words):
            expect(cast, campaign, who, **facts)
    row = expect(cast, campaign, mother)
    with pytest.raises(Refusal, match="已经登记过"):
        expect(cast, campaign, mother)
    with pytest.raises(Refusal, match="请写明撤销原因"):
        drop_child(actor=cast.clerk_a, expected=row, reason="", on=MARCH)
    drop_child(actor=cast.clerk_a, expected=row, reason="未足月流产", on=MARCH)
    assert not ExpectedChild.objects.waiting().exists()
    with pytest.raises(Refusal, match="已经补登或撤销"):
        complete_child(actor=cast.clerk_a, expected=row, newcomer=CHILD, on=MARCH)


def test_dazu_has_no_waiting(autumn, campaign, cast, covered_last_year):
    rows = Enrollment.objects.filter(household=autumn.chens, year=2026)
    assert {row.cover_first_day for row in rows} == {date(2026, 1, 1)}


def test_the_pages_of_a_birth(autumn, campaign, cast, as_user, settings):
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    home = Household.objects.get(pk=autumn.chens.pk)
    mother = Person.objects.get(name="李桂芳")
    url = f"/enrollment/watch/late/{home.pk}"
    facts = {"mother": mother.pk, "working_name": "陈宝宝", "permit_number": "渝2025-0012",
             "due_on": "2026-02-15"}  # fmt: skip
    assert "缴费期还没有过" in text_of(clerk.get(url))
    assert "请填写" in text_of(clerk.post(f"{url}/expect", facts | {"permit_number": "12"}))
    assert "出生后补登" in text_of(clerk.post(f"{url}/expect", facts, follow=True))
    rule = {"days": "90", "source": "县医保〔2025〕3号"}
    assert "已保存" in text_of(accountant.post("/enrollment/watch/newborn-rule", rule, follow=True))
    settings.TODAY = MARCH
    assert "已过预产期" in text_of(clerk.get("/enrollment/watch/expected"))
    row = ExpectedChild.objects.get()
    one = f"/enrollment/watch/expected/{row.pk}"
    baby = {"name": "陈小宝", "relationship": "2", "kind": "birth_certificate",
            "number": "Y500000001", "sex": "1", "birth_date": "2026-02-20"}  # fmt: skip
    assert "一位字母加 9 位数字" in text_of(clerk.post(one, baby | {"number": "123"}))
    page = text_of(clerk.post(one, baby, follow=True))
    assert "陈小宝" in page and "2026-02-20 至 2026-12-31" in page
    child = Person.objects.get(name="陈小宝")
    done = clerk.post(url, {"members": child.pk, "tier": "tier2"})
    assert done.url == f"/enrollment/households/{home.pk}/payment"
    assert AuditLine.objects.filter(action="enrollment.enroll_late").count() == 1
    assert as_user(cast.clerk_b).get(url).status_code == 404
    assert as_user(cast.clerk_b).post(one, baby).status_code == 404
