"""Real threads on PostgreSQL: whoever comes first, money, usage and debts agree afterwards."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, propose
from claims.services import review, withdraw
from enrollment.models import Person
from funds.models import Voucher
from tests.at_once import at_once
from tests.claims.conftest import TODAY, Register, line, stay
from tests.claims.dependence.test_stories import special, used
from tests.claims.recovery.test_survivors import check
from tests.paying import pay

Enter = Callable[..., Settlement]
Ask = Callable[..., Recovery]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = range(4)


def refused(outcomes: list[Any]) -> int:
    return sum(isinstance(outcome, Refusal) for outcome in outcomes)


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_claim_is_paid_while_the_one_before_it_is_taken_back(
    counter: Enter, agree: Any, register: Register, wang: Person, cast: SimpleNamespace,
    book: Any, _round: int,
) -> None:  # fmt: skip
    """Paid first, it owes 100.00; taken back first, it is settled anew and not paid; while it
    stands in a batch the one before it is refused, and taken back once the money has gone."""
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    agree(second)
    outcomes = at_once(
        [
            lambda: withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人"),
            lambda: pay(actor=cast.cashier, settlements=[second], on=TODAY, today=TODAY),
        ]
    )
    if isinstance(outcomes[0], Refusal):
        assert "已编入支付批次" in outcomes[0].message
        withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    second.refresh_from_db()
    debts = list(Recovery.objects.values_list("amount", flat=True))
    assert (second.status, debts) in [("paid", [Decimal("100.00")]), ("withdrawn", [])]
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    check(register)


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_dependent_is_settled_while_its_ground_is_taken_back(
    counter: Enter, register: Register, wang: Person, cast: SimpleNamespace, _round: int
) -> None:
    first = special(counter, wang, 3)
    outcomes = at_once(
        [
            lambda: withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人"),
            lambda: special(counter, wang, 4),
            lambda: special(counter, wang, 5),
        ]
    )
    assert refused(outcomes) == 0
    assert used(wang) == {"annual_paid": 128_000, "special_deductible": 20_000}
    check(register)


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_of_a_chain_are_taken_back_at_once(
    counter: Enter, register: Register, wang: Person, cast: SimpleNamespace, _round: int
) -> None:
    """Each of the two recomputes what the other takes back: nobody waits for ever."""
    claims = [special(counter, wang, day) for day in (3, 4, 5, 6)]
    outcomes = at_once(
        [
            lambda c=claim: withdraw(actor=cast.hospital_clerk, settlement=c, reason="录错人")
            for claim in claims[:2]
        ]
        + [lambda: review(actor=cast.reviewer, settlement=claims[3])]
    )
    # The second of them may have been settled anew under the first one's hands.
    assert refused(outcomes) <= 2
    check(register)


@pytest.mark.parametrize("_round", ROUNDS)
def test_money_comes_back_once(
    counter: Enter, paid: Any, ask: Ask, register: Register, wang: Person,
    cast: SimpleNamespace, _round: int,
) -> None:  # fmt: skip
    debt = ask(paid(special(counter, wang, 3)))

    def taken(cashier: Any, yuan: str) -> RecoveryReceipt:
        return receive(
            actor=cashier, recovery=debt, amount=Decimal(yuan), on=TODAY, today=TODAY,
            reference="B1",
        )  # fmt: skip

    outcomes = at_once(
        [lambda c=c: taken(c, "590.00") for c in (cast.cashier, cast.cashier2)]
        + [lambda: special(counter, wang, 5)]
    )
    assert refused(outcomes) == 1
    assert Voucher.objects.filter(event="claim_recovered").get().amount == Decimal("590.00")
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    check(register)


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_ask_for_the_same_money(
    counter: Enter, paid: Any, wang: Person, cast: SimpleNamespace, _round: int
) -> None:
    claim = paid(special(counter, wang, 3))
    what = Proposal(reason="invoice", facts="发票虚假", debtor="household")
    outcomes = at_once(
        [
            lambda u=user: propose(actor=u, settlement=claim, proposal=what)
            for user in (cast.supervisor, cast.reviewer)
        ]
    )
    assert refused(outcomes) == 1
    assert Recovery.objects.get().amount == Decimal("590.00")


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_family_takes_back_and_draws_on_its_account_at_once(
    counter: Enter, register: Register, village_a: Division, cast: SimpleNamespace, _round: int
) -> None:
    """Three share 120.00; each of them has drawn or draws while one is taken back."""
    home = register.household(village_a)
    family = [register.person(f"孙{name}", home) for name in "一二三"]

    def drawn(person: Person, day: int) -> Settlement:
        when = date(2026, 3, day)
        return counter(person, line("X01", "1", "70"), visit=stay(when, when, care="outpatient"))

    first, second = drawn(family[0], 2), drawn(family[1], 2)
    assert (first.fund_amount, second.fund_amount) == (Decimal(70), Decimal(50))
    outcomes = at_once(
        [
            lambda: withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人"),
            lambda: drawn(family[2], 3),
            lambda: drawn(family[1], 4),
        ]
    )
    assert refused(outcomes) == 0
    standing = Settlement.objects.effective().order_by("submitted_at")
    assert [row.fund_amount for row in standing] == [Decimal(70), Decimal(50), Decimal(0)]
    check(register)
