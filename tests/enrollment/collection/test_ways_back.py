"""What was done in haste has a way back: a closed day, numbers reported lost."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.books import book_figures, check_off_problems, issue_book, report_loss
from enrollment.collection.days import (
    ask_reopening,
    close_day,
    next_day,
    refuse_reopening,
    reopen_day,
)
from enrollment.collection.found import ask_found, confirm_found, refuse_found
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.models import DayClose, FoundNumbers, Receipt, ReceiptBook, Remittance
from tests.at_once import at_once
from tests.enrollment.collection.conftest import confirm, day, hand_in
from tests.enrollment.conftest import OCTOBER, text_of
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
TOO_EARLY = "下午三点误结，晚上还有两户来缴费"


def close(clerk, number, counted, *, on=None):
    return close_day(
        actor=clerk, day=day(number), counted=Decimal(counted), explanation="",
        on=on or day(number),
    )  # fmt: skip


def pay(clerk, household):
    return take_payment(actor=clerk, household=household, received=Decimal(120), on=OCTOBER)


def reopened(cast, row):
    ask_reopening(actor=cast.clerk_a, close=row, reason=TOO_EARLY)
    return reopen_day(actor=cast.accountant, close=row)


def test_a_day_closed_too_early_is_opened_by_two_and_closed_again(
    cast, campaign, books, paid, single
):
    """120 handed in, the day closed, a family comes: 120 more in the box and no slip twice."""
    paid(cast.clerk_a, 1)
    first = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    row = close(cast.clerk_a, 15, 0)
    waiting = single(cast.clerk_a, 2)
    with refuses("您 2025-10-15 已日结，不能再开具或作废当日收据，请从次日起办理"):
        pay(cast.clerk_a, waiting)
    with refuses("请写明撤销日结的原因", ("reason",)):
        ask_reopening(actor=cast.clerk_a, close=row, reason="错")
    with refuses("只有经办人本人才能办理“申请撤销日结”"):
        ask_reopening(actor=cast.clerk_a2, close=row, reason=TOO_EARLY)
    unasked = "2025-10-15 的日结现为“已日结”，不能办理“同意撤销日结”"
    with refuses(unasked):
        reopen_day(actor=cast.accountant, close=row)
    ask_reopening(actor=cast.clerk_a, close=row, reason=TOO_EARLY)
    waiting = single(cast.clerk_a, 3)
    with refuses("您 2025-10-15 已日结，不能再开具或作废当日收据，请从次日起办理"):
        pay(cast.clerk_a, waiting)  # asking opens nothing
    with refuses("您的角色不能办理“同意撤销日结”"):
        reopen_day(actor=cast.clerk_a, close=row)
    row = reopen_day(actor=cast.accountant, close=row)
    assert (row.status, row.reopened_by, row.reopen_reason) == (
        "reopened", cast.accountant, TOO_EARLY,
    )  # fmt: skip
    late = paid(cast.clerk_a, 4)
    assert next_day(cast.clerk_a, day(15)) == day(15)
    second = hand_in(cast.clerk_a, campaign, "JK-0002", 120)
    assert (first.receipt_count, second.receipt_count) == (1, 1)
    assert late.pk in second.receipts.values_list("pk", flat=True)
    again = close(cast.clerk_a, 15, 0)
    assert (again.cash_receipts, again.cash, again.remitted, again.closing) == (2, 240, 240, 0)
    # What was counted first stays as it was.
    row.refresh_from_db()
    assert (row.cash_receipts, row.cash, row.closing) == (1, 120, 0)
    actions = AuditLine.objects.filter(subject_type="enrollment.dayclose").order_by("pk")
    assert [line.action for line in actions] == [
        "enrollment.close_day", "enrollment.ask_reopening", "enrollment.reopen_day",
        "enrollment.close_day",
    ]  # fmt: skip


def test_only_the_last_close_and_none_in_the_books(cast, campaign, books, paid):
    paid(cast.clerk_a, 1)
    first = close(cast.clerk_a, 15, 120)
    paid(cast.clerk_a, 2, on=day(16))
    second = close(cast.clerk_a, 16, 240)
    with refuses("2025-10-16 也已日结，请先撤销那一天的日结"):
        ask_reopening(actor=cast.clerk_a, close=first, reason=TOO_EARLY)
    ask_reopening(actor=cast.clerk_a, close=second, reason=TOO_EARLY)
    slip = hand_in(cast.clerk_a, campaign, "JK-0001", 240, day(16))
    confirm(cast.accountant, slip, day(17))
    booked = (
        "这一天的收据已随缴款单 JK-0001 入账，不能撤销日结："
        "漏开的次日补开，多收的按退费办理，现金差额写在下一次日结的说明里"
    )
    with refuses(booked):
        reopen_day(actor=cast.accountant, close=second)
    refuse_reopening(actor=cast.accountant, close=second, reason="已经入账")
    second.refresh_from_db()
    assert (second.status, second.reopen_reason) == ("closed", "已经入账")
    with refuses(booked):
        ask_reopening(actor=cast.clerk_a, close=second, reason=TOO_EARLY)


def test_a_day_opened_later_is_asked_for_again(cast, books, paid):
    wrong = paid(cast.clerk_a, 1)
    row = close(cast.clerk_a, 15, 120)
    reopened(cast, row)
    assert next_day(cast.clerk_a, day(17)) == day(15)
    void_receipt(actor=cast.clerk_a, receipt=wrong, reason="写错", on=day(17))
    with refuses("这一天已经日结，或还没有到", ("day",)):
        close(cast.clerk_a, 18, 0, on=day(17))
    close(cast.clerk_a, 15, 120, on=day(17))  # the cash was there that evening
    assert DayClose.objects.standing().count() == 1


def test_plain_sql_changes_nothing_that_was_counted(cast, books, paid):
    paid(cast.clerk_a, 1)
    row = close(cast.clerk_a, 15, 120)
    for change in ({"counted": 100}, {"status": "reopened"}, {"clerk": cast.clerk_a2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DayClose.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        DayClose.objects.all()._raw_delete("default")


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_opening_while_the_takings_are_handed_in(cast, campaign, books, paid):
    """Both happen, and each receipt is on one slip."""
    paid(cast.clerk_a, 1)
    row = close(cast.clerk_a, 15, 120)
    ask_reopening(actor=cast.clerk_a, close=row, reason=TOO_EARLY)
    outcomes = at_once(
        [
            lambda: reopen_day(actor=cast.accountant, close=row),
            lambda: hand_in(cast.clerk_a, campaign, "JK-0001", 120),
        ]
    )
    assert not [one for one in outcomes if isinstance(one, Exception)]
    paid(cast.clerk_a, 2)
    hand_in(cast.clerk_a, campaign, "JK-0002", 120)
    assert sorted(Remittance.objects.values_list("slip_number", "amount")) == [
        ("JK-0001", 120), ("JK-0002", 120),
    ]  # fmt: skip
    assert not Receipt.objects.unremitted().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_opening_while_the_slip_is_confirmed(cast, campaign, books, paid):
    """Whichever comes first: a day that is open again has nothing that was booked before."""
    paid(cast.clerk_a, 1)
    slip = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    row = close(cast.clerk_a, 15, 0)
    ask_reopening(actor=cast.clerk_a, close=row, reason=TOO_EARLY)
    opened, booked = at_once(
        [
            lambda: reopen_day(actor=cast.accountant, close=row),
            lambda: confirm(cast.accountant, slip),
        ]
    )
    slip.refresh_from_db()
    assert (slip.status, booked.status) == ("confirmed", "confirmed")
    if isinstance(opened, Refusal):
        assert "已随缴款单 JK-0001 入账" in opened.message
    else:
        assert paid(cast.clerk_a, 2).remittance_id is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_windows_open_one_day_once(cast, books, paid):
    paid(cast.clerk_a, 1)
    row = close(cast.clerk_a, 15, 120)
    ask_reopening(actor=cast.clerk_a, close=row, reason=TOO_EARLY)
    outcomes = at_once([lambda: reopen_day(actor=cast.accountant, close=row)] * 2)
    (lost,) = [one.message for one in outcomes if isinstance(one, Refusal)]
    assert "现为“已撤销”" in lost


@pytest.fixture
def book(cast, campaign):
    """LS10: numbers 11 to 16 of the clerk."""
    return issue_book(
        actor=cast.accountant, clerk=cast.clerk_a, year=2026, code="LS10", first_number=11,
        last_number=16,
    )  # fmt: skip


def lose(cast, book, first, last, **facts):
    return report_loss(
        actor=cast.clerk_a, book=book, first_number=first, last_number=last, lost_on=OCTOBER,
        reason="涨水冲走", on=OCTOBER, **facts,
    )  # fmt: skip


def find(cast, book, first, last, *, actor=None, reason="在柜子后面找到"):
    return ask_found(
        actor=actor or cast.clerk_a, book=book, first_number=first, last_number=last,
        found_on=OCTOBER, reason=reason, on=OCTOBER,
    )  # fmt: skip


def test_exactly_the_found_numbers_come_back(cast, book, paid, single):
    """11 written, 12 to 15 reported lost, 16 written; 13 and 14 are found: 13, 14, then no more."""
    assert paid(cast.clerk_a, 1).number == 11
    lose(cast, book, 12, 15)
    assert paid(cast.clerk_a, 2).number == 16
    with refuses("16 号没有挂失，只能填已挂失的号码", ("first_number",)):
        find(cast, book, 15, 16)
    with refuses("只能申报自己领用的收据"):
        find(cast, book, 13, 14, actor=cast.clerk_a2)
    with refuses("请写明找回经过", ("reason",)):
        find(cast, book, 13, 14, reason="找")
    one = find(cast, book, 13, 14)
    with refuses("13 至 14 号已申报找回，待会计确认", ("first_number",)):
        find(cast, book, 14, 15)
    waiting = single(cast.clerk_a, 3)
    with refuses("您没有可用的 2026 年度票据本，请先到县经办中心领取票据本"):
        pay(cast.clerk_a, waiting)  # told is not confirmed
    with refuses("您的角色不能办理“确认找回”"):
        confirm_found(actor=cast.clerk_a, found=one)
    confirm_found(actor=cast.accountant, found=one)
    figures = book_figures(ReceiptBook.objects.get(pk=book.pk))
    assert (figures.valid, figures.lost, figures.unused, figures.missing) == (2, 2, 2, ())
    assert [paid(cast.clerk_a, n).number for n in (4, 5)] == [13, 14]
    waiting = single(cast.clerk_a, 6)
    with refuses("您没有可用的 2026 年度票据本，请先到县经办中心领取票据本"):
        pay(cast.clerk_a, waiting)
    book.refresh_from_db()
    figures = book_figures(book)
    assert (figures.valid, figures.lost, figures.unused, figures.missing) == (4, 2, 0, ())
    assert not [one for one in check_off_problems(book, figures) if "下落" in one]


def test_who_reports_may_not_confirm(cast, book):
    lose(cast, book, 12, 15)
    one = find(cast, book, 12, 15, actor=cast.accountant)
    with refuses("申请、确认必须由不同的人办理，您不能再办理“确认找回”"):
        confirm_found(actor=cast.accountant, found=one)


def test_what_was_refused_stays_lost_and_may_be_asked_again(cast, book, paid, single):
    lose(cast, book, 11, 12)
    one = find(cast, book, 11, 12)
    refuse_found(actor=cast.accountant, found=one, reason="没有带来实物")
    assert paid(cast.clerk_a, 1).number == 13
    confirm_found(actor=cast.accountant, found=find(cast, book, 11, 12))
    assert [paid(cast.clerk_a, n).number for n in (2, 3, 4)] == [11, 12, 14]
    lose(cast, book, 15, 16)  # and lost once more
    waiting = single(cast.clerk_a, 5)
    with refuses("您没有可用的 2026 年度票据本，请先到县经办中心领取票据本"):
        pay(cast.clerk_a, waiting)
    assert FoundNumbers.objects.filter(status="confirmed").count() == 1


def test_plain_sql_writes_on_no_lost_number_but_on_found_ones(cast, book, paid):
    seen = paid(cast.clerk_a, 1)
    lose(cast, book, 12, 13)
    confirm_found(actor=cast.accountant, found=find(cast, book, 13, 13))
    facts = {f.attname: getattr(seen, f.attname) for f in Receipt._meta.concrete_fields}
    facts |= {"id": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(**facts | {"number": 12})
    assert Receipt.objects.create(**facts | {"number": 13}).pk


def test_the_pages_walk_both_ways(cast, books, book, paid, as_user):
    paid(cast.clerk_a, 1)
    row = close(cast.clerk_a, 15, 120)
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    clerk.post(f"/enrollment/treasury/days/{row.pk}/ask", {"reason": TOO_EARLY})
    page = text_of(accountant.get("/enrollment/treasury/days"))
    assert TOO_EARLY in page and "同意撤销" in page
    accountant.post(f"/enrollment/treasury/days/{row.pk}/reopen")
    row.refresh_from_db()
    assert row.status == "reopened"
    assert "撤销" in text_of(clerk.get("/enrollment/treasury/day"))
    lose(cast, book, 12, 13)
    about = {
        "found-first_number": 12, "found-last_number": 13, "found-found_on": "2025-10-15",
        "found-reason": "填错了号码",
    }  # fmt: skip
    clerk.post(f"/enrollment/treasury/books/{book.pk}/found", about)
    one = FoundNumbers.objects.get()
    assert "确认找回" in text_of(accountant.get(f"/enrollment/treasury/books/{book.pk}"))
    accountant.post(f"/enrollment/treasury/found/{one.pk}/confirm")
    assert "已恢复" in text_of(clerk.get(f"/enrollment/treasury/books/{book.pk}"))
