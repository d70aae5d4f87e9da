"""A year's end by hand: a debt set off, an advance worked off, deposits after the assessment."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.clearing.models import Clearing, DepositReturn, Prepayment
from claims.clearing.money import (
    decide_prepayment,
    decide_return,
    propose_prepayment,
    propose_return,
)
from claims.clearing.rooms import settle_without_money
from claims.clearing.standing import key_of
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.services import Proposal, propose
from claims.recovery.services import decide as decide_recovery
from funds.models import PaymentOrder, Posting
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, give_up
from funds.payments.rooms import problems
from funds.payments.services import note_return
from funds.services import EventLine, post_event
from institutions.models import Institution
from lib.periods import Month
from tests.claims.clearing.conftest import CHECKED, DECLARED, PAID, Month3, reloaded
from tests.claims.conftest import stay
from tests.paying import provide

pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]
DECEMBER, JANUARY = Month(2026, 12), date(2027, 1, 25)
PAPERS = {"evidence": "大医保〔2026〕9号", "reason": "按协议"}


def balance(code: str) -> Decimal:
    """Debit less credit of an account."""
    rows = Posting.objects.filter(account__code=code)
    return sum((row.debit - row.credit for row in rows), Decimal(0))


def owe(cast: SimpleNamespace, claim: Settlement, yuan: str) -> Recovery:
    """A paid claim's money is asked back from the hospital."""
    row = propose(
        actor=cast.supervisor,
        settlement=claim,
        proposal=Proposal(
            reason="beyond",
            facts="分解收费",
            debtor="institution",
            amounts={"basic": Decimal(yuan)},
        ),
    )
    decide_recovery(actor=cast.reviewer, recovery=row, event="review_recovery", on=PAID)
    return decide_recovery(actor=cast.approver, recovery=row, event="approve_recovery", on=PAID)


def layer_of(claim: Settlement) -> str:
    return claim.funds.get().layer


def subsidise(area: Division, amount: str) -> None:
    """Money that the fund has without owing it."""
    post_event(
        event="subsidy_received",
        area=area,
        on=date(2026, 1, 10),
        key="test:subsidy",
        source="财政补助",
        actor=None,
        lines=[EventLine(amount=Decimal(amount), funding_level="central")],
    )


def test_a_debt_is_set_off_against_the_next_month(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """March 2,000.00: 200.00 kept, 1,800.00 paid. 300.00 are asked back. April 1,000.50: 100.05
    kept, 300.00 set off, 600.45 paid; the expense of both is 3,000.50 − 300.00."""
    first = approved("王强", "4200")
    march = month.confirm(month.issue(month.declare()))
    month.pay(key_of(march))
    debt = owe(cast, first, "300") if layer_of(first) == "basic" else None
    assert debt is not None
    approved("李芳", "2201", on=date(2026, 4, 20))
    may = date(2026, 5, 6)
    april = month.confirm(month.issue(month.declare(Month(2026, 4), may), may), on=may)
    kept, off, paid = april.deposit_amount, april.set_off_amount, april.paid_amount
    assert (kept, off, paid) == (Decimal("100.05"), Decimal("300.00"), Decimal("600.45"))
    month.pay(key_of(april), on=may)
    debt = reloaded(debt)
    assert debt.status == Recovery.Status.RECEIVED
    assert debt.receipts.get().reference == april.number
    assert balance("5001-inpatient") == Decimal("2700.50")
    assert balance("2001-deposit") == Decimal("-300.05")
    assert list(problems(month.area)) == []


def test_a_month_that_a_debt_takes_whole(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """April 400.00, 40.00 kept; a debt of 1,500.00 takes 360.00: nothing goes to the bank, and the
    cashier books it. 1,140.00 stay owed."""
    first = approved("王强", "4200")
    march = month.confirm(month.issue(month.declare()))
    month.pay(key_of(march))
    debt = owe(cast, first, "1500")
    small = approved("李芳", "1000", on=date(2026, 4, 20))
    may = date(2026, 5, 6)
    april = month.confirm(month.issue(month.declare(Month(2026, 4), may), may), on=may)
    assert (april.set_off_amount, april.paid_amount) == (Decimal("360.00"), Decimal(0))
    assert not PaymentOrder.objects.filter(key=key_of(april)).exists()
    with pytest.raises(Refusal, match="请编入支付批次"):
        settle_without_money(
            actor=cast.cashier, clearing=_confirmed(month, approved), on=may, today=may
        )
    settle_without_money(actor=cast.cashier, clearing=april, on=may, today=may)
    assert reloaded(april).status == Clearing.Status.PAID
    assert reloaded(small).status == Settlement.Status.PAID
    assert reloaded(debt).rest_amount == Decimal("1140.00")


def test_what_is_set_off_needs_no_money_in_the_account(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """March pays 1,800.00, April 600.45 beside 300.00 set off, and a debt takes May's 360.00 whole:
    2,400.45 in the account suffice to the fen."""
    provide(month.area, Decimal("2400.45"))
    first = approved("王强", "4200")
    march = month.confirm(month.issue(month.declare()))
    month.pay(key_of(march))
    owe(cast, first, "300")
    approved("李芳", "2201", on=date(2026, 4, 20))
    may = date(2026, 5, 6)
    april = month.confirm(month.issue(month.declare(Month(2026, 4), may), may), on=may)
    assert (april.set_off_amount, april.paid_amount) == (Decimal("300.00"), Decimal("600.45"))
    month.pay(key_of(april), on=may)
    assert balance("1004") == 0
    debt = owe(cast, first, "1500")
    approved("张军", "1000", on=date(2026, 5, 20))
    june = date(2026, 6, 3)
    last = month.confirm(month.issue(month.declare(Month(2026, 5), june), june), on=june)
    assert (last.set_off_amount, last.paid_amount) == (Decimal("360.00"), Decimal(0))
    settle_without_money(actor=cast.cashier, clearing=last, on=june, today=june)
    assert (balance("1004"), reloaded(debt).rest_amount) == (0, Decimal("1140.00"))
    assert list(problems(month.area)) == []


def _confirmed(month: Month3, approved: Make) -> Clearing:
    """May, of which something is paid."""
    approved("赵云", "9000", on=date(2026, 5, 20))
    june = date(2026, 6, 3)
    return month.confirm(month.issue(month.declare(Month(2026, 5), june), june), on=june)


def test_an_advance_is_worked_off_in_december(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """2,000.00 in March (all of it expense, 200.00 of it kept): a twelfth is 166.67. 166.67 go out
    in advance; December's 1,000.50 keep 100.05, work off 166.67, pay 733.78."""
    subsidise(month.area, "50000")
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare()))))
    july = date(2026, 7, 1)
    given: dict[str, Any] = {
        "actor": cast.accountant,
        "institution": hospital,
        "on": july,
        **PAPERS,
    }
    with pytest.raises(Refusal, match=r"月平均支付额 166\.67 元"):
        propose_prepayment(amount=Decimal("166.68"), **given)
    row = propose_prepayment(amount=Decimal("166.67"), **given)
    assert row.seen["expense"] == "2,000.00"
    decide_prepayment(actor=cast.approver, row=row, event="approve_prepayment", on=july)
    month.pay(f"prepayment:{row.pk}", on=july)
    assert (balance("1101-advance"), reloaded(row).paid_on) == (Decimal("166.67"), july)
    with pytest.raises(Refusal, match="已有一笔预付"):
        propose_prepayment(amount=Decimal(1), **given)
    approved(
        "李芳", "2201", on=date(2026, 12, 10), visit=stay(date(2026, 12, 1), date(2026, 12, 9))
    )
    on = date(2027, 1, 8)
    last = month.confirm(month.issue(month.declare(DECEMBER, on), on), on=on)
    assert (last.prepaid_amount, last.paid_amount) == (Decimal("166.67"), Decimal("733.78"))
    assert balance("1101-advance") == Decimal("166.67")
    month.pay(key_of(last), on=JANUARY)
    assert balance("1101-advance") == 0
    assert balance("5001-inpatient") == Decimal("3000.50")


def test_no_advance_without_money(
    month: Month3, cast: SimpleNamespace, hospital: Institution
) -> None:
    with pytest.raises(Refusal, match="可支付月数"):
        propose_prepayment(
            actor=cast.accountant, institution=hospital, amount=Decimal(1), on=CHECKED, **PAPERS
        )
    assert not Prepayment.objects.exists()


def test_deposits_come_back_by_the_assessment(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """200.00 kept in March. 94 points: 188.00 go back in 2027, 12.00 are other income."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    given: dict[str, Any] = {"institution": hospital, "year": 2026, "score": 94, **PAPERS}
    with pytest.raises(Refusal, match="年度未满"):
        propose_return(actor=cast.supervisor, on=DECLARED, **given)
    row = propose_return(actor=cast.supervisor, on=JANUARY, **given)
    with pytest.raises(Refusal):
        decide_return(actor=cast.supervisor, row=row, event="approve_deposit_return", on=JANUARY)
    row = decide_return(actor=cast.approver, row=row, event="approve_deposit_return", on=JANUARY)
    assert (row.kept_amount, row.amount) == (Decimal("200.00"), Decimal("188.00"))
    assert balance("4501-other") == Decimal("-12.00")
    month.pay(f"deposit:{row.pk}", on=JANUARY)
    assert balance("2001-deposit") == 0
    assert reloaded(row).paid_on == JANUARY
    with pytest.raises(Refusal, match="保证金已有返还"):
        propose_return(actor=cast.supervisor, on=JANUARY, **given)
    assert DepositReturn.objects.count() == 1


def returned(cast: SimpleNamespace, key: str, on: date) -> PaymentOrder:
    """The bank gave it back, the hospital has closed, two people give it up."""
    order = PaymentOrder.objects.get(key=key)
    note_return(
        actor=cast.accountant,
        transfers=[(order.transfers.get(outcome="pending"), "账户已销户")],
        on=on,
    )
    Institution.objects.update(is_active=False)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    return give_up(actor=cast.approver, order=order, on=on)


def test_an_advance_that_a_closed_hospital_never_claims_is_one_no_more(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """166.67 of the 2,000.00 a year; given up, nothing is left to be worked off."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare()))))
    subsidise(month.area, "10000000")
    july = date(2026, 7, 6)
    row = propose_prepayment(
        actor=cast.accountant, institution=hospital, amount=Decimal("166.67"), on=july, **PAPERS
    )
    decide_prepayment(actor=cast.approver, row=row, event="approve_prepayment", on=july)
    month.pay(f"prepayment:{row.pk}", on=july)
    expense = balance("5001-inpatient")
    assert returned(cast, f"prepayment:{row.pk}", july).status == "given_up"
    assert (balance("1101-advance"), balance("2001-returned")) == (0, 0)
    assert balance("5001-inpatient") == expense
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_a_deposit_that_a_closed_hospital_never_claims_is_other_income(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """200.00 kept in March, 94 points: 12.00 are not given back, 188.00 are never claimed."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    given: dict[str, Any] = {"institution": hospital, "year": 2026, "score": 94, **PAPERS}
    row = propose_return(actor=cast.supervisor, on=JANUARY, **given)
    decide_return(actor=cast.approver, row=row, event="approve_deposit_return", on=JANUARY)
    month.pay(f"deposit:{row.pk}", on=JANUARY)
    assert returned(cast, f"deposit:{row.pk}", JANUARY).status == "given_up"
    assert (balance("2001-deposit"), balance("2001-returned")) == (0, 0)
    assert balance("4501-other") == Decimal("-200.00")
    assert [*problems(month.area), *payment_problems(month.area)] == []
