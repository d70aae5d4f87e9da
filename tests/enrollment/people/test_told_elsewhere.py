"""A number tried at the window tells where somebody lives to nobody who may not know it."""

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.people import registered
from enrollment.people.lifecycle import Newcomer, record_death, record_newcomer
from enrollment.people.register import add_person
from tests.enrollment.conftest import MARCH, member, resident_id

pytestmark = pytest.mark.django_db
TOLD = "enrollment.told_elsewhere"


@pytest.fixture
def homes(register, village_a, village_b):
    return (
        register(village_a, ("陈国强", "19780512", "0")),
        register(village_b, ("赵文斌", "19790707", "0")),
    )


def say(actor, household, born="19790707"):
    entry = member(0, "某某", resident_id(born, int(born[-2:])), "8")
    with pytest.raises(Refusal) as refused:
        add_person(actor=actor, household=household, entry=entry, on=MARCH)
    return refused.value.message


def lines():
    return list(AuditLine.objects.filter(action=TOLD).values_list("user", "subject_id"))


def test_another_township_is_said_and_noted_once_a_day(homes, cast):
    chens, zhaos = homes
    zhao = zhaos.members.get()
    for _ in range(3):
        message = say(cast.clerk_a, chens)
        assert message.startswith("此证件号码已在本县其他乡镇登记")
        assert not any(word in message for word in ("石庙", "赵", zhaos.number))
    assert lines() == [(cast.clerk_a.pk, str(zhao.pk))]


def test_another_county_is_only_elsewhere(homes, cast):
    chens, _ = homes
    cast.clerk_a.division.code = "360199101"  # of 南昌, as far as this clerk's scope goes
    message = say(cast.clerk_a, chens)
    assert message.startswith("此证件号码已在外地登记，")
    assert len(lines()) == 1


def test_the_own_people_are_named_with_the_household(homes, cast):
    chens, _ = homes
    message = say(cast.clerk_a, chens, "19780512")
    assert f"已在龙水镇桥亭村登记（户编号 {chens.number}）" in message
    assert lines() == []


def test_the_dead_are_said_to_be_dead(homes, cast):
    chens, _ = homes
    record_death(actor=cast.clerk_a, person=chens.members.get(), effective_on=MARCH, on=MARCH)
    assert say(cast.clerk_a, chens, "19780512") == (
        f"陈国强已于 2026-03-10 登记死亡（龙水镇桥亭村，户编号 {chens.number}），不能登记参保；"
        "请核对证件，死亡登记有误的在该户“变动记录”中撤销"
    )


def test_the_answers_of_a_day_are_limited(homes, cast, monkeypatch, register, village_b):
    monkeypatch.setattr(registered, "MOST_TOLD", 1)
    chens, _ = homes
    register(village_b, ("钱一", "19810808", "0"))
    say(cast.clerk_a, chens)
    assert "今天查到的外地登记已达 1 次" in say(cast.clerk_a, chens, "19810808")
    assert say(cast.clerk_a, chens).startswith("此证件号码已在本县其他乡镇登记")
    assert len(lines()) == 1


def test_every_door_answers_alike(homes, cast):
    chens, _ = homes
    one = Newcomer(
        name="某某", relationship="8", kind="resident_id", number=resident_id("19790707", 7)
    )
    with pytest.raises(Refusal, match="已在本县其他乡镇登记"):
        record_newcomer(
            actor=cast.clerk_a, household=chens, newcomer=one, kind="arrival",
            effective_on=MARCH, on=MARCH,
        )  # fmt: skip
    assert len(lines()) == 1
