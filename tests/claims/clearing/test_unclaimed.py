"""What a hospital that closed never claimed, beside what else is asked, deducted, paid and kept.

王强 4,200.00 → (4,200 − 200) × 50 % = 2,000.00; 2,200.00 → 1,000.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.clearing.accounts import prepaid_left
from claims.clearing.models import DepositReturn
from claims.clearing.money import (
    decide_prepayment,
    decide_return,
    propose_prepayment,
    propose_return,
)
from claims.clearing.services import answer, decide, deduct, recall
from claims.clearing.standing import back_key_of, key_of
from claims.dependence.models import Supplement
from claims.dependence.supplements import approve_supplement
from claims.dependence.supplements import key_of as supplement_key
from claims.models import Settlement
from claims.paying.services import key_of as claim_key
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, propose
from claims.recovery.services import decide as decide_recovery
from claims.services import Cut, cut_and_review
from claims.shares import all_asked_back, is_wholly_back, standing_shares, total
from enrollment.models import Person
from funds.models import PaymentOrder
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, give_up
from funds.payments.rooms import problems
from funds.payments.services import note_return
from institutions.models import Institution
from lib.periods import Month
from policies.services import terms_of
from tests.claims.clearing.conftest import CHECKED, PAID, Month3, adopt, reloaded
from tests.claims.clearing.test_year import JANUARY, PAPERS, balance, subsidise
from tests.claims.conftest import stay
from tests.claims.dependence.test_stories import special

pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]
BACK = date(2026, 5, 5)
DECEMBER = Month(2026, 12)


def standing(claim: Settlement) -> Decimal:
    row = Settlement.objects.get(pk=claim.pk)
    return Decimal(total(standing_shares(row, terms_of(row.pack)))) / 100


def bounced(cast: SimpleNamespace, key: str, on: date = BACK) -> PaymentOrder:
    order = PaymentOrder.objects.get(key=key)
    sent = order.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=on)
    Institution.objects.update(is_active=False)
    return reloaded(order)


def unclaimed(cast: SimpleNamespace, order: PaymentOrder, on: date = BACK) -> None:
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    give_up(actor=cast.approver, order=order, on=on)


def asked(cast: SimpleNamespace, claim: Settlement, **given: Any) -> Recovery:
    """Proposed, reviewed and approved."""
    facts = {"reason": "beyond", "facts": "分解收费", "debtor": "household"}
    row = propose(
        actor=cast.supervisor, settlement=reloaded(claim), proposal=Proposal(**facts | given)
    )
    decide_recovery(actor=cast.reviewer, recovery=row, event="review_recovery", on=BACK)
    return decide_recovery(actor=cast.approver, recovery=row, event="approve_recovery", on=BACK)


@pytest.fixture
def single(approved: Make, month: Month3, cast: SimpleNamespace) -> tuple[Settlement, PaymentOrder]:
    """1,000.00 paid singly before the county cleared, given back by the bank."""
    claim = approved("王强", "2200")
    month.pay(claim_key(claim))
    return claim, bounced(cast, claim_key(claim))


@pytest.fixture
def rule(cast: SimpleNamespace, request: pytest.FixtureRequest) -> Any:
    """No deposit, so that what is paid is what was agreed; singly before May for `single`."""
    if "single" in request.fixturenames:
        return adopt(cast, first_month=date(2026, 5, 1))
    return adopt(cast, deposit_percent=request.param if hasattr(request, "param") else 0)


def test_what_is_asked_from_the_household_is_settled_first(
    single: tuple[Settlement, PaymentOrder], cast: SimpleNamespace
) -> None:
    """1,000.00 lie at the fund and 1,000.00 are asked from the household: given up before that is
    settled, the fund would have both."""
    claim, order = single
    debt = asked(cast, claim)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match=f"还有追回单 {debt} 没有办结"):
        give_up(actor=cast.approver, order=order, on=BACK)


def test_what_was_never_claimed_was_not_asked_back(
    single: tuple[Settlement, PaymentOrder], cast: SimpleNamespace
) -> None:
    """300.00 of 1,000.00 are taken from what came back, usage kept; 700.00 are given up. Nothing is
    left to be asked, and all the same the insured had the benefit: it is not wholly back."""
    claim, order = single
    debt = asked(cast, claim, amounts={"basic": Decimal(300)}, usage="kept")
    receive(actor=cast.cashier, recovery=debt, amount=debt.amount, on=BACK, today=BACK, way="kept")
    unclaimed(cast, reloaded(order))
    claim = Settlement.objects.get(pk=claim.pk)
    assert (standing(claim), all_asked_back(claim), is_wholly_back(claim)) == (0, [], False)
    with pytest.raises(Refusal, match="已没有可追回的金额"):
        asked(cast, claim)


def test_a_supplement_to_the_household_was_had(
    month: Month3, counter: Callable[..., Settlement], agree: Any, wang: Person,
    cast: SimpleNamespace, book: Any,
) -> None:  # fmt: skip
    """The year's ceiling left the second special visit 50.00 of 690.00. The first is cut to 590.00,
    so the second is due 640.00 more, which its household got; the month of 50.00 is never claimed.
    640.00 may be asked back."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    agree(second)
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    cuts = {1: Cut(Decimal("1380.00"), "多收")}
    cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=CHECKED)
    more = Supplement.objects.get()
    approve_supplement(actor=cast.approver, supplement=more, on=PAID)
    month.pay(supplement_key(more), on=PAID)
    paid = clearing.paid_amount
    assert standing(second) == paid + more.amount
    unclaimed(cast, bounced(cast, key_of(clearing)))
    assert standing(second) == more.amount > 0


def test_what_was_deducted_and_given_back_later_was_had(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """1,000.00 less 100.00 deducted: 900.00 are never claimed, the 100.00 given back arrived."""
    claim = approved("王强", "2200")
    clearing = month.declare()
    off = deduct(
        actor=cast.reviewer, claim=clearing.claims.get(), code="over_price", amount=Decimal(100)
    )
    clearing = month.confirm(month.issue(clearing), {off.pk: "物价部门已批准"})
    month.pay(key_of(clearing))
    answer(actor=cast.reviewer, deduction=off, gives_back=True, words="已核对")
    decide(actor=cast.approver, deduction=off, agrees=True, on=PAID)
    month.pay(back_key_of(off))
    unclaimed(cast, bounced(cast, key_of(clearing)))
    assert standing(claim) == Decimal("100.00")
    debt = asked(cast, claim, debtor="institution")
    assert debt.amount == Decimal("100.00")


def test_nothing_is_left_of_what_the_household_brought_itself(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """The household brought 1,000.00 for a claim whose month the hospital never claimed: 1,000.00
    less than nothing is left, and that is no amount to ask."""
    claim = approved("王强", "2200")
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    order = bounced(cast, key_of(clearing))
    debt = asked(cast, claim)
    receive(
        actor=cast.cashier, recovery=debt, amount=debt.amount, on=BACK, today=BACK, reference="BK1"
    )
    unclaimed(cast, order)
    assert standing(claim) == Decimal("-1000.00")
    with pytest.raises(Refusal, match="已没有可追回的金额"):
        asked(cast, claim, facts="再查")


@pytest.mark.parametrize("rule", [10], indirect=True)
def test_a_deposit_that_was_never_claimed_is_not_asked_back(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """200.00 of 2,000.00 kept; 94 points: 12.00 are lost by the assessment, 188.00 never claimed.
    1,812.00 may be asked back: 1,800.00 paid, and the 12.00 that the hospital lost itself. While
    something is asked, what is to go back is not given up."""
    claim = approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    row = propose_return(
        actor=cast.supervisor, on=JANUARY, institution=hospital, year=2026, score=94, **PAPERS
    )
    decide_return(actor=cast.approver, deposit=row, event="approve_deposit_return", on=JANUARY)
    month.pay(f"deposit:{row.pk}", on=JANUARY)
    assert standing(claim) == Decimal("2000.00")
    order = bounced(cast, f"deposit:{row.pk}", JANUARY)
    debt = propose(
        actor=cast.supervisor,
        settlement=reloaded(claim),
        proposal=Proposal(reason="invoice", facts="发票虚假", debtor="institution"),
    )
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match=f"还有追回单 {debt} 没有办结"):
        give_up(actor=cast.approver, order=order, on=JANUARY)
    decide_recovery(
        actor=cast.approver, recovery=debt, event="refuse_recovery", reason="再核", on=JANUARY
    )
    give_up(actor=cast.approver, order=order, on=JANUARY)
    assert DepositReturn.objects.get().status == "approved"
    assert standing(claim) == Decimal("1812.00")


@pytest.fixture
def advance(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> PaymentOrder:
    """166.67 in advance, paid on 6 July; December has a claim of 1,000.50."""
    subsidise(month.area, "50000")
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare()))))
    july = date(2026, 7, 6)
    row = propose_prepayment(
        actor=cast.accountant, institution=hospital, amount=Decimal("166.67"), on=july, **PAPERS
    )
    decide_prepayment(actor=cast.approver, prepayment=row, event="approve_prepayment", on=july)
    month.pay(f"prepayment:{row.pk}", on=july)
    approved(
        "李芳", "2201", on=date(2026, 12, 10), visit=stay(date(2026, 12, 1), date(2026, 12, 9))
    )
    return PaymentOrder.objects.get(key=f"prepayment:{row.pk}")


def test_an_advance_that_came_back_is_not_worked_off(
    month: Month3, advance: PaymentOrder, cast: SimpleNamespace, hospital: Institution
) -> None:
    order = bounced(cast, advance.key, date(2026, 7, 8))
    assert prepaid_left(month.area, hospital) == 0
    on = date(2027, 1, 8)
    last = month.issue(month.declare(DECEMBER, on), on)
    assert (last.prepaid_amount, last.paid_amount) == (Decimal(0), Decimal("1000.50"))
    unclaimed(cast, order, on)
    assert (balance("1101-advance"), prepaid_left(month.area, hospital)) == (0, 0)
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_an_advance_that_a_month_works_off_is_not_given_up(
    month: Month3, advance: PaymentOrder, cast: SimpleNamespace, hospital: Institution
) -> None:
    """Told by the bank after December's statement had worked it off: the statement is taken back
    first, and works off nothing then."""
    on = date(2027, 1, 8)
    last = month.confirm(month.issue(month.declare(DECEMBER, on), on), on=on)
    assert last.prepaid_amount == Decimal("166.67")
    order = bounced(cast, advance.key, on)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match="已在月结中冲抵"):
        give_up(actor=cast.approver, order=order, on=on)
    recall(actor=cast.approver, clearing=last, reason="预付金退汇")
    last = month.issue(reloaded(last), on)
    assert last.prepaid_amount == 0
    give_up(actor=cast.approver, order=order, on=on)
    assert balance("1101-advance") == 0
