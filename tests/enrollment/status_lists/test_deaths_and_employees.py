"""The police's deaths set death dates; the employees' list stops double cover with the place."""

from datetime import date

import pytest

from accounts.errors import Refusal
from enrollment.cover.enrolling import save_entry
from enrollment.models import Enrollment, Person
from enrollment.people.households import correct_event
from enrollment.people.models import OtherCover, RegisterEvent
from tests.enrollment.conftest import OCTOBER, member, resident_id
from tests.enrollment.people.conftest import MARCH, named
from tests.enrollment.status_lists.conftest import row, told

pytestmark = pytest.mark.django_db
DEATHS = ["姓名", "身份证号", "死亡日期"]
EMPLOYEES = ["姓名", "身份证号", "参保地", "险种", "参保日期"]
SEPTEMBER = date(2025, 9, 20)


def test_deaths_are_events_and_nobody_rises_by_not_being_listed(cast, chens, uploaded, confirmed):
    one = uploaded(
        [DEATHS, row("张素珍", "2026-03-02"), row("陈国强", "1978-05-11"),
         ["周不识", resident_id("19400101", 3), "2026-03-01"]],
        "deaths",
    )  # fmt: skip
    assert (one.added_count, one.held_count, one.unknown_count) == (1, 1, 1)
    confirmed(one)
    assert named("张素珍").death_date == date(2026, 3, 2)
    assert named("陈国强").death_date is None
    event = RegisterEvent.objects.get()
    assert (event.kind, event.reason) == ("death", "公安：死亡人员 2026-03")
    later = confirmed(uploaded([DEATHS, row("陈小明", "2026年3月5日")], "deaths"))
    assert (later.dropped_count, later.shrunk) == (0, "")
    assert named("张素珍").death_date == date(2026, 3, 2)
    corrected = uploaded([DEATHS, row("张素珍", "20260301")], "deaths")
    assert told(corrected, "changed") == [("张素珍", "2026-03-02", "2026-03-01")]
    confirmed(corrected)
    assert named("张素珍").death_date == date(2026, 3, 1)
    latest = RegisterEvent.objects.filter(person=named("张素珍")).first()
    correct_event(actor=cast.clerk_a, event=latest, on=MARCH, reason="公安更正")
    assert named("张素珍").death_date == date(2026, 3, 2)


def test_an_employee_cannot_join_and_is_told_where_the_other_cover_is(
    cast, books, entry_of, register, village_a, uploaded, confirmed
):
    register(village_a, ("陈国强", "19780512", "0"))
    number = resident_id("19850505", 5)
    rows = [EMPLOYEES, row("陈国强", "荣昌区", "", "2024-01-01"),
            ["刘在职", number, "大足区", "灵活就业人员医疗保险", ""]]  # fmt: skip
    one = confirmed(uploaded(rows, "employees", month=SEPTEMBER))
    assert (one.added_count, one.unknown_count) == (1, 1)
    assert OtherCover.objects.count() == 2
    with pytest.raises(Refusal, match="刘在职已在大足区参加灵活就业人员医疗保险") as refused:
        save_entry(
            actor=cast.clerk_a, entry=entry_of([member(0, "刘在职", number, "0")]), on=OCTOBER
        )
    assert refused.value.at == ("members", 0, "name")
    assert not Person.objects.filter(name="刘在职").exists()
    chen = named("陈国强")
    entry = entry_of([member(0, "陈国强", "", "0", person_id=chen.pk)], household=chen.household)
    with pytest.raises(Refusal, match="陈国强已在荣昌区参加城镇职工基本医疗保险（2024-01-01 起）"):
        save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    # In October he is no longer listed: the employer has ended his cover.
    ended = uploaded([EMPLOYEES, rows[2]], "employees", month=OCTOBER)
    assert told(ended, "dropped") == [("陈国强", "荣昌区 城镇职工基本医疗保险", "")]
    assert ended.shrunk  # one of two is more than a fifth
    ended.shrunk = ""
    ended.save()
    confirmed(ended)
    saved = save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    assert len(saved.enrollments) == 1


def test_who_is_covered_twice_is_named_before_anything_is_applied(cast, books, entry_of, uploaded):
    number = resident_id("19780512")
    entry = entry_of([member(0, "陈国强", number, "0")])
    save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    one = uploaded([EMPLOYEES, row("陈国强", "大足区", "", "2026-02-01")], "employees")
    note = one.lines.get(verdict="added").note
    assert note == "已参加 2026 年度居民医保，属重复参保，请核对"
    assert Enrollment.objects.get().status == "pending"  # told, not taken away


def test_a_new_place_ends_the_old_cover(chens, uploaded, confirmed):
    confirmed(uploaded([EMPLOYEES, row("陈国强", "荣昌区", "", "")], "employees", month=SEPTEMBER))
    one = uploaded([EMPLOYEES, row("陈国强", "永川区", "", "2026-03-01")], "employees")
    assert told(one, "changed")[0][2] == "永川区 城镇职工基本医疗保险"
    confirmed(one)
    covers = [(c.place, c.first_day, c.last_day) for c in OtherCover.objects.order_by("pk")]
    assert covers == [
        ("荣昌区", date(2025, 9, 1), date(2026, 2, 28)),
        ("永川区", date(2026, 3, 1), None),
    ]
