"""March at 大足县人民医院, by hand (第二十三条: second tier, county hospital: 200 off, 50 %).

王 4,200.00 → 2,000.00, 李 2,201.00 → 1,000.50, 张 1,000.90 → 400.45: 3,400.95 claimed.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.clearing.models import Clearing, ClearingClaim, Deduction
from claims.clearing.services import (
    answer,
    confirm_overdue,
    decide,
    deduct,
    recall,
    undo_deduction,
    withdraw,
)
from claims.clearing.standing import back_key_of, key_of
from claims.models import Settlement, UsageEntry
from claims.paying.services import hold_payment
from claims.paying.services import key_of as claim_key
from claims.recovery.models import Recovery
from claims.recovery.services import Proposal, propose
from claims.recovery.services import decide as refuse
from claims.services import stop
from funds.models import PaymentOrder, Posting, Voucher
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, give_up
from funds.payments.rooms import problems
from funds.payments.services import note_return
from institutions.models import Institution
from tests.claims.clearing.conftest import CHECKED, DECLARED, MARCH, PAID, Month3, reloaded
from tests.conftest import in_duty

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
BACK = PAID + timedelta(days=8)
WHOLE = Proposal(reason="invoice", facts="发票虚假", debtor="institution")
Make = Callable[..., Settlement]


@pytest.fixture
def three(rule: Any, approved: Make) -> list[Settlement]:
    return [approved("王强", "4200"), approved("李芳", "2201"), approved("张军", "1000.90")]


def came_back(cast: SimpleNamespace, key: str) -> PaymentOrder:
    """The bank gave the payment of this key back."""
    order = PaymentOrder.objects.get(key=key)
    sent = order.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=BACK)
    return PaymentOrder.objects.get(key=key)


def legs_of(event: str) -> list[tuple[str, Decimal, Decimal]]:
    rows = Posting.objects.filter(voucher__event=event).order_by("voucher", "line")
    return [(row.account.code, row.debit, row.credit) for row in rows]


def test_a_month_with_a_dispute_and_a_deposit(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    """100.45 and 50.50 and 0.05 off: 3,249.95 agreed, 10 % is 324.995 → 325.00 kept, 2,924.95 paid.
    50.50 is given back, 100.45 upheld: 2,975.45 in all."""
    # Under the rule nobody asks for a payment of their own.
    assert not PaymentOrder.objects.exists()
    clearing = month.declare()
    assert (clearing.claims_count, clearing.claimed_amount) == (3, Decimal("3400.95"))
    # Declared on the 8th: 20 working days after the 10th (a Friday).
    assert clearing.pay_by == date(2026, 5, 8)
    wang, li, zhang = clearing.claims.order_by("settlement_id")
    one = deduct(actor=cast.reviewer, claim=wang, code="over_price", amount=Decimal("100.45"))
    two = deduct(actor=cast.reviewer, claim=li, code="double_charge", amount=Decimal("50.50"),
                 words="第3行与第7行")  # fmt: skip
    three_ = deduct(actor=cast.reviewer, claim=zhang, code="over_price", amount=Decimal("400.45"))
    undo_deduction(actor=cast.reviewer, deduction=three_)
    deduct(actor=cast.reviewer, claim=zhang, code="institution_other", amount=Decimal("0.05"),
           words="床位费尾差")  # fmt: skip
    clearing = month.issue(clearing)
    assert clearing.deducted_amount == Decimal("151.00")
    assert clearing.deposit_amount == Decimal("325.00")
    assert clearing.paid_amount == Decimal("2924.95")
    assert clearing.answer_by == CHECKED + timedelta(days=5)

    clearing = month.confirm(clearing, {one.pk: "物价部门已批准", two.pk: "两天各一次，有医嘱"})
    order = PaymentOrder.objects.get()
    assert (order.key, order.amount) == (key_of(clearing), Decimal("2924.95"))
    month.pay(key_of(clearing))
    clearing = reloaded(clearing)
    assert clearing.status == Clearing.Status.PAID
    for settlement in three:
        assert (reloaded(settlement).status, reloaded(settlement).paid_on) == ("paid", PAID)
    inpatient = "5001-inpatient"
    assert legs_of("claim_paid") == [
        (inpatient, Decimal("2924.95"), Decimal(0)), ("1004", Decimal(0), Decimal("2924.95")),
    ]  # fmt: skip
    assert legs_of("deposit_withheld") == [
        (inpatient, Decimal("325.00"), Decimal(0)),
        ("2001-deposit", Decimal(0), Decimal("325.00")),
    ]

    # The centre answers with two hands: one line is upheld, one given back.
    answer(actor=cast.reviewer, deduction=one, gives_back=False, words="批文自 4 月起执行")
    answer(actor=cast.reviewer, deduction=two, gives_back=True, words="医嘱属实")
    assert decide(actor=cast.approver, deduction=one, agrees=True, on=PAID).status == "upheld"
    assert decide(actor=cast.approver, deduction=two, agrees=True, on=PAID).status == "given_back"
    back = PaymentOrder.objects.get(key=back_key_of(two))
    assert (back.amount, back.payee_code) == (Decimal("50.50"), "H50022500001")
    month.pay(back.key)
    assert reloaded(two).paid_on == PAID
    spent = Posting.objects.filter(account__code=inpatient)
    assert sum(row.debit for row in spent) == Decimal("3300.45")  # 3,400.95 − 100.45 − 0.05
    assert list(problems(month.area)) == []


def test_who_answers_does_not_decide_and_an_answer_may_be_sent_back(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    clearing = month.declare()
    claim = clearing.claims.first()
    row = deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal(1))
    clearing = month.confirm(month.issue(clearing), {row.pk: "已退给患者"})
    answer(actor=cast.reviewer, deduction=row, gives_back=True, words="情况属实")
    with pytest.raises(Refusal):
        decide(actor=cast.reviewer, deduction=row, agrees=True, on=PAID)
    decide(actor=cast.approver, deduction=row, agrees=False, on=PAID)
    assert reloaded(row).status == Deduction.Status.DISPUTED


def test_refusals_name_what_to_do(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    with pytest.raises(Refusal, match="还没有结束"):
        month.declare(on=MARCH.last)
    clearing = month.declare()
    with pytest.raises(Refusal, match="已经申报"):
        month.declare()
    with pytest.raises(Refusal, match="没有可以申报"):
        month.declare(MARCH.next(), date(2026, 5, 3))
    claim = clearing.claims.first()
    assert claim is not None
    for amount, code in (("2000.01", "over_price"), ("0", "over_price"), ("1", "agreed")):
        with pytest.raises(Refusal):
            deduct(actor=cast.reviewer, claim=claim, code=code, amount=Decimal(amount))
    # Not by the one who declared, and not twice by one hand.
    with pytest.raises(Refusal):
        month.confirm(clearing)
    clearing = month.issue(clearing)
    with pytest.raises(Refusal, match="只能在核对时"):
        deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal(1))
    with pytest.raises(Refusal, match="确认期限"):
        confirm_overdue(actor=cast.approver, clearing=clearing, on=CHECKED)
    late = CHECKED + timedelta(days=6)
    clearing = confirm_overdue(actor=cast.approver, clearing=clearing, on=late)
    assert clearing.status == Clearing.Status.CONFIRMED


def test_withdrawn_and_declared_again(month: Month3, three: list[Settlement]) -> None:
    clearing = month.declare()
    withdraw(actor=month.cast.hospital_clerk, clearing=clearing, reason="少申报了两笔")
    again = month.declare(on=DECLARED + timedelta(days=6))
    assert again.claims_count == 3
    # Declared on Tuesday the 14th: counted from there.
    assert again.pay_by == date(2026, 5, 12)
    assert ClearingClaim.objects.live().count() == 3


def test_a_claim_that_is_stopped_falls_out_and_is_told(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    """Confirmed at 3,060.85 (340.10 kept); 李's 1,000.50 is stopped: checked anew at 2,400.45, of
    which 240.05 (240.045) are kept and 2,160.40 paid."""
    clearing = month.confirm(month.issue(month.declare()))
    assert (clearing.deposit_amount, clearing.paid_amount) == (
        Decimal("340.10"),
        Decimal("3060.85"),
    )
    stop(actor=cast.approver, settlement=three[1], reason="患者举报没有住院")
    clearing = reloaded(clearing)
    assert clearing.status == Clearing.Status.DECLARED
    assert clearing.claimed_amount == clearing.paid_amount == Decimal("2400.45")
    assert "患者举报没有住院" in clearing.reason
    fallen = clearing.claims.get(is_live=False)
    assert "患者举报没有住院" in fallen.fell_reason
    assert PaymentOrder.objects.get().status == PaymentOrder.Status.CANCELLED
    clearing = month.confirm(month.issue(clearing))
    assert PaymentOrder.objects.get().amount == Decimal("2160.40") == clearing.paid_amount
    month.pay(key_of(clearing))
    assert reloaded(three[1]).status == Settlement.Status.WITHDRAWN
    assert Voucher.objects.filter(event="deposit_withheld").get().amount == Decimal("240.05")


def test_what_is_held_waits_and_stops_the_money(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    hold_payment(actor=cast.supervisor, settlement=three[2], source="alert:1", reason="挂床")
    clearing = month.confirm(month.issue(month.declare()))
    assert clearing.claimed_amount == Decimal("3000.50")
    hold_payment(actor=cast.supervisor, settlement=three[0], source="alert:2", reason="挂床")
    with pytest.raises(Refusal, match="暂停支付"):
        month.pay(key_of(clearing))
    recall(actor=cast.approver, clearing=clearing, reason="有一笔暂停支付")
    clearing = month.issue(reloaded(clearing))
    assert (clearing.claims_count, clearing.claimed_amount) == (1, Decimal("1000.50"))


def test_what_was_asked_singly_before_the_rule_is_called_off(
    approved: Make, cast: SimpleNamespace, month: Month3
) -> None:
    """A rule from May on: March's claim is paid singly, until a rule from January takes it in."""
    from tests.claims.clearing.conftest import adopt

    adopt(cast, first_month=date(2026, 5, 1))
    claim = approved("王强", "4200")
    assert PaymentOrder.objects.get().key == claim_key(claim)
    with pytest.raises(Refusal, match="逐笔支付"):
        month.declare()
    adopt(cast)
    clearing = month.declare()
    assert PaymentOrder.objects.get().status == PaymentOrder.Status.CANCELLED
    assert clearing.claimed_amount == Decimal("2000.00")
    # And whoever asks for it all the same finds it in the clearing.
    order = PaymentOrder.objects.get()
    PaymentOrder.objects.filter(pk=order.pk)
    from claims.paying.services import ask_payment

    ask_payment(claim, actor=cast.approver)
    with pytest.raises(Refusal, match="不能单付"):
        month.pay(claim_key(claim))


def test_what_was_deducted_is_not_asked_back_as_well(
    month: Month3, three: list[Settlement], cast: SimpleNamespace, ask: Callable[..., Recovery]
) -> None:
    """王's 2,000.00: 100.45 off and 50.00 off, both disputed; the first upheld, the second given
    back. All of it asked back is 1,849.55 while the 50.00 are not paid, 1,899.55 afterwards."""
    clearing = month.declare()
    claim = clearing.claims.order_by("settlement_id").first()
    assert claim is not None
    off = [
        deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal(yuan))
        for yuan in ("100.45", "50.00")
    ]
    clearing = month.confirm(month.issue(clearing), {one.pk: "物价部门已批准" for one in off})
    month.pay(key_of(clearing))
    for deduction, back in zip(off, (False, True), strict=True):
        answer(actor=cast.reviewer, deduction=deduction, gives_back=back, words="已核对")
        decide(actor=cast.approver, deduction=deduction, agrees=True, on=PAID)
    wang = reloaded(claim.settlement)
    early = propose(actor=cast.supervisor, settlement=wang, proposal=WHOLE)
    assert early.amount == Decimal("1849.55") and early.is_whole
    with pytest.raises(Refusal, match="已提出全部追回"):
        month.pay(back_key_of(off[1]))
    refuse(actor=cast.approver, recovery=early, event="refuse_recovery", reason="再核", on=PAID)
    month.pay(back_key_of(off[1]))
    debt = ask(wang, PAID, debtor="institution")
    assert debt.amount == Decimal("1899.55") and debt.is_whole


def test_what_a_closed_hospital_never_claims_goes_back_to_the_fund(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    """3,400.95 less 10 % = 340.10: 3,060.85 come back from the bank. While the hospital works they
    wait for its account; closed, two people give them up. The insured had the benefit: claims and
    usage stay. Of 王's 2,000.00 it never had 3,060.85 of 3,400.95, that is 1,800.00 (the fen up),
    so that 200.00 may still be asked back."""
    clearing = month.declare()
    claim = clearing.claims.order_by("settlement_id").first()
    assert claim is not None
    clearing = month.confirm(month.issue(clearing))
    month.pay(key_of(clearing))
    order = came_back(cast, key_of(clearing))
    with pytest.raises(Refusal, match="不能转回基金，请更正账户后再付"):
        ask_give_up(actor=cast.accountant, order=order, reason="三次电话无人接听")
    Institution.objects.filter(pk=month.hospital.pk).update(is_active=False)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        give_up(actor=in_duty(cast.accountant, "approver"), order=order, on=BACK)
    used = UsageEntry.objects.totals()
    debt = propose(actor=cast.supervisor, settlement=reloaded(claim.settlement), proposal=WHOLE)
    with pytest.raises(Refusal, match=f"还有追回单 {debt} 没有办结"):
        give_up(actor=cast.approver, order=order, on=BACK)
    refuse(actor=cast.approver, recovery=debt, event="refuse_recovery", reason="没有收到", on=BACK)
    give_up(actor=cast.approver, order=order, on=BACK)
    assert legs_of("returned_kept") == [
        ("2001-returned", Decimal("3060.85"), Decimal(0)),
        ("5001-inpatient", Decimal(0), Decimal("3060.85")),
    ]
    assert (reloaded(order).status, reloaded(order).rest_amount) == ("given_up", 0)
    assert {reloaded(one).status for one in three} == {"paid"}
    assert UsageEntry.objects.totals() == used
    assert [*problems(month.area), *payment_problems(month.area)] == []
    debt = propose(actor=cast.supervisor, settlement=reloaded(claim.settlement), proposal=WHOLE)
    assert (debt.amount, debt.is_whole) == (Decimal("200.00"), True)


def test_a_dispute_that_a_closed_hospital_never_claims(
    month: Month3, three: list[Settlement], cast: SimpleNamespace
) -> None:
    """Of 王's 2,000.00 50.00 were taken off, given back, and never claimed: 1,950.00 were had."""
    clearing = month.declare()
    claim = clearing.claims.order_by("settlement_id").first()
    assert claim is not None
    off = deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal("50.00"))
    clearing = month.confirm(month.issue(clearing), {off.pk: "物价部门已批准"})
    month.pay(key_of(clearing))
    answer(actor=cast.reviewer, deduction=off, gives_back=True, words="已核对")
    decide(actor=cast.approver, deduction=off, agrees=True, on=PAID)
    month.pay(back_key_of(off))
    order = came_back(cast, back_key_of(off))
    Institution.objects.filter(pk=month.hospital.pk).update(is_active=False)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    give_up(actor=cast.approver, order=order, on=BACK)
    assert [*problems(month.area), *payment_problems(month.area)] == []
    debt = propose(actor=cast.supervisor, settlement=reloaded(claim.settlement), proposal=WHOLE)
    assert debt.amount == Decimal("1950.00")
