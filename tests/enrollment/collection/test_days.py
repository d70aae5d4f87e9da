"""日结: cash counted against receipts, day by day, and cash that stays overnight."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from enrollment.collection.days import close_day, day_sheet, next_day, overnight
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.models import Campaign, DayClose, Receipt
from tests.enrollment.collection.conftest import day, hand_in
from tests.enrollment.conftest import OCTOBER

pytestmark = pytest.mark.django_db


def close(clerk, number, counted, explanation="", *, on=None):
    return close_day(
        actor=clerk,
        day=day(number),
        counted=Decimal(counted),
        explanation=explanation,
        on=on or day(number),
    )


def test_three_days_of_a_clerk(cast, campaign, books, paid):
    first, second = paid(cast.clerk_a, 1), paid(cast.clerk_a, 2)
    paid(cast.clerk_a, 3, statuses={"wubao"}, tier="tier1")
    monday = close(cast.clerk_a, 15, 240)
    assert (monday.opening, monday.cash_receipts, monday.cash) == (0, 2, 240)
    assert (monday.free_receipts, monday.closing, monday.difference) == (1, 240, 0)

    hand_in(cast.clerk_a, campaign, "JK-0001", 240, day(16))
    third = paid(cast.clerk_a, 4, on=day(16))
    tuesday = close(cast.clerk_a, 16, 120)
    assert (tuesday.opening, tuesday.cash, tuesday.remitted) == (240, 120, 240)
    assert tuesday.closing == 120

    void_receipt(actor=cast.clerk_a, receipt=third, reason="改在外地参保", on=day(17))
    wednesday = close(cast.clerk_a, 17, 0)
    assert (wednesday.opening, wednesday.voided, wednesday.void_receipts) == (120, 120, 1)
    assert wednesday.closing == 0
    assert {first.remittance_id, second.remittance_id} == {None}  # read before handing in
    assert Receipt.objects.unremitted().count() == 0


def test_a_difference_is_named_and_explained(cast, books, paid):
    paid(cast.clerk_a, 1)
    with pytest.raises(Refusal, match=r"实点 100\.00 元与应有 120\.00 元不符，短款 20\.00 元"):
        close(cast.clerk_a, 15, 100)
    with pytest.raises(Refusal, match=r"长款 0\.50 元"):
        close(cast.clerk_a, 15, "120.50")
    short = close(cast.clerk_a, 15, 100, "找零多付，由本人补足")
    assert (short.difference, short.explanation) == (-20, "找零多付，由本人补足")
    # What the receipts say is what the clerk goes on owing.
    assert day_sheet(cast.clerk_a, day(16)).opening == 120


def test_a_closed_day_takes_no_more_receipts(cast, books, paid, single):
    receipt = paid(cast.clerk_a, 1)
    close(cast.clerk_a, 15, 120)
    waiting = single(cast.clerk_a, 2)
    with pytest.raises(Refusal, match="2025-10-15 已日结"):
        take_payment(actor=cast.clerk_a, household=waiting, received=Decimal(120), on=OCTOBER)
    with pytest.raises(Refusal, match="已日结"):
        void_receipt(actor=cast.clerk_a, receipt=receipt, reason="写错", on=OCTOBER)
    # A colleague's day is open, and so is tomorrow.
    take_payment(actor=cast.clerk_a2, household=waiting, received=Decimal(120), on=OCTOBER)
    assert paid(cast.clerk_a, 3, on=day(16)).number == 2
    with pytest.raises(Refusal, match="已经日结"):
        close(cast.clerk_a, 15, 120)


def test_days_are_closed_in_order(cast, books, paid):
    close(cast.clerk_a, 14, 0)
    paid(cast.clerk_a, 1, on=day(16))
    paid(cast.clerk_a, 2, on=day(18))
    assert next_day(cast.clerk_a, day(18)) == day(16)
    with pytest.raises(Refusal, match="2025-10-16 还没有日结"):
        close(cast.clerk_a, 18, 240)
    assert close(cast.clerk_a, 16, 120, on=day(18)).closing == 120
    assert close(cast.clerk_a, 18, 240).opening == 120
    assert next_day(cast.clerk_a, day(18)) is None
    with pytest.raises(Refusal, match="还没有到"):
        close(cast.clerk_a, 20, 240, on=day(19))


def test_the_database_keeps_the_arithmetic(cast, books, paid):
    paid(cast.clerk_a, 1)
    row = close(cast.clerk_a, 15, 120)
    facts = {f.attname: getattr(row, f.attname) for f in DayClose._meta.concrete_fields}
    for change in ({"closing": 119}, {"counted": 119}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DayClose.objects.create(**facts | {"id": None, "day": day(16)} | change)


def test_cash_kept_overnight_raises_an_alarm(cast, campaign, books, paid, village_b):
    paid(cast.clerk_a, 1)
    paid(cast.clerk_a, 2, on=day(16))
    paid(cast.clerk_b, 3, on=day(17), division=village_b)
    unremitted = Receipt.objects.unremitted()
    assert overnight(unremitted, day(16)) == []
    (held,) = overnight(unremitted, day(17))
    assert (held.clerk, held.township, held.since, held.days) == ("陈秀英", "龙水镇", OCTOBER, 2)
    assert (held.receipts, held.amount) == (1, 120)
    assert [one.amount for one in overnight(unremitted, day(19))] == [240, 120]
    Campaign.objects.update(cash_days=7)
    assert overnight(unremitted, day(19)) == []
    hand_in(cast.clerk_a, campaign, "JK-0001", 240, day(19))
    assert [one.clerk for one in overnight(Receipt.objects.unremitted(), day(30))] == ["罗志强"]
