"""Whatever happens to orders, what they come to is what the vouchers say."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from accounts.models import Division
from funds.balances import balance_of
from funds.models import Book, PaymentBatch, PaymentOrder, Transfer, Voucher
from funds.payments.checking import payment_problems
from funds.payments.services import (
    Payee,
    cancel_order,
    confirm_payee,
    correct_payee,
    discard_batch,
    make_batch,
    note_arrival,
    note_return,
    release_batch,
    take_out,
)
from tests.funds.payments.conftest import TODAY
from tests.paying import PLENTY, number_of

Ask = Callable[..., PaymentOrder]
Status = PaymentOrder.Status


def total(event: str) -> Decimal:
    found = Voucher.objects.filter(event=event).aggregate(total=Sum("amount"))["total"]
    return found or Decimal(0)


def gone() -> Decimal:
    rows = PaymentOrder.objects.filter(status__in=PaymentOrder.GONE)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def owed_back() -> Decimal:
    rows = PaymentOrder.objects.filter(bounces__gt=0).exclude(status__in=PaymentOrder.GONE)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_orders_and_vouchers_agree_after_anything(
    seed: int, order: Ask, book: Book, cast: SimpleNamespace, village_b: Division
) -> None:
    chance = random.Random(seed)
    day, number = TODAY, 0
    for _ in range(25):
        day += timedelta(days=chance.randrange(2))
        waiting = list(PaymentOrder.objects.waiting())
        made = list(PaymentBatch.objects.made())
        act = chance.choice(["ask", "ask", "batch", "release", "return", "right", "undo"])
        if act == "ask":
            number += 1
            amount = f"{chance.randrange(1, 100_000) / 100:.2f}"
            places = [village_b] if chance.random() < 0.4 else []
            order(number, amount, *places)
        elif act == "batch" and waiting:
            some = chance.sample(waiting, chance.randrange(1, len(waiting) + 1))
            make_batch(actor=cast.accountant, orders=some, on=day)
        elif act == "release" and made:
            batch = made[0]
            seen = batch.number_of, batch.total
            release_batch(actor=cast.cashier, batch=batch, seen=seen, on=day, today=day)
        elif act == "return":
            sent = list(Transfer.objects.filter(batch__status="released", outcome="pending"))
            for row in chance.sample(sent, len(sent) // 2):
                note_return(actor=cast.accountant, transfers=[(row, "户名不符")], on=day)
            left = [row for row in sent if row.order_id % 2]
            arrived = Transfer.objects.filter(pk__in=[row.pk for row in left], outcome="pending")
            note_arrival(actor=cast.accountant, transfers=list(arrived), on=day)
        elif act == "right":
            for one in PaymentOrder.objects.bounced():
                right = Payee(name="王建国", account="6217003760007654321")
                correct_payee(actor=cast.accountant, order=one, payee=right, reason="核对")
                confirm_payee(actor=cast.approver, order=one, account=number_of(one))
        elif act == "undo" and made:
            rows = list(made[-1].transfers.standing())
            if len(rows) > 1:
                take_out(actor=cast.accountant, transfer=rows[0], reason="材料不全")
            else:
                discard_batch(actor=cast.accountant, batch=made[-1], reason="重新编批")
        elif act == "undo" and waiting:
            cancel_order(actor=None, key=waiting[0].key, reason="撤回")
        assert list(payment_problems(book.area)) == []
        out = total("claim_paid") + total("returned_paid") - total("payment_returned")
        assert out == gone()
        assert balance_of(book, "1004", day) == PLENTY - out
        assert balance_of(book, "2001-returned", day) == owed_back()
    numbers = list(PaymentBatch.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == [f"2026{at:05d}" for at in range(1, len(numbers) + 1)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE funds_paymentorder SET amount = amount + 1",
        "UPDATE funds_paymentorder SET payee = '李四'",
        "UPDATE funds_paymentorder SET account_index = 'x'",
        "UPDATE funds_paymentorder SET key = 'other'",
        "UPDATE funds_paymentorder SET status = 'waiting', batch_id = NULL",
        "UPDATE funds_paymentpart SET amount = amount + 1",
        "DELETE FROM funds_paymentpart",
        "UPDATE funds_transfer SET amount = amount + 1",
        "UPDATE funds_transfer SET payee = '李四'",
        "UPDATE funds_transfer SET outcome = 'taken_out', reason = 'x'",
        "UPDATE funds_paymentbatch SET total = total + 1",
        "UPDATE funds_paymentbatch SET paid_on = paid_on + 1",
        "DELETE FROM funds_paymentvoucher",
        "DELETE FROM funds_transfer",
    ],
)
def test_what_was_sent_is_carved_in_stone(released: PaymentBatch, change: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_a_batch_says_what_is_in_it(order: Ask, cast: SimpleNamespace) -> None:
    batch = make_batch(actor=cast.accountant, orders=[order(1), order(2)], on=TODAY)
    for change in ("total = total - 1", "number_of = 3"):
        with (
            pytest.raises(IntegrityError, match="says"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE funds_paymentbatch SET {change} WHERE id = %s", [batch.pk])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
