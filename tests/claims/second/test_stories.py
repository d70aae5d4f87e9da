"""From the trial to the bank, to the fen; what stops it, and what comes back.

At the county hospital 200 yuan are borne first, then the fund pays 50 %: of 5 000.00 he bears
2 600.00, of 10 000.00 she bears 5 100.00. Of what is above 1 000.00 the second compensation gives
20 %: 320.00 and 820.00.
"""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.assistance.services import AidPayee, apply_aid, approve_aid, publish_aid
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import decide
from claims.second.models import SecondPayment, SecondRun
from claims.second.rules import due_of, scaled
from claims.second.services import decide_grant, propose_grant, start_run, withdraw_payment
from claims.services import stop
from enrollment.models import Enrollment, Household, Person
from funds.models import PaymentOrder, Posting, Voucher
from funds.payments.services import make_batch, release_batch
from policies.terms import SecondRule
from tests.claims.assistance.conftest import aid_book, lists  # noqa: F401 - a fixture
from tests.claims.second.conftest import JANUARY, PAPER
from tests.conftest import in_duty, past_the_guards
from tests.paying import provide

pytestmark = pytest.mark.django_db
RULE = SecondRule(
    care=("inpatient",), floor=100_000, ratio=2_000, cap=300_000, booked_as="inpatient", article="x"
)


@pytest.fixture
def two(wang, register, village_b, stayed, book):
    """王建国 and 张大山, each with one stay of the year."""
    zhang = register.person("张大山", register.household(village_b))
    return {"wang": stayed(wang, "5000.00"), "zhang": stayed(zhang, "10000.00")}


def listed(run):
    rows = run.payments.order_by("amount").values_list("person__name", "own_amount", "amount")
    return [(name, str(own), str(amount)) for name, own, amount in rows]


def order_of(payment):
    return PaymentOrder.objects.get(key=f"second:{payment.pk}")


def release(cast, county, *payments):
    provide(county)
    orders = [order_of(one) for one in payments]
    batch = make_batch(actor=cast.accountant, orders=orders, on=JANUARY)
    seen = batch.number_of, batch.total
    return release_batch(actor=cast.cashier, batch=batch, seen=seen, on=JANUARY, today=JANUARY)


@pytest.mark.parametrize(
    ("own", "due"),
    [(99_999, 0), (100_000, 0), (100_003, 1), (260_000, 32_000), (9_000_000, 300_000)],
)
def test_what_is_due(own, due):
    assert due_of(RULE, own) == due


def test_a_short_budget_gives_everybody_the_same_share():
    assert [scaled(fen, 100, 300) for fen in (100, 199, 1)] == [33, 66, 0]
    assert [scaled(fen, 300, 300) for fen in (100, 200)] == [100, 200]
    assert scaled(100, None, 300) == 100


def test_a_trial_has_no_effect(two, tried):
    run = tried()
    assert listed(run) == [("王建国", "2600.00", "320.00"), ("张大山", "5100.00", "820.00")]
    assert (run.number_of, run.due_amount, run.amount) == (2, Decimal(1140), Decimal(1140))
    assert not PaymentOrder.objects.filter(key__startswith="second:").exists()
    assert set(run.payments.values_list("status", flat=True)) == {"listed"}
    again = tried("570.00")
    assert listed(again) == [("王建国", "2600.00", "160.00"), ("张大山", "5100.00", "410.00")]


def test_from_the_trial_to_the_bank(cast, county, two, tried, granted):
    run = tried()
    granted(run)
    payments = list(run.payments.order_by("pk"))
    assert {one.status for one in payments} == {"asked"}
    release(cast, county, *payments)
    assert set(run.payments.values_list("status", "paid_on")) == {("paid", JANUARY)}
    expense = Posting.objects.filter(voucher__event="claim_paid", account__code="5001-inpatient")
    assert sum(one.debit for one in expense) == Decimal("1140.00")
    # The same year once more: everything is given.
    last = tried()
    assert (last.status, last.number_of) == ("failed", 0)
    assert "都已补偿" in last.failure


def test_two_people_decide_after_the_year_and_on_what_stands(cast, two, tried):
    run = tried()
    with pytest.raises(Refusal, match="年度到 2026-12-31 结束"):
        propose_grant(actor=cast.reviewer, run=run, on=date(2026, 12, 31), **PAPER)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        propose_grant(actor=cast.clerk_a, run=run, on=JANUARY, **PAPER)
    grant = propose_grant(actor=cast.reviewer, run=run, on=JANUARY, **PAPER)
    how = {"grant": grant, "event": "approve_second", "reason": "", "on": JANUARY}
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        decide_grant(actor=in_duty(cast.reviewer, "approver"), **how)
    stop(actor=cast.approver, settlement=two["zhang"], reason="挂床住院")
    with pytest.raises(Refusal, match="名单与现在不符"):
        decide_grant(actor=cast.approver, **how)
    assert not PaymentOrder.objects.filter(key__startswith="second:").exists()
    refused = decide_grant(
        actor=cast.approver, grant=grant, event="refuse_second", reason="有单已停付", on=JANUARY
    )
    assert refused.status == "refused"
    with pytest.raises(Refusal, match="已经提请过"):
        propose_grant(actor=cast.reviewer, run=run, on=JANUARY, **PAPER)


def test_whose_cover_was_taken_back_is_on_no_list(two, tried, granted, wang):
    """And the list that does not name him can be agreed to: both look at the same people."""
    nothing_drawn = {"drawn_claims": 0, "drawn_amount": 0, "drawn_first": ""}
    cover = Enrollment.objects.filter(person=wang)
    past_the_guards(cover, status="cancelled", **nothing_drawn)
    run = tried()
    assert listed(run) == [("张大山", "5100.00", "820.00")]
    assert granted(run).status == "approved"


def test_measures_that_know_none(cast, other_county):
    with pytest.raises(Refusal):
        start_run(actor=cast.reviewer, area=other_county, year=2026, budget=None)


def test_one_is_withdrawn_before_the_payment_and_found_again(cast, two, tried, granted, wang):
    run = tried()
    granted(run)
    mine = run.payments.get(person=wang)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        withdraw_payment(actor=cast.reviewer, payment=mine, reason="本人去世")
    withdraw_payment(actor=cast.approver, payment=mine, reason="家庭换了账户")
    assert order_of(mine).status == "cancelled"
    assert listed(tried()) == [("王建国", "2600.00", "320.00")]


def test_who_has_no_account_is_left_out_and_found_once_there_is_one(two, tried, granted, wang):
    Household.objects.filter(pk=wang.household_id).update(bank_account="")
    run = tried()
    granted(run)
    assert run.payments.get(person=wang).status == "noaccount"
    assert PaymentOrder.objects.filter(key__startswith="second:").count() == 1
    Household.objects.filter(pk=wang.household_id).update(bank_account="6217003760001112223")
    assert listed(tried()) == [("王建国", "2600.00", "320.00")]


def test_a_claim_that_falls_stops_the_payment(cast, county, two, tried, granted, wang):
    run = tried()
    granted(run)
    stop(actor=cast.approver, settlement=two["wang"], reason="挂床住院")
    mine = run.payments.get(person=wang)
    with pytest.raises(Refusal, match="请撤回后重新试算"):
        release(cast, county, mine)
    Person.objects.filter(name="张大山").update(death_date=date(2027, 1, 5))
    with pytest.raises(Refusal, match="登记于 2027-01-05 死亡"):
        release(cast, county, run.payments.get(person__name="张大山"))


def test_a_claim_that_falls_afterwards_asks_it_back(
    cast, county, two, tried, granted, wang, stayed
):
    """A second stay of 1 000.00, 600.00 borne: of 3 200.00 he got 440.00, in a list that had half
    of it: 220.00. Without the stay 320.00 are due, of which half: 160.00; 60.00 come back."""
    second = stayed(wang, "1000.00", month=2)
    Person.objects.filter(name="张大山").update(death_date=None)
    run = tried("630.00")  # of 440.00 + 820.00
    assert listed(run) == [("王建国", "3200.00", "220.00"), ("张大山", "5100.00", "410.00")]
    granted(run)
    mine = run.payments.get(person=wang)
    release(cast, county, mine)
    stop(actor=cast.approver, settlement=second, reason="挂床住院")
    debt = Recovery.objects.get()
    assert (debt.amount, debt.payment_key) == (Decimal("60.00"), f"second:{mine.pk}")
    assert (
        debt.facts == f"结算单 {second.number} 已撤回，二次补偿 {mine.pk} 号 重算后应付 160.00 元"
    )
    stop(actor=cast.approver, settlement=two["wang"], reason="冒名住院")
    told = Recovery.objects.order_by("pk").values_list("amount", "status")
    assert list(told) == [(Decimal("60.00"), "replaced"), (Decimal("220.00"), "proposed")]


def test_what_is_agreed_to_and_not_asked_for_yet_counts_as_given(cast, two, tried):
    """Two trials of the same claims: whoever agrees to both before the worker came pays once."""
    first, second = tried(), tried()
    grants = [propose_grant(actor=cast.reviewer, run=run, on=JANUARY, **PAPER)
              for run in (first, second)]  # fmt: skip
    how = {"actor": cast.approver, "event": "approve_second", "reason": "", "on": JANUARY}
    decide_grant(grant=grants[0], **how)
    with pytest.raises(Refusal, match="已有别的名单支付"):
        decide_grant(grant=grants[1], **how)
    assert "都已补偿" in tried().failure


def all_back(cast, debt, yuan):
    for hand, event in ((cast.reviewer, "review_recovery"), (cast.approver, "approve_recovery")):
        decide(actor=hand, recovery=debt, event=event, on=JANUARY)
    how = {"on": JANUARY, "today": JANUARY, "reference": "BK1"}
    receive(actor=cast.cashier, recovery=debt, amount=Decimal(yuan), **how)


def test_what_came_back_is_due_again_with_another_stay(
    cast, county, two, tried, granted, wang, stayed
):
    """320.00 were paid and came back with the stay; the stay that was right is due as much."""
    run = tried()
    granted(run)
    release(cast, county, run.payments.get(person=wang))
    stop(actor=cast.approver, settlement=two["wang"], reason="录错")
    all_back(cast, Recovery.objects.get(), "320.00")
    stayed(wang, "5000.00", month=2)
    last = tried()
    assert listed(last) == [("王建国", "2600.00", "320.00")]
    granted(last)
    release(cast, county, last.payments.get())
    assert last.payments.get().status == "paid"


@pytest.mark.usefixtures("aid_book")
def test_aid_after_the_list_asks_nothing_of_it_back(
    cast, county, two, tried, granted, wang, stayed
):
    """600.00 more were borne in a second stay: of 3 200.00 he got 440.00. Aid gives 70 % of what is
    left then: 1 932.00. When the second stay falls, of 2 600.00 he is due 320.00, whatever aid gave
    afterwards; 120.00 come back."""
    second = stayed(wang, "1000.00", month=2)
    run = tried()
    granted(run)
    release(cast, county, run.payments.get(person=wang))
    lists(wang)
    payee = AidPayee(name="王建国", account="6222020011112222333")
    how = {"year": 2026, "kind": "inpatient_aid", "facts": "家中无劳力", "payee": payee}
    aid = apply_aid(actor=cast.clerk_a, person=wang, on=date(2026, 12, 20), **how)
    publish_aid(actor=cast.reviewer, application=aid, on=date(2026, 12, 21))
    aid = approve_aid(actor=cast.approver, application=aid, on=JANUARY)
    assert aid.amount == Decimal("1932.00")
    stop(actor=cast.approver, settlement=second, reason="挂床住院")
    asked = Recovery.objects.values_list("payment_key", "amount")
    assert list(asked) == [(f"second:{run.payments.get(person=wang).pk}", Decimal("120.00"))]


def test_what_was_agreed_to_stays(two, tried, granted):
    run = tried()
    granted(run)
    for change in ({"amount": 1}, {"payee": "李四"}, {"status": "listed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondPayment.objects.filter(run=run).update(**change)


def test_the_pages(cast, county, two, tried, as_user, other_county, monkeypatch):
    monkeypatch.setattr("claims.second.views.today", lambda: JANUARY)
    monkeypatch.setattr("claims.second.listings.today", lambda: JANUARY)
    reviewer, approver = as_user(cast.reviewer), as_user(cast.approver)
    assert "试算" in reviewer.get(reverse("claims:seconds")).text
    answer = reviewer.post(reverse("claims:second_try"), {"year": "2026", "budget": ""})
    asked = SecondRun.objects.get()
    assert answer.url == reverse("claims:second", args=[asked.pk])
    assert AuditLine.objects.filter(action="claims.try_second").count() == 1
    run = tried()
    page = reverse("claims:second", args=[run.pk])
    told = reviewer.get(page).text
    assert "王建国" in told and "320.00" in told and "提请支付" in told
    reviewer.post(reverse("claims:second_propose", args=[run.pk]), PAPER)
    approver.post(reverse("claims:second_act", args=[run.pk, "approve_second"]))
    run.refresh_from_db()
    assert run.grant.status == "approved"
    notice = approver.get(reverse("claims:second_notice", args=[run.pk])).text
    assert "王*国" in notice and "王建国" not in notice and "1,140.00" in notice
    stranger = as_user(cast.other_officer)
    assert stranger.get(page).status_code == 404
    assert as_user(cast.clerk_a).get(page).status_code == 403
    assert not Voucher.objects.filter(event="claim_paid", amount=Decimal("1140.00")).exists()
