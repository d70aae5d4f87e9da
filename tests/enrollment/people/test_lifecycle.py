"""Births, deaths, marriages and departures, each dated, each undone without erasing anything."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.models import Person
from enrollment.people.households import correct_event
from enrollment.people.lifecycle import (
    Newcomer,
    change_number,
    record_death,
    record_departure,
    record_newcomer,
    record_return,
    transfer_person,
)
from enrollment.people.models import FormerNumber, RegisterEvent
from enrollment.people.register import MemberEntry, add_person, change_person
from tests.enrollment.conftest import resident_id
from tests.enrollment.people.conftest import MARCH, named, people_of

pytestmark = pytest.mark.django_db
CERTIFICATE = "P500123456"
BABY = Newcomer(
    name="陈安安",
    relationship="4",
    kind="birth_certificate",
    number=CERTIFICATE,
    sex="2",
    birth_date=date(2026, 2, 1),
)


def born(cast, household, newcomer=BABY, **facts):
    facts = {"on": MARCH, "kind": "birth"} | facts
    return record_newcomer(actor=cast.clerk_a, household=household, newcomer=newcomer, **facts)


def test_a_newborn_is_found_by_certificate_and_later_by_resident_id(cast, chens):
    baby = born(cast, chens)
    assert people_of(chens)[-1] == "陈安安 孙辈 05"
    assert list(Person.objects.search(" p500123456 ")) == [baby]
    number = resident_id("20260201", 33, male=False)
    change_number(
        actor=cast.clerk_a, person=baby, kind="resident_id", number=number,
        effective_on=date(2026, 3, 5), on=MARCH,
    )  # fmt: skip
    baby.refresh_from_db()
    assert (baby.number_kind, baby.resident_id) == ("resident_id", number)
    assert list(Person.objects.search(number)) == [baby]
    assert list(Person.objects.search(CERTIFICATE)) == [baby]
    former = FormerNumber.objects.get()
    assert (former.number, former.mistaken) == (CERTIFICATE, False)


def test_a_number_once_borne_is_never_given_to_anybody_else(cast, chens, zhaos):
    baby = born(cast, chens)
    change_number(
        actor=cast.clerk_a, person=baby, kind="resident_id",
        number=resident_id("20260201", 33, male=False), effective_on=MARCH, on=MARCH,
    )  # fmt: skip
    other = Newcomer(
        name="赵乐乐", relationship="4", kind="birth_certificate", number=CERTIFICATE, sex="1",
        birth_date=date(2026, 2, 1),
    )  # fmt: skip
    with pytest.raises(Refusal, match="龙水镇桥亭村登记"):
        born(cast, zhaos, other)
    zhao, old = named("赵志远"), FormerNumber.objects.get()
    with pytest.raises(DatabaseError, match="borne by somebody else"), transaction.atomic():
        Person.objects.filter(pk=zhao.pk).update(resident_id_index=old.number_index)


def test_a_typing_error_leaves_the_number_to_its_true_owner(cast, chens, zhaos):
    xiaoming = named("陈小明")
    wrong = xiaoming.resident_id
    right = resident_id("20020901", 77)
    change_person(
        actor=cast.clerk_a, person=xiaoming, on=MARCH, name="陈小明", relationship="2",
        residence="rural", resident_id=right,
    )  # fmt: skip
    assert FormerNumber.objects.get().mistaken
    entry = MemberEntry(position=0, name="刘真主", resident_id=wrong, relationship="8")
    owner = add_person(actor=cast.clerk_b, household=zhaos, entry=entry, on=MARCH)
    found = Person.objects.search(wrong).order_by("pk")
    assert list(found) == [xiaoming, owner]  # the typing error is still found


def test_the_resident_id_must_be_the_childs(cast, chens):
    baby = born(cast, chens)
    with pytest.raises(Refusal, match="与登记的出生日期"):
        change_number(
            actor=cast.clerk_a, person=baby, kind="resident_id",
            number=resident_id("20260202", 33, male=False), effective_on=MARCH, on=MARCH,
        )  # fmt: skip
    with pytest.raises(Refusal, match="一位字母加 9 位数字"):
        change_number(
            actor=cast.clerk_a, person=baby, kind="birth_certificate", number="50012345",
            effective_on=MARCH, on=MARCH,
        )  # fmt: skip


def test_the_change_of_documents_is_undone(cast, chens):
    baby = born(cast, chens)
    number = resident_id("20260201", 33, male=False)
    event = change_number(
        actor=cast.clerk_a, person=baby, kind="resident_id", number=number,
        effective_on=MARCH, on=MARCH,
    )  # fmt: skip
    correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="拿错了户口页")
    baby.refresh_from_db()
    assert (baby.number_kind, baby.resident_id) == ("birth_certificate", CERTIFICATE)
    # The number was never hers, so the cousin whose it is can bear it.
    entry = MemberEntry(position=0, name="陈真真", resident_id=number, relationship="8")
    add_person(actor=cast.clerk_a, household=chens, entry=entry, on=MARCH)


def test_a_birth_entered_wrongly_is_struck_off_and_its_number_is_free(cast, chens):
    baby = born(cast, chens)
    event = RegisterEvent.objects.get(kind="birth")
    correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="录错了户")
    baby.refresh_from_db()
    assert (baby.departure_date, baby.resident_id) == (date(2026, 2, 1), f"注销{baby.pk}")
    assert baby not in Person.objects.present()
    again = born(cast, chens)
    assert (again.number_kind, again.member_number) == ("birth_certificate", 6)
    with pytest.raises(Refusal, match="登记已注销"):
        record_return(
            actor=cast.clerk_a, person=baby, effective_on=MARCH, on=MARCH, relationship="4"
        )


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "安"}, "name"),
        ({"relationship": ""}, "relationship"),
        ({"relationship": "0"}, "relationship"),
        ({"relationship": "2"}, "relationship"),  # a son who is a girl
        ({"sex": ""}, "sex"),
        ({"birth_date": None}, "birth_date"),
        ({"birth_date": date(2027, 1, 1)}, "birth_date"),
        ({"number": ""}, "number"),
        ({"kind": "letter"}, "kind"),
        ({"ethnicity": "77"}, "ethnicity"),
    ],
)
def test_a_birth_that_cannot_be_is_refused_at_its_field(cast, chens, facts, field):
    told = {name: getattr(BABY, name) for name in BABY.__dataclass_fields__} | facts
    with pytest.raises(Refusal) as refused:
        born(cast, chens, Newcomer(**told))
    assert refused.value.field == field
    assert chens.members.count() == 4
    assert not RegisterEvent.objects.exists()


def test_when_the_head_dies_somebody_follows(cast, chens):
    head, wife = named("陈国强"), named("李桂芳")
    facts = {"actor": cast.clerk_a, "person": head, "effective_on": date(2026, 3, 1), "on": MARCH}
    with pytest.raises(Refusal, match="由谁任户主") as refused:
        record_death(**facts)
    assert refused.value.field == "new_head"
    event = record_death(**facts, new_head=wife.pk)
    assert people_of(chens)[:2] == ["陈国强 户主 01", "李桂芳 户主 02"]
    head.refresh_from_db()
    assert head.death_date == date(2026, 3, 1)
    assert head not in Person.objects.present()
    with pytest.raises(Refusal, match="已登记死亡"):
        record_death(**facts)
    correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="同名同姓，报错了人")
    head.refresh_from_db()
    assert head.death_date is None
    assert people_of(chens)[:2] == ["陈国强 户主 01", "李桂芳 配偶 02"]


def test_a_death_before_birth_or_tomorrow_is_refused(cast, chens):
    for day in (date(2002, 8, 31), date(2026, 3, 11)):
        with pytest.raises(Refusal) as refused:
            record_death(actor=cast.clerk_a, person=named("陈小明"), effective_on=day, on=MARCH)
        assert refused.value.field == "effective_on"


def test_who_leaves_is_not_counted_until_the_return(cast, chens):
    xiaoming = named("陈小明")
    record_departure(
        actor=cast.clerk_a, person=xiaoming, effective_on=date(2026, 1, 5), on=MARCH,
        reason="户口迁往重庆主城",
    )  # fmt: skip
    assert Person.objects.present().count() == 3
    record_return(
        actor=cast.clerk_a, person=xiaoming, effective_on=date(2026, 3, 1), on=MARCH,
        relationship="2",
    )  # fmt: skip
    assert Person.objects.present().count() == 4
    kinds = [event.kind for event in RegisterEvent.objects.order_by("pk")]
    assert kinds == ["departure", "return"]


def test_marriage_into_another_village_keeps_the_old_certificate_findable(cast, chens, zhaos):
    bride = named("陈小红")
    old = bride.certificate_number
    event = transfer_person(
        actor=cast.clerk_a, person=bride, to=zhaos, relationship="8",
        effective_on=date(2026, 3, 8), on=MARCH, reason="与赵志远结婚",
    )  # fmt: skip
    bride.refresh_from_db()
    assert bride.certificate_number == f"{zhaos.number}03"
    assert list(Person.objects.search(old)) == [bride]
    assert list(Person.objects.search(bride.certificate_number)) == [bride]
    # Her old number is not given to the next child of the Chens.
    assert born(cast, chens).certificate_number == f"{chens.number}05"
    correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason="登记早了，尚未办婚事")
    bride.refresh_from_db()
    assert bride.certificate_number == old
    assert list(Person.objects.search(f"{zhaos.number}03")) == [bride]


def test_an_older_event_waits_for_the_newer_to_be_undone(cast, chens, zhaos):
    bride = named("陈小红")
    married = transfer_person(
        actor=cast.clerk_a, person=bride, to=zhaos, relationship="8", effective_on=MARCH,
        on=MARCH, reason="结婚",
    )  # fmt: skip
    home = transfer_person(
        actor=cast.clerk_b, person=bride, to=chens, relationship="3", effective_on=MARCH,
        on=MARCH, reason="离婚",
    )  # fmt: skip
    with pytest.raises(Refusal, match="先撤销后面的变动"):
        correct_event(actor=cast.clerk_a, event=married, on=MARCH, reason="登记有误")
    correct_event(actor=cast.clerk_a, event=home, on=MARCH, reason="登记有误")
    with pytest.raises(Refusal, match="已经撤销"):
        correct_event(actor=cast.clerk_a, event=home, on=MARCH, reason="登记有误")
    undone = correct_event(actor=cast.clerk_a, event=married, on=MARCH, reason="登记有误")
    with pytest.raises(Refusal, match="更正不能再撤销"):
        correct_event(actor=cast.clerk_a, event=undone, on=MARCH, reason="登记有误")
    bride.refresh_from_db()
    assert bride.household == chens


def test_events_are_only_ever_added_and_stand_in_the_trail(cast, chens):
    record_departure(
        actor=cast.clerk_a, person=named("陈小明"), effective_on=MARCH, on=MARCH, reason="参军"
    )
    for sql in (
        "UPDATE enrollment_registerevent SET reason = ''",
        "DELETE FROM enrollment_registerevent",
    ):
        refused = pytest.raises(DatabaseError, match="refused")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    line = AuditLine.objects.get(action="enrollment.event_departure")
    assert (line.user, line.reason) == (cast.clerk_a, "参军")
    assert "500225" not in str(line.before) + str(line.after)


def test_a_death_has_one_door_the_correction_page_is_not_it(cast, chens, as_user):
    person = named("陈小明")
    facts = {"name": "陈小明", "relationship": "2", "residence": "rural"}
    change_person(
        actor=cast.clerk_a, person=person, on=MARCH, ethnicity="15", actual_residence="广东东莞",
        **facts,
    )  # fmt: skip
    person.refresh_from_db()
    assert (person.ethnicity, person.actual_residence) == ("15", "广东东莞")
    clerk, url = as_user(cast.clerk_a), f"/enrollment/people/{person.pk}/edit"
    assert "死亡日期" not in clerk.get(url).content.decode()
    clerk.post(url, facts | {"death_date": "2026-03-01"})
    assert named("陈小明").death_date is None
    record_death(actor=cast.clerk_a, person=person, effective_on=date(2026, 3, 1), on=MARCH)
    clerk.post(url, facts | {"actual_residence": "广东深圳"})  # a slip of the pen put right later
    assert named("陈小明").death_date == date(2026, 3, 1)
    assert [event.kind for event in RegisterEvent.objects.all()] == ["death"]
