"""What the bank gave back of a second compensation, and a trial whose claims change beside it."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from claims.paying.services import hold_payment, lift_hold
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, propose
from claims.second.services import decide_grant, propose_grant
from claims.services import stop
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, give_up
from funds.payments.services import (
    Payee,
    confirm_payee,
    correct_payee,
    make_batch,
    note_return,
    release_batch,
)
from tests.at_once import at_once
from tests.claims.second.conftest import JANUARY, PAPER
from tests.claims.second.test_stories import listed, order_of, release, two
from tests.conftest import in_duty
from tests.paying import number_of, pay, provide

__all__ = ["two"]
LATER = date(2027, 1, 20)
pytestmark = pytest.mark.django_db


def send_again(cast, payment):
    right = Payee(name="王建国", account="6217003760001234567")
    correct_payee(actor=cast.accountant, order=order_of(payment), payee=right, reason="换了存折")
    confirm_payee(
        actor=cast.approver, order=order_of(payment), account=number_of(order_of(payment))
    )
    return make_batch(actor=cast.accountant, orders=[order_of(payment)], on=LATER)


def test_what_is_asked_back_of_it_does_not_go_again(
    cast, county, two, tried, granted, wang, as_user, monkeypatch
):
    """320.00 came back from the bank, and his only stay fell: nothing is due any more."""
    run = tried()
    granted(run)
    mine = run.payments.get(person=wang)
    batch = release(cast, county, mine)
    note_return(
        actor=cast.accountant, transfers=[(batch.transfers.get(), "账户已销户")], on=JANUARY
    )
    stop(actor=cast.approver, settlement=two["wang"], reason="冒名住院")
    debt = Recovery.objects.get()
    with pytest.raises(Refusal, match=f"追回单 {debt.number} 还没有办结，请先从退汇款扣回"):
        send_again(cast, mine)
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=LATER)
    decide(actor=cast.approver2, recovery=debt, event="approve_recovery", on=LATER)
    monkeypatch.setattr("claims.recovery.views.today", lambda: LATER)
    cashier, page = as_user(cast.cashier), reverse("claims:recovery", args=[debt.pk])
    assert "从退汇款扣回" in cashier.get(page).text
    sent = {"amount": "320.00", "received_on": LATER, "way": "kept", "entry_key": uuid4()}
    cashier.post(reverse("claims:recovery_take", args=[debt.pk]), sent)
    assert order_of(mine).status == "given_up"
    assert list(payment_problems(county)) == []


def test_a_number_of_any_length_is_nobody_s(cast, two, tried, granted, as_user):
    run = tried()
    granted(run)
    url = reverse("claims:second_withdraw", args=[run.pk])
    for number in ("9" * 5000, "9" * 19, "x", "-1"):
        answer = as_user(cast.approver).post(url, {"number": number, "reason": "账户有误"})
        assert answer.status_code == 404


def test_a_second_list_waits_for_the_first(cast, county, two, tried):
    """Both were tried before either was agreed to, and the worker has asked for nothing yet."""
    one, other = tried(), tried()
    how = {"event": "approve_second", "reason": "", "on": JANUARY}
    grants = [
        propose_grant(actor=cast.reviewer, run=run, on=JANUARY, **PAPER) for run in (one, other)
    ]
    decide_grant(actor=cast.approver, grant=grants[0], **how)
    with pytest.raises(Refusal, match="已有别的名单支付"):
        decide_grant(actor=cast.approver, grant=grants[1], **how)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(4))
def test_released_while_its_claim_falls(cast, county, two, tried, granted, wang, _round):
    """Either it does not go, or what went is asked back."""
    run = tried()
    granted(run)
    mine = run.payments.get(person=wang)
    provide(county)
    batch = make_batch(actor=cast.accountant, orders=[order_of(mine)], on=JANUARY)
    seen = batch.number_of, batch.total
    at_once(
        [
            lambda: release_batch(
                actor=cast.cashier, batch=batch, seen=seen, on=JANUARY, today=JANUARY
            ),
            lambda: stop(actor=cast.approver, settlement=two["wang"], reason="冒名住院"),
        ]
    )
    mine.refresh_from_db()
    asked = sum(one.amount for one in Recovery.objects.all())
    assert asked == (Decimal("320.00") if mine.status == "paid" else 0), mine.status


def test_nobody_claims_what_came_back(cast, county, two, tried, granted, wang):
    """Two say so: the 320.00 are the fund's again, and the next trial finds him anew."""
    run = tried()
    granted(run)
    mine = run.payments.get(person=wang)
    batch = release(cast, county, mine)
    note_return(
        actor=cast.accountant, transfers=[(batch.transfers.get(), "账户已销户")], on=JANUARY
    )
    ask_give_up(actor=cast.accountant, order=order_of(mine), reason="两次上门找不到人")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        give_up(actor=in_duty(cast.accountant, "approver"), order=order_of(mine), on=LATER)
    give_up(actor=cast.approver, order=order_of(mine), on=LATER)
    mine.refresh_from_db()
    assert (mine.status, order_of(mine).status) == ("withdrawn", "given_up")
    assert list(payment_problems(county)) == []
    assert listed(tried()) == [("王建国", "2600.00", "320.00")]


def test_what_was_paid_is_never_deleted(two, tried, granted):
    run = tried()
    granted(run)
    with pytest.raises(IntegrityError, match="rows are only ever added"), transaction.atomic():
        run.payments.all().delete()


def test_it_waits_for_a_claim_that_is_held_or_all_asked_back(
    cast, county, two, tried, granted, wang
):
    """His 320.00 rest on one stay (2 600.00 borne). Held, they are not paid and hers are; lifted
    they are sent. What came back from the bank waits in the same way; the 2 400.00 of the stay
    asked back, 年度累计不退还, they wait until that is decided, and once these are back nothing of
    the 320.00 is due."""
    run = tried()
    granted(run)
    mine, hers = run.payments.get(person=wang), run.payments.exclude(person=wang).get()
    number = two["wang"].number
    hold_payment(actor=None, settlement=two["wang"], source="alert:7", reason="住院重叠")
    with pytest.raises(Refusal, match=f"所依据的结算单 {number} 暂停支付：住院重叠"):
        release(cast, county, mine, hers)
    release(cast, county, hers)
    lift_hold(actor=cast.supervisor, settlement=two["wang"], source="alert:7", reason="已核实")
    sent = release(cast, county, mine).transfers.get()
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=JANUARY)
    hold_payment(actor=None, settlement=two["wang"], source="alert:8", reason="挂床")
    with pytest.raises(Refusal, match=f"所依据的结算单 {number} 暂停支付：挂床"):
        send_again(cast, mine)
    lift_hold(actor=cast.supervisor, settlement=two["wang"], source="alert:8", reason="已核实")
    pay(actor=cast.cashier, settlements=[two["wang"]], on=JANUARY, today=JANUARY)
    what = Proposal(reason="invoice", facts="发票虚假", debtor="household", usage="kept")
    debt = propose(actor=cast.supervisor, settlement=two["wang"], proposal=what)
    assert debt.amount == Decimal("2400.00")
    with pytest.raises(Refusal, match=f"{number} 已提出全部追回（{debt.number}），还没有办结"):
        make_batch(actor=cast.accountant, orders=[order_of(mine)], on=LATER)
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=LATER)
    decide(actor=cast.approver2, recovery=debt, event="approve_recovery", on=LATER)
    take = {"actor": cast.cashier, "reference": "BK1", "on": LATER, "today": LATER}
    receive(recovery=debt, amount=Decimal("2400.00"), **take)
    more = Recovery.objects.exclude(pk=debt.pk).get()
    assert (more.payment_key, more.amount) == (f"second:{mine.pk}", Decimal("320.00"))
