"""Claims paid as an accountant and a cashier do it: put into a batch, and released."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Settlement
from claims.paying.services import key_of
from funds.models import Book, PaymentBatch, PaymentOrder, Voucher
from funds.payments.services import make_batch, release_batch
from funds.services import EventLine
from funds.services.posting import Leg, post_legs

# More than any story spends, so that no account runs dry where that is not the point.
PLENTY = Decimal("10000000.00")


def provide(area: Division, amount: Decimal = PLENTY) -> None:
    """What the county's expenditure accounts had when each book began, once. It is borrowed, where
    the book knows loans, so that no surplus counts it."""
    for book in Book.objects.filter(area=area):
        if Voucher.objects.filter(book=book, key="test:provided").exists():
            continue
        owed = "2101" if book.fund_type == Book.FundType.RESIDENT else "3001"
        with transaction.atomic():
            post_legs(
                book=book,
                event="expenditure_funded",
                on=book.first_month,
                key="test:provided",
                source="启用余额",
                actor=None,
                legs=[Leg("1004", owed, EventLine(amount=amount))],
            )


def orders_of(settlements: Sequence[Settlement]) -> list[PaymentOrder]:
    return list(PaymentOrder.objects.filter(key__in=[key_of(one) for one in settlements]))


def batch_of(*settlements: Settlement, on: date) -> PaymentBatch:
    """Made by the county's accountant, from accounts that have enough."""
    area = Division.objects.get(code=settlements[0].division.county_code)
    accountant = User.objects.filter(role=Role.ACCOUNTANT, division=area).earliest("pk")
    provide(area)
    return make_batch(actor=accountant, orders=orders_of(settlements), on=on)


def pay(
    *, actor: User, settlements: Sequence[Settlement], on: date, today: date
) -> list[Settlement]:
    """Both steps on one day; what nothing is to be paid for is closed already."""
    due = [one for one in settlements if one.payable_amount]
    if due:
        batch = batch_of(*due, on=on)
        seen = batch.number_of, batch.total
        release_batch(actor=actor, batch=batch, seen=seen, on=on, today=today)
    return list(Settlement.objects.filter(pk__in=[one.pk for one in settlements]).order_by("pk"))


def number_of(order: PaymentOrder) -> str:
    """The account that the order goes to now, as the second person reads it on the paper."""
    return str(PaymentOrder.objects.get(pk=order.pk).account)
