"""Real threads and transactions, and a break at every statement: nothing lost, nothing twice."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement
from claims.paying.checking import problems
from claims.paying.payees import PayeeEntry
from claims.paying.services import change_payee, hold_payment
from claims.services import approve, review, stop
from funds.models import Book, PaymentBatch, PaymentOrder, Transfer, Voucher
from funds.payments.checking import payment_problems
from funds.payments.services import (
    Payee,
    confirm_payee,
    correct_payee,
    note_return,
    release_batch,
    take_out,
)
from tests.at_once import at_once
from tests.claims.conftest import TODAY, Register, invoice, line
from tests.faults import broken_everywhere
from tests.paying import batch_of, number_of, orders_of, provide

Counter = Callable[..., Settlement]
Agree = Callable[[Settlement], Settlement]
ROUNDS = 12
LATER = date(2026, 3, 25)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.seconds(120)]


def refused(outcomes: list[Any]) -> int:
    assert all(not isinstance(one, BaseException) or isinstance(one, Refusal) for one in outcomes)
    return sum(isinstance(one, Refusal) for one in outcomes)


def booked(event: str) -> Decimal:
    found = Voucher.objects.filter(event=event).aggregate(total=Sum("amount"))["total"]
    return found or Decimal(0)


def whole(book: Book) -> None:
    """Every fen that went is in an order, a transfer and a voucher, once."""
    assert list(payment_problems(book.area)) == []
    gone = PaymentOrder.objects.filter(status__in=PaymentOrder.GONE)
    total = gone.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    paid = booked("claim_paid") + booked("returned_paid") - booked("payment_returned")
    assert paid == total


@pytest.fixture
def three(
    counter: Counter, agree: Agree, register: Register, village_a: Division, book: Book
) -> list[Settlement]:
    """400.00 each, of three people of one household."""
    home = register.household(village_a)
    people = [register.person(f"吴{name}", home) for name in "甲乙丙"]
    provide(book.area)
    return [agree(counter(person, line("X01", "100", "10"))) for person in people]


def test_a_release_that_breaks_at_any_statement_pays_nothing(
    three: list[Settlement], cast: SimpleNamespace, book: Book
) -> None:
    batch = batch_of(*three, on=TODAY)

    def release() -> None:
        seen = 3, Decimal("1200.00")
        release_batch(actor=cast.cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)

    def nothing() -> None:
        assert booked("claim_paid") == 0
        assert not Settlement.objects.paid().exists()
        assert PaymentOrder.objects.filter(status="batched").count() == 3
        assert PaymentBatch.objects.get().status == "made"

    assert broken_everywhere(release, nothing) > 15
    assert booked("claim_paid") == Decimal("1200.00")
    assert Settlement.objects.paid().count() == 3
    whole(book)


def test_a_return_that_breaks_at_any_statement_returns_nothing(
    three: list[Settlement], cast: SimpleNamespace, book: Book
) -> None:
    batch = batch_of(*three, on=TODAY)
    release_batch(
        actor=cast.cashier, batch=batch, seen=(3, Decimal("1200.00")), on=TODAY, today=TODAY
    )
    first, second, _ = batch.transfers.order_by("position")

    def come_back() -> None:
        sent = [(first, "账号不存在"), (second, "户名不符")]
        note_return(actor=cast.accountant, transfers=sent, on=LATER)

    def nothing() -> None:
        assert booked("payment_returned") == 0
        assert not PaymentOrder.objects.filter(status="returned").exists()
        assert not Transfer.objects.filter(outcome="returned").exists()

    assert broken_everywhere(come_back, nothing) > 15
    assert booked("payment_returned") == Decimal("800.00")
    whole(book)


def test_release_and_release_pay_once(
    three: list[Settlement], cast: SimpleNamespace, book: Book
) -> None:
    for claim in three:
        batch = batch_of(claim, on=TODAY)
        outcomes = at_once(
            [
                lambda c=cashier, b=batch: release_batch(
                    actor=c, batch=b, seen=(1, Decimal("400.00")), on=TODAY, today=TODAY
                )
                for cashier in (cast.cashier, cast.cashier2, cast.cashier)
            ]
        )
        assert refused(outcomes) == 2
    assert booked("claim_paid") == Decimal("1200.00")
    whole(book)


def test_two_batches_of_the_same_orders_are_one(
    three: list[Settlement], cast: SimpleNamespace, book: Book
) -> None:
    for _ in range(ROUNDS):
        outcomes = at_once(
            [
                lambda: batch_of(*three[:2], on=TODAY),
                lambda: batch_of(*reversed(three), on=TODAY),
            ]
        )
        assert refused(outcomes) == 1
        (made,) = (one for one in outcomes if isinstance(one, PaymentBatch))
        for row in made.transfers.all():
            take_out(actor=cast.accountant, transfer=row, reason="重新编批")
    numbers = PaymentBatch.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"2026{at:05d}" for at in range(1, ROUNDS + 1)]
    whole(book)


def test_the_same_return_told_twice_is_booked_once(
    three: list[Settlement], cast: SimpleNamespace, book: Book
) -> None:
    day = TODAY
    for _ in range(ROUNDS // 2):
        batch = batch_of(*three, on=day)
        total = batch.total
        release_batch(actor=cast.cashier, batch=batch, seen=(3, total), on=day, today=day)
        sent = list(batch.transfers.order_by("position"))
        outcomes = at_once(
            [
                lambda rows=rows, d=day: note_return(
                    actor=cast.accountant, transfers=[(row, "户名不符") for row in rows], on=d
                )
                for rows in (sent, list(reversed(sent)))
            ]
        )
        assert refused(outcomes) == 0 and sum(len(one) for one in outcomes) == 3
        for order in orders_of(three):
            right = Payee(name="大足县人民医院", account="6217003760001234567")
            correct_payee(actor=cast.accountant, order=order, payee=right, reason="核对户名")
            confirm_payee(actor=cast.approver, order=order, account=number_of(order))
    assert booked("payment_returned") == ROUNDS // 2 * Decimal("1200.00")
    assert booked("claim_paid") == Decimal("1200.00")
    whole(book)


def test_approval_and_another_account_never_pay_what_nobody_saw(
    paper: Counter, register: Register, village_a: Division, cast: SimpleNamespace, book: Book
) -> None:
    """Whoever is first: an approved claim has the account that its approver saw."""
    for at in range(ROUNDS):
        person = register.person(f"何{at}", register.household(village_a))
        claim = paper(person, "6000.00", invoices=[invoice(f"NO{at}", "6000.00")])
        review(actor=cast.reviewer, settlement=claim)
        before = claim.payee_account
        new = PayeeEntry(relation="self", account="6217009999999999999")
        at_once(
            [
                lambda c=claim: approve(actor=cast.approver, settlement=c),
                lambda c=claim, n=new: change_payee(
                    actor=cast.clerk_a, settlement=c, entry=n, reason="换了存折"
                ),
            ]
        )
        claim.refresh_from_db()
        orders = orders_of([claim])
        if claim.status == "approved":
            assert claim.payee_account == orders[0].account == before
        else:
            assert (claim.status, claim.payee_account) == ("submitted", new.account)
            assert [one.status for one in orders] in ([], ["cancelled"])
            assert (claim.reviewed_by, claim.approved_by, claim.digest) == (None, None, "")
    assert list(problems(book.area)) == []


def test_a_hold_or_a_stop_beside_the_payment_has_one_outcome(
    three: list[Settlement], cast: SimpleNamespace, book: Book
) -> None:
    held, stopped, _ = three
    first = batch_of(held, on=TODAY)
    outcomes = at_once(
        [
            lambda: release_batch(
                actor=cast.cashier, batch=first, seen=(1, Decimal("400.00")), on=TODAY, today=TODAY
            ),
            lambda: hold_payment(
                actor=None, settlement=held, source="alert:1", reason="死亡后就诊"
            ),
        ]
    )
    held.refresh_from_db()
    assert (held.status == "paid") == (refused(outcomes) == 0)
    outcomes = at_once(
        [
            lambda: batch_of(stopped, on=TODAY),
            lambda: stop(actor=cast.approver, settlement=stopped, reason="有举报"),
        ]
    )
    assert refused(outcomes) == 1
    whole(book)
