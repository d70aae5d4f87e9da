"""A county that clears monthly: March's claims of the county hospital, and the hands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division, User
from accounts.roles import Role
from claims.clearing.models import Clearing, ClearingRule, Deduction
from claims.clearing.money import propose_rule
from claims.clearing.services import check, confirm, declare, issue
from claims.clearing.workflow import RULES
from claims.models import Settlement
from enrollment.models import Person
from funds.models import Book, PaymentOrder
from funds.payments.services import make_batch, release_batch
from institutions.models import Institution
from lib.periods import Month
from tests.claims.conftest import TODAY, Register, line
from tests.claims.recovery.conftest import ask
from tests.paying import provide

__all__ = ["ask"]

MARCH = Month(2026, 3)
DECLARED = date(2026, 4, 8)
CHECKED = date(2026, 4, 14)
PAID = date(2026, 4, 27)


def adopt(cast: SimpleNamespace, **given: Any) -> ClearingRule:
    """10 % kept back, five days to answer, by the supervisor and the approver."""
    facts = {"first_month": date(2026, 1, 1), "deposit_percent": 10, "full_score": 95,
             "days_to_answer": 5, "evidence": "大医保〔2026〕3号", "reason": "月结"}  # fmt: skip
    rule = propose_rule(actor=cast.supervisor, on=date(2026, 1, 4), **facts | given)
    return RULES.decide(rule, "approve_clearing_rule", actor=cast.approver, on=date(2026, 1, 5))


@pytest.fixture
def rule(cast: SimpleNamespace) -> ClearingRule:
    return adopt(cast)


@dataclass
class Month3:
    """The steps of a month with the hands of the cast."""

    cast: SimpleNamespace
    hospital: Institution
    area: Division

    def declare(self, month: Month = MARCH, on: date = DECLARED) -> Clearing:
        return declare(
            actor=self.cast.hospital_clerk, institution=self.hospital, month=month, on=on
        )

    def issue(self, clearing: Clearing, on: date = CHECKED) -> Clearing:
        check(actor=self.cast.reviewer, clearing=clearing, on=on)
        return issue(actor=self.cast.approver, clearing=clearing, on=on)

    def confirm(
        self, clearing: Clearing, disputes: dict[int, str] | None = None, on: date = CHECKED
    ) -> Clearing:
        return confirm(
            actor=self.cast.hospital_clerk, clearing=clearing, disputes=disputes or {}, on=on
        )

    def pay(self, *keys: str, on: date = PAID) -> None:
        """The accountant makes a batch of these orders, the cashier releases it."""
        provide(self.area)
        accountant = User.objects.filter(role=Role.ACCOUNTANT, division=self.area).earliest("pk")
        orders = list(PaymentOrder.objects.filter(key__in=keys))
        batch = make_batch(actor=accountant, orders=orders, on=on)
        seen = batch.number_of, batch.total
        release_batch(actor=self.cast.cashier, batch=batch, seen=seen, on=on, today=on)


@pytest.fixture
def month(cast: SimpleNamespace, hospital: Institution, county: Division, rule: Any) -> Month3:
    return Month3(cast, hospital, county)


@pytest.fixture
def approved(
    counter: Callable[..., Settlement],
    agree: Callable[[Settlement], Settlement],
    register: Register,
    village_a: Division,
    book: Book,
) -> Callable[..., Settlement]:
    """A stay at the county hospital, approved; (amount − 200) × 50 % of the second tier."""

    def one(name: str, yuan: str, on: date = TODAY, **given: Any) -> Settlement:
        person: Person = register.person(name, register.household(village_a))
        return agree(counter(person, line("S03", "1", yuan), on=on, **given))

    return one


def reloaded(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def yuan(text: str) -> Decimal:
    return Decimal(text)


def statuses(clearing: Clearing) -> list[str]:
    rows = Deduction.objects.filter(claim__clearing=clearing).order_by("pk")
    return list(rows.values_list("status", flat=True))
