"""A payment that the bank gave back lies in the fund's account: nobody brings it a second time, and
it is not sent once more while all of it is asked back. 400.00 each."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.models import Settlement
from claims.paying.services import key_of
from claims.recovery.models import Recovery, RecoveryReceipt
from enrollment.models import Person
from funds.models import Transfer, Voucher
from funds.payments.services import Payee, confirm_payee, correct_payee, note_return
from tests.claims.conftest import line
from tests.paying import batch_of, number_of

LATER, AGAIN = date(2026, 3, 25), date(2026, 3, 28)
pytestmark = pytest.mark.django_db


def give_back(cast: SimpleNamespace, claim: Settlement) -> Transfer:
    sent = Transfer.objects.get(order__key=key_of(claim))
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=LATER)
    return sent


def test_what_the_bank_gave_back_nobody_brings(
    counter: Callable[..., Settlement],
    paid: Callable[..., Settlement],
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    wang: Person,
    cast: SimpleNamespace,
) -> None:
    """It may be asked back, and is taken from where it lies."""
    claim = paid(counter(wang, line("X01", "100", "10")))
    give_back(cast, claim)
    debt = ask(claim, LATER)
    with pytest.raises(Refusal, match="款项现为“退汇”，还在支出户"):
        take(debt, "400.00", LATER)
    assert take(debt, "400.00", LATER, way="kept").voucher_number
    last = Voucher.objects.latest("pk")
    assert (last.event, last.amount) == ("returned_kept", Decimal("400.00"))


def test_what_is_asked_back_is_not_received_twice_nor_paid_again(
    counter: Callable[..., Settlement],
    paid: Callable[..., Settlement],
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    wang: Person,
    cast: SimpleNamespace,
) -> None:
    """The bank's answer comes after the decision: the debtor never had the money."""
    claim = paid(counter(wang, line("X01", "100", "10")))
    debt = ask(claim)
    order: Any = give_back(cast, claim).order
    with pytest.raises(Refusal, match="还在支出户"):
        take(debt, "400.00")
    right = Payee(name="大足县人民医院", account="6217003760001234567", bank="农商行")
    correct_payee(actor=cast.accountant, order=order, payee=right, reason="账号录错一位")
    confirm_payee(actor=cast.approver, order=order, account=number_of(order))
    with pytest.raises(Refusal, match=f"已提出全部追回（{debt}），不能再付"):
        batch_of(claim, on=AGAIN)
    vouchers = Voucher.objects.exclude(event="expenditure_funded").order_by("pk")
    assert [(one.event, one.amount) for one in vouchers] == [
        ("claim_paid", Decimal("400.00")),
        ("payment_returned", Decimal("400.00")),
    ]
