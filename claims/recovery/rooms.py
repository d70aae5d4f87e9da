"""What is given back of a recovery answers when payments are made (funds/payments/rooms.py)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse

from accounts.models import Division, User
from claims.models import Settlement
from claims.recovery.brought import KEY
from claims.recovery.models import Recovery
from funds.payments.keeping import keep_rest
from funds.payments.models import PaymentOrder
from lib.money import told


def _debt_of(key: str) -> Recovery | None:
    if not key.startswith(KEY):
        return None
    number = key.removeprefix(KEY).partition("/")[0]
    return Recovery.objects.select_related("settlement").filter(pk=int(number)).first()


def is_named_here(key: str) -> bool:
    """It has no other page that names an account."""
    return key.startswith(KEY)


def gives_up(key: str) -> bool:
    """Whoever brought it may be gone, or not want it."""
    return key.startswith(KEY)


def hold_to_give_up(key: str) -> None:
    """Before the order: the claim."""
    if debt := _debt_of(key):
        Settlement.objects.select_for_update(no_key=True).get(pk=debt.settlement_id)


def given_up(order: PaymentOrder, actor: User, on: date) -> None:
    """It stays in the fund."""
    if _debt_of(order.key):
        keep_rest(actor=actor, order=order, on=on, key=f"{order.key}:returned")


def place(key: str) -> str:
    """The page of the recovery."""
    debt = _debt_of(key)
    return reverse("claims:recovery", args=[debt.pk]) if debt else ""


def payment_problems(area: Division) -> Iterator[str]:
    """More is given back of a debt than came."""
    given: dict[str, Decimal] = {}
    rows = PaymentOrder.objects.filter(area=area, key__startswith=KEY)
    for one in rows.exclude(status=PaymentOrder.Status.CANCELLED):
        number = one.key.removeprefix(KEY).partition("/")[0]
        given[number] = given.get(number, Decimal(0)) + one.amount
    debts: Any = Recovery.objects.filter(pk__in=given).annotate(came=Sum("receipts__amount"))
    for debt in debts.order_by("pk"):
        if given[str(debt.pk)] > (debt.came or Decimal(0)):
            yield f"追回单 {debt.number} 退还 {told(given[str(debt.pk)])} 元，多于收回的款项"
