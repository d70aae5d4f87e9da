"""A receipt book's life: passed on, lost in part, handed back, counted and checked off."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.books import (
    book_figures,
    check_off_book,
    check_off_problems,
    hand_back_book,
    issue_book,
    report_loss,
    transfer_book,
)
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.enrolling import save_entry
from enrollment.models import BookEvent, Receipt, ReceiptBook
from tests.enrollment.collection.conftest import confirm, hand_in
from tests.enrollment.conftest import OCTOBER, the_chens

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(cast, books):
    return books.a


def lose(clerk, book, first, last, **changes):
    facts = {"lost_on": OCTOBER, "reason": "雨中丢失", "on": OCTOBER} | changes
    return report_loss(actor=clerk, book=book, first_number=first, last_number=last, **facts)


def test_lost_numbers_are_passed_over(cast, book, paid):
    assert paid(cast.clerk_a, 1).number == 1
    event = lose(cast.clerk_a, book, 2, 4)
    assert (event.holder, event.recorded_by, event.reason) == (
        cast.clerk_a,
        cast.clerk_a,
        "雨中丢失",
    )
    assert paid(cast.clerk_a, 2).number == 5
    line = AuditLine.objects.get(action="enrollment.book_loss")
    assert (line.after["first"], line.after["last"], line.reason) == (2, 4, "雨中丢失")


def test_the_database_itself_refuses_a_lost_number(cast, book, paid):
    receipt = paid(cast.clerk_a, 1)
    lose(cast.clerk_a, book, 2, 4)
    for number in (3, 101):
        with pytest.raises(IntegrityError), transaction.atomic():
            Receipt.objects.create(
                book=book,
                number=number,
                household=receipt.household,
                division=receipt.division,
                campaign=receipt.campaign,
                channel="cash",
                amount=Decimal(1),
                payer_name="某",
                issued_by=cast.clerk_a,
                issued_on=OCTOBER,
            )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM enrollment_bookevent")


@pytest.mark.parametrize(
    ("first", "last", "changes", "words"),
    [
        (90, 101, {}, "1 至 100 号之内"),
        (5, 4, {}, "起号不大于止号"),
        (5, 6, {"lost_on": OCTOBER.replace(day=16)}, "不能晚于今天"),
        (5, 6, {"reason": " "}, "请写明遗失经过"),
    ],
)
def test_a_loss_report_must_make_sense(cast, book, first, last, changes, words):
    with pytest.raises(Refusal, match=words):
        lose(cast.clerk_a, book, first, last, **changes)
    assert not BookEvent.objects.exists()


def test_nobody_reports_another_clerks_book_or_twice(cast, book):
    with pytest.raises(Refusal, match="自己领用"):
        lose(cast.clerk_a2, book, 5, 5)
    lose(cast.clerk_a, book, 5, 6)
    with pytest.raises(Refusal, match="6 号已经挂失"):
        lose(cast.accountant, book, 6, 7)


def test_a_wholly_lost_book_is_followed_by_the_next(cast, book, paid):
    lose(cast.clerk_a, book, 1, 100, reason="整本遗失")
    with pytest.raises(Refusal, match="领取票据本"):
        paid(cast.clerk_a, 1)
    issue_book(
        actor=cast.accountant,
        clerk=cast.clerk_a,
        year=2026,
        code="LS09",
        first_number=1,
        last_number=9,
    )
    assert paid(cast.clerk_a, 2).full_number == "LS09-00000001"


def test_the_rest_of_a_book_goes_to_a_colleague(cast, book, paid):
    paid(cast.clerk_a, 1)
    event = transfer_book(
        actor=cast.accountant, book=book, clerk=cast.clerk_a2, reason="调岗", on=OCTOBER
    )
    assert (event.first_number, event.last_number) == (2, 100)
    assert (event.holder, event.new_holder) == (cast.clerk_a, cast.clerk_a2)
    with pytest.raises(Refusal, match="领取票据本"):
        paid(cast.clerk_a, 2)
    receipt = paid(cast.clerk_a2, 3)  # the second clerk's LS01 comes before the own LS02
    assert (receipt.full_number, receipt.issued_by) == ("LS01-00000002", cast.clerk_a2)
    with pytest.raises(Refusal, match="本乡镇内"):
        transfer_book(
            actor=cast.accountant, book=book, clerk=cast.clerk_b, reason="借用", on=OCTOBER
        )


def test_a_book_handed_back_rests_until_it_is_passed_on(cast, book, paid):
    paid(cast.clerk_a, 1)
    with pytest.raises(Refusal, match="自己领用"):
        hand_back_book(actor=cast.clerk_a2, book=book, reason="休假", on=OCTOBER)
    hand_back_book(actor=cast.clerk_a, book=book, reason="休假", on=OCTOBER)
    with pytest.raises(Refusal, match="领取票据本"):
        paid(cast.clerk_a, 2)
    with pytest.raises(Refusal, match="已交回"):
        hand_back_book(actor=cast.clerk_a, book=book, reason="休假", on=OCTOBER)
    transfer_book(
        actor=cast.accountant, book=book, clerk=cast.clerk_a, reason="休假回来", on=OCTOBER
    )
    assert paid(cast.clerk_a, 3).number == 2


def test_a_finished_book_is_counted_and_checked_off(cast, campaign, book, entry_of, paid):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    take_payment(actor=cast.clerk_a, household=saved.household, received=Decimal(450), on=OCTOBER)
    wrong = paid(cast.clerk_a, 1)
    void_receipt(actor=cast.clerk_a, receipt=wrong, reason="名字写错", on=OCTOBER)
    lose(cast.clerk_a, book, 3, 5)
    paid(cast.clerk_a, 2, statuses={"wubao"}, tier="tier1")  # receipt without cash

    with pytest.raises(Refusal, match=r"94 张空白收据在用.*1 张现金收据共 450\.00 元"):
        check_off_book(actor=cast.accountant, book=book, on=OCTOBER)
    hand_back_book(actor=cast.clerk_a, book=book, reason="用毕交回", on=OCTOBER)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 450))
    done = check_off_book(actor=cast.accountant, book=book, on=OCTOBER)

    assert (done.people, done.payers, done.wubao_dibao) == (5, 4, 3)
    assert (done.amount, done.sponsored_amount) == (450, 0)
    assert (done.valid, done.void, done.lost, done.unused) == (2, 1, 3, 94)
    assert done.valid + done.void + done.lost + done.unused == 100
    book.refresh_from_db()
    assert book.status == ReceiptBook.Status.CHECKED_OFF
    with pytest.raises(Refusal, match="现为“已核销”，不能办理“核销”"):
        check_off_book(actor=cast.accountant, book=book, on=OCTOBER)
    free = Receipt.objects.get(channel="aid")
    with pytest.raises(Refusal, match="已核销"):
        void_receipt(actor=cast.clerk_a, receipt=free, reason="退保", on=OCTOBER)
    with pytest.raises(Refusal, match="已核销"):
        lose(cast.clerk_a, book, 50, 50)


def test_numbers_that_nobody_can_account_for_are_named(cast, book):
    ReceiptBook.objects.filter(pk=book.pk).update(next_number=4, status="returned")
    book.refresh_from_db()
    figures = book_figures(book)
    assert figures.missing == (1, 2, 3)
    assert "票号 1、2、3 没有下落" in check_off_problems(book, figures)[0]
    with pytest.raises(Refusal, match="没有下落"):
        check_off_book(actor=cast.accountant, book=book, on=OCTOBER)
