"""No account pays what it does not have, no reserve gives it: amounts of trials that went through.

The county of Dazu: 20 claims of together 1,647.97 were paid from 38.05; a reserve of 30,492.50 gave
60,000.00; 999,999,999.00 were transferred out of 230,000.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from funds.balances import overdrawn
from funds.chart import ASSISTANCE, RESIDENT, never_below_zero
from funds.models import Book, Period, Posting, Voucher
from funds.payments.means import least_balance
from funds.services import EventLine, closing_problems, open_book, post_event, reverse_voucher
from lib.periods import Month
from tests.funds.conftest import check_now

MARCH = date(2026, 3, 9)
LATER = date(2026, 3, 20)
Post = Callable[..., Voucher]


def fund(post: Post, amount: str, on: date = MARCH) -> None:
    """The county's subsidy, and all of it on to the expenditure account."""
    post("subsidy_received", amount, on, funding_level="county")
    post("expenditure_funded", amount, on)


def test_twenty_claims_are_not_paid_from_38_05(post: Post) -> None:
    fund(post, "38.05")

    with pytest.raises(Refusal) as said:
        post("claim_paid", "1647.97", LATER, purpose="outpatient")

    assert said.value.message == (
        "大足县城乡居民基本医疗保险基金的支出户存款到 2026-03-20 只有 38.05 元，"
        "这笔要付出 1,647.97 元，还差 1,609.92 元，不能记账；请先由财政专户拨款（登记收支），"
        "支付批次也可以移出部分款项"
    )
    assert Voucher.objects.count() == 2
    post("claim_paid", "38.05", LATER, purpose="outpatient")  # to the last fen
    check_now()


def test_a_reserve_gives_no_more_than_it_has(post: Post) -> None:
    post("reserve_drawn", "30492.50", MARCH, purpose="risk_reserve")
    post("reserve_drawn", "90000.00", MARCH, purpose="serious_reserve")

    with pytest.raises(Refusal, match=r"风险储备金到 .* 只有 30,492\.50 元.*还差 29,507\.50 元"):
        post("reserve_used", "60000.00", LATER, purpose="risk_reserve")

    post("reserve_used", "30492.50", LATER, purpose="risk_reserve")
    check_now()


def test_a_slip_of_the_pen_does_not_empty_the_fiscal_account(post: Post) -> None:
    post("subsidy_received", "230000.00", MARCH, funding_level="central")
    with pytest.raises(Refusal, match=r"财政专户存款到 .* 只有 230,000\.00 元"):
        post("expenditure_funded", "999999999.00", MARCH)


def test_what_a_later_day_needs_is_not_paid_on_an_earlier_one(post: Post) -> None:
    """100.00 on the 9th, 80.00 paid on the 20th: a payment of 30.00 dated the 10th leaves -10.00
    on the 20th, whatever comes in on the 25th."""
    fund(post, "100.00")
    post("claim_paid", "80.00", LATER, purpose="other")
    fund(post, "500.00", date(2026, 3, 25))

    with pytest.raises(Refusal, match=r"到 2026-03-20 只有 20\.00 元，这笔要付出 30\.00 元"):
        post("claim_paid", "30.00", date(2026, 3, 10), purpose="other")
    with pytest.raises(Refusal, match=r"到 2026-03-08 只有 0\.00 元"):
        post("claim_paid", "1.00", date(2026, 3, 8), purpose="other")

    post("claim_paid", "20.00", date(2026, 3, 10), purpose="other")
    post("claim_paid", "500.00", date(2026, 4, 2), purpose="other")
    check_now()


def test_a_batch_is_refused_by_what_its_release_would_be_refused_by(post: Post, book: Book) -> None:
    """100.00 on the 9th, 90.00 paid on the 20th, 50.00 more on the 25th: on the 9th 10.00 are free,
    not the 100.00 of that day nor the 60.00 of the last."""
    fund(post, "100.00")
    post("claim_paid", "90.00", LATER, purpose="other")
    fund(post, "50.00", date(2026, 3, 25))
    days = (date(2026, 3, 8), MARCH, date(2026, 3, 21), date(2026, 3, 25), date(2026, 5, 1))
    assert [least_balance(book, day) for day in days] == [0, 10, 10, 60, 60]
    with pytest.raises(Refusal, match=r"到 2026-03-20 只有 10\.00 元"):
        post("claim_paid", "60.00", MARCH, purpose="other")


def test_another_books_money_does_not_help(post: Post, book: Book, cast: SimpleNamespace) -> None:
    fund(post, "1000.00")
    open_book(
        actor=cast.accountant,
        area=book.area,
        first_month=Month(2026, 1),
        fund_type=Book.FundType.ASSISTANCE,
    )
    with pytest.raises(Refusal, match=r"城乡医疗救助基金的支出户存款到 .* 只有 0\.00 元"):
        post_event(
            event="claim_paid",
            area=book.area,
            on=MARCH,
            key="aid:1",
            source="救助",
            actor=cast.accountant,
            lines=[EventLine(Decimal("10.00"), purpose="other")],
            fund_type=Book.FundType.ASSISTANCE,
        )


@pytest.mark.django_db(transaction=True)
def test_red_letters_and_returned_payments_pass_and_closing_waits(
    post: Post, book: Book, cast: SimpleNamespace
) -> None:
    """A subsidy that never came is taken back although it was passed on: what was untrue goes,
    what it uncovers stands red and stops the closing, and nothing more is paid meanwhile."""
    wrong = post("subsidy_received", "500.00", MARCH, funding_level="county")
    post("expenditure_funded", "500.00", MARCH)
    post("claim_paid", "500.00", MARCH, purpose="other")
    post("payment_returned", "20.00", LATER)

    reverse_voucher(actor=cast.accountant, voucher=wrong, on=LATER, reason="未到账")

    assert [(one.code, one.closing) for one in overdrawn(book, LATER)] == [
        ("1003", Decimal("-500.00"))
    ]
    months = Period.objects.filter(book=book, year=2026, month=3)
    assert any("财政专户存款余额为负" in one for one in closing_problems(months.get(), LATER))
    with pytest.raises(Refusal, match="财政专户存款"):
        post("expenditure_funded", "1.00", LATER)
    post("subsidy_received", "500.00", LATER, funding_level="county")
    assert overdrawn(book, LATER) == []


@pytest.mark.django_db(transaction=True)
def test_no_path_passes_the_guard(post: Post, book: Book) -> None:
    """Written without the services: refused at COMMIT, and in words where the frame is."""
    fund(post, "38.05")
    paid = post("claim_paid", "38.05", MARCH, purpose="other")
    lines = list(paid.postings.all())
    with pytest.raises(Refusal, match="账户的余额不够，没有记账"), all_or_nothing():
        number = Period.objects.take_number(book, Month(2026, 3))
        assert number is not None
        paid.pk, paid.key, (paid.period_id, paid.number) = None, "second", number
        paid.save(force_insert=True)
        for line in lines:
            line.pk, line.voucher = None, paid
        Posting.objects.bulk_create(lines)
    assert Voucher.objects.count() == 3


def test_the_guard_and_the_services_watch_the_same_accounts(post: Post, book: Book) -> None:
    watched = {one.code for one in (*RESIDENT, *ASSISTANCE) if never_below_zero(one.code)}
    assert watched == {
        "1001", "1002", "1003", "1004", "1005",
        "3101-risk_fund", "3101-risk_reserve", "3101-serious_reserve",
    }  # fmt: skip


def test_the_page_refuses_and_names_the_account(
    book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """Ten thousand typed for one hundred."""
    url = reverse("funds:post") + "?event=expenditure_funded"
    key = "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a02"
    data = {"on": "2026-03-09", "document": "划款单1", "amount_": "10,000", "key": key}

    answer = as_user(cast.accountant).post(url, data)

    assert "财政专户存款到 2026-03-09 只有 0.00 元，这笔要付出 10,000.00 元" in (
        answer.content.decode()
    )
    assert not Voucher.objects.exists()


def together(*works: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        try:
            barrier.wait(10)
            results[place] = works[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", [LATER, date(2026, 4, 2)])
def test_of_two_that_each_fit_alone_one_is_posted(
    post: Post, book: Book, cast: SimpleNamespace, other: date
) -> None:
    """100.00 are there; two at once pay 60.00, in one month or in two."""
    fund(post, "100.00")
    post("interest_received", "0.01", date(2026, 4, 1), purpose="expenditure")

    def pay(key: str, on: date) -> Callable[[], Voucher]:
        def work() -> Voucher:
            with transaction.atomic():
                return post_event(
                    event="claim_paid",
                    area=book.area,
                    on=on,
                    key=key,
                    source="支付批次",
                    actor=cast.accountant,
                    lines=[EventLine(Decimal("60.00"), purpose="other")],
                )

        return work

    results = together(pay("one", LATER), pay("two", other))

    assert sorted(type(one).__name__ for one in results) == ["Refusal", "Voucher"]
    assert overdrawn(book, date(2026, 4, 30)) == []


@pytest.mark.django_db(transaction=True)
def test_the_guard_alone_lets_one_of_two_pass(
    post: Post, book: Book, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a service forgot to ask."""
    fund(post, "100.00")
    monkeypatch.setattr("funds.services.posting.check_covered", lambda voucher, postings: None)

    def pay(key: str) -> Callable[[], Voucher]:
        return lambda: post_event(
            event="claim_paid",
            area=book.area,
            on=LATER,
            key=key,
            source="支付批次",
            actor=cast.accountant,
            lines=[EventLine(Decimal("60.00"), purpose="other")],
        )

    results = together(pay("one"), pay("two"))

    assert sorted(isinstance(one, IntegrityError) for one in results) == [False, True]
    assert Voucher.objects.filter(event="claim_paid").count() == 1
