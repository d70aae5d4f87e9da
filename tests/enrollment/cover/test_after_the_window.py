"""After the window: births at the turn of the year, who may come late, and what cannot be."""

from datetime import date
from decimal import Decimal

import pytest

from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.enrolling import cancel_pending
from enrollment.cover.late import (
    complete_child,
    drop_child,
    enroll_late,
    expect_child,
    late_season,
    set_newborn_rule,
)
from enrollment.cover.models import ExpectedChild, LateEntry, NewbornRule
from enrollment.models import Enrollment, Person
from enrollment.people.lifecycle import Newcomer, record_death, record_departure, record_newcomer
from tests.enrollment.conftest import MARCH, OCTOBER
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
RULE = "县医保〔2025〕3号"
DECEMBER = date(2025, 12, 1)


def baby(day, *, name="陈小宝", number="Y500000001", sex="1"):
    return Newcomer(
        name=name, relationship="4", kind="birth_certificate", number=number, sex=sex,
        birth_date=day,
    )  # fmt: skip


def born(cast, household, day, on, **facts):
    return record_newcomer(
        actor=cast.clerk_a, household=household, newcomer=baby(day, **facts), kind="birth", on=on
    )


def join(cast, household, *members, on=MARCH, tier="tier2"):
    return enroll_late(actor=cast.clerk_a, household=household, members=members, tier=tier, on=on)


def mother():
    return Person.objects.get(name="李桂芳")


def expect(cast, campaign, **facts):
    facts = {
        "mother": mother(), "working_name": "陈宝宝", "permit_number": "渝2025-0012",
        "due_on": date(2026, 2, 15), "on": OCTOBER,
    } | facts  # fmt: skip
    return expect_child(actor=cast.clerk_a, campaign=campaign, **facts)


@pytest.fixture
def rule(campaign, cast):
    return set_newborn_rule(actor=cast.accountant, campaign=campaign, days=90, source=RULE)


@pytest.mark.parametrize(
    ("birthday", "on", "first_day"),
    [
        (date(2025, 11, 30), date(2025, 12, 1), date(2026, 1, 1)),
        (date(2025, 12, 31), date(2025, 12, 31), date(2026, 1, 1)),
        (date(2025, 12, 31), date(2026, 3, 31), date(2026, 1, 1)),  # the ninetieth day
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 2)),
        (date(2026, 12, 31), date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_births_at_the_turn_of_the_year(autumn, rule, cast, birthday, on, first_day):
    """Covered for 2026 only and not before it begins, as it is today: the last weeks of 2025 are
    nobody's, since the campaign for 2025 was over before."""
    child = born(cast, autumn.chens, birthday, on)
    (row,) = join(cast, autumn.chens, child, on=on)
    assert (row.year, row.cover_first_day, row.cover_last_day) == (
        2026, first_day, date(2026, 12, 31),
    )  # fmt: skip
    assert (row.personal_amount, row.premium_amount) == (120, 200)  # the whole year's premium


def test_the_ninety_first_day_is_too_late(autumn, rule, cast):
    child = born(cast, autumn.chens, date(2025, 12, 31), MARCH)
    with refuses(
        "2026 年度缴费期已于 2025-11-30 截止，陈小宝不属于可以在缴费期外参保的人员，"
        "请在下一年度缴费期办理"
    ):
        join(cast, autumn.chens, child, on=date(2026, 4, 1))
    assert join(cast, autumn.chens, child, on=date(2026, 3, 31))[0].status == "pending"


def test_late_is_after_the_window_and_within_the_year(autumn, rule, campaign, cast):
    child = born(cast, autumn.chens, OCTOBER, OCTOBER)
    with refuses("缴费期还没有过，请按正常参保办理"):
        join(cast, autumn.chens, child, on=date(2025, 11, 30))
    assert late_season(area_code="500225", day=DECEMBER).campaign == campaign
    assert late_season(area_code="500225", day=date(2026, 12, 31)).year == 2026
    with refuses("2026 年度已经结束，请在下一年度缴费期办理"):
        join(cast, autumn.chens, child, on=date(2027, 1, 1))


def test_one_who_may_not_come_stops_who_may(autumn, rule, cast):
    """The newborn and the grown son together: neither is entered."""
    child = born(cast, autumn.zhous, date(2026, 2, 20), MARCH)
    son = Person.objects.get(name="周小军")
    with refuses(
        "2026 年度缴费期已于 2025-11-30 截止，周小军不属于可以在缴费期外参保的人员，"
        "请在下一年度缴费期办理"
    ):
        join(cast, autumn.zhous, child, son)


def test_only_members_who_are_present_are_chosen(autumn, rule, cast):
    child = born(cast, autumn.chens, date(2026, 2, 20), MARCH)
    stranger = Person.objects.get(name="罗永福")
    for members in ((), (stranger,), (child, stranger)):
        with refuses("请选择本户在册的成员", ("members",)):
            join(cast, autumn.chens, *members)
    record_death(actor=cast.clerk_a, person=child, effective_on=MARCH, on=MARCH)
    with refuses("请选择本户在册的成员", ("members",)):
        join(cast, autumn.chens, child)


def test_a_late_entry_is_paid_voided_and_withdrawn_like_any_other(autumn, rule, cast):
    """Paid on 10 March; once cover has begun the receipt is not voided any more."""
    child = born(cast, autumn.chens, date(2026, 2, 20), MARCH)
    join(cast, autumn.chens, child)
    facts = {"actor": cast.clerk_a, "household": autumn.chens}
    with refuses("实收 100.00 元不足应收 120.00 元，请收足后再开票", ("received",)):
        take_payment(received=Decimal(100), on=MARCH, **facts)
    receipt, _ = take_payment(received=Decimal(120), on=MARCH, **facts)
    with refuses("参保待遇已经开始，不能作废收据；请联系县经办中心按退费办理"):
        void_receipt(actor=cast.clerk_a, receipt=receipt, reason="名字写错", on=MARCH)
    with refuses("陈小宝已在龙水镇桥亭村办理 2026 年度参保（已参保），不能重复参保", ("members",)):
        join(cast, autumn.chens, child)


def test_a_withdrawn_late_entry_may_come_again(autumn, rule, cast):
    child = born(cast, autumn.chens, date(2026, 2, 20), MARCH)
    join(cast, autumn.chens, child)
    cancel_pending(actor=cast.clerk_a, household=autumn.chens, year=2026, reason="家长反悔")
    (row,) = join(cast, autumn.chens, child, on=date(2026, 3, 20))
    assert (row.status, LateEntry.objects.count()) == ("pending", 2)
    statuses = Enrollment.objects.filter(person=child).order_by("pk")
    assert [one.status for one in statuses] == ["cancelled", "pending"]


# -- the rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "source", "message", "at"),
    [
        (0, RULE, "天数应为 1 至 366", ("days",)),
        (367, RULE, "天数应为 1 至 366", ("days",)),
        (90, "3号", "请写明依据的文件，如“赣医保发〔2025〕3号第五条”", ("source",)),
    ],
)
def test_a_rule_that_cannot_be_leaves_the_old_one(rule, campaign, cast, days, source, message, at):
    with refuses(message, at):
        set_newborn_rule(actor=cast.accountant, campaign=campaign, days=days, source=source)
    assert NewbornRule.objects.get() == rule


def test_a_new_rule_follows_the_old_one(autumn, rule, campaign, cast):
    set_newborn_rule(actor=cast.accountant, campaign=campaign, days=10, source="县医保〔2026〕1号")
    assert NewbornRule.objects.count() == 1
    child = born(cast, autumn.chens, date(2026, 2, 28), MARCH)  # ten days before
    (row,) = join(cast, autumn.chens, child)
    assert row.late_entry.source == "县医保〔2026〕1号：出生 10 日内参保，自出生起享受"


# -- the unborn ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message", "at"),
    [
        (
            {"on": DECEMBER},
            "只在缴费期（2025-10-01 至 2025-11-30）内为未出生的孩子先登记",
            (),
        ),
        (
            {"on": date(2025, 9, 30)},
            "只在缴费期（2025-10-01 至 2025-11-30）内为未出生的孩子先登记",
            (),
        ),
        ({"due_on": date(2025, 10, 14)}, "预产期应在今天之后、2026 年底之前", ("due_on",)),
        ({"due_on": date(2027, 1, 1)}, "预产期应在今天之后、2026 年底之前", ("due_on",)),
        ({"working_name": " 宝 "}, "请填写暂用名和准生证（生育登记）号", ("working_name",)),
        ({"permit_number": "渝20"}, "请填写暂用名和准生证（生育登记）号", ("working_name",)),
    ],
)
def test_a_child_is_expected_in_the_window_and_within_the_year(
    autumn, campaign, cast, changes, message, at
):
    with refuses(message, at):
        expect(cast, campaign, **changes)


@pytest.mark.parametrize("day", [date(2025, 10, 1), date(2025, 11, 30)])
def test_the_first_and_the_last_day_of_the_window_count(autumn, campaign, cast, day):
    row = expect(cast, campaign, on=day, due_on=day)
    assert (row.due_on, row.entered_on) == (day, day)


def test_twins_are_two_and_no_child_is_expected_twice(autumn, campaign, cast):
    expect(cast, campaign)
    with refuses("这个孩子已经登记过", ("working_name",)):
        expect(cast, campaign)
    expect(cast, campaign, working_name="陈贝贝")
    assert ExpectedChild.objects.waiting().count() == 2


def test_a_mother_who_has_left_expects_nobody_here(autumn, campaign, cast):
    record_departure(
        actor=cast.clerk_a, person=mother(), effective_on=OCTOBER, on=OCTOBER, reason="外出落户"
    )
    with refuses("请选择本户在册的母亲", ("mother",)):
        expect(cast, campaign)


def test_a_child_born_before_it_was_expected_is_a_newborn(autumn, campaign, cast):
    row = expect(cast, campaign)
    facts = {"actor": cast.clerk_a, "expected": row, "on": MARCH}
    with refuses("出生日期早于出生前登记的日期，请按新生儿办理", ("birth_date",)):
        complete_child(newcomer=baby(date(2025, 10, 14)), **facts)
    child = complete_child(newcomer=baby(OCTOBER), **facts)
    with refuses("这个孩子已经补登或撤销"):
        drop_child(actor=cast.clerk_a, expected=row, reason="登记有误", on=MARCH)
    (cover,) = join(cast, autumn.chens, child)
    assert (cover.cover_first_day, cover.late_entry.ground) == (date(2026, 1, 1), "expected")


def test_a_dropped_child_stays_dropped(autumn, campaign, cast):
    row = expect(cast, campaign)
    for reason in ("", "错"):
        with refuses("请写明撤销原因", ("reason",)):
            drop_child(actor=cast.clerk_a, expected=row, reason=reason, on=MARCH)
    drop_child(actor=cast.clerk_a, expected=row, reason="未足月流产", on=MARCH)
    for act in (
        lambda: drop_child(actor=cast.clerk_a, expected=row, reason="再撤一次", on=MARCH),
        lambda: complete_child(
            actor=cast.clerk_a, expected=row, newcomer=baby(date(2026, 2, 1)), on=MARCH
        ),
    ):
        with refuses("这个孩子已经补登或撤销"):
            act()
    again = expect(cast, campaign)  # another child by the same name
    assert list(ExpectedChild.objects.waiting()) == [again]
