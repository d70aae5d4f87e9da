"""Orders of a fund that knows no claims: three people of 龙水镇 and one of 万古镇."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.models import Division
from funds.models import Book, PaymentBatch, PaymentOrder
from funds.payments.services import Part, Payee, make_batch, order_payment, release_batch
from funds.services import open_book
from lib.periods import Month
from tests.paying import provide

TODAY = date(2026, 3, 20)
ACCOUNT = "6217003760001234567"


@pytest.fixture
def book(county: Division, cast: SimpleNamespace) -> Book:
    book = open_book(actor=cast.accountant, area=county, first_month=Month(2026, 1))
    provide(county)
    return book


@pytest.fixture
def order(book: Book, cast: SimpleNamespace, village_a: Division) -> Callable[..., PaymentOrder]:
    """order(1, "15.00"): of 龙水镇, under key test:1."""

    def ask(at: int, amount: str = "15.00", village: Division = village_a) -> PaymentOrder:
        return order_payment(
            actor=cast.approver,
            area=book.area,
            division=village,
            township=village.parent,
            key=f"test:{at}",
            event="claim_paid",
            source=f"测试 {at}",
            payee=Payee(name="王建国", account=ACCOUNT),
            parts=[Part(amount=Decimal(amount), purpose="other", tier="tier1", policy_year=2026)],
            on=TODAY,
        )

    return ask


@pytest.fixture
def released(
    order: Callable[..., PaymentOrder], cast: SimpleNamespace, village_b: Division
) -> PaymentBatch:
    """15.00, 20.00 and 30.00 of 龙水镇, 40.00 of 万古镇: 105.00 in two vouchers."""
    orders = [order(1), order(2, "20.00"), order(3, "30.00"), order(4, "40.00", village_b)]
    batch = make_batch(actor=cast.accountant, orders=orders, on=TODAY)
    seen = 4, Decimal("105.00")
    return release_batch(actor=cast.cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)
