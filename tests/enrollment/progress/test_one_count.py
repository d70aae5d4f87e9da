"""Board, missing list and rewards count the same people, whoever moved, split, died or paid."""

import random
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.remittances import remit
from enrollment.cover.models import Campaign
from enrollment.models import Enrollment, Household, Person, Receipt
from enrollment.people.lifecycle import record_death
from enrollment.progress.figures import board, share, villages
from enrollment.progress.missing import missing_counts
from enrollment.progress.models import PlaceTally
from enrollment.progress.rewards import reward_report
from enrollment.progress.tallies import differences, refresh
from tests.at_once import at_once
from tests.enrollment.conftest import OCTOBER

pytestmark = pytest.mark.django_db


def counted(campaign, county):
    """Village → (should, enrolled, missing) by board and missing list; they must agree."""
    rows = villages(code=county.code, campaign=campaign, day=OCTOBER)
    missing = {row.code: row for row in missing_counts(under=county, campaign=campaign, length=12)}
    rewards = {
        row.place.code: row.place
        for row in reward_report(under=county, campaign=campaign, day=OCTOBER).rows
    }
    found = {}
    for code, row in rows.items():
        left = missing.pop(code, None)
        assert row.people - row.enrolled == (left.people if left else 0), code
        assert (rewards[code].people, rewards[code].enrolled) == (row.people, row.enrolled)
        found[code] = (row.people, row.enrolled)
    assert not missing
    whole = board(under=county, campaign=campaign, day=OCTOBER).total
    assert (whole.people, whole.enrolled) == tuple(map(sum, zip(*found.values(), strict=True)))
    return found


def test_rates_are_rounded_and_only_what_is_complete_is_a_hundred():
    assert share(13, 15) == 8667  # 86.666… %
    assert share(1, 8) == 1250
    assert share(2, 3) == 6667
    assert share(99_999, 100_000) == 9999
    assert (share(15, 15), share(0, 7), share(0, 0)) == (10_000, 0, None)


def test_who_moves_takes_the_cover_along(autumn, campaign, county, village_a, village_b):
    """The Chens, four enrolled, move from 桥亭村 (9 of whom 4) to 石庙村 (2 of whom 1)."""
    assert counted(campaign, county) == {village_a.code: (9, 4), village_b.code: (2, 1)}
    Household.objects.filter(pk=autumn.chens.pk).update(division=village_b)
    assert counted(campaign, county) == {village_a.code: (5, 0), village_b.code: (6, 5)}


def test_who_dies_after_paying_is_neither_expected_nor_enrolled(
    autumn, campaign, county, cast, village_a
):
    father = Person.objects.get(name="陈国强")
    new_head = Person.objects.get(name="李桂芳").pk
    record_death(
        actor=cast.clerk_a, person=father, effective_on=OCTOBER, on=OCTOBER, new_head=new_head
    )
    assert counted(campaign, county)[village_a.code] == (8, 3)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_they_agree(autumn, campaign, county, cast, village_a, village_b, seed):
    """Random moves, splits, deaths, departures, returns, payments and voids, seeded."""
    chance = random.Random(seed)
    places = [village_a, village_b]
    for _ in range(25):
        person = chance.choice(list(Person.objects.order_by("pk")))
        household = chance.choice(list(Household.objects.order_by("pk")))
        act = chance.randrange(6)
        rows = Person.objects.filter(pk=person.pk)
        if act == 0:
            Household.objects.filter(pk=household.pk).update(division=chance.choice(places))
        elif act == 1:
            number = household.members.count() + 50 + chance.randrange(900)
            rows.update(household=household, member_number=number)
        elif act == 2:
            rows.update(death_date=chance.choice([None, OCTOBER]))
        elif act == 3:
            rows.update(departure_date=chance.choice([None, OCTOBER]))
        elif act == 4:
            cover = Enrollment.objects.filter(person=person, status="pending")
            receipt = Receipt.objects.order_by("pk").first()
            cover.update(status="active", receipt=receipt)
        else:
            refresh(OCTOBER)
        if chance.randrange(3) == 0:
            counted(campaign, county)
    counted(campaign, county)
    assert differences(OCTOBER) == []


def test_money_stays_exact_through_void_and_remittance(autumn, campaign, county, cast, village_a):
    def money():
        row = villages(code=county.code, campaign=campaign, day=OCTOBER)[village_a.code]
        return row.enrolled, row.personal, row.cash, row.remitted, row.confirmed

    assert money() == (4, 450, 450, 0, 0)
    chens = Receipt.objects.get(household=autumn.chens)
    void_receipt(actor=cast.clerk_a, receipt=chens, reason="写错姓名", on=OCTOBER)
    assert money() == (0, 0, 0, 0, 0)
    take_payment(actor=cast.clerk_a, household=autumn.chens, received=Decimal(450), on=OCTOBER)
    remit(
        actor=cast.clerk_a, campaign=campaign, slip_number="SL-1", slip_date=OCTOBER,
        amount=Decimal(450), on=OCTOBER,
    )  # fmt: skip
    assert money() == (4, 450, 450, 450, 0)
    assert differences(OCTOBER) == []


def test_last_year_is_counted_by_itself(autumn, campaign, county, village_a):
    last = Campaign(area=campaign.area, year=campaign.year - 1)
    row = villages(code=county.code, campaign=campaign, day=OCTOBER)[village_a.code]
    assert row.enrolled == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enrollment_placetally WHERE year = %s", [last.year])
        assert cursor.fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_windows_and_boards_at_once_leave_nothing_uncounted(
    autumn, campaign, county, cast, village_a, village_b
):
    """One window moves a household back and forth, one takes and voids money, two boards count."""

    def move():
        for n in range(12):
            place = village_b if n % 2 else village_a
            Household.objects.filter(pk=autumn.chens.pk).update(division=place)

    def pay():
        for _ in range(6):
            receipt = Receipt.objects.valid().filter(household=autumn.chens).first()
            if receipt:
                void_receipt(actor=cast.clerk_a, receipt=receipt, reason="写错姓名", on=OCTOBER)
            take_payment(
                actor=cast.clerk_a, household=autumn.chens, received=Decimal(450), on=OCTOBER
            )

    def count():
        for _ in range(15):
            board(under=county, campaign=campaign, day=OCTOBER)

    outcomes = at_once([move, pay, count, count])
    assert outcomes == [None] * 4
    assert counted(campaign, county)[village_b.code] == (6, 5)
    assert differences(OCTOBER) == []


def test_the_check_by_hand_says_where_a_tally_differs(autumn, village_a, capsys):
    call_command("verify_progress")
    assert "筹资进度的统计数与明细一致" in capsys.readouterr().out
    PlaceTally.objects.filter(division=village_a, year=2026).update(enrolled=F("enrolled") + 1)
    with pytest.raises(SystemExit):
        call_command("verify_progress")
    assert f"（{village_a.code}）：2026 年度参保、收款的统计数与明细不符" in capsys.readouterr().out
