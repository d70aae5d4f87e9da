"""Check lists of a village: what is on them, when they come back, and each correction's trace."""

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.cover.enrolling import cancel_pending
from enrollment.models import Person
from enrollment.people.lifecycle import record_death
from enrollment.progress.checks import correct_line, print_check_list, receive_check_list
from enrollment.progress.models import CheckLine, CheckList, Correction
from tests.conftest import make_division
from tests.enrollment.conftest import OCTOBER, member, resident_id
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db


def give(cast, campaign, division, *, on=OCTOBER):
    return print_check_list(actor=cast.clerk_a, campaign=campaign, division=division, on=on)


def take(cast, row, *, by="杨大山", on=OCTOBER):
    return receive_check_list(actor=cast.clerk_a, check_list=row, checked_by=by, on=on)


def line_of(row, name):
    lines = CheckLine.objects.select_related("check_list__division", "person")
    return lines.get(check_list=row, person__name=name)


def mend(cast, line, **changes):
    person = Person.objects.get(pk=line.person_id)
    facts = {
        "name": person.name, "relationship": person.relationship, "residence": person.residence,
    } | changes  # fmt: skip
    return correct_line(actor=cast.clerk_a, line=line, on=OCTOBER, facts=facts)


def names(row):
    return [line.person.name for line in row.lines.order_by("line").select_related("person")]


@pytest.fixture
def back(autumn, campaign, cast, village_a):
    """The list of 桥亭村, printed and come back."""
    return take(cast, give(cast, campaign, village_a))


def traces(row):
    rows = Correction.objects.filter(line__check_list=row).order_by("pk")
    return [(one.field, one.before, one.after) for one in rows]


def test_who_is_withdrawn_is_on_the_next_list_no_more(autumn, campaign, cast, village_a):
    first = give(cast, campaign, village_a)
    cancel_pending(actor=cast.clerk_a, household=autumn.zhous, year=2026, reason="本人不参保")
    second = give(cast, campaign, village_a)
    assert names(first) == ["陈国强", "李桂芳", "陈小明", "张素珍", "周大勇", "王秀兰"]
    assert names(second) == ["陈国强", "李桂芳", "陈小明", "张素珍"]
    line = AuditLine.objects.filter(action="enrollment.print_check_list").latest("pk")
    assert line.after["people"] == 4


def test_a_group_has_a_list_of_its_own(autumn, campaign, cast, enter, village_a, town_a):
    group = make_division(village_a.code + "01", "一组", village_a)
    with refuses("一组还没有 2026 年度的参保登记，没有可核对的内容"):
        give(cast, campaign, group)
    enter([member(0, "邓一", resident_id("19810101", 7), "0")], division=group, paid=False)
    assert names(give(cast, campaign, group)) == ["邓一"]
    assert len(names(give(cast, campaign, village_a))) == 7  # the village with its groups
    for place in (town_a, campaign.area):
        with refuses("核对表按村（组）打印，请选择村组", ("division",)):
            give(cast, campaign, place)


def test_a_list_comes_back_once_signed(autumn, campaign, cast, village_a):
    row = give(cast, campaign, village_a)
    for by in ("", "   "):
        with refuses("请填写在核对表上签字的村核对人", ("checked_by",)):
            take(cast, row, by=by)
    with refuses("这份核对表还没有登记交回，请先登记交回，再按表更正"):
        mend(cast, line_of(row, "李桂芳"), name="李贵芳")
    take(cast, row, by=" 杨大山 ", on=OCTOBER.replace(day=18))
    with refuses("这份核对表已于 2025-10-18 交回"):
        take(cast, row, on=OCTOBER.replace(day=19))
    row = CheckList.objects.get()
    assert (row.checked_by, row.returned_by) == ("杨大山", cast.clerk_a)


def test_nothing_mended_is_no_correction(back, cast):
    with refuses("没有改动任何内容；核对无误的不用更正"):
        mend(cast, line_of(back, "李桂芳"))


def test_several_facts_of_one_line(back, cast):
    line = line_of(back, "王秀兰")
    mend(cast, line, name="王秀蓝", residence="urban")
    assert traces(back) == [
        ("name", "王秀兰", "王秀蓝"),
        ("residence", "农村户籍", "城镇户籍"),
    ]
    trail = AuditLine.objects.get(action="enrollment.correct_line")
    assert trail.after == {
        "line": line.line, "person": line.person_id, "fields": ["name", "residence"],
    }  # fmt: skip


def test_a_digit_behind_the_mask_is_told_without_being_shown(back, cast):
    """The masks before and after are the same; that something changed is kept all the same."""
    wrong = Person.objects.get(name="周大勇").resident_id
    right = resident_id("19700303", 3)
    mend(cast, line_of(back, "周大勇"), resident_id=right)
    mend(cast, line_of(back, "周大勇"), phone="13812345678")
    mend(cast, line_of(back, "周大勇"), phone="13812995678")
    fields = [field for field, _, _ in traces(back)]
    assert fields == ["resident_id", "phone", "phone"]
    shown = str(traces(back)) + str(list(AuditLine.objects.values_list("before", "after")))
    for secret in (wrong, right, "13812345678", "13812995678"):
        assert secret not in shown
    assert Person.objects.get(name="周大勇").resident_id == right


def test_who_has_paid_is_renamed_by_two_people(back, cast):
    for changes in ({"name": "李贵芳"}, {"resident_id": resident_id("19800103", 2, male=False)}):
        with pytest.raises(Refusal, match="李桂芳已缴费参保，姓名、证件号码由另一人审批后才能更正"):
            mend(cast, line_of(back, "李桂芳"), **changes)
    mend(cast, line_of(back, "李桂芳"), phone="13812345678")


def test_a_second_list_goes_on_from_the_first(back, campaign, cast, village_a):
    mend(cast, line_of(back, "王秀兰"), name="王秀蓝")
    second = take(cast, give(cast, campaign, village_a))
    assert "王秀蓝" in names(second)
    mend(cast, line_of(second, "王秀蓝"), name="王秀岚")
    assert traces(back) == [("name", "王秀兰", "王秀蓝")]
    assert traces(second) == [("name", "王秀蓝", "王秀岚")]


def test_a_correction_is_held_to_the_rules_of_the_window(back, cast, autumn):
    line = line_of(back, "王秀兰")
    luo = Person.objects.get(name="罗永福")
    for changes, message in (
        ({"relationship": "0"}, "每户应有且只有一位户主，现为 2 位，请改“与户主关系”"),
        ({"relationship": "2"}, "与户主关系为“子”，身份证号却是女性，请核对"),
        ({"name": "王"}, "姓名应为 2 至 40 个汉字或字母，可含间隔点"),
        (
            {"resident_id": luo.resident_id},
            "此证件号码已在本县其他乡镇登记，不能重复登记；"
            "请核对证件，确属迁入的由原登记地办理转户",
        ),
    ):
        with refuses(message, noted="resident_id" in changes):
            mend(cast, line, **changes)


def test_the_dead_are_still_on_the_list_that_was_printed(back, cast):
    wife = Person.objects.get(name="王秀兰")
    record_death(actor=cast.clerk_a, person=wife, effective_on=OCTOBER, on=OCTOBER)
    mend(cast, line_of(back, "王秀兰"), name="王淑兰")
    assert traces(back) == [("name", "王秀兰", "王淑兰")]
    assert Person.objects.get(name="王淑兰").death_date == OCTOBER
