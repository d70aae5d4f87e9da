"""Real threads on PostgreSQL: whoever comes first, statement, order and claims agree afterwards."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum

from accounts.errors import Refusal
from claims.clearing.models import Clearing, ClearingClaim
from claims.clearing.money import decide_method, propose_method
from claims.clearing.services import check, recall
from claims.clearing.standing import key_of
from claims.models import Settlement
from claims.services import stop
from funds.models import PaymentOrder
from funds.payments.rooms import problems
from institutions.models import Institution
from lib.periods import Month
from tests.at_once import at_once
from tests.claims.clearing.conftest import Month3, reloaded

Make = Callable[..., Settlement]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = range(3)


def agrees(month: Month3) -> None:
    """No claim in two clearings, no sum that is not the claims', no order that is not the sum's."""
    live = ClearingClaim.objects.live()
    assert live.count() == live.values("settlement").distinct().count()
    for row in Clearing.objects.standing():
        total = row.claims.live().aggregate(total=Sum("amount"))["total"] or Decimal(0)
        assert total == row.claimed_amount
        order = PaymentOrder.objects.filter(key=key_of(row)).exclude(status="cancelled").first()
        if row.status in {"confirmed", "paid"}:
            assert order is not None
            assert order.amount == row.paid_amount
        else:
            assert order is None
    paid = Settlement.objects.paid().values_list("pk", flat=True)
    assert set(paid) <= set(
        live.filter(clearing__status="paid").values_list("settlement", flat=True)
    )
    assert list(problems(month.area)) == []


@pytest.mark.parametrize("_round", ROUNDS)
def test_declared_twice_while_a_claim_is_stopped(
    month: Month3, approved: Make, cast: SimpleNamespace, _round: int
) -> None:
    one, other = approved("王强", "4200"), approved("李芳", "2201")
    outcomes = at_once(
        [
            month.declare,
            month.declare,
            lambda: stop(actor=cast.approver, settlement=one, reason="患者没有住院"),
        ]
    )
    assert sum(isinstance(outcome, Clearing) for outcome in outcomes) == 1
    assert isinstance(outcomes[2], Settlement)
    clearing = Clearing.objects.standing().get()
    assert [row.settlement_id for row in clearing.claims.live()] == [other.pk]
    agrees(month)


@pytest.mark.parametrize("_round", ROUNDS)
def test_confirmed_while_a_claim_is_stopped(
    month: Month3, approved: Make, cast: SimpleNamespace, _round: int
) -> None:
    one = approved("王强", "4200")
    approved("李芳", "2201")
    clearing = month.issue(month.declare())
    outcomes: list[Any] = at_once(
        [
            lambda: month.confirm(clearing),
            lambda: stop(actor=cast.approver, settlement=one, reason="患者没有住院"),
        ]
    )
    assert isinstance(outcomes[1], Settlement)
    assert isinstance(outcomes[0], Clearing | Refusal)
    assert reloaded(clearing).status == Clearing.Status.DECLARED
    agrees(month)


@pytest.mark.parametrize("_round", ROUNDS)
def test_paid_while_it_is_recalled_and_a_claim_is_stopped(
    month: Month3, approved: Make, cast: SimpleNamespace, _round: int
) -> None:
    """Paid, all its claims are; called back, none is."""
    claims = [approved("王强", "4200"), approved("李芳", "2201")]
    clearing = month.confirm(month.issue(month.declare()))
    outcomes: list[Any] = at_once(
        [
            lambda: month.pay(key_of(clearing)),
            lambda: recall(actor=cast.approver, clearing=clearing, reason="发现一笔有疑问"),
            lambda: stop(actor=cast.approver, settlement=claims[0], reason="患者没有住院"),
        ]
    )
    assert all(isinstance(one, Refusal | Clearing | Settlement | None) for one in outcomes), (
        outcomes
    )
    statuses = {reloaded(one).status for one in claims}
    if reloaded(clearing).status == Clearing.Status.PAID:
        assert statuses == {"paid"}
    else:
        assert "paid" not in statuses
    agrees(month)


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_months_never_take_the_same_budget(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution, _round: int
) -> None:
    """2,500.00 a year: April's 1,000.50 are declared while March's 2,000.00 are checked. 2,500.00
    in all, whoever came first."""
    method = propose_method(
        actor=cast.supervisor, institution=hospital, care="inpatient", way="budget", rate=None,
        first_month=date(2026, 1, 1), heads=None, budget=Decimal(2500), prices={},
        evidence="大医协〔2026〕7号", reason="年度协议", on=date(2026, 1, 6),
    )  # fmt: skip
    event = "approve_payment_method"
    decide_method(actor=cast.approver, row=method, event=event, on=date(2026, 1, 7))
    approved("王强", "4200")
    may = date(2026, 5, 6)
    month.declare(on=may)
    approved("李芳", "2201", on=date(2026, 4, 20))
    first = Clearing.objects.get()
    outcomes = at_once(
        [
            lambda: month.declare(Month(2026, 4), may),
            lambda: check(actor=cast.reviewer, clearing=first, on=may),
        ]
    )
    assert all(isinstance(one, Clearing) for one in outcomes)
    assert sum(row.worth for row in Clearing.objects.all()) == Decimal("2500.00")
