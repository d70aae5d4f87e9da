"""How many statements a claim costs, however long its bill."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from claims.models import Settlement
from claims.services.settling import SERIALS
from enrollment.models import Person
from funds.models import Book
from institutions.models import Institution
from tests.claims.conftest import TODAY, line, stay
from tests.paying import pay, provide


def statements(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len([q for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]])


@pytest.mark.parametrize("length", [1, 10, 100])
def test_settling_costs_the_same_for_every_length(
    counter: Callable[..., Settlement],
    wang: Person,
    cast: SimpleNamespace,
    hospital: Institution,
    length: int,
) -> None:
    """At the counter a bill is settled and submitted with at most 20 statements, once the year's
    counter of numbers is there."""
    SERIALS.next("500225", 2026)
    actor = User.objects.get(pk=cast.hospital_clerk.pk)
    institution = Institution.objects.get(pk=hospital.pk)
    person = Person.objects.get(pk=wang.pk)
    bill = [line("X01", "10", "10")] * length
    cost = statements(lambda: counter(person, *bill, actor=actor, institution=institution))
    assert cost <= 20


def test_paying_many_costs_the_same_for_each(
    counter: Callable[..., Settlement],
    agree: Callable[[Settlement], Settlement],
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    claims = []
    for day in range(1, 7):
        visit = stay(date(2026, 2, day), date(2026, 2, day))
        claims.append(agree(counter(wang, line("X01", "100", "10"), visit=visit)))
    provide(book.area)
    # The first payment of a year makes its counters of numbers.
    pay(actor=cast.cashier, settlements=claims[:1], on=TODAY, today=TODAY)
    once, rest = claims[1:2], claims[2:]
    one = statements(lambda: pay(actor=cast.cashier, settlements=once, on=TODAY, today=TODAY))
    four = statements(lambda: pay(actor=cast.cashier, settlements=rest, on=TODAY, today=TODAY))
    # A batch, its vouchers and its claims together; each claim has its line in the trail. A few
    # statements say what the account has before the batch is made, one of each voucher whether it
    # still has it.
    assert one <= 60
    assert four == one + 3
