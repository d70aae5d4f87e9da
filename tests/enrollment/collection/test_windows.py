"""Eight windows of one township at once, for some seconds: bench/windows.py in small.

Two windows share each clerk's book, one colleague closes days and one reports losses meanwhile.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.errors import Refusal
from accounts.roles import Role
from enrollment.collection.books import book_figures, issue_book, report_loss
from enrollment.collection.days import close_day
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.sponsored import balance
from enrollment.collection.sponsors import open_sponsor_fund, receive_sponsor_money
from enrollment.cover.enrolling import save_entry
from enrollment.models import Enrollment, Household, Receipt, ReceiptBook
from tests.conftest import make_user
from tests.enrollment.collection.conftest import NAMES
from tests.enrollment.conftest import OCTOBER, member, resident_id

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SECONDS = 5
WINDOWS = 8


def work(window, clerk, entry_of, start, until):
    """One window: enter, take the money, now and then void. Returns what it was refused."""
    refused, number = [], 0
    start.wait()
    try:
        while time.monotonic() < until():
            number += 1
            one = resident_id(f"19{50 + window}0101", number)
            entry = entry_of([member(0, NAMES[number % len(NAMES)], one, "0")])
            try:
                saved = save_entry(actor=clerk, entry=entry, on=OCTOBER)
                receipt, _ = take_payment(
                    actor=clerk, household=saved.household, received=Decimal(120), on=OCTOBER
                )
                if number % 5 == 0:
                    void_receipt(actor=clerk, receipt=receipt, reason="压测作废", on=OCTOBER)
            except Refusal as refusal:
                refused.append(refusal.message)
    finally:
        connection.close()
    return refused


def disturb(cast, book, start, until):
    """Meanwhile: losses far ahead in a busy book, and yesterday's close of its clerk."""
    start.wait()
    try:
        close_day(
            actor=book.clerk, day=date(2025, 10, 14), counted=Decimal(0), explanation="", on=OCTOBER
        )
        lost = 0
        while time.monotonic() < until() and lost < 20:
            lost += 1
            at = 5000 + lost
            report_loss(
                actor=cast.accountant,
                book=book,
                first_number=at,
                last_number=at,
                lost_on=OCTOBER,
                reason="压测挂失",
                on=OCTOBER,
            )
            time.sleep(0.1)
    finally:
        connection.close()
    return lost


def test_eight_windows_leave_no_gap_and_no_double(cast, campaign, town_a, entry_of):
    clerks = [
        make_user(f"window{n}", f"窗口{n}", Role.TOWNSHIP_CLERK, town_a)
        for n in range(WINDOWS // 2)
    ]
    books = [
        issue_book(
            actor=cast.accountant,
            clerk=clerk,
            year=2026,
            code=f"CK{n}",
            first_number=1,
            last_number=9999,
        )
        for n, clerk in enumerate(clerks)
    ]
    start = Barrier(WINDOWS + 1)
    began = time.monotonic()

    def until():
        return began + SECONDS

    with ThreadPoolExecutor(WINDOWS + 1) as pool:
        windows = [
            pool.submit(work, n, clerks[n // 2], entry_of, start, until) for n in range(WINDOWS)
        ]
        losses = pool.submit(disturb, cast, books[0], start, until)
        refused = [message for window in windows for message in window.result()]
        lost = losses.result()

    assert refused == []
    assert lost > 0
    for book in ReceiptBook.objects.filter(code__startswith="CK"):
        numbers = list(book.receipts.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, book.next_number))
        figures = book_figures(book)
        assert figures.missing == ()
        assert figures.valid + figures.void + figures.lost + figures.unused == 9999
    active = Enrollment.objects.active()
    paid = Receipt.objects.valid().aggregate(s=Sum("amount"))["s"]
    assert paid == active.aggregate(s=Sum("personal_amount"))["s"] > 0
    numbers = Household.objects.values_list("number", flat=True)
    assert len(set(numbers)) == len(numbers) == Enrollment.objects.count()


def test_many_windows_never_overdraw_a_sponsor(cast, campaign, town_a, village_a, entry_of):
    """500 yuan pay for four men of 120 each, whoever comes first; the other four are told."""
    fund = open_sponsor_fund(
        actor=cast.accountant,
        campaign=campaign,
        name="桥亭村集体",
        kind="collective",
        division=village_a,
        purpose="资助本村村民参保",
    )
    receive_sponsor_money(
        actor=cast.accountant,
        fund=fund,
        amount=Decimal(500),
        received_on=OCTOBER,
        reference="JZ-1",
        on=OCTOBER,
    )
    clerks = [make_user(f"window{n}", f"窗口{n}", Role.TOWNSHIP_CLERK, town_a) for n in range(8)]
    households = []
    for n, clerk in enumerate(clerks):
        issue_book(
            actor=cast.accountant,
            clerk=clerk,
            year=2026,
            code=f"CK{n}",
            first_number=1,
            last_number=9,
        )
        one = member(0, NAMES[n], resident_id("19600101", n), "0")
        households.append(save_entry(actor=clerk, entry=entry_of([one]), on=OCTOBER).household)
    start = Barrier(8)

    def window(n):
        start.wait()
        try:
            take_payment(
                actor=clerks[n],
                household=households[n],
                received=Decimal(0),
                on=OCTOBER,
                sponsor=fund,
            )
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()
        return "paid"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(window, range(8)))
    assert answers.count("paid") == 4
    assert all("余额 20.00 元" in answer for answer in answers if answer != "paid")
    assert balance(fund) == 20
    assert Receipt.objects.filter(channel="sponsor").count() == 4
