"""Lists month after month: who comes back, who is put right on the same day, who is held back."""

from datetime import date

import pytest

from accounts.errors import Refusal
from enrollment.cover.enrolling import enroll_household
from enrollment.models import Enrollment, IdentityStatus
from enrollment.people.lifecycle import change_number, record_death, record_departure
from enrollment.people.models import OtherCover
from enrollment.people.register import statuses_on
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.services import STATUS_LISTS
from tests.enrollment.conftest import MARCH, OCTOBER, resident_id
from tests.enrollment.people.conftest import named
from tests.enrollment.refusals import refuses
from tests.enrollment.rosters.conftest import xlsx
from tests.enrollment.status_lists.conftest import FEBRUARY, HEADER, aid, row, told
from tests.enrollment.statuses import hold

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 10)
EMPLOYEES = ["姓名", "身份证号", "参保地", "险种", "参保日期"]
DEATHS = ["姓名", "身份证号", "死亡日期"]


def codes(name, day):
    return sorted(statuses_on([named(name).pk], day)[named(name).pk])


def history(name):
    rows = IdentityStatus.objects.filter(person__name=name).order_by("first_day", "code")
    return [(one.code, one.first_day, one.last_day) for one in rows]


def test_who_is_dropped_and_listed_again_has_a_gap(chens, uploaded, confirmed):
    both, one = aid(("陈国强", "低保"), ("李桂芳", "低保")), aid(("李桂芳", "低保"))
    confirmed(uploaded(both, month=FEBRUARY))
    without = uploaded(one)
    assert without.shrunk  # half of them: a second person looks at it
    StatusList.objects.filter(pk=without.pk).update(shrunk="")
    without.refresh_from_db()
    confirmed(without)
    confirmed(uploaded([both[0], *reversed(both[1:])], month=APRIL))  # not February's very bytes
    assert history("陈国强") == [
        ("dibao", date(2026, 2, 1), date(2026, 2, 28)),
        ("dibao", date(2026, 4, 1), None),
    ]
    assert history("李桂芳") == [("dibao", date(2026, 2, 1), None)]
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
    assert [codes("陈国强", day) for day in days] == [["dibao"], [], [], ["dibao"]]


def test_a_second_list_of_the_same_day_puts_the_first_right(chens, uploaded, confirmed):
    """陈国强 was listed as 低保 by mistake, 陈小明 forgotten: one row a person and day remains."""
    listed = [("李桂芳", "低保"), ("陈小红", "低保"), ("张素珍", "特困人员"), ("陈小勇", "低保")]
    confirmed(uploaded(aid(("陈国强", "低保"), *listed)))
    second = uploaded(aid(("陈国强", "特困人员"), *listed, ("陈小明", "低保")))
    assert told(second, "changed") == [("陈国强", "低保", "农村五保（7131 特困人员）")]
    confirmed(second)
    day = date(2026, 3, 1)
    assert codes("陈国强", day) == ["wubao"]
    assert codes("陈小明", day) == ["dibao"]
    third = uploaded(aid(("陈国强", "低保"), *listed, ("陈小明", "低保")))
    confirmed(third)
    assert codes("陈国强", day) == ["dibao"]
    rows = IdentityStatus.objects.filter(person=named("陈国强"), code="dibao")
    assert [(one.first_day, one.last_day) for one in rows] == [(day, None)]  # taken up again


def test_an_effective_day_within_the_month(cast, chens, uploaded, confirmed):
    """From the eighth on: nothing changes for what was entered on the seventh."""
    hold(named("陈国强"), "dibao", since=FEBRUARY)
    confirmed(uploaded(aid(("陈国强", "特困人员")), effective_on=date(2026, 3, 8)))
    assert [codes("陈国强", date(2026, 3, day)) for day in (7, 8)] == [["dibao"], ["wubao"]]


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 3, 11)])
def test_a_list_holds_from_its_own_month_on_and_not_from_tomorrow(chens, uploaded, day):
    rows = aid(("陈国强", "低保"))
    with refuses("生效日期应在名单当月 1 日之后、不晚于今天", ("effective_on",)):
        uploaded(rows, effective_on=day)


def test_who_loads_which_list(cast, chens, uploaded):
    rows = aid(("陈国强", "低保"))
    with refuses("部门名单由县经办中心导入"):
        uploaded(rows, actor=cast.clerk_a)
    with refuses("请选择名单", ("kind",)):
        uploaded(rows, "astrology")


def test_a_list_of_the_usual_length_needs_no_second_person(cast, chens, uploaded):
    one = uploaded(aid(("陈国强", "低保")))
    with refuses("这份名单不需要放行"):
        STATUS_LISTS.release(actor=cast.approver, upload=one, reason="已电话核实人数无误")


def test_a_short_list_waits_and_says_by_how_much(cast, chens, uploaded, confirmed):
    names = ("陈国强", "李桂芳", "陈小明", "陈小红", "张素珍")
    confirmed(uploaded(aid(*((name, "低保") for name in names)), month=FEBRUARY))
    short = uploaded(aid(("陈国强", "低保"), ("李桂芳", "低保")))
    said = "名单 2 人，比上次（2026-02，5 人）少 60%"
    assert short.shrunk == said
    with refuses(f"{said}，须由复核人员核实放行后才能更新"):
        confirmed(short)
    assert codes("张素珍", MARCH) == ["dibao"]


def test_the_same_bytes_next_month_are_another_list(cast, chens, uploaded, confirmed):
    content = xlsx(aid(("陈国强", "低保"), ("李桂芳", "低保")))
    march = uploaded(content)
    confirmed(march)
    april = uploaded(content, month=date(2026, 4, 10))
    assert april != march
    assert (april.same_count, april.dropped_count, april.held_count) == (2, 0, 0)
    confirmed(april)
    assert uploaded(content, month=date(2026, 4, 10)) == april  # within the month: the same


def test_who_is_marked_as_off_the_list_is_not_on_it(chens, uploaded, confirmed):
    head = [*HEADER, "享受状态"]
    confirmed(uploaded([head, *(row(n, "低保", "在享") for n in ("陈国强", "李桂芳", "陈小红"))]))
    month = date(2026, 4, 10)
    later = uploaded(
        [head, *(row(n, "低保", w) for n, w in
                 (("陈国强", "在享"), ("李桂芳", "正常"), ("陈小红", "停保")))],
        month=month,
    )  # fmt: skip
    assert (later.listed_count, later.same_count, later.dropped_count, later.held_count) == (
        2, 2, 1, 1,
    )  # fmt: skip
    held = later.lines.get(verdict="held")
    assert (held.name, held.line, held.note) == ("陈小红", 4, "“状态”为“停保”，不作在册")
    odd = uploaded([head, row("陈国强", "低保", "待定")], month=month)
    assert "第 2 行“状态”为“待定”，看不懂这一行是否有效" in odd.failure


def test_a_withdrawn_list_writes_nothing_and_may_come_again(cast, chens, uploaded, confirmed):
    rows = aid(("陈国强", "低保"))
    one = uploaded(rows)
    STATUS_LISTS.discard(actor=cast.reviewer, upload=one)
    assert not ListLine.objects.filter(list=one).exists()
    with pytest.raises(Refusal, match="现为“已放弃”"):
        confirmed(one)
    assert not IdentityStatus.objects.exists()
    confirmed(uploaded(rows))
    assert codes("陈国强", MARCH) == ["dibao"]


def test_the_dead_lose_what_they_had_with_a_note(cast, chens, uploaded, confirmed):
    names = ("陈国强", "李桂芳", "陈小明", "陈小红", "张素珍")
    confirmed(uploaded(aid(*((name, "低保") for name in names)), month=FEBRUARY))
    record_death(actor=cast.clerk_a, person=named("张素珍"), effective_on=FEBRUARY, on=MARCH)
    march = uploaded(aid(*((name, "低保") for name in names[:4])))
    line = march.lines.get(verdict="dropped")
    assert (line.person, line.before, line.note) == (named("张素珍"), "低保", "已登记死亡")
    confirmed(march)
    assert codes("张素珍", MARCH) == []


def test_who_has_left_is_listed_all_the_same(cast, chens, uploaded, confirmed):
    """Gone for good from the household, still on the department's list: the status holds."""
    record_departure(
        actor=cast.clerk_a, person=named("陈小明"), effective_on=FEBRUARY, on=MARCH, reason="外迁"
    )
    one = confirmed(uploaded(aid(("陈小明", "低保"))))
    assert (one.added_count, codes("陈小明", MARCH)) == (1, ["dibao"])


def test_a_list_may_know_the_number_of_before(cast, chens, uploaded, confirmed):
    rows = aid(("陈小红", "低保"))
    change_number(
        actor=cast.clerk_a, person=named("陈小红"), kind="passport", number="E1234567",
        effective_on=MARCH, on=MARCH,
    )  # fmt: skip
    confirmed(uploaded(rows))
    assert codes("陈小红", MARCH) == ["dibao"]


def test_what_was_enrolled_before_the_list_keeps_its_premium(
    cast, campaign, chens, uploaded, confirmed
):
    """陈国强 owes 120 since October; the list of March does not make it 110."""
    enroll_household(
        actor=cast.clerk_a, household=chens, members=[named("陈国强")], tier="tier2", on=OCTOBER
    )
    confirmed(uploaded(aid(("陈国强", "低保"))))
    row_ = Enrollment.objects.get()
    assert (row_.personal_amount, row_.premium_status) == (120, "")


# -- deaths ----------------------------------------------------------------------------------------


def test_a_death_before_birth_or_of_another_name_is_held_back(chens, uploaded, confirmed):
    one = uploaded(
        [DEATHS, row("陈小勇", "2008-11-21"), ["陈国墙", named("陈国强").resident_id, "2026-03-01"],
         row("张素珍", "2026-03-10")], "deaths",
    )  # fmt: skip
    notes = dict(one.lines.filter(verdict="held").values_list("name", "note"))
    assert notes == {
        "陈小勇": "死亡日期早于登记的出生日期（2008-11-22）",
        "陈国墙": "系统中姓名为“陈国强”，请核对",
    }
    confirmed(one)
    assert [named(n).death_date for n in ("陈小勇", "陈国强", "张素珍")] == [None, None, MARCH]


def test_a_death_that_the_village_told_first_stays_as_it_is(cast, chens, uploaded, confirmed):
    record_death(actor=cast.clerk_a, person=named("张素珍"), effective_on=FEBRUARY, on=MARCH)
    one = uploaded([DEATHS, row("张素珍", "2026-02-10")], "deaths")
    assert (one.same_count, one.changed_count) == (1, 0)
    confirmed(one)
    assert named("张素珍").events.count() == 1


# -- the insured elsewhere -------------------------------------------------------------------------


def test_a_stranger_on_the_employees_list_is_kept_from_month_to_month(uploaded, confirmed, cast):
    """刘在职 is nobody of the register: known by number, once, until no longer listed."""
    number = resident_id("19850505", 5)
    line = ["刘在职", number, "大足区", "", "2025-01-01"]
    others = [[f"外人{n}", resident_id("19600101", n), "永川区", "", ""] for n in range(1, 6)]
    confirmed(uploaded([EMPLOYEES, line, *others], "employees", month=FEBRUARY))
    confirmed(uploaded([EMPLOYEES, *others, line], "employees"))  # the same bytes are the same file
    assert OtherCover.objects.count() == 6
    confirmed(uploaded([EMPLOYEES, *others], "employees", month=APRIL))
    cover = OtherCover.objects.get(place="大足区")
    assert (cover.first_day, cover.last_day) == (date(2025, 1, 1), date(2026, 3, 31))


def test_a_cover_that_began_after_the_list_is_not_ended_before_it_began(chens, uploaded, confirmed):
    """Told in February to begin on 15 April, gone from the list in April: one day of cover."""
    rows = [
        EMPLOYEES,
        *[row(n, "荣昌区", "", "") for n in ("陈国强", "李桂芳", "陈小明", "陈小红")],
    ]
    later = row("陈小勇", "荣昌区", "", "2026-04-15")
    confirmed(uploaded([*rows, later], "employees", month=FEBRUARY))
    confirmed(uploaded(rows, "employees", month=APRIL))
    cover = OtherCover.objects.exclude(last_day=None).get()
    assert (cover.first_day, cover.last_day) == (date(2026, 4, 15), date(2026, 4, 15))
