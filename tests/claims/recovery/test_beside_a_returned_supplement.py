"""A balance paid too much and a layer too little: what the bank gave back bears none of the debt.

As in tests/claims/dependence/test_supplements.py, of a person whose credit bears what is left. The
second visit was paid 50.00 by the fund and 1 330.00 out of the credit; with the first cut 690.00
each are due.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.dependence.models import Supplement
from claims.dependence.supplements import approve_supplement
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import decide
from claims.services import Cut, cut_and_review
from funds.models import Book, PaymentOrder
from funds.payments.checking import payment_problems
from funds.payments.services import note_return
from tests.claims.conftest import TODAY, Register
from tests.claims.dependence.test_stories import pay_all, special
from tests.claims.dependence.test_supplements import batched, order, send

pytestmark = pytest.mark.django_db
LATER = date(2026, 3, 25)


def test_the_payee_brings_what_he_has(
    counter: Callable[..., Settlement], register: Register, village_a: Division,
    cast: SimpleNamespace, book: Book, take: Callable[..., RecoveryReceipt],
    as_user: Callable[[User], Client],
) -> None:  # fmt: skip
    wang = register.person(
        "王建国", register.household(village_a), statuses=["dibao"], credit=65_000
    )
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    assert (second.fund_amount, second.credit_amount) == (Decimal("50.00"), Decimal("1330.00"))
    pay_all(cast, second)
    cut_and_review(
        actor=cast.reviewer, settlement=first, cuts={1: Cut(Decimal("1380.00"), "多收")}, on=TODAY
    )
    more, debt = Supplement.objects.get(), Recovery.objects.get()
    assert (more.amount, debt.amount) == (Decimal("640.00"), Decimal("640.00"))
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    sent = send(cast, batched(cast, more)).transfers.get()
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=LATER)
    other = User.objects.create(
        username="r2", name="邓敏", role=cast.reviewer.role, division=cast.reviewer.division
    )
    decide(actor=other, recovery=debt, event="review_recovery", on=LATER)
    debt = decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=LATER)
    with pytest.raises(Refusal, match=r"这一层次只有 0\.00 元"):
        take(debt, "640.00", LATER, way="kept")
    page = as_user(cast.cashier).get(reverse("claims:recovery", args=[debt.pk])).text
    assert "从退汇款扣回" in page and "银行转账" in page
    take(debt, "640.00", LATER)
    assert Recovery.objects.get().status == "received"
    assert order(more).status == PaymentOrder.Status.RETURNED
    assert list(payment_problems(book.area)) == []
