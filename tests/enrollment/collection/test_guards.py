"""What the database itself refuses to change once money was taken: 陈家 paid 450 yuan on LS01."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from enrollment.collection.books import hand_back_book, transfer_book
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.campaigns import set_cash_days
from enrollment.cover.enrolling import cancel_pending, save_entry
from enrollment.models import Campaign, Enrollment, ReceiptBook
from tests.enrollment.conftest import OCTOBER, member, resident_id, the_chens

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    return take_payment(
        actor=cast.clerk_a, household=saved.household, received=Decimal(450), on=OCTOBER
    )[0]


def refused(sql, words):
    with (
        pytest.raises(IntegrityError, match=words),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        "tier = 'tier1'",
        "personal_amount = 0, other_amount = other_amount + personal_amount",
        "account_amount = 400",
        "credit_amount = 50, other_amount = other_amount + 50",
        "cover_first_day = '2025-11-01'",
        "cover_last_day = '2027-12-31'",
        "consecutive_years = 9",
        "year = 2027",
    ],
)
def test_what_a_paid_cover_says_stays(receipt, change):
    refused(f"UPDATE enrollment_enrollment SET {change}", "what it says cannot be changed")


@pytest.mark.parametrize(
    "change",
    ["receipt_id = NULL, status = 'pending'", "status = 'cancelled'", "receipt_id = NULL"],
)
def test_a_paid_cover_ends_by_a_refund_or_a_void_receipt_only(receipt, change):
    refused(f"UPDATE enrollment_enrollment SET {change}", "ends by a refund or by voiding")


def test_a_paid_cover_cannot_be_hung_on_another_receipt(cast, receipt, entry_of):
    wang = entry_of([member(0, "王强", resident_id("19790909"), "0")])
    other = save_entry(actor=cast.clerk_a, entry=wang, on=OCTOBER)
    second, _ = take_payment(
        actor=cast.clerk_a, household=other.household, received=Decimal(120), on=OCTOBER
    )
    refused(
        f"UPDATE enrollment_enrollment SET receipt_id = {second.pk}"
        f" WHERE receipt_id = {receipt.pk}",
        "ends by a refund or by voiding",
    )


def test_the_windows_own_ways_stay_open(cast, receipt):
    """Void, withdrawn, and once withdrawn nothing brings the cover back."""
    household = receipt.household
    Enrollment.objects.update(claim_free=True)
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="档次选错", on=OCTOBER)
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"pending"}
    cancel_pending(actor=cast.clerk_a, household=household, year=2026, reason="档次选错")
    refused("UPDATE enrollment_enrollment SET status = 'pending'", "ends by a refund")
    refused("DELETE FROM enrollment_enrollment", "rows are only ever added")


@pytest.mark.parametrize(
    "change",
    [
        "first_day = '2025-09-01'",
        "last_day = '2026-03-31'",
        "remit_by = '2026-12-31'",
        "year = 2027",
    ],
)
def test_the_days_of_a_campaign_stay_once_there_are_receipts(cast, receipt, change):
    refused(f"UPDATE enrollment_campaign SET {change}", "has receipts")
    set_cash_days(actor=cast.accountant, campaign=receipt.campaign, days=3)


def test_a_campaign_without_receipts_may_still_be_put_right(campaign):
    Campaign.objects.update(last_day=date(2025, 12, 5), remit_by=date(2025, 12, 15))
    assert Campaign.objects.get().last_day == date(2025, 12, 5)
    refused("DELETE FROM enrollment_campaign", "rows are only ever added")


def test_a_receipt_book_changes_hands_only_by_a_recorded_transfer(cast, books):
    """From 陈秀英 to 谭明芳 and not back again on the strength of the same paper."""
    to = f"UPDATE enrollment_receiptbook SET clerk_id = {{}} WHERE id = {books.a.pk}"
    refused(to.format(cast.clerk_a2.pk), "only by a recorded transfer")
    transfer_book(
        actor=cast.accountant, book=books.a, clerk=cast.clerk_a2, reason="产假", on=OCTOBER
    )
    assert ReceiptBook.objects.get(pk=books.a.pk).clerk == cast.clerk_a2
    refused(to.format(cast.clerk_a.pk), "only by a recorded transfer")
    refused("DELETE FROM enrollment_receiptbook", "rows are only ever added")


def test_a_book_that_is_checked_off_is_final(cast, books):
    from enrollment.collection.books import check_off_book

    hand_back_book(actor=cast.clerk_a, book=books.a, reason="用毕", on=OCTOBER)
    check_off_book(actor=cast.accountant, book=books.a, on=OCTOBER)
    refused(
        f"UPDATE enrollment_receiptbook SET status = 'in_use' WHERE id = {books.a.pk}",
        "figures are final",
    )
