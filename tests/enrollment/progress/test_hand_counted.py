"""A township counted by hand: every figure of the board, the missing and the sheet, to the yuan."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.remittances import confirm_remittance, remit, return_remittance
from enrollment.collection.sponsors import open_sponsor_fund, receive_sponsor_money
from enrollment.models import Household, Person
from enrollment.people.households import move_household
from enrollment.people.lifecycle import record_death, record_departure, transfer_person
from enrollment.progress.figures import board, leaves, share
from enrollment.progress.missing import missing_counts, missing_households, total_missing
from enrollment.progress.rewards import reward_report
from enrollment.progress.sheets import read_sheet, take_sheet
from enrollment.progress.targets import TargetEntry, set_special_targets, set_targets
from tests.conftest import make_division
from tests.enrollment.conftest import OCTOBER, member, resident_id
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db


def man(name, number, position=0, relationship="0", **facts):
    return member(position, name, resident_id("19790909", number), relationship, **facts)


@pytest.fixture
def township(enter, cast, campaign, books, town_a, village_a):
    """龙水镇 on 15 October, on the second tier (120, on 低保 110):

    桥亭村: 王家 two, paid 240 in cash; 李家 one, paid 120 by transfer; 张家 one, entered.
    长河村: 赵家 one on 低保 (110) and one ordinary (120), paid 230 in cash; 钱家 one, void receipt.
    """
    river = make_division("500225101202", "龙水镇长河村", town_a)
    wangs = enter([man("王强", 1), man("王大力", 2, 1, "8")])
    lis = enter([man("李刚", 3)], paid=False)
    take_payment(
        actor=cast.clerk_a, household=lis, received=Decimal(120), on=OCTOBER, channel="bank",
        reference="ZZ-1",
    )  # fmt: skip
    zhangs = enter([man("张勇", 4)], paid=False)
    zhaos = enter([man("赵敏", 5, statuses={"dibao"}), man("赵军", 6, 1, "8")], division=river)
    qians = enter([man("钱军", 7)], division=river)
    void_receipt(
        actor=cast.clerk_a, receipt=qians.receipts.get(), reason="改在外地参保", on=OCTOBER
    )
    return SimpleNamespace(
        a=village_a, river=river, wangs=wangs, lis=lis, zhangs=zhangs, zhaos=zhaos, qians=qians
    )


def rows(under, campaign, day=OCTOBER):
    shown = board(under=under, campaign=campaign, day=day)
    return {row.name: row for row in [*shown.rows, shown.total]}


def counted(row):
    return (row.households, row.enrolled_households, row.people, row.enrolled, row.receipts)


def money(row):
    return tuple(map(int, (row.personal, row.cash, row.remitted, row.confirmed, row.unremitted)))


def test_two_villages_and_their_sum(township, campaign, town_a):
    shown = rows(town_a, campaign)
    a, river, total = (shown[name] for name in ("龙水镇桥亭村", "龙水镇长河村", "合计"))
    assert counted(a) == (3, 2, 4, 3, 2)
    assert counted(river) == (2, 1, 3, 2, 1)  # a void receipt is none
    assert counted(total) == (5, 3, 7, 5, 3)
    assert money(a) == (360, 240, 0, 0, 240)
    assert money(river) == (230, 230, 0, 0, 230)
    assert money(total) == (590, 470, 0, 0, 470)
    assert (a.rate, river.rate, total.rate) == (7500, 6667, 7143)
    assert (river.special_people, river.special_enrolled, river.aided) == (1, 1, 1)
    assert (a.special_people, a.special_rate) == (0, None)


def test_cash_on_its_way_into_the_books(township, campaign, town_a, cast):
    facts = {"actor": cast.clerk_a, "campaign": campaign, "slip_date": OCTOBER, "on": OCTOBER}
    slip = remit(slip_number="JK-1", amount=Decimal(470), **facts)
    assert money(rows(town_a, campaign)["合计"]) == (590, 470, 470, 0, 0)
    return_remittance(actor=cast.accountant, remittance=slip, reason="银行没有到账")
    assert money(rows(town_a, campaign)["合计"]) == (590, 470, 0, 0, 470)
    slip = remit(slip_number="JK-2", amount=Decimal(470), **facts)
    confirm_remittance(actor=cast.accountant, remittance=slip, bank_amount=Decimal(470), on=OCTOBER)
    assert money(rows(town_a, campaign)["龙水镇长河村"]) == (230, 230, 230, 230, 0)


def test_what_a_sponsor_pays_is_aid_and_no_households_money(township, campaign, town_a, cast):
    fund = open_sponsor_fund(
        actor=cast.accountant, campaign=campaign, name="桥亭村集体", kind="collective",
        division=township.a, purpose="资助本村村民参保",
    )  # fmt: skip
    receive_sponsor_money(
        actor=cast.accountant, fund=fund, amount=Decimal(500), received_on=OCTOBER,
        reference="JZ-1", on=OCTOBER,
    )  # fmt: skip
    before = rows(town_a, campaign)["龙水镇桥亭村"]
    take_payment(
        actor=cast.clerk_a, household=township.zhangs, received=Decimal(0), on=OCTOBER,
        sponsor=fund,
    )  # fmt: skip
    after = rows(town_a, campaign)["龙水镇桥亭村"]
    assert (after.enrolled - before.enrolled, after.receipts - before.receipts) == (1, 1)
    assert (money(after), after.aid - before.aid) == (money(before), 120)


def test_who_dies_or_leaves_is_counted_on_neither_side(township, campaign, town_a, cast):
    """Of the five who paid one dies, one leaves: 3 of 5 who are still due."""
    facts = {"actor": cast.clerk_a, "effective_on": OCTOBER, "on": OCTOBER}
    record_death(person=Person.objects.get(name="王大力"), **facts)
    record_departure(person=Person.objects.get(name="赵军"), reason="外出落户", **facts)
    total = rows(town_a, campaign)["合计"]
    assert (total.people, total.enrolled, total.rate) == (5, 3, 6000)
    names = {one.name for one in Person.objects.present()}
    assert names == {"王强", "李刚", "张勇", "赵敏", "钱军"}


def test_who_moves_is_due_and_enrolled_where_they_live_now(township, campaign, town_a, cast):
    facts = {"actor": cast.clerk_a, "effective_on": OCTOBER, "on": OCTOBER}
    move_household(household=township.lis, division=township.river, reason="易地搬迁", **facts)
    shown = rows(town_a, campaign)
    assert counted(shown["龙水镇桥亭村"]) == (2, 1, 3, 2, 2)
    assert counted(shown["龙水镇长河村"]) == (3, 2, 4, 3, 1)
    transfer_person(
        person=Person.objects.get(name="王大力"), to=township.zhaos, relationship="8",
        reason="随亲属生活", **facts,
    )  # fmt: skip
    shown = rows(town_a, campaign)
    assert [shown[n].people for n in ("龙水镇桥亭村", "龙水镇长河村", "合计")] == [2, 5, 7]
    assert [shown[n].enrolled for n in ("龙水镇桥亭村", "龙水镇长河村", "合计")] == [1, 4, 5]


def test_figures_stand_at_the_place_itself(township, campaign, town_a):
    found = leaves(code=town_a.code, campaign=campaign)
    assert sorted(found) == [township.a.code, township.river.code]
    assert leaves(code="500225102", campaign=campaign) == {}
    assert (share(1, 3), share(2, 3), share(3, 3), share(0, 5), share(0, 0)) == (
        3333, 6667, 10_000, 0, None,
    )  # fmt: skip


def test_the_missing_of_both_villages(township, campaign, town_a, covered_last_year):
    """张勇 is entered, 钱军 entered again since his receipt is void: both owe, both are missing."""
    covered_last_year(Person.objects.get(name="钱军"))
    a, river = missing_counts(under=town_a, campaign=campaign, length=12)
    assert (a.name, a.households, a.part_households, a.people, a.were_enrolled, a.pending) == (
        "龙水镇桥亭村", 1, 0, 1, 0, 1,
    )  # fmt: skip
    assert (river.households, river.people, river.were_enrolled, river.pending) == (1, 1, 1, 1)
    (town,) = missing_counts(under=town_a, campaign=campaign, length=9)
    assert (town.name, town.households, town.people) == ("龙水镇", 2, 2)
    found = missing_households(code=town_a.code, campaign=campaign)
    assert [(one.head, one.is_whole) for one in found] == [("张勇", True), ("钱军", True)]
    assert total_missing(found) == {
        "households": 2, "whole": 2, "people": 2, "were_enrolled": 1,
    }  # fmt: skip


def test_one_left_out_of_a_household_is_a_part(township, campaign, town_a, enter):
    enter([man("孙丽", 8), man("孙晓", 9, 1, "8", joins=False)])
    a, _ = missing_counts(under=town_a, campaign=campaign, length=12)
    assert (a.households, a.part_households, a.people) == (1, 1, 2)
    states = {
        member.person.name: member.state
        for home in missing_households(code=township.a.code, campaign=campaign)
        for member in home.members
    }
    assert states == {"张勇": "已登记待缴费", "孙晓": "在册未参保"}


def test_targets_of_village_and_groups(township, campaign, town_a, cast):
    """桥亭村 aims at 5, of 长河村 only the groups do: 2 and 3."""
    one = make_division(township.river.code + "01", "一组", township.river)
    two = make_division(township.river.code + "02", "二组", township.river)
    set_targets(
        actor=cast.clerk_a, campaign=campaign,
        entries=[
            TargetEntry(division=township.a, people=5, stationed_cadre="谭明芳"),
            TargetEntry(division=one, people=2), TargetEntry(division=two, people=3),
        ],
    )  # fmt: skip
    shown = rows(town_a, campaign)
    assert [(r.target, r.shortfall) for r in shown.values()] == [(5, 2), (5, 3), (10, 5)]
    assert shown["龙水镇桥亭村"].cadres == "谭明芳"
    # The village's own number goes before the sum of its groups.
    set_targets(
        actor=cast.clerk_a, campaign=campaign,
        entries=[TargetEntry(division=township.river, people=2)],
    )  # fmt: skip
    assert rows(town_a, campaign)["龙水镇长河村"].shortfall == 0


def test_a_target_is_taken_back(township, campaign, town_a, cast):
    entry = TargetEntry(division=township.a, people=5, village_cadre="杨大山")
    facts = {"actor": cast.clerk_a, "campaign": campaign}
    assert set_targets(entries=[entry], **facts) == 1
    assert set_targets(entries=[entry], **facts) == 0
    assert set_targets(entries=[TargetEntry(division=township.a, people=None)], **facts) == 1
    row = rows(town_a, campaign)["龙水镇桥亭村"]
    assert (row.target, row.shortfall, row.cadres) == (None, None, "")


@pytest.mark.parametrize(
    ("changes", "message", "at"),
    [
        ({"people": 0}, "龙水镇桥亭村的任务数应为 1 至 100000 人", ("people",)),
        ({"people": 100_001}, "龙水镇桥亭村的任务数应为 1 至 100000 人", ("people",)),
        ({"phone": "12345"}, "电话应为 11 位手机号或带区号的固定电话", ("phone",)),
    ],
)
def test_a_target_that_cannot_be(campaign, cast, village_a, village_b, changes, message, at):
    """The other village's row is not written either."""
    good = TargetEntry(division=village_b, people=5)
    bad = TargetEntry(division=village_a, **{"people": 5} | changes)
    with refuses(message, at):
        set_targets(actor=cast.accountant, campaign=campaign, entries=[good, bad])


@pytest.mark.parametrize(
    ("ratios", "message"),
    [
        ({}, "请至少选择一类特殊人群"),
        ({"dibao": 0}, "特殊人群目标参保率应在 0 至 100% 之间"),
        ({"dibao": 10_001}, "特殊人群目标参保率应在 0 至 100% 之间"),
        ({"dibao": 10_000, "king": 10_000}, "特殊人群目标参保率应在 0 至 100% 之间"),
    ],
)
def test_watched_groups_that_cannot_be(campaign, cast, ratios, message):
    set_special_targets(actor=cast.accountant, campaign=campaign, ratios={"student": 9000})
    with refuses(message):
        set_special_targets(actor=cast.accountant, campaign=campaign, ratios=ratios)


def test_somebody_with_two_statuses_is_one_person(township, campaign, town_a, enter):
    """95 % of one person is one person: the shortfall is rounded up."""
    enter([man("周涛", 10, statuses={"dibao", "severe_disability"})], paid=False)
    shown = board(under=town_a, campaign=campaign, day=OCTOBER)
    assert (shown.total.special_people, shown.total.special_enrolled) == (2, 1)
    groups = {one.code: (one.people, one.enrolled, one.shortfall) for one in shown.specials}
    assert groups == {
        "wubao": (0, 0, 0), "dibao": (2, 1, 1), "preferential": (0, 0, 0),
        "severe_disability": (1, 0, 1),
    }  # fmt: skip


def test_the_sheet_keeps_the_board_of_its_day(township, campaign, town_a, cast):
    sheet = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    later = date(2025, 10, 20)
    take_payment(actor=cast.clerk_a, household=township.zhangs, received=120, on=later)
    with refuses("2025-10-15 的进度表已经生成，不能重复生成"):
        take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    second = take_sheet(actor=cast.accountant, campaign=campaign, on=later)
    old = read_sheet(sheet=sheet, user=cast.clerk_a, by_township=False)
    new = read_sheet(sheet=second, user=cast.clerk_a, by_township=False)
    assert [counted(row) for row in old.rows] == [(3, 2, 4, 3, 2), (2, 1, 3, 2, 1)]
    assert [(r.more_people, r.more_households, r.more_personal) for r in new.rows] == [
        (1, 1, 120), (0, 0, 0),
    ]  # fmt: skip
    assert (new.total.enrolled, new.total.more_people, new.total.personal) == (6, 1, 710)


def test_a_cadre_reads_the_own_village_of_the_sheet(township, campaign, cast):
    sheet = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    shown = read_sheet(sheet=sheet, user=cast.cadre_a, by_township=False)
    assert [row.name for row in shown.rows] == ["龙水镇桥亭村"]
    assert counted(shown.total) == (3, 2, 4, 3, 2)


def test_no_reward_below_ninety_percent(township, campaign, town_a):
    report = reward_report(under=town_a, campaign=campaign, day=OCTOBER)
    assert [(r.place.enrolled, r.place.people, r.reward, r.net) for r in report.rows] == [
        (3, 4, 0, 0), (2, 3, 0, 0),
    ]  # fmt: skip
    assert Household.objects.count() == 5
