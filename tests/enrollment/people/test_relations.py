"""Which relations can be, at every door: the impossible is refused, the improbable asked about."""

from datetime import date

import pytest

from accounts.errors import Refusal
from enrollment.cover.enrolling import save_entry
from enrollment.models import Household, Person, RegisterEvent
from enrollment.people.households import merge_households, split_household
from enrollment.people.lifecycle import Newcomer, record_newcomer, transfer_person
from enrollment.people.register import add_person, change_person
from enrollment.people.relations import Member, remarks
from tests.enrollment.conftest import OCTOBER, member, resident_id

ON = date(2026, 3, 10)


def one(key, relationship, born, sex="1", died=None):
    born = date(int(born[:4]), int(born[4:6]), int(born[6:]))
    return Member(key, key, relationship, sex, born, died)


def said(*members, on=ON):
    return [(one.key, one.impossible, one.text) for one in remarks(members, on)]


HEAD = one("陈父", "0", "19780512")


@pytest.mark.parametrize(
    ("relationship", "born", "sex", "verdict"),
    [
        ("2", "19760512", "1", True),  # a son two years older than his father
        ("2", "19900511", "1", True),  # eleven years younger
        ("2", "19900512", "1", False),  # twelve: known, and rare
        ("2", "19940511", "1", False),
        ("2", "19940512", "1", None),  # sixteen
        ("2", "20260301", "1", None),
        ("3", "20390101", "2", True),  # in the future
        ("4", "20020511", "2", True),
        ("4", "20020512", "2", False),
        ("4", "20100512", "2", None),
        ("5", "19660513", "2", True),  # a mother of eleven
        ("5", "19660512", "2", False),
        ("5", "19500220", "2", None),
        ("5", "19170101", "2", False),  # sixty-one years older
        ("5", "19050101", "2", True),  # 121 years old
        ("6", "19550101", "1", True),
        ("6", "19300101", "1", None),
        ("1", "19800103", "2", None),
        ("1", "20060401", "2", False),  # a wife of nineteen
        ("1", "20130401", "2", True),  # of twelve
        ("1", "19800103", "1", False),  # of the head's sex
        ("7", "19200101", "1", None),
        ("8", "19790101", "1", None),  # a stepson is 其他
    ],
)
def test_ages_that_a_relation_can_have(relationship, born, sex, verdict):
    found = [impossible for _, impossible, _ in said(HEAD, one("某", relationship, born, sex))]
    assert (max(found) if found else None) is verdict


def test_a_head_has_one_spouse():
    wives = [one(name, "1", "19800103", "2") for name in ("甲", "乙")]
    assert [key for key, impossible, _ in said(HEAD, *wives) if impossible] == ["乙"]
    buried = one("甲", "1", "19800103", "2", date(2020, 1, 1))
    assert said(HEAD, buried, wives[1]) == []


def test_no_child_is_born_long_after_its_parents():
    mother = one("母", "1", "19800103", "2", date(2024, 5, 1))
    assert [key for key, *_ in said(HEAD, mother, one("儿", "2", "20240502"))] == ["儿"]
    assert said(HEAD, mother, one("儿", "2", "20240501")) == []
    again = one("继母", "1", "19850103", "2")
    assert said(HEAD, mother, again, one("儿", "2", "20250502")) == []
    widow = one("母", "0", "19800103", "2")
    father = one("父", "1", "19780512", "1", date(2024, 5, 1))
    assert said(widow, father, one("儿", "2", "20250225")) == []  # 300 days
    assert [key for key, *_ in said(widow, father, one("儿", "2", "20250226"))] == ["儿"]


def test_the_message_names_both_and_the_years():
    (found,) = said(HEAD, one("陈小明", "2", "19760512"))
    assert found[2] == (
        "陈小明是户主陈父的子，年纪却比他大，请核对证件和关系；继、养关系不足此数的选“其他”"
    )


# -- every door ------------------------------------------------------------------------------------

FATHER = member(0, "陈国强", resident_id("19780512"), "0")
OLD_SON = resident_id("19760901")
YOUNG_WIFE = resident_id("20070103", male=False)  # eighteen in October 2025


@pytest.fixture
def chens(register, village_a):
    return register(
        village_a, ("陈国强", "19780512", "0"), ("李桂芳", "19800103", "1"),
        ("陈小明", "20020901", "2"),
    )  # fmt: skip


def newcomer(number, relationship, **facts):
    return Newcomer(
        name="陈新人", relationship=relationship, kind="resident_id", number=number, **facts
    )


@pytest.mark.django_db
def test_the_window_refuses_and_asks(cast, books, entry_of):
    def save(*members, **facts):
        return save_entry(
            actor=cast.clerk_a, entry=entry_of([FATHER, *members], **facts), on=OCTOBER
        )

    with pytest.raises(Refusal, match="年纪却比他大") as refused:
        save(member(1, "陈小明", OLD_SON, "2"), explained="确实如此")
    assert refused.value.at == ("members", 1, "relationship")
    wife = member(1, "李小芳", YOUNG_WIFE, "1")
    with pytest.raises(Refusal, match="不到法定婚龄 20 岁，关系却是夫妻") as asked:
        save(wife)
    assert asked.value.at == ("explained",)
    assert not Household.objects.exists()
    save(wife, explained="按习俗成婚，未领证")
    assert Person.objects.count() == 2


@pytest.mark.django_db
def test_who_joins_a_household_is_asked(chens, cast):
    def add(**facts):
        entry = member(0, "陈小强", OLD_SON, "2")
        return add_person(actor=cast.clerk_a, household=chens, entry=entry, on=ON, **facts)

    def arrive(number, relationship, **facts):
        return record_newcomer(
            actor=cast.clerk_a, household=chens, kind="arrival", effective_on=ON, on=ON,
            newcomer=newcomer(number, relationship, **facts),
        )  # fmt: skip

    with pytest.raises(Refusal, match="年纪却比他大"):
        add(explained="确实如此")
    with pytest.raises(Refusal, match="年纪却比他大"):
        arrive(OLD_SON, "2", explained="确实如此")
    with pytest.raises(Refusal, match="户主只能有一位配偶"):
        arrive(resident_id("19820103", male=False), "1")
    late = resident_id("19920103")  # a son thirteen years younger
    with pytest.raises(Refusal, match="相差 13 岁"):
        arrive(late, "2")
    arrive(late, "2", explained="户口簿如此")
    assert RegisterEvent.objects.get(kind="arrival").reason == "户口簿如此"


@pytest.mark.django_db
def test_a_correction_and_a_marriage_are_asked(chens, zhaos, cast, village_a):
    son = chens.members.get(name="陈小明")
    with pytest.raises(Refusal, match="陈小明是户主陈国强的父母"):
        change_person(
            actor=cast.clerk_a, person=son, on=ON, name="陈小明", relationship="5",
            residence="rural",
        )  # fmt: skip
    wife = chens.members.get(name="李桂芳")
    with pytest.raises(Refusal, match="李桂芳是户主赵文斌的女"):
        transfer_person(
            actor=cast.clerk_a, person=wife, to=zhaos, relationship="3", effective_on=ON, on=ON,
            reason="婚嫁",
        )  # fmt: skip


@pytest.mark.django_db
def test_splits_and_mergers_are_asked(chens, cast, village_a, register):
    father, wife, son = chens.members.order_by("member_number")
    with pytest.raises(Refusal, match="李桂芳是户主陈小明的女"):
        split_household(
            actor=cast.clerk_a, household=chens, leaving=[wife.pk, son.pk], division=village_a,
            relationships={father.pk: "0", wife.pk: "3", son.pk: "0"}, effective_on=ON, on=ON,
            reason="分家",
        )  # fmt: skip
    single = register(village_a, ("陈大伯", "19740101", "0"))
    uncle = single.members.get()
    with pytest.raises(Refusal, match="陈大伯是户主陈国强的子"):
        merge_households(
            actor=cast.clerk_a, household=single, into=chens, effective_on=ON, on=ON, reason="并户",
            relationships={father.pk: "0", wife.pk: "1", son.pk: "2", uncle.pk: "2"},
        )  # fmt: skip


@pytest.mark.django_db
def test_what_was_registered_before_is_not_held_against_who_comes_today(chens, cast):
    Person.objects.filter(name="陈小明").update(relationship="5")
    add_person(
        actor=cast.clerk_a, household=chens, on=ON,
        entry=member(0, "陈小小", resident_id("20250303"), "2"),
    )  # fmt: skip
