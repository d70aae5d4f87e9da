"""A paid claim, and the four hands of a recovery."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, propose
from tests.claims.conftest import TODAY
from tests.paying import pay


@pytest.fixture
def paid(
    agree: Callable[[Settlement], Settlement], cast: SimpleNamespace, book: Any
) -> Callable[..., Settlement]:
    def all_the_way(claim: Settlement, on: date = TODAY) -> Settlement:
        pay(actor=cast.cashier, settlements=[agree(claim)], on=on, today=on)
        return Settlement.objects.get(pk=claim.pk)

    return all_the_way


@pytest.fixture
def reviewer2(cast: SimpleNamespace) -> User:
    """Who reviews what the first reviewer proposes."""
    fields = {"role": Role.REVIEWER, "division": cast.reviewer.division}
    return User.objects.create(username="reviewer2", name="邓敏", **fields)


@pytest.fixture
def ask(cast: SimpleNamespace) -> Callable[..., Recovery]:
    """The supervisor proposes, the reviewer and the approver agree."""

    def agreed(claim: Settlement, on: date = TODAY, **facts: Any) -> Recovery:
        given = {"reason": "invoice", "facts": "发票经税务核验为假", "debtor": "household"}
        recovery = propose(
            actor=cast.supervisor, settlement=claim, proposal=Proposal(**given | facts)
        )
        decide(actor=cast.reviewer, recovery=recovery, event="review_recovery", on=on)
        return decide(actor=cast.approver, recovery=recovery, event="approve_recovery", on=on)

    return agreed


@pytest.fixture
def take(cast: SimpleNamespace) -> Callable[..., RecoveryReceipt]:
    """The cashier takes money by bank."""

    def received(recovery: Recovery, yuan: str, on: date = TODAY, **facts: Any) -> RecoveryReceipt:
        given = {"actor": cast.cashier, "reference": "BK20260320001", "today": on}
        return receive(recovery=recovery, amount=Decimal(yuan), on=on, **given | facts)

    return received
