"""Who watches sees how far each place has come, to the person and the fen."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.collection.remittances import remit
from enrollment.models import IdentityStatus
from enrollment.progress.figures import board
from enrollment.progress.tallies import refresh
from enrollment.progress.targets import TargetEntry, set_special_targets, set_targets
from tests.conftest import make_division
from tests.enrollment.conftest import OCTOBER, member, resident_id, text_of

pytestmark = pytest.mark.django_db


def test_the_county_counts_its_townships(autumn, campaign, county, cast):
    shown = board(under=county, campaign=campaign, day=OCTOBER)
    a, b = shown.rows
    assert (a.name, b.name) == ("龙水镇", "万古镇")
    assert (a.households, a.enrolled_households, a.people, a.enrolled) == (3, 1, 9, 4)
    assert (a.rate, a.receipts, a.personal, a.cash) == (4444, 1, Decimal(450), Decimal(450))
    assert (b.households, b.enrolled_households, b.people, b.enrolled) == (1, 1, 2, 1)
    assert (b.rate, b.personal, b.unremitted) == (5000, Decimal(120), Decimal(120))
    assert (shown.total.people, shown.total.enrolled, shown.total.rate) == (11, 5, 4545)
    # Father 低保 and grandmother 五保 are in; old 何素芬 of the other township is not.
    assert (a.special_enrolled, a.special_people, a.special_rate) == (2, 2, 10_000)
    assert (b.special_enrolled, b.special_people, b.special_rate) == (0, 1, 0)
    # 低保 and 五保 pay less by their status; nobody else pays in the household's place.
    assert (a.aided, a.aid, b.aided) == (2, Decimal(0), 0)


def test_each_special_group_stands_apart_with_its_target(autumn, campaign, county, cast):
    groups = {one.code: one for one in board(under=county, campaign=campaign, day=OCTOBER).specials}
    assert (groups["dibao"].people, groups["dibao"].enrolled, groups["dibao"].shortfall) == (
        2,
        1,
        1,
    )
    assert (groups["wubao"].rate, groups["wubao"].shortfall) == (10_000, 0)
    assert groups["severe_disability"].rate is None
    set_special_targets(
        actor=cast.accountant, campaign=campaign, ratios={"dibao": 5000, "student": 10_000}
    )
    groups = {one.code: one for one in board(under=county, campaign=campaign, day=OCTOBER).specials}
    assert set(groups) == {"dibao", "student"}
    assert (groups["dibao"].shortfall, groups["student"].people) == (0, 1)


def test_a_status_that_has_ended_is_not_watched(autumn, campaign, county):
    IdentityStatus.objects.filter(code="dibao").update(
        first_day="2025-01-01", last_day="2025-10-14"
    )
    total = board(under=county, campaign=campaign, day=OCTOBER).total
    assert (total.special_people, total.special_enrolled) == (1, 1)


def test_money_remitted_leaves_a_difference_to_name(autumn, campaign, county, cast):
    remit(
        actor=cast.clerk_a, campaign=campaign, slip_number="SL-1", slip_date=OCTOBER,
        amount=Decimal(450), on=OCTOBER,
    )  # fmt: skip
    a, b = board(under=county, campaign=campaign, day=OCTOBER).rows
    assert (a.remitted, a.unremitted, a.confirmed) == (Decimal(450), Decimal(0), Decimal(0))
    assert (b.remitted, b.unremitted) == (Decimal(0), Decimal(120))


def test_targets_give_shortfalls_that_do_not_cancel_out(
    autumn, campaign, county, town_a, town_b, village_a, village_b, cast
):
    set_targets(
        actor=cast.accountant,
        campaign=campaign,
        entries=[
            TargetEntry(division=village_a, people=9, village_cadre="杨大山"),
            TargetEntry(division=village_b, people=1),
        ],
    )
    shown = board(under=county, campaign=campaign, day=OCTOBER)
    assert [(row.target, row.shortfall) for row in shown.rows] == [(9, 5), (1, 0)]
    assert (shown.total.target, shown.total.shortfall) == (10, 5)
    village = board(under=town_a, campaign=campaign, day=OCTOBER).rows[0]
    assert (village.name, village.cadres, village.shortfall) == ("龙水镇桥亭村", "杨大山", 5)


def test_groups_of_a_village_sum_up_to_its_target(autumn, campaign, town_a, village_a, cast, enter):
    one = make_division(village_a.code + "01", "一组", village_a)
    two = make_division(village_a.code + "02", "二组", village_a)
    enter([member(0, "邓一", resident_id("19810101", 7), "0")], division=one)
    set_targets(
        actor=cast.clerk_a,
        campaign=campaign,
        entries=[TargetEntry(division=one, people=3), TargetEntry(division=two, people=2)],
    )
    village = board(under=town_a, campaign=campaign, day=OCTOBER).rows[0]
    assert (village.target, village.enrolled, village.shortfall) == (5, 5, 0)
    rows = board(under=village_a, campaign=campaign, day=OCTOBER).rows
    assert [(r.name, r.people, r.enrolled, r.target, r.shortfall) for r in rows] == [
        ("龙水镇桥亭村", 9, 4, None, None),  # who belongs to no group
        ("一组", 1, 1, 3, 2),
        ("二组", 0, 0, 2, 2),
    ]


def test_a_clerk_drills_down_and_a_cadre_stays_in_the_village(
    autumn, campaign, cast, village_a, as_user
):
    clerk = as_user(cast.clerk_a)
    page = clerk.get("/enrollment/progress").content.decode()
    assert f"?under={village_a.code}" in page
    assert "龙水镇桥亭村" in text_of(clerk.get(f"/enrollment/progress?under={village_a.code}"))
    assert clerk.get("/enrollment/progress?under=500225102").status_code == 404
    cadre = as_user(cast.cadre_a)
    own = text_of(cadre.get("/enrollment/progress"))
    assert "应参保人数 9 已参保人数 4 参保率 44.44%" in own
    assert "任务数 未下达" in own
    assert cadre.get("/enrollment/progress?under=500225101").status_code == 404
    county = text_of(as_user(cast.supervisor).get("/enrollment/progress"))
    assert "合计 4 2 11 5 45.45%" in county


def test_the_board_asks_the_same_number_of_questions_for_many_villages(
    autumn, campaign, cast, town_a, enter, as_user
):
    officer = as_user(cast.supervisor)

    def statements(path):
        refresh(OCTOBER)  # what had changed is counted once, before
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(path).status_code == 200
        return len(queries)

    paths = ["/enrollment/progress", "/enrollment/progress?under=500225101"]
    few = [statements(path) for path in paths]
    for n in range(2, 8):
        village = make_division(f"500225101{200 + n}", f"第{n}村", town_a)
        enter([member(0, "邓明", resident_id(f"198{n}0101", 8), "0")], division=village)
    assert [statements(path) for path in paths] == few
    assert max(few) <= 18, few
