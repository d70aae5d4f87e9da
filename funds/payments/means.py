"""What an expenditure account has for a payment: told while a batch is put together, asked when it
is made, and asked again under a lock when the money goes (funds/services/covering.py)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q, Sum

from accounts.models import Division
from funds.balances import book_of
from funds.models import ZERO, Book
from funds.named import account_of
from funds.payments.models import PaymentBatch, PaymentKept, PaymentOrder, PaymentPart
from lib.money import told

REMEDY = "请先由财政专户拨款（登记收支）"


@dataclass(frozen=True)
class Means:
    """Yuan of one book: in its expenditure account, promised to other batches that have not gone,
    and asked for now."""

    book: Book
    balance: Decimal
    promised: Decimal
    asked: Decimal

    @property
    def free(self) -> Decimal:
        return self.balance - self.promised

    @property
    def left(self) -> Decimal:
        return self.free - self.asked

    @property
    def short(self) -> Decimal:
        """What is missing, 0 where it suffices."""
        return max(ZERO, -self.left)

    @property
    def problem(self) -> str:
        """That it does not suffice, in words; "" where it does."""
        if not self.short:
            return ""
        promised = f"，已编批未发出 {told(self.promised)} 元" if self.promised else ""
        return (
            f"{self.book}的支出户现有 {told(self.balance)} 元{promised}，"
            f"这一批要付 {told(self.asked)} 元，还差 {told(self.short)} 元"
        )


def least_balance(book: Book, on: date) -> Decimal:
    """The expenditure account on the day, or with what was booked until any later one if it is
    less: what a payment on the day is refused by (funds/services/covering.py)."""
    account = book.accounts.get(code=account_of("returned_paid", "credit"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(stands_at) FROM hezuo_funds_stands(%s, %s, %s)", [book.pk, [account.pk], on]
        )
        (least,) = cursor.fetchone()
    return least if least is not None else ZERO


def means_of(
    area: Division, orders: Collection[int], on: date, *, batch: PaymentBatch | None = None
) -> list[Means]:
    """For each book that bears a part of these orders; while there are none, for each that bears
    one of those that wait. `batch`: they are in it already. Raises Refusal where a book is not
    opened. A fixed number of statements for each book."""
    asked = _by_book(Q(pk__in=orders))
    others = Q(area=area, batch__status=PaymentBatch.Status.MADE)
    promised = _by_book(others & ~Q(batch=batch) if batch else others)
    books = asked or _by_book(Q(area=area, status=PaymentOrder.Status.WAITING))
    found = []
    for fund_type in sorted(books):
        book = book_of(area, fund_type)
        balance = least_balance(book, on)
        has, wants = promised.get(fund_type, ZERO), asked.get(fund_type, ZERO)
        found.append(Means(book, balance, has, wants))
    return found


def _by_book(which: Q) -> dict[str, Decimal]:
    """Book → what is still to be paid of these orders."""
    orders = PaymentOrder.objects.filter(which).order_by().values("pk")
    parts = PaymentPart.objects.filter(order__in=orders).order_by().values_list("fund_type")
    kept = PaymentKept.objects.filter(part__order__in=orders).order_by()
    found = dict(parts.annotate(Sum("amount")))
    for book, amount in kept.values_list("part__fund_type").annotate(Sum("amount")):
        found[book] -= amount
    return found
