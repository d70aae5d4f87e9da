"""What waits in payments, and what the fund owes and has not paid."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import User
from desk.worklist import Finder, Hit, Work
from funds.payments.models import (
    PaymentBatch,
    PaymentBatchQuerySet,
    PaymentOrder,
    PaymentOrderQuerySet,
    ReturnNote,
)

# A claim is to be paid within 30 working days of its papers being complete (社会保险经办条例 gives
# no shorter one to the payment alone); a week is what a month with four batches allows. No norm.
LATE = 7


def _orders(user: User) -> PaymentOrderQuerySet:
    return PaymentOrder.objects.visible_to(user).with_rest()


def _waiting(user: User) -> PaymentOrderQuerySet:
    return _orders(user).waiting()


def _returned(user: User) -> PaymentOrderQuerySet:
    return _orders(user).filter(status=PaymentOrder.Status.RETURNED)


def _corrected(user: User) -> PaymentOrderQuerySet:
    return _orders(user).filter(status=PaymentOrder.Status.CORRECTED)


def _giving_up(user: User) -> PaymentOrderQuerySet:
    return _orders(user).filter(status=PaymentOrder.Status.GIVING_UP)


def _noted(user: User) -> PaymentOrderQuerySet:
    notes = ReturnNote.objects.filter(status=ReturnNote.Status.NOTED)
    return _orders(user).filter(pk__in=notes.values("transfer__order"))


def _made(user: User) -> PaymentBatchQuerySet:
    return PaymentBatch.objects.visible_to(user).made()


def _batched(user: User) -> PaymentOrderQuerySet:
    return _orders(user).filter(status=PaymentOrder.Status.BATCHED)


def _by_number(user: User, text: str, at_most: int) -> Iterator[Hit]:
    """A batch or a payment by the number that the bank's papers bear: 202600001-0003."""
    number, dash, _ = text.partition("-")
    if not number.isdecimal():
        return
    # With a line's number the batch's is whole: 2026-03-0012 is a voucher, and no batch of 2026.
    asked = {"number": number} if dash else {"number__startswith": number}
    for row in PaymentBatch.objects.visible_to(user).filter(**asked)[:at_most]:
        yield Hit(
            "支付批次",
            row.number,
            f"{row.number_of} 笔，{row.get_status_display()}",
            reverse("funds:payment_batch", args=[row.pk]),
        )


MONEY, SINCE = "rest", "asked_on"
WORK = (
    Work(
        "待支付",
        "funds.make_batch",
        "funds:payment_queue",
        _waiting,
        money=MONEY,
        since=SINCE,
        late=LATE,
    ),
    Work(
        "待发出的支付批次",
        "funds.release_batch",
        "funds:payment_batches",
        _made,
        unit="批",
        query="status=made",
        money="total",
        since="made_on",
        late=LATE,
    ),
    Work(
        "手工登记的退汇待核对",
        "funds.confirm_return",
        "funds:payment_orders",
        _noted,
        query="noted=open",
        money=MONEY,
    ),
    Work(
        "退汇待更正账户",
        "funds.correct_payee",
        "funds:payment_orders",
        _returned,
        query="status=returned",
        money=MONEY,
        since="returned_on",
        late=LATE,
    ),
    Work(
        "更正账户待确认",
        "funds.confirm_payee",
        "funds:payment_orders",
        _corrected,
        query="status=corrected",
        money=MONEY,
        since="returned_on",
        late=LATE,
    ),
    Work(
        "退汇转回基金待批准",
        "funds.confirm_payee",
        "funds:payment_orders",
        _giving_up,
        query="status=giving_up",
        money=MONEY,
        since="returned_on",
        late=LATE,
    ),
)
FINDERS = (Finder("funds.view", _by_number),)


def _owed(title: str, rows: object, status: str) -> Work:
    return Work(
        title,
        "funds.view_payments",
        "funds:payments_owed",
        rows,  # type: ignore[arg-type]
        query=f"status={status}",
        money=MONEY,
        since=SINCE,
        late=LATE,
    )


# Kinds of money that the fund owes; other rooms name theirs (settings.ROOMS_THAT_OWE).
OWED = (
    _owed("待付", _waiting, "waiting"),
    _owed("已编批未发出", _batched, "batched"),
    _owed("退汇", _returned, "returned"),
    _owed("更正待确认", _corrected, "corrected"),
    _owed("退汇待批准转回", _giving_up, "giving_up"),
)
