"""Every kind of care from the bill to the money that arrived, and every way back, to the fen.

The amounts are those of tests/claims/lives/table.py, worked out there by hand.
"""

import io
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db.models import Sum

from claims.dependence.models import Supplement
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import decide
from claims.services import Cut, approve, cut_and_review, review, withdraw
from enrollment.models import Person
from funds.models import Book, Posting, Voucher
from tests.claims.dependence.test_stories import used
from tests.claims.lives.table import LIVES, Life
from tests.claims.recovery.test_stories import legs
from tests.paying import pay

Enter = Callable[[int], Settlement]
Paid = Callable[..., Settlement]
Ask = Callable[..., Recovery]
Take = Callable[..., RecoveryReceipt]
pytestmark = pytest.mark.django_db


@pytest.fixture(params=LIVES, ids=lambda life: life.name.replace(" ", "_"))
def life(request: pytest.FixtureRequest) -> Life:
    found: Life = request.param
    return found


def spent() -> dict[str, Decimal]:
    """What the fund has borne, by account."""
    rows = Posting.objects.filter(account__kind="expense").order_by().values("account__code")
    sums = rows.annotate(net=Sum("debit") - Sum("credit"))
    return {row["account__code"]: row["net"] for row in sums if row["net"]}


def due(life: Life, *amounts: str) -> dict[str, Decimal]:
    """These amounts, one for each visit of the life, as the ledger has them."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for account, yuan in zip(life.accounts[-len(amounts) :], amounts, strict=True):
        sums[account] += Decimal(yuan)
    return {account: yuan for account, yuan in sums.items() if yuan}


def standing() -> list[Settlement]:
    return list(Settlement.objects.effective().order_by("visit__starts"))


def whole() -> None:
    """The books hold, and whatever stands is what its own facts give once more."""
    call_command("verify_books", stdout=io.StringIO())
    for claim in standing():
        call_command("recompute", claim.number, stdout=io.StringIO())


def test_paid_and_recovered_after_a_later_one(
    life: Life, enter: Enter, paid: Paid, ask: Ask, take: Take, cast: SimpleNamespace,
    person: Person,
) -> None:  # fmt: skip
    first, second = (paid(enter(number), on=life.on) for number in (0, 1))
    assert [f"{claim.payable_amount:.2f}" for claim in (first, second)] == list(life.pays)
    out = [legs(each) for each in Voucher.objects.filter(event="claim_paid").order_by("pk")]
    assert out == [
        [(account, Decimal(yuan), 0), ("1004", 0, Decimal(yuan))]
        for account, yuan in zip(life.accounts, life.pays, strict=True)
    ]

    take(ask(first, on=life.on), life.pays[0], on=life.on)
    assert spent() == due(life, life.pays[1])
    more = Decimal(life.alone) - Decimal(life.pays[1])
    found = [(one.settlement, one.amount, one.status) for one in Supplement.objects.all()]
    assert found == ([(second, more, "to_pay")] if more > 0 else [])
    owed = Recovery.objects.filter(settlement=second)
    assert [(one.amount, one.status) for one in owed] == ([(-more, "proposed")] if more < 0 else [])
    for debt in owed:
        decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=life.on)
        agreed = decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=life.on)
        take(agreed, str(-more), on=life.on)
    if more <= 0:
        assert spent() == due(life, life.alone)
        take(ask(second, on=life.on), life.alone, on=life.on)
        assert spent() == {}
        assert used(person) == {}
    whole()


def test_withdrawn_before_a_later_one(life: Life, enter: Enter, paid: Paid, book: Book) -> None:
    first, second = enter(0), enter(1)
    assert [f"{claim.payable_amount:.2f}" for claim in (first, second)] == list(life.pays)
    withdraw(actor=first.entered_by, settlement=first, reason="录错人")
    (left,) = standing()
    assert left.visit == second.visit
    assert f"{left.payable_amount:.2f}" == life.alone
    paid(left, on=life.on)
    assert spent() == due(life, life.alone)
    whole()


def test_cut_before_a_later_one(
    life: Life, enter: Enter, cast: SimpleNamespace, book: Book
) -> None:
    first, _ = enter(0), enter(1)
    to, *amounts = life.cut
    cuts = {1: Cut(Decimal(to), "多收")}
    approve(
        actor=cast.approver,
        settlement=cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=life.on),
    )
    later = standing()[1]
    review(actor=cast.reviewer, settlement=later)
    approve(actor=cast.approver, settlement=later)
    claims = standing()
    assert [f"{claim.payable_amount:.2f}" for claim in claims] == amounts
    pay(actor=cast.cashier, settlements=claims, on=life.on, today=life.on)
    assert spent() == due(life, *amounts)
    whole()
