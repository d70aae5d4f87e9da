"""Splits, mergers and moves: numbers follow, paid cover stays where it was taken."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment
from enrollment.cover.enrolling import insert_enrollments, save_entry, season_on
from enrollment.cover.households import missing
from enrollment.models import Enrollment, Household, Person
from enrollment.people.households import (
    correct_event,
    merge_households,
    move_household,
    split_household,
)
from enrollment.people.models import FormerCertificate, RegisterEvent
from enrollment.people.register import register_household
from tests.enrollment.conftest import OCTOBER, the_chens
from tests.enrollment.people.conftest import MARCH, named, people_of

pytestmark = pytest.mark.django_db


def split(cast, household, **facts):
    son, daughter = named("陈小明"), named("陈小红")
    keeps = {named("陈国强").pk: "0", named("李桂芳").pk: "1"}
    facts = {
        "leaving": [son.pk, daughter.pk],
        "relationships": keeps | {son.pk: "0", daughter.pk: "7"},
        "division": household.division,
        "reason": "长子成家",
        "effective_on": date(2026, 3, 1),
        "on": MARCH,
    } | facts
    return split_household(actor=cast.clerk_a, household=household, **facts)


def test_the_son_founds_his_own_household_and_the_split_is_undone(cast, chens):
    new = split(cast, chens)
    assert people_of(chens) == ["陈国强 户主 01", "李桂芳 配偶 02"]
    assert people_of(new) == ["陈小明 户主 01", "陈小红 兄弟姐妹 02"]
    assert int(new.number) == int(chens.number) + 1
    assert list(Person.objects.search(f"{chens.number}03")) == [named("陈小明")]
    event = RegisterEvent.objects.get(kind="split")
    assert (event.household, event.other_household) == (chens, new)
    correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="尚未办分户手续")
    new.refresh_from_db()
    assert new.closed_on == date(2026, 3, 1)
    assert people_of(chens) == [
        "陈国强 户主 01", "李桂芳 配偶 02", "陈小明 子 03", "陈小红 女 04",
    ]  # fmt: skip
    assert new not in missing(Household.objects.all(), 2026)
    assert chens in missing(Household.objects.all(), 2026)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"leaving": []}, "勾选要分出的成员"),
        ({"leaving": [10**9]}, "勾选要分出的成员"),
        ({"relationships": {}}, "与户主关系"),
        ({"reason": ""}, "写明事由"),
        ({"effective_on": date(2026, 3, 11)}, "不能晚于今天"),
        ({"effective_on": date(2004, 1, 1)}, "早于成员的出生日期"),
    ],
)
def test_a_split_that_cannot_be_changes_nothing(cast, chens, facts, words):
    with pytest.raises(Refusal, match=words):
        split(cast, chens, **facts)
    assert Household.objects.count() == 1
    assert chens.members.count() == 4


def test_each_household_has_one_head_after_the_split(cast, chens):
    son, daughter = named("陈小明"), named("陈小红")
    keeps = {named("陈国强").pk: "0", named("李桂芳").pk: "1"}
    with pytest.raises(Refusal, match="只有一位户主"):
        split(cast, chens, relationships=keeps | {son.pk: "8", daughter.pk: "7"})
    with pytest.raises(Refusal, match="至少留一位成员在原户"):
        split(cast, chens, leaving=[one.pk for one in chens.members.all()])
    with pytest.raises(Refusal, match="性别与所选关系不符"):
        split(cast, chens, relationships=keeps | {son.pk: "0", daughter.pk: "2"})


def test_two_households_become_one_and_apart_again(cast, chens, zhaos):
    before = people_of(chens), people_of(zhaos)
    relationships = {one.pk: one.relationship for one in chens.members.all()}
    relationships |= {named("赵文斌").pk: "8", named("赵志远").pk: "8"}
    event = merge_households(
        actor=cast.clerk_b, household=zhaos, into=chens, relationships=relationships,
        effective_on=MARCH, on=MARCH, reason="赵文斌随女儿生活",
    )  # fmt: skip
    assert people_of(chens)[-2:] == ["赵文斌 其他 05", "赵志远 其他 06"]
    zhaos.refresh_from_db()
    assert zhaos.closed_on == MARCH
    assert list(Household.objects.standing()) == [chens]
    with pytest.raises(Refusal, match="销户"):
        move_household(
            actor=cast.clerk_b, household=zhaos, division=chens.division, effective_on=MARCH,
            on=MARCH, reason="搬家",
        )  # fmt: skip
    correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="当事人反悔")
    zhaos.refresh_from_db()
    assert zhaos.closed_on is None
    assert (people_of(chens), people_of(zhaos)) == before


def test_a_merger_needs_another_household_and_one_head(cast, chens, zhaos):
    facts = {"effective_on": MARCH, "on": MARCH, "reason": "合住"}
    with pytest.raises(Refusal, match="两户相同"):
        merge_households(actor=cast.clerk_a, household=chens, into=chens, relationships={}, **facts)
    everybody = [*chens.members.all(), *zhaos.members.all()]
    with pytest.raises(Refusal, match="现为 2 位"):
        merge_households(
            actor=cast.clerk_a, household=chens, into=zhaos,
            relationships={one.pk: one.relationship for one in everybody}, **facts,
        )  # fmt: skip


def test_a_move_brings_new_numbers_and_gives_the_old_ones_to_nobody(
    cast, chens, village_a, village_b
):
    old = chens.number
    event = move_household(
        actor=cast.clerk_a, household=chens, division=village_b, effective_on=MARCH, on=MARCH,
        reason="易地搬迁", address="石庙村 1 组",
    )  # fmt: skip
    chens.refresh_from_db()
    assert chens.number.startswith("5002250201") and chens.number != old
    assert chens.address == "石庙村 1 组"
    assert FormerCertificate.objects.count() == 4
    assert set(Person.objects.search(old)) == set(chens.members.all())
    next_one = register_household(actor=cast.clerk_a, division=village_a, on=MARCH)
    assert int(next_one.number) == int(old) + 1
    temporary = chens.number
    correct_event(actor=cast.clerk_b, event=event, on=MARCH, reason="搬迁取消")
    chens.refresh_from_db()
    assert (chens.number, chens.division) == (old, village_a)
    assert set(Person.objects.search(temporary)) == set(chens.members.all())


def test_paid_cover_stays_in_the_village_where_it_was_taken(
    cast, books, entry_of, village_a, village_b, as_user
):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    facts = {"effective_on": OCTOBER, "on": OCTOBER, "reason": "搬家"}
    with pytest.raises(Refusal, match="待缴费"):
        move_household(actor=cast.clerk_a, household=saved.household, division=village_b, **facts)
    take_payment(
        actor=cast.clerk_a, household=saved.household, received=Decimal(saved.personal), on=OCTOBER
    )
    move_household(actor=cast.clerk_a, household=saved.household, division=village_b, **facts)
    rows = Enrollment.objects.filter(household=saved.household)
    assert {row.division for row in rows} == {village_a}
    page = as_user(cast.clerk_b).get(f"/enrollment/households/{saved.household.pk}")
    assert page.status_code == 200
    assert (
        as_user(cast.clerk_a).get(f"/enrollment/households/{saved.household.pk}").status_code == 404
    )


def test_who_has_left_cannot_be_enrolled(cast, campaign, chens):
    person = named("陈小明")
    Person.objects.filter(pk=person.pk).update(departure_date=date(2025, 9, 1))
    person.refresh_from_db()
    season = season_on(area_code="500225", day=OCTOBER)
    with pytest.raises(Refusal, match=r"已登记迁出（2025-09-01），不能参保"):
        insert_enrollments(
            actor=cast.clerk_a,
            season=season,
            household=chens,
            members={person: ("members", 0, "name")},
            statuses={},
            tier="tier2",
            on=OCTOBER,
        )


def test_a_new_household_with_cover_of_its_own_is_not_dissolved(cast, campaign, chens):
    new = split(cast, chens)
    season = season_on(area_code="500225", day=OCTOBER)
    insert_enrollments(
        actor=cast.clerk_a, season=season, household=new, members={named("陈小明"): ("x",)},
        statuses={}, tier="tier2", on=OCTOBER,
    )  # fmt: skip
    event = RegisterEvent.objects.get(kind="split")
    with pytest.raises(Refusal, match="新户已办理参保"):
        correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="登记有误")
