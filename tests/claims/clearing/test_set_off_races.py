"""Real threads: a debt that a month sets off is brought by the hospital in the same moment. The
claims of both are of one person, so that each of the two locks what the other is about to ask for.

王强's 1 200 of 1 March drew (1 200 − 200) × 50 % = 500.00, asked back from the hospital; his 4 200
of the month are computed after it.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.clearing.standing import key_of
from claims.models import Settlement
from claims.recovery.models import RecoveryReceipt
from claims.recovery.receiving import receive
from funds.models import Book, PaymentOrder
from funds.payments.rooms import problems
from funds.payments.services import make_batch, release_batch
from institutions.models import Institution
from tests.at_once import at_once
from tests.claims.clearing.conftest import PAID, Month3, adopt, reloaded
from tests.claims.conftest import TODAY, Register, line, stay
from tests.paying import pay, provide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("_round", range(4))
def test_a_debt_is_set_off_while_it_is_brought(
    counter: Callable[..., Settlement], agree: Any, ask: Any, register: Register,
    village_a: Division, cast: SimpleNamespace, hospital: Institution, county: Division,
    book: Book, _round: int,
) -> None:  # fmt: skip
    person = register.person("王强", register.household(village_a))
    first = agree(counter(person, line("S03", "1", "1200"),
                          visit=stay(date(2026, 2, 20), date(2026, 3, 1))))  # fmt: skip
    pay(actor=cast.cashier, settlements=[first], on=TODAY, today=TODAY)
    debt = ask(reloaded(first), debtor="institution")
    adopt(cast)
    agree(counter(person, line("S03", "1", "4200"), visit=stay(date(2026, 3, 5), date(2026, 3, 9))))
    month = Month3(cast, hospital, county)
    clearing = month.confirm(month.issue(month.declare()))
    assert clearing.set_off_amount == debt.amount
    provide(county)
    orders = list(PaymentOrder.objects.filter(key=key_of(clearing)))
    batch = make_batch(actor=cast.accountant, orders=orders, on=PAID)
    seen = batch.number_of, batch.total
    outcomes = at_once(
        [
            lambda: release_batch(
                actor=cast.cashier, batch=batch, seen=seen, on=PAID, today=PAID
            ),
            lambda: receive(
                actor=cast.cashier2, recovery=debt, amount=debt.amount, on=PAID, today=PAID,
                reference="BK1",
            ),
        ]
    )  # fmt: skip
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1, outcomes
    receipt = RecoveryReceipt.objects.get()
    assert receipt.amount == debt.amount == Decimal("500.00")
    is_set_off = receipt.way == RecoveryReceipt.Way.SET_OFF
    assert reloaded(clearing).status == ("paid" if is_set_off else "confirmed"), outcomes
    assert list(problems(county)) == []
