"""Real threads: one year's deposit is given back once, whoever proposes and whoever decides."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.clearing.models import DepositReturn
from claims.clearing.money import decide_return
from claims.clearing.standing import key_of
from claims.models import Settlement
from funds.models import PaymentOrder
from supervision.assessment.models import Assessment
from supervision.assessment.services import propose_deposit, take_step
from tests.at_once import at_once
from tests.claims.clearing.conftest import CHECKED, Month3, approved, month, rule
from tests.claims.conftest import agree, book, catalogue, counter
from tests.supervision.test_assessment import FEBRUARY, balance, form, published

__all__ = ["agree", "approved", "book", "catalogue", "counter", "form", "month", "published",
           "rule"]  # fmt: skip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Make = Callable[..., Settlement]


def test_two_windows_close_one_deposit(
    month: Month3, approved: Make, cast: SimpleNamespace, published: Assessment
) -> None:
    """200.00 kept back, 86 points: 172.00 go back once, 28.00 are income once."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    row = take_step(actor=cast.supervisor, row=published, event="finish_assessment", on=FEBRUARY)

    def propose() -> DepositReturn:
        return propose_deposit(actor=cast.supervisor, row=row, on=FEBRUARY)

    refused = [one for one in at_once([propose] * 3) if isinstance(one, Refusal)]
    assert len(refused) == 2
    back = DepositReturn.objects.get()
    assert (back.kept_amount, back.amount) == (Decimal("200.00"), Decimal("172.00"))

    def decide(event: str, on: date = FEBRUARY) -> Callable[[], Any]:
        actor = cast.supervisor if event.startswith("withdraw") else cast.approver
        return lambda: decide_return(actor=actor, row=back, event=event, on=on)

    outcomes = at_once(
        [decide("approve_deposit_return"), decide("approve_deposit_return"),
         decide("withdraw_deposit_return")]
    )  # fmt: skip
    assert sum(isinstance(one, Refusal) for one in outcomes) == 2
    back.refresh_from_db()
    orders = PaymentOrder.objects.filter(key=f"deposit:{back.pk}").count()
    taken = {"approved": (1, Decimal("-28.00")), "withdrawn": (0, Decimal("0"))}
    assert (orders, balance("4501-other")) == taken[back.status]
