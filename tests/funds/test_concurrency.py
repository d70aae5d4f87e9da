"""Real threads, real transactions: numbers without gaps, one voucher per key, one reversal."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from threading import Barrier, Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.errors import Refusal
from funds.models import Book, Period, Posting, Seal, Voucher
from funds.records import book_records
from funds.services import (
    EventLine,
    close_period,
    post_event,
    reverse_voucher,
    seal_vouchers,
)
from funds.verify import verify
from lib.periods import Month

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("money_aside"),
]

DAY = date(2025, 10, 20)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each with its own connection; results or refusals in order."""
    barrier = Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


@pytest.fixture
def pay(book: Book, cast: SimpleNamespace) -> Callable[..., Voucher]:
    def pay_one(key: str, amount: str = "1.00", on: date = DAY) -> Voucher:
        return post_event(
            event="claim_paid",
            area=book.area,
            on=on,
            key=key,
            source="结算单",
            actor=cast.cashier,
            lines=[EventLine(Decimal(amount), purpose="inpatient")],
        )

    return pay_one


def assert_whole(book: Book) -> None:
    outcome = verify(book_records(book))
    assert outcome.findings == []


def test_eight_threads_number_without_gap_or_duplicate(
    book: Book, pay: Callable[..., Voucher]
) -> None:
    def many(worker: int) -> Callable[[], list[str]]:
        return lambda: [pay(f"w{worker}:{i}").label for i in range(12)]

    results = together(*(many(worker) for worker in range(8)))

    labels = sorted(label for part in results for label in part)
    assert labels == [f"2025-10-{number:04d}" for number in range(1, 97)]
    assert Posting.objects.count() == 192
    assert_whole(book)


def test_a_failed_transaction_gives_its_number_back(
    book: Book, pay: Callable[..., Voucher]
) -> None:
    def fails() -> None:
        with transaction.atomic():
            pay("doomed")
            raise Refusal("后来出错")

    together(fails, lambda: pay("good:1"), fails, lambda: pay("good:2"))

    assert [v.number for v in Voucher.objects.order_by("number")] == [1, 2]
    assert set(Voucher.objects.values_list("key", flat=True)) == {"good:1", "good:2"}
    assert_whole(book)


def test_the_same_key_at_once_is_one_voucher(book: Book, pay: Callable[..., Voucher]) -> None:
    results = together(*([lambda: pay("settlement:34", "2050.00")] * 6))

    assert {voucher.pk for voucher in results} == {Voucher.objects.get().pk}
    assert Posting.objects.count() == 2
    assert Period.objects.get(month=10).next_number == 2


def test_the_same_key_at_once_with_two_amounts_is_refused_once(
    book: Book, pay: Callable[..., Voucher]
) -> None:
    results = together(
        lambda: pay("settlement:34", "2050.00"), lambda: pay("settlement:34", "2051.00")
    )

    assert sorted(type(result).__name__ for result in results) == ["Refusal", "Voucher"]
    assert Voucher.objects.count() == 1


def test_two_reversals_at_once_one_wins(
    book: Book, pay: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    paid = pay("settlement:34", "2050.00")

    def reverse() -> Voucher:
        return reverse_voucher(actor=cast.accountant, voucher=paid, on=DAY, reason="重复支付")

    results = together(reverse, reverse, reverse)

    assert sorted(type(result).__name__ for result in results) == ["Refusal", "Refusal", "Voucher"]
    assert Voucher.objects.filter(reversal_of=paid).count() == 1
    assert_whole(book)


def test_a_month_begun_meanwhile_is_used_not_taken_for_closed(
    book: Book, pay: Callable[..., Voucher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another clerk's first payment of the month commits between our two looks."""
    take, first = Period.objects.take_number, [True]

    def take_number(book: Book, month: Month) -> tuple[int, int] | None:
        if first.pop() if first else False:
            assert together(lambda: pay("other", on=date(2026, 2, 3)).label) == ["2026-02-0001"]
            return None
        return take(book, month)

    monkeypatch.setattr(Period.objects, "take_number", take_number, raising=False)

    assert pay("ours", on=date(2026, 2, 3)).label == "2026-02-0002"


def test_new_months_are_begun_once(book: Book, pay: Callable[..., Voucher]) -> None:
    results = together(*(lambda i=i: pay(f"k{i}", on=date(2026, 2, 3)) for i in range(6)))

    assert sorted(voucher.number for voucher in results) == [1, 2, 3, 4, 5, 6]
    assert Period.objects.filter(book=book).count() == 5


@pytest.fixture
def funded(book: Book, cast: SimpleNamespace) -> None:
    for event, extra in (
        ("subsidy_received", {"funding_level": "county"}),
        ("expenditure_funded", {}),
    ):
        post_event(
            event=event,
            area=book.area,
            on=DAY,
            key=event,
            source="回单",
            actor=cast.accountant,
            lines=[EventLine(Decimal("1000.00"), **extra)],
        )


def test_closing_against_posting_lets_each_payment_in_whole_or_not_at_all(
    book: Book, pay: Callable[..., Voucher], cast: SimpleNamespace, funded: None
) -> None:
    period = Period.objects.get(month=10)

    def pay_some(worker: int) -> list[str]:
        said = []
        for i in range(10):
            try:
                said.append(pay(f"w{worker}:{i}").label)
            except Refusal as refusal:
                assert "已结账" in refusal.message
        return said

    def close() -> Period:
        return close_period(actor=cast.accountant, period=period, on=date(2025, 11, 1))

    results = together(lambda: pay_some(1), lambda: pay_some(2), close)

    assert isinstance(results[2], Period), results[2]
    period.refresh_from_db()
    accepted = results[0] + results[1]
    assert period.status == "closed"
    assert period.next_number == 3 + len(accepted)
    assert Seal.objects.count() == Voucher.objects.count() == 2 + len(accepted)
    assert_whole(book)


def test_the_closer_waits_for_a_payment_under_way(
    book: Book, pay: Callable[..., Voucher], cast: SimpleNamespace, funded: None
) -> None:
    posted, closing_began = Event(), Event()
    period = Period.objects.get(month=10)

    def slow_payment() -> str:
        with transaction.atomic():
            voucher = pay("slow")
            posted.set()
            assert closing_began.wait(10)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.2)")
        return voucher.label

    def close() -> Period:
        assert posted.wait(10)
        closing_began.set()
        return close_period(actor=cast.accountant, period=period, on=date(2025, 11, 1))

    label, closed = together(slow_payment, close)

    assert (label, closed.status) == ("2025-10-0003", "closed")
    assert Seal.objects.filter(voucher__key="slow").exists()
    assert_whole(book)


def test_two_sealers_and_posters_make_one_chain(book: Book, pay: Callable[..., Voucher]) -> None:
    def post_some(worker: int) -> None:
        for i in range(8):
            pay(f"w{worker}:{i}")

    def seal_some() -> None:
        for _ in range(6):
            seal_vouchers(book=book)

    results = together(lambda: post_some(1), seal_some, lambda: post_some(2), seal_some)

    assert results == [None] * 4
    seal_vouchers(book=book)
    assert list(Seal.objects.values_list("sequence", flat=True)) == list(range(1, 17))
    assert_whole(book)


def test_a_voucher_out_of_balance_fails_at_commit(
    book: Book, pay: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """The deferred trigger speaks when the transaction ends, not before."""
    paid = pay("settlement:34")
    with pytest.raises(Exception, match="does not balance"), transaction.atomic():
        Period.objects.take_number(book, paid.period.as_month)
        Voucher.objects.create(
            book=book,
            period=paid.period,
            number=2,
            occurred_on=DAY,
            event="claim_paid",
            summary="半张",
            source="半张",
            key="half",
            amount=Decimal("5.00"),
            line_count=2,
            content_digest="0" * 64,
            preparer="某人",
            posted_at=paid.posted_at,
        )
    assert Voucher.objects.count() == 1
    assert Period.objects.get(month=10).next_number == 2


@pytest.fixture(autouse=True)
def _close_connections() -> Iterator[None]:
    yield
    connections.close_all()
