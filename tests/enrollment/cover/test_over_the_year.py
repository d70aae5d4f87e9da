"""A child of December comes in January: covered from birth, both years paid, each by itself."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection import collective
from enrollment.collection.collective import take_collective
from enrollment.collection.receipts import take_payment
from enrollment.cover.covering import cover_histories, cover_on
from enrollment.cover.late import enroll_late, set_newborn_rule
from enrollment.models import Campaign, Enrollment, LateEntry, TaxRow
from enrollment.people.lifecycle import Newcomer, record_newcomer
from enrollment.rosters.collecting import COLLECTIVE
from tests.enrollment.collection.conftest import workbook
from tests.enrollment.collection.taxes import import_tax_file
from tests.enrollment.conftest import text_of
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
BORN, DECEMBER, JANUARY = date(2025, 12, 5), date(2025, 12, 20), date(2026, 1, 20)
NOVEMBER = date(2025, 11, 28)


@pytest.fixture
def last_year(campaign):
    return Campaign.objects.create(
        area=campaign.area, year=2025, first_day=date(2024, 10, 1),
        last_day=date(2024, 11, 30), remit_by=date(2024, 12, 10),
    )  # fmt: skip


@pytest.fixture
def rule(campaign, cast):
    return set_newborn_rule(
        actor=cast.accountant, campaign=campaign, days=90, source="县医保〔2025〕3号"
    )


@pytest.fixture
def child(autumn, cast):
    one = Newcomer(
        name="陈小宝", relationship="2", kind="birth_certificate", number="Y500000001", sex="1",
        birth_date=BORN,
    )  # fmt: skip
    return record_newcomer(
        actor=cast.clerk_a, household=autumn.chens, newcomer=one, kind="birth", on=DECEMBER
    )


def join(cast, child, on, tier="tier2"):
    return enroll_late(
        actor=cast.clerk_a, household=child.household, members=[child], tier=tier, on=on
    )


def test_the_household_asks_for_the_year_of_birth_beside_the_open_campaign(
    last_year, rule, autumn, cast, as_user, settings
):
    """Born on 20 November 2025: the campaign asks for 2026 alone, the page for 2025 as well."""
    settings.TODAY = NOVEMBER
    one = Newcomer(
        name="陈十一", relationship="2", kind="birth_certificate", number="Y500000011", sex="1",
        birth_date=date(2025, 11, 20),
    )  # fmt: skip
    baby = record_newcomer(
        actor=cast.clerk_a, household=autumn.chens, newcomer=one, kind="birth", on=NOVEMBER
    )
    client, page = as_user(cast.clerk_a), f"/enrollment/households/{autumn.chens.pk}"
    said = "陈十一（2025-11-20 出生）还可以办理 2025 年度参保，自出生起享受"
    shown = client.get(page).content.decode()
    assert said in shown and f"/enrollment/watch/late/{autumn.chens.pk}" in shown
    assert said not in as_user(cast.auditor).get(page).content.decode()  # who enrols nobody
    join(cast, baby, NOVEMBER)
    assert said not in client.get(page).content.decode()


@pytest.mark.parametrize("on", [DECEMBER, JANUARY])
def test_both_years_are_entered_and_paid(on, child, last_year, rule, cast):
    """120 yuan for December's year, 120 for the next: 240, on two receipts."""
    rows = join(cast, child, on)
    assert [(row.year, row.cover_first_day, row.cover_last_day) for row in rows] == [
        (2025, BORN, date(2025, 12, 31)),
        (2026, date(2026, 1, 1), date(2026, 12, 31)),
    ]
    assert [row.personal_amount for row in rows] == [120, 120]
    assert [row.consecutive_years for row in rows] == [1, 2]
    assert [one.source for one in LateEntry.objects.order_by("enrollment__year")] == [
        "县医保〔2025〕3号：出生 90 日内参保，自出生起享受",
        "县医保〔2025〕3号：出生 90 日内参保，本年度自 2026-01-01 起享受，此前属上一年度",
    ]
    pay = {"actor": cast.clerk_a, "household": child.household, "on": on}
    if on == DECEMBER:  # the books of 2025 are not handed out here: those of the day's year count
        return
    receipts = [take_payment(received=Decimal(120), **pay)[0] for _ in range(2)]
    assert [(one.campaign.year, one.amount) for one in receipts] == [(2025, 120), (2026, 120)]
    assert cover_on(child, date(2025, 12, 10)).year == 2025
    assert cover_on(child, date(2025, 12, 4)) is None
    history = cover_histories([child.pk], 2027)[child.pk]
    assert (history.consecutive, history.gap_years) == (2, 0)


def test_both_years_are_paid_to_the_tax_bureau_in_january(child, last_year, rule, cast, books):
    """As at the window: 120 yuan for 2025 and 120 for 2026, both on 21 January."""
    rows = join(cast, child, JANUARY)
    for row in rows:
        table = [
            ["证件号码", "缴费人姓名", "实缴金额", "缴费日期", "电子税票号码"],
            ["Y500000001", "陈小宝", 120, "2026-01-21", f"T{row.year}"],
        ]
        done = import_tax_file(
            actor=cast.accountant, campaign=row.campaign, file_name="sw.xlsx",
            content=workbook(table), on=date(2026, 1, 25),
        )  # fmt: skip
        assert TaxRow.objects.get(file=done.file).problem == ""
    assert {one.status for one in Enrollment.objects.filter(person=child)} == {"active"}


def test_the_page_shows_both_years_and_their_sum(child, last_year, rule, cast, as_user, settings):
    settings.TODAY = JANUARY
    clerk = as_user(cast.clerk_a)
    url = f"/enrollment/watch/late/{child.household_id}"
    page = text_of(clerk.get(url))
    assert "2025-12-05 至 2025-12-31 40.00 120.00" in page or (
        "2025-12-05 至 2025-12-31 20.00 120.00" in page
    )
    assert "陈小宝2 个年度合计，逐年收款开票" in page
    assert "240.00" in page
    answer = clerk.post(url, {"members": [child.pk], "tier": "tier2"}, follow=True)
    assert [row.year for row in answer.context["rows"]] == [2025]  # 2026 when this is paid
    assert Enrollment.objects.filter(person=child, status="pending").count() == 2


def test_who_has_this_year_only_is_offered_the_year_of_birth(child, last_year, rule, cast):
    Enrollment.objects.filter(pk=join(cast, child, DECEMBER)[0].pk).update(status="cancelled")
    assert [row.year for row in join(cast, child, JANUARY)] == [2025]


def test_the_ninety_first_day_has_no_way_back(child, last_year, rule, cast):
    assert join(cast, child, date(2026, 3, 5))
    Enrollment.objects.filter(person=child).update(status="cancelled")
    with refuses(
        "2026 年度缴费期已于 2025-11-30 截止，陈小宝不属于可以在缴费期外参保的人员，"
        "请在下一年度缴费期办理"
    ):
        join(cast, child, date(2026, 3, 6))


def test_without_a_campaign_of_the_year_of_birth_there_is_this_year_only(child, rule, cast):
    (row,) = join(cast, child, JANUARY)
    assert (row.year, row.cover_first_day) == (2026, date(2026, 1, 1))


def waiting(cast, household):
    rows = COLLECTIVE.rows(cast.clerk_a).filter(pk=household.pk)
    return [(row.people, row.due) for row in rows]


def test_a_villages_cash_pays_one_year_after_the_other(child, last_year, rule, cast):
    """Listed at 120 for 2025, not at 240; then at 120 for 2026. Nothing is taken beyond."""
    join(cast, child, JANUARY)
    act = {"actor": cast.clerk_a, "households": [child.household], "on": JANUARY}
    for year in (2025, 2026):
        assert waiting(cast, child.household) == [(1, Decimal(120))]
        with pytest.raises(Refusal, match=r"应收 120\.00 元，清点为 240\.00 元，相差 120\.00 元"):
            take_collective(received=Decimal(240), **act)
        (receipt,) = take_collective(received=Decimal(120), **act)
        assert (receipt.campaign.year, receipt.amount) == (year, 120)
        assert list(receipt.enrollments.values_list("year")) == [(year,)]
    assert waiting(cast, child.household) == []


def test_a_villages_cash_is_never_given_back_as_change(child, last_year, rule, cast, monkeypatch):
    """Whatever the receipt leaves of the counted cash stops the whole act."""
    join(cast, child, JANUARY)

    def too_much(**facts):
        return take_payment(**facts | {"received": facts["received"] + 1})

    monkeypatch.setattr(collective, "take_payment", too_much)
    with pytest.raises(Refusal, match=r"多出 1\.00 元"):
        take_collective(
            actor=cast.clerk_a, households=[child.household], received=Decimal(120), on=JANUARY
        )
    assert not Enrollment.objects.active().filter(person=child).exists()
