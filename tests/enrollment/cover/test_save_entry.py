"""A household at the window: registered, assessed and enrolled in one go, or not at all."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.books import issue_book
from enrollment.collection.receipts import take_payment
from enrollment.cover.campaigns import open_campaign
from enrollment.cover.covering import consecutive_years, cover_on
from enrollment.cover.enrolling import cancel_pending, enroll_household, save_entry
from enrollment.models import Enrollment, Household, IdentityStatus, Person
from enrollment.people.lifecycle import record_death
from enrollment.people.register import add_person, change_person, register_household
from tests.enrollment.conftest import OCTOBER, member, resident_id, the_chens
from tests.enrollment.statuses import SINCE, hold

pytestmark = pytest.mark.django_db


def nothing_written():
    return not (
        Household.objects.exists() or Person.objects.exists() or Enrollment.objects.exists()
    )


def test_second_tier_household_of_four(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)

    assert saved.household.number == "5002250101000001"
    rows = {row.person.name: row for row in saved.enrollments}
    paid = {name: row.personal_amount for name, row in rows.items()}
    assert paid == {"陈国强": 110, "李桂芳": 120, "陈小明": 120, "张素珍": 100}
    assert saved.personal == 450
    father = rows["陈国强"]
    assert (father.central_amount, father.provincial_amount) == (40, 0)
    assert (father.city_amount, father.county_amount) == (30, 20)
    assert father.premium_status == "dibao"
    assert rows["李桂芳"].premium_status == rows["陈小明"].premium_status == ""
    assert (father.cover_first_day, father.cover_last_day) == (date(2026, 1, 1), date(2026, 12, 31))
    assert {row.account_amount for row in rows.values()} == {40}
    assert {row.consecutive_years for row in rows.values()} == {1}

    son = Person.objects.get(name="陈小明")
    assert (son.sex, son.birth_date, son.initials) == ("1", date(2012, 9, 1), "cxm")
    assert son.certificate_number == "500225010100000103"
    assert set(son.statuses.values_list("code", "first_day")) == {("student", SINCE)}


def test_town_family_on_first_tier_keeps_what_is_left_of_the_subsidy(cast, books, entry_of):
    family = [
        member(0, "周建华", resident_id("19700301"), "0", residence="urban", statuses={"dibao"}),
        member(
            1,
            "周雨",
            resident_id("20100701", male=False),
            "3",
            residence="urban",
            statuses={"dibao", "student"},
        ),
        member(2, "Ann Lee", resident_id("19850505", 3, male=False), "8", residence="outside"),
    ]
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(family, tier="tier1"), on=OCTOBER)

    father, daughter, lodger = saved.enrollments
    assert (father.personal_amount, father.credit_amount) == (10, 50)
    assert (father.central_amount, father.city_amount, father.county_amount) == (
        70,
        Decimal("52.50"),
        Decimal("17.50"),
    )
    assert (daughter.central_amount, daughter.city_amount, daughter.county_amount) == (
        45,
        Decimal("71.25"),
        Decimal("23.75"),
    )
    assert daughter.premium_status == "dibao"
    assert (lodger.personal_amount, lodger.central_amount) == (100, 0)


def test_save_and_receipt_take_at_most_twenty_one_statements(cast, books, entry_of):
    entry = entry_of(the_chens())
    with CaptureQueriesContext(connection) as statements:
        saved = save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
        take_payment(
            actor=cast.clerk_a, household=saved.household, received=Decimal(450), on=OCTOBER
        )
    assert len(statements) <= 21, "\n".join(q["sql"][:90] for q in statements)


@pytest.mark.parametrize(
    ("change", "at", "words"),
    [
        ({"resident_id": "500225197805120018"}, ("members", 1, "resident_id"), "校验不符"),
        ({"resident_id": "50022519780512"}, ("members", 1, "resident_id"), "应为 18 位"),
        (
            {"resident_id": resident_id("20260101", male=False)},
            ("members", 1, "resident_id"),
            "晚于今天",
        ),
        ({"resident_id": resident_id("19780512")}, ("members", 1, "resident_id"), "与第 1 行"),
        ({"name": "李"}, ("members", 1, "name"), "姓名应为"),
        ({"name": "=HYPERLINK(1)"}, ("members", 1, "name"), "姓名第 1 个字“=”（U+003D）不是汉字"),
        ({"relationship": "0"}, ("members", 0, "relationship"), "只有一位户主"),
        ({"relationship": "2"}, ("members", 1, "relationship"), "却是女性"),
        ({"residence": "moon"}, ("members", 1, "residence"), "户籍"),
    ],
)
def test_a_wrong_member_stops_the_whole_entry(cast, books, entry_of, change, at, words):
    facts = {
        "name": "李桂芳",
        "resident_id": resident_id("19800103", male=False),
        "relationship": "1",
    } | change
    wife = member(
        1, facts.pop("name"), facts.pop("resident_id"), facts.pop("relationship"), **facts
    )
    entry = entry_of([the_chens()[0], wife])
    with pytest.raises(Refusal) as refused:
        save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    assert refused.value.at == at
    assert words in refused.value.message
    assert nothing_written()


def test_somebody_registered_elsewhere_is_stopped(cast, books, entry_of, village_b):
    save_entry(actor=cast.clerk_b, entry=entry_of(the_chens(), division=village_b), on=OCTOBER)
    wife_again = member(1, "李桂芳", resident_id("19800103", male=False), "1")
    newcomer = member(0, "王强", resident_id("19790909"), "0")
    with pytest.raises(Refusal) as refused:
        save_entry(actor=cast.clerk_a, entry=entry_of([newcomer, wife_again]), on=OCTOBER)
    assert refused.value.at == ("members", 1, "resident_id")
    assert "已在本县其他乡镇登记" in refused.value.message
    assert "石庙" not in refused.value.message
    assert "李桂芳" not in refused.value.message
    assert Household.objects.count() == 1
    assert not Person.objects.filter(name="王强").exists()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2025, 9, 30), "还没有到缴费期"),
        (date(2025, 12, 1), "2025-10-01 至 2025-11-30"),
    ],
)
def test_outside_the_window_nothing_is_taken(cast, books, entry_of, day, words):
    with pytest.raises(Refusal, match=words):
        save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=day)
    assert nothing_written()


def test_unknown_tier_and_empty_household_are_refused(cast, books, entry_of):
    for entry, field in ((entry_of(the_chens(), tier="gold"), "tier"), (entry_of([]), "members")):
        with pytest.raises(Refusal) as refused:
            save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
        assert refused.value.field == field
    assert nothing_written()


def test_a_late_member_takes_the_tier_of_the_household(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:2]), on=OCTOBER)
    baby = add_person(
        actor=cast.clerk_a,
        household=saved.household,
        entry=member(0, "陈小宝", resident_id("20250901"), "2"),
        on=OCTOBER,
    )
    with pytest.raises(Refusal) as refused:
        enroll_household(
            actor=cast.clerk_a, household=saved.household, members=[baby], tier="tier1", on=OCTOBER
        )
    assert refused.value.field == "tier"
    assert "同一档" in refused.value.message
    assert not baby.enrollments.exists()
    (row,) = enroll_household(
        actor=cast.clerk_a, household=saved.household, members=[baby], tier="tier2", on=OCTOBER
    )
    assert (row.personal_amount, row.status) == (120, "pending")


def test_enrolling_twice_or_the_dead_is_refused(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    father = Person.objects.get(name="陈国强")

    def enroll():
        enroll_household(
            actor=cast.clerk_a,
            household=saved.household,
            members=[father],
            tier="tier2",
            on=OCTOBER,
        )

    with pytest.raises(Refusal, match="龙水镇桥亭村办理 2026 年度参保"):
        enroll()
    assert (
        cancel_pending(actor=cast.clerk_a, household=saved.household, year=2026, reason="选错档次")
        == 4
    )
    record_death(
        actor=cast.clerk_a,
        person=father,
        effective_on=date(2025, 10, 1),
        on=OCTOBER,
        new_head=Person.objects.get(name="李桂芳").pk,
    )
    with pytest.raises(Refusal, match="已登记死亡"):
        enroll()
    assert not Enrollment.objects.exclude(status="cancelled").exists()


def test_the_tier_stays_for_two_years(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:1]), on=OCTOBER)
    take_payment(actor=cast.clerk_a, household=saved.household, received=Decimal(110), on=OCTOBER)
    father = saved.enrollments[0].person
    autumn = date(2026, 10, 15)
    with pytest.raises(Refusal, match="不在缴费期"):  # 2027 is not open yet
        enroll_household(
            actor=cast.clerk_a, household=saved.household, members=[father], tier="tier1", on=autumn
        )
    open_campaign(actor=cast.accountant, area=cast.accountant.division, year=2027)
    with pytest.raises(Refusal, match="最早2028年度可以改档"):
        enroll_household(
            actor=cast.clerk_a, household=saved.household, members=[father], tier="tier1", on=autumn
        )
    (row,) = enroll_household(
        actor=cast.clerk_a, household=saved.household, members=[father], tier="tier2", on=autumn
    )
    assert row.consecutive_years == 2


def test_renewal_corrects_members_follows_the_lists_and_adds_a_child(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:3]), on=OCTOBER)
    cancel_pending(actor=cast.clerk_a, household=saved.household, year=2026, reason="选错档次")
    people = {p.name: p for p in saved.household.members.all()}
    later = date(2025, 11, 3)
    hold(people["陈国强"], since=later)  # November's list names him no more
    rows = [
        member(0, "陈国强", "", "0", person_id=people["陈国强"].pk),
        member(1, "李桂芬", "", "1", person_id=people["李桂芳"].pk, residence="urban"),
        member(2, "陈小明", "", "2", person_id=people["陈小明"].pk, joins=False),
        member(3, "陈小丽", resident_id("20251020", male=False), "3"),
    ]
    renewed = save_entry(
        actor=cast.clerk_a, entry=entry_of(rows, household=saved.household, tier="tier1"), on=later
    )
    assert [(r.person.name, r.personal_amount) for r in renewed.enrollments] == [
        ("陈国强", 20),
        ("李桂芬", 20),
        ("陈小丽", 20),
    ]
    dibao = IdentityStatus.objects.get(person=people["陈国强"])
    assert dibao.last_day == date(2025, 11, 2)
    assert Person.objects.get(name="李桂芬").initials == "lgf"
    trail = AuditLine.objects.filter(action="enrollment.save_entry").first()
    assert [m["name"] for m in trail.before["members"]] == ["陈*强", "李*芳", "陈*明"]
    assert [m["name"] for m in trail.after["members"]][1] == "李*芬"
    written = str(trail.after) + str(trail.before)
    for secret in (resident_id("19780512"), "陈国强", "chenguoqiang", "1978-05-12", "3 组 12 号"):
        assert secret not in written
    assert "1978-**-**" in written


def test_people_of_another_household_cannot_be_slipped_in(cast, books, entry_of):
    first = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:1]), on=OCTOBER)
    second = save_entry(
        actor=cast.clerk_a,
        entry=entry_of([member(0, "王强", resident_id("19790909"), "0")]),
        on=OCTOBER,
    )
    stranger = second.enrollments[0].person
    row = member(0, "王强", "", "0", person_id=stranger.pk)
    with pytest.raises(Refusal, match="不在本户"):
        save_entry(actor=cast.clerk_a, entry=entry_of([row], household=first.household), on=OCTOBER)
    with pytest.raises(Refusal, match="不在本户"):
        enroll_household(
            actor=cast.clerk_a,
            household=first.household,
            members=[stranger],
            tier="tier2",
            on=OCTOBER,
        )


def test_household_numbers_follow_each_other_in_a_village(cast, village_a, village_b):
    numbers = [
        register_household(actor=cast.clerk_a, division=place, on=OCTOBER).number
        for place in (village_a, village_a, village_b)
    ]
    assert numbers == ["5002250101000001", "5002250101000002", "5002250201000001"]
    with pytest.raises(Refusal, match="村或组"):
        register_household(actor=cast.clerk_a, division=village_a.parent, on=OCTOBER)


def test_a_corrected_resident_id_brings_its_sex_and_birth_date(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:2]), on=OCTOBER)
    wife = Person.objects.get(name="李桂芳")
    facts = {"name": "李桂芳", "relationship": "1", "residence": "rural"}
    changed = change_person(
        actor=cast.clerk_a,
        person=wife,
        on=OCTOBER,
        resident_id=resident_id("19800130", male=False),
        **facts,
    )
    assert changed.birth_date == date(1980, 1, 30)
    with pytest.raises(Refusal, match="不能重复登记") as refused:
        change_person(
            actor=cast.clerk_a,
            person=wife,
            on=OCTOBER,
            resident_id=resident_id("19780512"),
            **facts,
        )
    assert refused.value.field == "resident_id"
    with pytest.raises(Refusal) as refused:
        change_person(
            actor=cast.clerk_a, person=wife, on=OCTOBER, **(facts | {"relationship": "2"})
        )
    assert refused.value.field == "relationship"
    assert saved.household.members.count() == 2


def enroll_alone(cast, household, person, *, tier, on, pay):
    (row,) = enroll_household(
        actor=cast.clerk_a, household=household, members=[person], tier=tier, on=on
    )
    if pay:
        issue_book(
            actor=cast.accountant,
            clerk=cast.clerk_a,
            year=row.year,
            code=f"OLD{row.year}",
            first_number=1,
            last_number=9,
        )
        take_payment(actor=cast.clerk_a, household=household, received=Decimal(500), on=on)
    return row


def test_a_tier_kept_for_two_years_may_change_and_is_locked_again(cast, campaign, village_a):
    for year in (2024, 2025, 2027):
        open_campaign(actor=cast.accountant, area=cast.accountant.division, year=year)
    household = register_household(actor=cast.clerk_a, division=village_a, on=OCTOBER)
    wang = add_person(
        actor=cast.clerk_a,
        household=household,
        entry=member(0, "王强", resident_id("19790909"), "0"),
        on=OCTOBER,
    )
    years = {}
    for year, tier in ((2024, "tier2"), (2025, "tier2"), (2026, "tier1")):
        row = enroll_alone(cast, household, wang, tier=tier, on=date(year - 1, 10, 15), pay=True)
        years[year] = row.consecutive_years
    assert years == {2024: 1, 2025: 2, 2026: 3}
    with pytest.raises(Refusal, match="最早2028年度"):
        enroll_alone(cast, household, wang, tier="tier2", on=date(2026, 10, 15), pay=False)


def test_a_year_that_was_never_paid_does_not_count(cast, campaign, village_a):
    open_campaign(actor=cast.accountant, area=cast.accountant.division, year=2025)
    household = register_household(actor=cast.clerk_a, division=village_a, on=OCTOBER)
    wang = add_person(
        actor=cast.clerk_a,
        household=household,
        entry=member(0, "王强", resident_id("19790909"), "0"),
        on=OCTOBER,
    )
    enroll_alone(cast, household, wang, tier="tier1", on=date(2024, 10, 15), pay=False)
    assert consecutive_years(wang, 2026) == 1
    row = enroll_alone(cast, household, wang, tier="tier2", on=OCTOBER, pay=False)
    assert row.consecutive_years == 1
    assert cover_on(wang, date(2026, 3, 1)) is None
