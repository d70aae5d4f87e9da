"""Entries and withdrawals that cannot be: the words beside the input, and no row of a household."""

from datetime import date

import pytest

from accounts.models import Division
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.campaigns import open_campaign, set_cash_days
from enrollment.cover.enrolling import (
    HouseholdEntry,
    cancel_pending,
    enroll_household,
    save_entry,
    season_on,
)
from enrollment.cover.lookups import listed_statuses
from enrollment.cover.quoting import quote
from enrollment.models import Campaign, Enrollment, Person
from enrollment.people.households import merge_households
from enrollment.people.lifecycle import record_death, record_departure
from enrollment.people.listed import codes_of
from tests.conftest import make_division
from tests.enrollment.conftest import OCTOBER, member, resident_id, the_chens
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
LAST_DAY = date(2025, 11, 30)
CLOSED = (
    "现在不在缴费期：2026 年度缴费期为 2025-10-01 至 2025-11-30，过期不再收取，"
    "请在下一年度缴费期办理"
)  # fmt: skip
NOT_BEGUN = "现在不在缴费期：还没有到缴费期，或本年度征缴尚未设立，请与县经办中心联系"


@pytest.fixture
def chens(cast, books, entry_of):
    return save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER).household


def save(cast, entry, *, on=OCTOBER):
    return save_entry(actor=cast.clerk_a, entry=entry, on=on)


def again(household, *members, tier="tier2"):
    return HouseholdEntry(
        division=household.division, household=household, members=members, tier=tier
    )


def known(position, person, relationship=None, **facts):
    return member(
        position, person.name, "", relationship or person.relationship, person_id=person.pk, **facts
    )


# -- days ------------------------------------------------------------------------------------------


def test_the_window_is_open_on_its_first_and_last_day_and_on_no_other(cast, books, entry_of):
    def alone(sequence):
        return entry_of([member(0, "王强", resident_id("19790909", sequence), "0")])

    for on, message in (
        (date(2025, 9, 30), NOT_BEGUN),
        (date(2025, 12, 1), CLOSED),
        (date(2026, 9, 30), CLOSED),  # till the next campaign is set up
    ):
        with refuses(message):
            save(cast, alone(1), on=on)
    for sequence, on in enumerate((date(2025, 10, 1), LAST_DAY)):
        assert save(cast, alone(sequence), on=on).personal == 120
    coming = date(2026, 10, 1)
    Campaign.objects.create(
        area=cast.clerk_a.division.parent, year=2027, first_day=coming, last_day=coming,
        remit_by=coming,
    )  # fmt: skip
    with refuses(f"{CLOSED}（2027 年度自 2026-10-01 起）"):
        save(cast, alone(1), on=date(2026, 9, 30))


def test_an_area_without_a_campaign_takes_nobody(cast, pack, village_a, other_county):
    town = make_division("500226101", "昌元镇", other_county)
    for division in (village_a, make_division("500226101201", "昌元镇向阳村", town)):
        entry = HouseholdEntry(division=division, members=the_chens(), tier="tier2")
        with refuses(NOT_BEGUN):
            save(cast, entry)


def test_a_newborn_of_new_years_eve_and_of_new_year_as_it_is_today(cast, campaign, entry_of):
    """Born inside the window: enrolled with the family, covered from 1 January; a number of
    somebody not yet born is none."""
    family = the_chens()[:2]
    born = member(2, "陈安安", resident_id("20251130", 8, male=False), "3")
    not_yet = member(2, "陈安安", resident_id("20251201", 8, male=False), "3")
    with refuses(
        "身份证号中的出生日期不合理（过早或晚于今天），请核对证件", ("members", 2, "resident_id")
    ):
        save(cast, entry_of([*family, not_yet]), on=LAST_DAY)
    saved = save(cast, entry_of([*family, born]), on=LAST_DAY)
    child = next(row for row in saved.enrollments if row.person.name == "陈安安")
    assert (child.cover_first_day, child.cover_last_day) == (date(2026, 1, 1), date(2026, 12, 31))


# -- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message", "at"),
    [
        ({"name": "陈"}, "姓名应为 2 至 40 个汉字或字母，可含间隔点", ("members", 1, "name")),
        ({"residence": "moon"}, "请选择户籍", ("members", 1, "residence")),
        ({"relationship": ""}, "请选择与户主关系", ("members", 1, "relationship")),
        (
            {"relationship": "3", "number": resident_id("20120901", 7)},
            "与户主关系为“女”，身份证号却是男性，请核对",
            ("members", 1, "relationship"),
        ),
        (
            {"number": resident_id("19780512")},
            "与第 1 行的身份证号相同，请删去一行或改正",
            ("members", 1, "resident_id"),
        ),
        (
            {"relationship": "0"},
            "每户应有且只有一位户主，现为 2 位，请改“与户主关系”",
            ("members", 0, "relationship"),
        ),
    ],
)
def test_a_wrong_row_of_the_form(cast, campaign, entry_of, changes, message, at):
    facts = {"name": "陈小明", "number": resident_id("20120901"), "relationship": "2"} | changes
    name, number, relationship = (facts.pop(one) for one in ("name", "number", "relationship"))
    rows = [the_chens()[0], member(1, name, number, relationship, **facts)]
    with refuses(message, at):
        save(cast, entry_of(rows))


def test_a_household_without_a_head_without_people_or_without_a_tier(cast, campaign, entry_of):
    _, wife, *_ = the_chens()
    with refuses(
        "每户应有且只有一位户主，现为 0 位，请改“与户主关系”", ("members", 1, "relationship")
    ):
        save(cast, entry_of([wife]))
    with refuses("请至少录入一人", ("members",)):
        save(cast, entry_of([]))
    alone = [member(0, "王强", resident_id("19790909"), "0", joins=False)]
    with refuses("没有选择参保成员，请至少登记一人", ("members",)):
        save(cast, entry_of(alone))
    for tier in ("", "tier3"):
        with refuses("请选择缴费档次", ("tier",)):
            save(cast, entry_of(the_chens(), tier=tier))


def test_strangers_of_the_household_are_not_slipped_in(cast, chens, entry_of):
    other = save(cast, entry_of([member(0, "王强", resident_id("19790909"), "0")])).household
    wang = other.members.get()
    with refuses("这位成员不在本户，请重新查询", ("members", 0, "name")):
        save(cast, again(chens, known(0, wang)))
    with refuses("所选成员不在本户，请重新查询", ("members",)):
        enroll_household(
            actor=cast.clerk_a, household=chens, members=[wang], tier="tier2", on=OCTOBER
        )


def test_a_household_that_was_merged_takes_no_entry(cast, chens, entry_of, as_user, settings):
    """王强 moved in with the Chens: nobody is entered under the number that his household had."""
    settings.TODAY = OCTOBER
    wangs = save(cast, entry_of([member(0, "王强", resident_id("19790909"), "0")])).household
    for home in (wangs, chens):
        cancel_pending(actor=cast.clerk_a, household=home, year=2026, reason="并户后再办")
    wang = wangs.members.get()
    relationships = {one.pk: one.relationship for one in chens.members.all()} | {wang.pk: "8"}
    merge_households(
        actor=cast.clerk_a, household=wangs, into=chens, relationships=relationships,
        effective_on=OCTOBER, on=OCTOBER, reason="合住",
    )  # fmt: skip
    told = f"户编号 {wangs.number} 已于 2025-10-15 销户"
    stranger = member(0, "何小芳", resident_id("20020202", 9, male=False), "0")
    with refuses(told):
        save(cast, again(wangs, stranger))
    with refuses(told):
        enroll_household(
            actor=cast.clerk_a, household=wangs, members=[wang], tier="tier2", on=OCTOBER
        )
    form = {
        "members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0", "tier": "tier2",
        "members-0-name": stranger.name, "members-0-resident_id": stranger.resident_id,
        "members-0-relationship": "0", "members-0-residence": "rural", "members-0-joins": "on",
    }  # fmt: skip
    url = f"/enrollment/households/{wangs.pk}/renew"
    assert told in as_user(cast.clerk_a).post(url, form).content.decode()
    assert not Person.objects.filter(name="何小芳").exists()


def test_nobody_joins_twice_dead_or_gone(cast, chens):
    """As at 桥亭村, where the family is entered and waits to pay."""
    father = Person.objects.get(name="陈国强")
    for status, act in (("待缴费", None), ("已参保", take_payment)):
        if act:
            act(actor=cast.clerk_a, household=chens, received=450, on=OCTOBER)
        with refuses(
            f"陈国强已在龙水镇桥亭村办理 2026 年度参保（{status}），不能重复参保",
            ("members", 0, "name"),
        ):
            save(cast, again(chens, known(0, father)))
    receipt = Enrollment.objects.get(person=father).receipt
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="全家退保", on=OCTOBER)
    cancel_pending(actor=cast.clerk_a, household=chens, year=2026, reason="全家退保")
    grandmother, son = (Person.objects.get(name=name) for name in ("张素珍", "陈小明"))
    record_death(actor=cast.clerk_a, person=grandmother, effective_on=OCTOBER, on=OCTOBER)
    record_departure(
        actor=cast.clerk_a, person=son, effective_on=OCTOBER, on=OCTOBER, reason="外出落户"
    )
    for person, message in (
        (grandmother, "张素珍已登记死亡（2025-10-15），不能参保；登记有误的先在“变动记录”中撤销"),
        (son, "陈小明已登记迁出（2025-10-15），不能参保；已回来的先在家庭页办理迁回"),
    ):
        rows = [known(0, father, joins=False), known(1, person)]
        with refuses(message, ("members", 1, "name")):
            save(cast, again(chens, *rows))


def test_who_was_withdrawn_may_join_again_on_another_tier(cast, chens):
    """450 yuan on the second tier; after the withdrawal the same four pay on the first."""
    people = list(chens.members.order_by("member_number"))
    facts = {"actor": cast.clerk_a, "household": chens}
    with refuses("请写明撤销原因", ("reason",)):
        cancel_pending(year=2026, reason="错", **facts)
    with refuses("本户没有待缴费的参保登记；已缴费的须先作废收据"):
        cancel_pending(year=2025, reason="档次选错", **facts)
    assert cancel_pending(year=2026, reason="档次选错", **facts) == 4
    with refuses("本户没有待缴费的参保登记；已缴费的须先作废收据"):
        cancel_pending(year=2026, reason="档次选错", **facts)
    rows = enroll_household(members=people, tier="tier1", on=OCTOBER, **facts)
    assert {row.tier for row in rows} == {"tier1"}
    old = Enrollment.objects.filter(status="cancelled")
    assert [row.personal_amount for row in old.order_by("pk")] == [110, 120, 120, 100]


def test_a_household_keeps_one_tier_within_the_year(cast, chens, entry_of):
    """The daughter-in-law comes in November: on the tier of the others, paid or not."""
    bride = member(0, "何小芳", resident_id("20020202", 9, male=False), "8")
    message = "同一家庭的所有成员须选择同一档次，现有二档、一档，请统一（第十六条(一)）。"
    for _ in range(2):
        with refuses(message, ("tier",)):
            save(cast, again(chens, bride, tier="tier1"), on=LAST_DAY)
        if Enrollment.objects.filter(status="pending").exists():
            take_payment(actor=cast.clerk_a, household=chens, received=450, on=OCTOBER)
    saved = save(cast, again(chens, bride), on=LAST_DAY)
    assert [(row.person.member_number, row.tier) for row in saved.enrollments] == [(5, "tier2")]


def test_a_move_between_tiers_waits_two_years(cast, books, covered_last_year, chens):
    """The Chens took the second tier for 2025: for 2026 they keep it, from 2027 they may change."""
    cancel_pending(actor=cast.clerk_a, household=chens, year=2026, reason="改档")
    people = list(chens.members.order_by("member_number"))
    covered_last_year(people[0])
    facts = {"actor": cast.clerk_a, "household": chens, "members": people, "on": OCTOBER}
    with refuses(
        "2025年度选择了二档，2年内不得变更，最早2027年度可以改档（第十六条(一)）。", ("tier",)
    ):
        enroll_household(tier="tier1", **facts)
    rows = enroll_household(tier="tier2", **facts)
    assert [row.consecutive_years for row in rows] == [2, 1, 1, 1]


# -- the quote -------------------------------------------------------------------------------------


def test_the_quote_leaves_out_what_it_cannot_read_and_writes_nothing(cast, campaign):
    """陈国强 on 低保 110, 李桂芳 120; a half-typed number and who stays away cost nothing."""
    season = season_on(area_code="500225", day=OCTOBER)
    father, mother, son, _ = the_chens()
    half = member(2, "陈小明", son.resident_id[:10], "2")
    away = member(3, "周小军", resident_id("19990505"), "8", joins=False)
    before = Person.objects.count()
    told = quote(
        season=season, entries=[father, mother, half, away], known={},
        statuses={0: frozenset({"dibao"})}, tier="tier2", on=OCTOBER,
    )  # fmt: skip
    assert [(line.name, line.assessment.personal) for line in told.lines] == [
        ("陈国强", 11_000),
        ("李桂芳", 12_000),
    ]
    assert (told.year, told.personal, told.standard, told.subsidy) == (2026, 23_000, 40_000, 17_000)
    assert told.personal + told.subsidy == told.standard
    assert {line.cover.sentence for line in told.lines} == {""}
    assert Person.objects.count() == before
    with refuses("请选择缴费档次", ("tier",)):
        quote(season=season, entries=[father], known={}, statuses={}, tier="tier9", on=OCTOBER)


def test_a_row_without_a_name_is_called_by_its_place(cast, campaign):
    season = season_on(area_code="500225", day=OCTOBER)
    nameless = member(4, "", resident_id("19790909"), "0")
    facts = {"known": {}, "statuses": {}, "tier": "tier1", "on": OCTOBER}
    (line,) = quote(season=season, entries=[nameless], **facts).lines
    assert (line.name, line.assessment.personal, line.birth_date) == (
        "第 5 行", 2000, date(1979, 9, 9),
    )  # fmt: skip


@pytest.mark.parametrize("tier", ["tier1", "tier2"])
def test_what_is_quoted_is_what_is_saved(cast, books, entry_of, tier):
    season = season_on(area_code="500225", day=OCTOBER)
    family = the_chens()
    listed = listed_statuses(family, on=OCTOBER, area_code="500225")
    held = {place: codes_of(rows) for place, (rows, _) in listed.items()}
    told = quote(season=season, entries=family, known={}, statuses=held, tier=tier, on=OCTOBER)
    saved = save(cast, entry_of(the_chens(), tier=tier))
    assert [line.assessment.personal for line in told.lines] == [
        row.personal_amount * 100 for row in saved.enrollments
    ]
    assert [line.cover.first_day for line in told.lines] == [
        row.cover_first_day for row in saved.enrollments
    ]


# -- the campaign ----------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 61])
def test_cash_is_kept_for_sixty_days_at_most(cast, campaign, days):
    with refuses("现金缴存时限为 0 至 60 天", ("cash_days",)):
        set_cash_days(actor=cast.accountant, campaign=campaign, days=days)
    for allowed in (0, 60):
        set_cash_days(actor=cast.accountant, campaign=campaign, days=allowed)
        campaign.refresh_from_db()
        assert campaign.cash_days == allowed


def test_a_year_has_one_campaign_and_measures(cast, campaign, county: Division):
    with refuses("这个年度的征缴已经设立"):
        open_campaign(actor=cast.accountant, area=county, year=2026)
    assert list(Campaign.objects.values_list("year", flat=True)) == [2026]
