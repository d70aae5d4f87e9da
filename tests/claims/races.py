"""Races over money: each round puts a claim where two hands may reach for it at once, lets them,
and asks that what is left is one of the outcomes that somebody could have wanted.

A race is a generator that plays one round before each `yield`; it goes on with the same people as
long as this is cheap, and is begun anew with others (`Table.play`). `tests/claims/test_races.py`
plays a few rounds of each, `bench/races.py` as many as one likes.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

from django.core.management import call_command
from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement
from claims.paying.checking import problems
from claims.paying.payees import PayeeEntry
from claims.paying.services import change_payee
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, propose
from claims.services import Cut, approve, cut_and_review, review, withdraw
from enrollment.models import Person
from funds.models import Book, PaymentBatch, PaymentReturn, Transfer, Voucher
from funds.payments.checking import payment_problems
from funds.payments.returns import RETURNS
from funds.payments.services import (
    Payee,
    confirm_payee,
    correct_payee,
    note_return,
    release_batch,
)
from tests.at_once import Acts
from tests.claims.conftest import TODAY, Register, invoice, line
from tests.claims.dependence.test_stories import special, used
from tests.claims.test_accounts_go_along import merge, pays
from tests.paying import batch_of, number_of, orders_of

Enter = Callable[..., Settlement]
Race = Callable[["Table"], Iterator[None]]
RACES: dict[str, Race] = {}
# Rounds with the same people: a person with a hundred settlements is nobody's, and slow.
LIFE = 20
TOLD = 100
PAYS = Decimal("400.00")  # what the fund pays of a stay of 1 000.00: (1 000 − 200) × 50 %
RIGHT = Payee(name="大足县人民医院", account="6217003760001234567", bank="农商行")


def race(play: Race) -> Race:
    RACES[play.__name__] = play
    return play


@dataclass
class Table:
    """A county with open books, its hands, and people who come one after the other."""

    cast: SimpleNamespace
    register: Register
    village: Division
    book: Book
    counter: Enter
    paper: Enter
    together: Callable[[Acts], list[Any]]
    serial: Iterator[int] = field(default_factory=lambda: count(1))

    def play(self, name: str, rounds: int) -> None:
        """So many rounds of the race; the books are whole after every hundred and at the end."""
        done, began = 0, time.monotonic()
        while done < rounds:
            for _ in islice(RACES[name](self), min(LIFE, rounds - done)):
                done += 1
            if done % TOLD == 0 or done == rounds:
                assert [*payment_problems(self.book.area), *problems(self.book.area)] == []
                took = time.monotonic() - began
                sys.stdout.write(f"{name}: {done} rounds, {took:.0f} s\n")
                sys.stdout.flush()
        call_command("verify_books")

    def one_refused(self, *acts: Callable[[], Any]) -> list[Any]:
        outcomes = self.together(acts)
        assert refused(outcomes) == 1, outcomes
        return outcomes

    def nobody_refused(self, *acts: Callable[[], Any]) -> list[Any]:
        outcomes = self.together(acts)
        assert refused(outcomes) == 0, outcomes
        return outcomes

    def person(self) -> Person:
        return self.register.person(f"孙{next(self.serial)}", self.register.household(self.village))

    def submitted(self) -> Settlement:
        """On paper, so that somebody's own account is paid."""
        handed = [invoice(f"NO{next(self.serial)}", "6000.00")]
        return self.paper(self.person(), "6000.00", invoices=handed)

    def approved(self) -> Settlement:
        """400.00 to the county hospital."""
        claim = self.counter(self.person(), line("X01", "100", "10"))
        review(actor=self.cast.reviewer, settlement=claim)
        return approve(actor=self.cast.approver, settlement=claim)

    def other_account(self, claim: Settlement) -> Settlement:
        """Whatever had been agreed holds no longer: it waits for its review."""
        entry = PayeeEntry(relation="self", account=f"62170099{next(self.serial):011d}")
        return change_payee(
            actor=self.cast.clerk_a, settlement=claim, entry=entry, reason="换了存折"
        )

    def release(self, cashier: User, batch: PaymentBatch) -> PaymentBatch:
        seen = batch.number_of, batch.total
        return release_batch(actor=cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)

    def ready_again(self, claims: list[Settlement]) -> None:
        """What the bank gave back may be put into a batch again."""
        for order in orders_of(claims):
            correct_payee(actor=self.cast.accountant, order=order, payee=RIGHT, reason="核对户名")
            confirm_payee(actor=self.cast.approver, order=order, account=number_of(order))


def refused(outcomes: list[Any]) -> int:
    return sum(isinstance(one, Refusal) for one in outcomes)


def now(claim: Settlement) -> Settlement:
    return Settlement.objects.get(pk=claim.pk)


def booked(event: str, source: str = "") -> Decimal:
    rows = Voucher.objects.filter(event=event, source__contains=source)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def gone(claims: list[Settlement]) -> list[str]:
    return sorted(one.status for one in orders_of(claims))


@race
def settle_and_settle(table: Table) -> Iterator[None]:
    """Two visits of one person: one of them bears the year's deductible, both count once."""
    while True:
        person = table.person()
        claims = table.nobody_refused(
            lambda p=person: special(table.counter, p, 3),
            lambda p=person: special(table.counter, p, 4),
        )
        assert sorted(claim.fund_amount for claim in claims) == [Decimal(590), Decimal(690)]
        assert used(person) == {"annual_paid": 128_000, "special_deductible": 20_000}
        yield


@race
def one_bed(table: Table) -> Iterator[None]:
    """The same stay from two windows: one settlement."""
    while True:
        person = table.person()
        settle = lambda p=person: table.counter(p, line("X01", "100", "10"))  # noqa: E731
        table.one_refused(settle, settle)
        assert Settlement.objects.get(visit__person=person).fund_amount == PAYS
        assert used(person)["annual_paid"] == 40_000
        yield


@race
def approve_and_approve(table: Table) -> Iterator[None]:
    """One of them asks for the payment, once."""
    claim = table.submitted()
    while True:
        review(actor=table.cast.reviewer, settlement=claim)
        table.one_refused(
            *(
                lambda who=who, claim=claim: approve(actor=who, settlement=claim)
                for who in (table.cast.approver, table.cast.approver2)
            )
        )
        claim = now(claim)
        (order,) = orders_of([claim])
        assert (claim.status, claim.approvals.filter(holds=True).count()) == ("approved", 1)
        assert (order.status, order.amount) == ("waiting", claim.payable_amount)
        yield
        claim = table.other_account(claim)


@race
def approve_and_other_account(table: Table) -> Iterator[None]:
    """An approved claim is paid to the account that its approver saw."""
    claim = table.submitted()
    while True:
        review(actor=table.cast.reviewer, settlement=claim)
        before = claim.payee_account
        outcomes = table.together(
            [
                lambda one=claim: approve(actor=table.cast.approver, settlement=one),
                lambda one=claim: table.other_account(one),
            ]
        )
        claim = now(claim)
        orders = orders_of([claim])
        assert isinstance(outcomes[1], Settlement), outcomes
        # Approved before or refused after, the change voids what was agreed on.
        assert (claim.status, claim.digest, claim.approved_by) == ("submitted", "", None)
        assert claim.payee_account != before
        assert [one.status for one in orders] in ([], ["cancelled"])
        yield


@race
def cut_and_approve(table: Table) -> Iterator[None]:
    """Cut and settled anew, or approved as it was handed in: one of them stands, and is paid."""
    while True:
        claim = table.submitted()

        def agree(claim: Settlement = claim) -> Settlement:
            review(actor=table.cast.reviewer, settlement=claim)
            return approve(actor=table.cast.approver, settlement=claim)

        def cut(claim: Settlement = claim) -> Settlement:
            cuts = {1: Cut(Decimal("5000.00"), code="not_medical")}
            return cut_and_review(actor=table.cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)

        table.one_refused(agree, cut)
        standing = Settlement.objects.effective().get(visit=claim.visit_id)
        assert used(claim.visit.person)["annual_paid"] == standing.fund_amount * 100
        if standing.pk == claim.pk:
            assert standing.status == "approved"
            assert [one.amount for one in orders_of([claim])] == [claim.payable_amount]
        else:
            assert standing.status == "reviewed"
            assert standing.payable_amount < claim.payable_amount
            assert orders_of([claim, standing]) == []
        yield


@race
def pay_and_pay(table: Table) -> Iterator[None]:
    """A batch is released once; what comes back is paid once again."""
    claim = table.approved()
    while True:
        batch = batch_of(claim, on=TODAY)
        before = booked("claim_paid") + booked("returned_paid")
        table.one_refused(
            *(
                lambda who=who, batch=batch: table.release(who, batch)
                for who in (table.cast.cashier, table.cast.cashier2)
            )
        )
        assert booked("claim_paid") + booked("returned_paid") == before + PAYS
        assert (now(claim).status, gone([claim])) == ("paid", ["sent"])
        yield
        sent = batch.transfers.get()
        note_return(actor=table.cast.accountant, transfers=[(sent, "户名不符")], on=TODAY)
        table.ready_again([claim])


@race
def pay_and_recover(table: Table) -> Iterator[None]:
    """Money is asked back that has gone, and no other: whoever asks too early asks again."""
    claim, first = table.approved(), True
    what = Proposal(reason="invoice", facts="发票虚假", debtor="household")
    while True:
        batch = batch_of(claim, on=TODAY)
        ask = lambda: propose(  # noqa: E731
            actor=table.cast.supervisor, settlement=claim, proposal=what
        )
        release, debt = table.together(
            [lambda one=batch: table.release(table.cast.cashier, one), ask]
        )
        asks_first = isinstance(release, Refusal)
        if asks_first:  # what the bank gave back is asked back before it goes out again
            assert not first and "不能再付" in release.message, release
        elif isinstance(debt, Refusal):
            assert first and "还没有支付" in debt.message, debt
            debt = ask()
        assert (debt.amount, gone([claim])) == (PAYS, ["batched" if asks_first else "sent"])
        decide(
            actor=table.cast.approver, recovery=debt, event="refuse_recovery", reason="查无此事",
            on=TODAY,
        )  # fmt: skip
        if asks_first:
            table.release(table.cast.cashier, batch)
        assert gone([claim]) == ["sent"]
        yield
        first = False
        sent = batch.transfers.get()
        note_return(actor=table.cast.accountant, transfers=[(sent, "户名不符")], on=TODAY)
        table.ready_again([claim])


@race
def withdraw_and_settle(table: Table) -> Iterator[None]:
    """What is settled while its ground is taken back bears the deductible, in any order."""
    while True:
        person = table.person()
        first = special(table.counter, person, 3)
        table.nobody_refused(
            lambda f=first: withdraw(
                actor=table.cast.hospital_clerk, settlement=f, reason="录错人"
            ),
            lambda p=person: special(table.counter, p, 4),
        )
        standing = Settlement.objects.effective().get(visit__person=person)
        assert (standing.status, standing.fund_amount) == ("submitted", Decimal("590.00"))
        assert used(person) == {"annual_paid": 59_000, "special_deductible": 20_000}
        yield


@race
def merger_and_claim(table: Table) -> Iterator[None]:
    """40.00 each: the claim draws on one account or on both, and the rest is there afterwards."""
    while True:
        kept, closed = table.person(), table.person()
        _, paid = table.nobody_refused(
            lambda k=kept, c=closed: merge(table.cast, c.household, k.household),
            lambda k=kept: pays(table.counter, k, "70"),
        )
        assert paid in (Decimal("40.00"), Decimal("70.00"))
        closed.refresh_from_db()
        assert closed.household_id == kept.household_id
        assert pays(table.counter, closed, "100") == Decimal("80.00") - paid
        yield


@race
def return_and_return(table: Table) -> Iterator[None]:
    """Two files of the bank, read by two workers, tell of the same transfers."""
    claims = [table.approved() for _ in range(3)]
    while True:
        batch = batch_of(*claims, on=TODAY)
        table.release(table.cast.cashier, batch)
        sent = list(batch.transfers.select_related("batch").order_by("position"))
        before = booked("payment_returned")
        uploads = [_file(table, rows) for rows in (sent, list(reversed(sent)))]
        table.nobody_refused(*(lambda one=one: _read(one) for one in uploads))
        for one in uploads:
            one.refresh_from_db()
        assert sum(one.returned_count for one in uploads) == 3, uploads
        assert sum(one.known_count for one in uploads) == 3
        assert booked("payment_returned") == before + 3 * PAYS
        assert gone(claims) == ["returned"] * 3
        yield
        table.ready_again(claims)


def _file(table: Table, sent: list[Transfer]) -> PaymentReturn:
    rows = "".join(f"{one.reference},{one.amount},退汇,户名不符\n" for one in sent)
    upload, _ = RETURNS.upload(
        actor=table.cast.accountant, file_name="huipan.csv", on=TODAY, area=table.book.area,
        content=f"付款编号,金额,处理结果,失败原因\n{rows}".encode(),
    )  # fmt: skip
    return upload


def _read(upload: PaymentReturn) -> None:
    RETURNS.work(PaymentReturn.objects.get(pk=upload.pk), lambda percent, stage: None, on=TODAY)


@race
def receive_and_receive(table: Table) -> Iterator[None]:
    """A debt is paid once, whichever cashier takes the money."""
    claim = table.approved()
    table.release(table.cast.cashier, batch_of(claim, on=TODAY))
    (layer,) = claim.funds.filter(amount__gt=0).values_list("layer", flat=True)
    what = Proposal(
        reason="invoice", facts="发票虚假", debtor="household", amounts={layer: Decimal("2.00")}
    )
    while True:
        debt = propose(actor=table.cast.supervisor, settlement=claim, proposal=what)
        decide(actor=table.cast.reviewer, recovery=debt, event="review_recovery", on=TODAY)
        decide(actor=table.cast.approver, recovery=debt, event="approve_recovery", on=TODAY)
        before = booked("claim_recovered")
        table.one_refused(
            *(
                lambda who=who, debt=debt: receive(
                    actor=who, recovery=debt, amount=debt.amount, on=TODAY, today=TODAY,
                    reference="B1",
                )
                for who in (table.cast.cashier, table.cast.cashier2)
            )
        )  # fmt: skip
        assert RecoveryReceipt.objects.get(recovery=debt).amount == Decimal("2.00")
        assert Recovery.objects.get(pk=debt.pk).status == "received"
        assert booked("claim_recovered") == before + Decimal("2.00")
        yield
