"""Changes of one person or household at two windows in the same moment: one of them happens."""

from datetime import date

import pytest

from accounts.errors import Refusal
from enrollment.models import Household, Person
from enrollment.people.households import (
    correct_event,
    merge_households,
    move_household,
    split_household,
)
from enrollment.people.lifecycle import (
    Newcomer,
    change_number,
    record_death,
    record_departure,
    record_newcomer,
    transfer_person,
)
from enrollment.people.models import FormerNumber, RegisterEvent
from tests.at_once import at_once
from tests.enrollment.conftest import MARCH, resident_id
from tests.enrollment.people.conftest import named, people_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WHEN = {"effective_on": MARCH, "on": MARCH}


def said(outcomes):
    return [one.message for one in outcomes if isinstance(one, Refusal)]


def test_one_death_is_recorded_once(cast, chens):
    son = named("陈小明")
    act = [
        lambda c=clerk: record_death(actor=c, person=son, **WHEN)
        for clerk in (cast.clerk_a, cast.clerk_a2)
    ]
    assert said(at_once(act)) == ["陈小明已登记死亡（2026-03-10）"]
    assert RegisterEvent.objects.count() == 1


def test_two_households_merged_into_each_other(cast, chens, zhaos):
    """One merger happens; the other finds its household closed. Nobody is lost."""
    everybody = [*chens.members.all(), *zhaos.members.all()]

    def merge(household, into):
        heads = {one.pk: one.relationship for one in into.members.all()}
        return merge_households(
            actor=cast.clerk_a, household=household, into=into, reason="合住",
            relationships={one.pk: "8" for one in everybody} | heads, **WHEN,
        )  # fmt: skip

    outcomes = at_once([lambda: merge(chens, zhaos), lambda: merge(zhaos, chens)])
    (message,) = said(outcomes)
    closed = Household.objects.exclude(closed_on=None).get()
    assert message == f"户编号 {closed.number} 已于 2026-03-10 销户"
    standing = Household.objects.standing().get()
    assert Person.objects.filter(household=standing).count() == 6
    assert not closed.members.exists()


def test_a_bride_is_transferred_or_departs(cast, chens, zhaos):
    bride = named("陈小红")
    outcomes = at_once(
        [
            lambda: transfer_person(
                actor=cast.clerk_a, person=bride, to=zhaos, relationship="8", reason="结婚", **WHEN
            ),
            lambda: record_departure(actor=cast.clerk_a2, person=bride, reason="嫁往外县", **WHEN),
        ]
    )
    kinds = set(RegisterEvent.objects.values_list("kind", flat=True))
    bride.refresh_from_db()
    gone = "陈小红已登记死亡或迁出，不能转户"
    moved = "陈小红刚由另一窗口转到别的户，请重新查询后再办"
    if said(outcomes) == [gone]:  # she had left before she could be transferred
        assert (kinds, bride.household, bride.departure_date) == ({"departure"}, chens, MARCH)
    elif said(outcomes) == [moved]:
        assert (kinds, bride.household, bride.departure_date) == ({"transfer"}, zhaos, None)
    else:  # one came wholly after the other
        assert said(outcomes) == []
        assert (kinds, bride.household) == ({"transfer", "departure"}, zhaos)


def test_one_split_of_one_son(cast, chens):
    son = named("陈小明")
    relationships = {one.pk: one.relationship for one in chens.members.all()} | {son.pk: "0"}

    def split():
        return split_household(
            actor=cast.clerk_a, household=chens, leaving=[son.pk], relationships=relationships,
            division=chens.division, reason="成家", **WHEN,
        )  # fmt: skip

    assert said(at_once([split, split])) == ["请勾选要分出的成员"]
    assert Household.objects.count() == 2
    assert people_of(chens) == ["陈国强 户主 01", "李桂芳 配偶 02", "陈小红 女 04"]


def test_an_event_is_undone_once(cast, chens):
    event = record_death(actor=cast.clerk_a, person=named("陈小明"), **WHEN)
    undo = [
        lambda c=clerk: correct_event(actor=c, event=event, on=MARCH, reason="报错了人")
        for clerk in (cast.clerk_a, cast.clerk_a2)
    ]
    assert said(at_once(undo)) == ["这次变动已经撤销"]
    assert RegisterEvent.objects.filter(undoes=event).count() == 1
    assert named("陈小明").death_date is None


def test_two_children_get_two_numbers(cast, chens):
    def born(name, number):
        child = Newcomer(
            name=name, relationship="4", kind="birth_certificate", number=number, sex="1",
            birth_date=date(2026, 3, 1),
        )  # fmt: skip
        return record_newcomer(
            actor=cast.clerk_a, household=chens, newcomer=child, kind="birth", on=MARCH
        )

    outcomes = at_once([lambda: born("陈大宝", "P500000001"), lambda: born("陈小宝", "P500000002")])
    assert sorted(one.member_number for one in outcomes) == [5, 6]


def test_one_child_is_born_in_one_household(cast, chens, zhaos):
    child = Newcomer(
        name="陈安安", relationship="4", kind="resident_id", number=resident_id("20260301")
    )
    outcomes = at_once(
        [
            lambda h=home, c=clerk: record_newcomer(
                actor=c, household=h, newcomer=child, kind="birth", on=MARCH
            )
            for home, clerk in ((chens, cast.clerk_a), (zhaos, cast.clerk_b))
        ]
    )
    assert len(said(outcomes)) == 1
    assert Person.objects.filter(name="陈安安").count() == 1
    assert RegisterEvent.objects.count() == 1


def test_one_passport_for_one_of_two(cast, chens, zhaos):
    people = [named(name) for name in ("陈小红", "赵志远")]
    outcomes = at_once(
        [
            lambda p=person: change_number(
                actor=cast.clerk_a, person=p, kind="passport", number="E1234567", **WHEN
            )
            for person in people
        ]
    )
    assert len(said(outcomes)) == 1
    bearers = Person.objects.filter(number_kind="passport")
    assert (bearers.count(), FormerNumber.objects.count()) == (1, 1)


def test_a_household_moves_once(cast, chens, village_b):
    move = [
        lambda c=clerk: move_household(
            actor=c, household=chens, division=village_b, reason="易地搬迁", **WHEN
        )
        for clerk in (cast.clerk_a, cast.clerk_a2)
    ]
    assert said(at_once(move)) == ["就在这个村组，无须迁移"]
    chens.refresh_from_db()
    assert chens.number == "5002250201000001"
