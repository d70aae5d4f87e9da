"""Changes of people and households that cannot be: said to the letter, and nothing is written."""

from datetime import date

import pytest

from accounts.models import Division
from enrollment.cover.enrolling import enroll_household
from enrollment.models import Household, Person
from enrollment.people.households import merge_households, move_household, split_household
from enrollment.people.lifecycle import (
    Newcomer,
    change_number,
    record_death,
    record_departure,
    record_newcomer,
    record_return,
    transfer_person,
)
from enrollment.people.register import MemberEntry, add_person, register_household
from tests.conftest import make_division
from tests.enrollment.conftest import MARCH, OCTOBER, resident_id
from tests.enrollment.people.conftest import named
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 3, 11)


@pytest.fixture
def village_far(other_county: Division) -> Division:
    """A village of the neighbouring county."""
    town = make_division("500226101", "昌元镇", other_county)
    return make_division("500226101201", "昌元镇向阳村", town)


@pytest.fixture
def suns(register, village_far) -> Household:
    return register(village_far, ("孙大海", "19700202", "0"))


@pytest.fixture
def old_village(town_a: Division) -> Division:
    """Merged into another on New Year's Eve."""
    village = make_division("500225101209", "龙水镇古楼村", town_a)
    village.last_day = date(2025, 12, 31)
    village.save()
    return village


@pytest.fixture
def entered(cast, campaign, chens):
    """陈小红 is entered for 2026 and has not paid."""
    enroll_household(
        actor=cast.clerk_a, household=chens, members=[named("陈小红")], tier="tier2", on=OCTOBER
    )
    return named("陈小红")


def transfer(cast, person, to, **changes):
    facts = {"relationship": "8", "effective_on": MARCH, "on": MARCH, "reason": "结婚"} | changes
    return transfer_person(actor=cast.clerk_a, person=person, to=to, **facts)


def move(cast, household, division, **changes):
    facts = {"effective_on": MARCH, "on": MARCH, "reason": "易地搬迁"} | changes
    return move_household(actor=cast.clerk_a, household=household, division=division, **facts)


def merge(cast, household, into, **changes):
    people = [*household.members.all(), *into.members.all()]
    facts = {
        "relationships": {one.pk: one.relationship for one in people},
        "effective_on": MARCH, "on": MARCH, "reason": "合住",
    } | changes  # fmt: skip
    return merge_households(actor=cast.clerk_a, household=household, into=into, **facts)


def split(cast, household, **changes):
    relationships = {one.pk: one.relationship for one in household.members.all()}
    son = named("陈小明")
    facts = {
        "leaving": [son.pk], "relationships": relationships | {son.pk: "0"},
        "division": household.division, "reason": "成家", "effective_on": MARCH, "on": MARCH,
    } | changes  # fmt: skip
    return split_household(actor=cast.clerk_a, household=household, **facts)


# -- into another household ------------------------------------------------------------------------


def test_nobody_is_transferred_to_where_they_are(cast, chens):
    with refuses("就在这一户，无须转户", ("to",)):
        transfer(cast, named("陈小红"), chens)


def test_a_bride_of_another_county_departs_instead(cast, chens, suns):
    with refuses("只能转到本县的户；转到外县请办理迁出", ("to",)):
        transfer(cast, named("陈小红"), suns)


def test_who_owes_a_premium_pays_before_the_wedding(cast, chens, zhaos, entered):
    with refuses("陈小红有待缴费的参保登记，请先收款或撤销后再办"):
        transfer(cast, entered, zhaos)
    with refuses("陈小红有待缴费的参保登记，请先收款或撤销后再办"):
        record_departure(
            actor=cast.clerk_a, person=entered, effective_on=MARCH, on=MARCH, reason="嫁往外县"
        )
    with refuses("陈小红有待缴费的参保登记，请先收款或撤销后再办"):
        merge(cast, chens, zhaos)
    with refuses("陈小红有待缴费的参保登记，请先收款或撤销后再办"):
        split(cast, chens, leaving=[entered.pk])


@pytest.mark.parametrize(
    ("changes", "message", "at"),
    [
        ({"reason": "婚"}, "请写明事由", ("reason",)),
        ({"effective_on": TOMORROW}, "变动日期不能晚于今天", ("effective_on",)),
        (
            {"effective_on": date(2005, 4, 14)},  # 陈小红 was born on 15 April
            "变动日期早于成员的出生日期，请核对",
            ("effective_on",),
        ),
        (
            {"relationship": "0"},
            "每户应有且只有一位户主，现为 2 位，请改“与户主关系”",
            ("relationship",),
        ),
        (
            {"relationship": "2"},
            "与户主关系为“子”，身份证号却是女性，请核对",
            ("members", 0, "relationship"),
        ),
        ({"relationship": "9"}, "请选择与户主关系", ("members", 0, "relationship")),
    ],
)
def test_a_transfer_must_make_sense(cast, chens, zhaos, changes, message, at):
    with refuses(message, at):
        transfer(cast, named("陈小红"), zhaos, **changes)


def test_the_dead_and_gone_are_not_transferred(cast, chens, zhaos):
    son, daughter = named("陈小明"), named("陈小红")
    record_death(actor=cast.clerk_a, person=son, effective_on=MARCH, on=MARCH)
    record_departure(
        actor=cast.clerk_a, person=daughter, effective_on=MARCH, on=MARCH, reason="嫁往外县"
    )
    for person in (son, daughter):
        with refuses(f"{person.name}已登记死亡或迁出，不能转户"):
            transfer(cast, person, zhaos)
        with refuses(f"{person.name}已登记死亡或迁出，不能再办迁出"):
            record_departure(
                actor=cast.clerk_a, person=person, effective_on=MARCH, on=MARCH, reason="再迁一次"
            )


def test_the_head_leaves_only_when_somebody_follows(cast, chens, zhaos):
    """A stranger's id names nobody of those who stay."""
    head, stranger = named("陈国强"), named("赵志远")
    for new_head in (None, head.pk, stranger.pk):
        with refuses("户主离开后由谁任户主？请在其他成员中选择", ("new_head",)):
            transfer(cast, head, zhaos, new_head=new_head)
    transfer(cast, head, zhaos, new_head=named("李桂芳").pk)
    assert named("李桂芳").relationship == "0"


# -- back, and documents ---------------------------------------------------------------------------


def test_only_who_has_left_comes_back_and_not_before_leaving(cast, chens):
    son = named("陈小明")
    facts = {"actor": cast.clerk_a, "person": son, "on": MARCH, "relationship": "2"}
    with refuses("陈小明没有迁出登记"):
        record_return(effective_on=MARCH, **facts)
    record_departure(
        actor=cast.clerk_a, person=son, effective_on=date(2026, 2, 1), on=MARCH, reason="参军入伍"
    )
    with refuses("变动日期早于成员的出生日期，请核对", ("effective_on",)):
        record_return(effective_on=date(2026, 1, 31), **facts)
    with refuses("每户应有且只有一位户主，现为 2 位，请改“与户主关系”", ("relationship",)):
        record_return(effective_on=MARCH, **facts | {"relationship": "0"})
    record_return(effective_on=date(2026, 2, 1), **facts)  # the very day is not too early
    assert named("陈小明").is_present


@pytest.mark.parametrize(
    ("kind", "number", "message"),
    [
        ("passport", "E123", "护照号码应为5 至 15 位字母和数字，且至少有一位数字，请对照证件核对"),
        ("hk_macau_permit", "H1234567", "港澳居民来往内地通行证号码应为H 或 M 加 8 位或 10 位数字，"
         "请对照证件核对"),
        ("taiwan_permit", "1234567", "台湾居民来往大陆通行证号码应为8 位数字，"
         "旧版为 10 位数字，可带一位字母，请对照证件核对"),
        ("foreign_residence", "CAN12345678901",
         "外国人永久居留身份证号码应为9 开头的 18 位号码，旧版为 3 位字母加 12 位数字，"
         "请对照证件核对"),
    ],
)  # fmt: skip
def test_each_document_says_what_its_number_looks_like(cast, chens, kind, number, message):
    with refuses(message, ("number",)):
        change_number(
            actor=cast.clerk_a, person=named("陈小红"), kind=kind, number=number,
            effective_on=MARCH, on=MARCH,
        )  # fmt: skip


def test_a_document_is_of_a_known_kind_and_another_number(cast, chens, zhaos):
    daughter = named("陈小红")
    facts = {"actor": cast.clerk_a, "person": daughter, "effective_on": MARCH, "on": MARCH}
    with refuses("请选择证件类型", ("kind",)):
        change_number(kind="none", number="注销1", **facts)
    with refuses("新证件号码与现在的相同", ("number",)):
        change_number(kind="resident_id", number=daughter.resident_id.lower(), **facts)
    zhao = named("赵志远")
    with refuses(
        "身份证号与登记的出生日期（2005-04-15）或性别不符，请核对证件；"
        "登记有误的先撤销出生登记重新办理，已缴费参保的请申请更正姓名、证件",
        ("number",),
    ):
        change_number(kind="resident_id", number=zhao.resident_id, **facts)
    change_number(kind="passport", number=" e 1234567 ", **facts)  # as people type it
    assert named("陈小红").resident_id == "E1234567"
    with refuses(
        "此证件号码已在本县其他乡镇登记，不能重复登记；请核对证件，确属迁入的由原登记地办理转户",
        ("number",),
        noted=True,
    ):
        change_number(
            actor=cast.clerk_b, person=zhao, kind="passport", number="E1234567",
            effective_on=MARCH, on=MARCH,
        )  # fmt: skip


def test_who_arrives_says_sex_day_and_people(cast, chens):
    told = {
        "name": "艾力", "relationship": "8", "kind": "passport", "number": "G1234567",
        "sex": "1", "birth_date": date(1990, 5, 1), "ethnicity": "05",
    }  # fmt: skip

    def arrive(day=MARCH, **changes):
        return record_newcomer(
            actor=cast.clerk_a, household=chens, newcomer=Newcomer(**told | changes),
            kind="arrival", effective_on=day, on=MARCH,
        )  # fmt: skip

    for changes, message, at in (
        ({"sex": "3"}, "请选择性别", ("sex",)),
        ({"birth_date": TOMORROW}, "请填写出生日期，不能晚于今天", ("birth_date",)),
        ({"ethnicity": "99"}, "请在列表中选择民族", ("ethnicity",)),
        ({"residence": "moon"}, "请选择户籍", ("members", 0, "residence")),
        ({"day": None}, "请填写变动日期", ("effective_on",)),
        ({"day": TOMORROW}, "变动日期不能晚于今天", ("effective_on",)),
        ({"day": date(1990, 4, 30)}, "变动日期早于成员的出生日期，请核对", ("effective_on",)),
    ):
        with refuses(message, at):
            arrive(**changes)
    person = arrive(date(1990, 5, 1))
    assert (person.member_number, person.ethnicity, person.sex) == (5, "05", "1")


# -- households ------------------------------------------------------------------------------------


def test_a_household_moves_within_the_county_to_a_village_that_stands(
    cast, chens, town_b, village_far, old_village
):
    for division, message in (
        (chens.division, "就在这个村组，无须迁移"),
        (village_far, "只能迁到本县的村组；迁到外县请办理迁出"),
        (old_village, "这个村组已停用，请选择现行的村组"),
        (town_b, "请选择到村或组"),
    ):
        with refuses(message, ("division",)):
            move(cast, chens, division)
    with refuses("请写明事由", ("reason",)):
        move(cast, chens, town_b, reason=" 搬 ")


def test_a_new_household_stands_in_a_village_that_stands(cast, chens, town_a, old_village):
    for division, message in (
        (old_village, "这个村组已停用，请选择现行的村组"),
        (town_a, "请选择到村或组"),
    ):
        with refuses(message, ("division",)):
            register_household(actor=cast.clerk_a, division=division, on=MARCH)
        with refuses(message, ("division",)):
            split(cast, chens, division=division)
    # On its last day the village still took households.
    assert register_household(
        actor=cast.clerk_a, division=old_village, on=date(2025, 12, 31)
    ).number.startswith("5002250109")


def test_a_split_stays_in_the_county(cast, chens, village_far):
    with refuses("只能迁到本县的村组；迁到外县请办理迁出", ("division",)):
        split(cast, chens, division=village_far)


def test_a_merger_stays_in_the_county_and_wants_everybodys_place(cast, chens, zhaos, suns):
    with refuses("只能并入本县的户", ("to",)):
        merge(cast, suns, chens)
    zhao = named("赵文斌")
    with refuses("请选择赵文斌与户主关系", ("relationship", zhao.pk)):
        merge(cast, zhaos, chens, relationships={})
    with refuses("变动日期不能晚于今天", ("effective_on",)):
        merge(cast, zhaos, chens, effective_on=TOMORROW)


def test_what_is_closed_takes_nobody_in(cast, chens, zhaos):
    heads = {named("赵文斌").pk: "8", named("赵志远").pk: "8"}
    relationships = {one.pk: one.relationship for one in chens.members.all()} | heads
    merge(cast, zhaos, chens, relationships=relationships)
    closed = f"户编号 {zhaos.number} 已于 2026-03-10 销户"
    with refuses(closed):
        transfer(cast, named("陈小红"), zhaos)
    with refuses(closed):
        merge(cast, chens, zhaos)
    with refuses(closed):
        split(cast, zhaos)
    child = Newcomer(
        name="赵新生", relationship="4", kind="resident_id", number=resident_id("20260301")
    )
    with refuses(closed):
        record_newcomer(actor=cast.clerk_b, household=zhaos, newcomer=child, kind="birth", on=MARCH)
    entry = MemberEntry(
        position=0, name="赵新来", resident_id=resident_id("19990101"), relationship="0"
    )
    with refuses(closed):
        add_person(actor=cast.clerk_b, household=zhaos, entry=entry, on=MARCH)
    assert Person.objects.filter(household=chens).count() == 6
