"""What a paid claim is owed more, from the act that brought it about to the bank and back.

Special outpatient (第二十三条(二)): deductible 200.00 in the year, then 50 %, together 60 000.00 a
year. (120 100 − 200) × 50 % = 59 950.00 first, so that of 1 380.00 later only 50.00 are paid.
Without the first: (1 380 − 200) × 50 % = 590.00, 540.00 more. With the first cut to 1 380.00
(590.00) the second gets 1 380 × 50 % = 690.00, 640.00 more.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.roles import Role
from claims.dependence.models import Supplement
from claims.dependence.rooms import payment_problems as supplement_problems
from claims.dependence.supplements import approve_supplement, change_payee, key_of
from claims.models import Settlement
from claims.paying.payees import PayeeEntry
from claims.paying.services import hold_payment, lift_hold
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import Proposal, decide, propose
from claims.services import Cut, approve, cut_and_review, reject, review, stop, withdraw
from enrollment.models import Enrollment, Person
from funds.models import Book, PaymentBatch, PaymentOrder, Posting, Transfer, Voucher
from funds.payments.bank_file import take_bank_file
from funds.payments.checking import payment_problems
from funds.payments.services import (
    Payee,
    confirm_payee,
    correct_payee,
    make_batch,
    note_arrival,
    note_return,
    release_batch,
    take_out,
)
from tests.at_once import at_once
from tests.claims.conftest import TODAY
from tests.claims.dependence.test_stories import pay_all, special, used
from tests.conftest import in_duty, past_the_guards, table_in
from tests.paying import number_of, provide

Enter = Callable[..., Settlement]
HOSPITAL = "H50022500001"
LATER, AGAIN = date(2026, 3, 25), date(2026, 3, 28)
pytestmark = pytest.mark.django_db


def order(more: Supplement) -> PaymentOrder:
    return PaymentOrder.objects.get(key=key_of(more))


def batched(cast: SimpleNamespace, more: Supplement, on: date = TODAY) -> PaymentBatch:
    return make_batch(actor=cast.accountant, orders=[order(more)], on=on)


def send(cast: SimpleNamespace, batch: PaymentBatch, on: date = TODAY) -> PaymentBatch:
    seen = batch.number_of, batch.total
    return release_batch(actor=cast.cashier, batch=batch, seen=seen, on=on, today=on)


def legs(event: str) -> list[tuple[str, str, Decimal, str]]:
    rows = Posting.objects.filter(voucher__event=event).order_by("voucher_id", "id")
    return [
        (
            "借" if one.debit else "贷",
            one.account.code,
            one.debit or one.credit,
            one.institution_code,
        )
        for one in rows.select_related("account")
    ]


def drawn(person: Person) -> tuple[int, Decimal]:
    row = Enrollment.objects.get(person=person)
    return row.drawn_claims, row.drawn_amount


@pytest.fixture
def cut(counter: Enter, wang: Person, cast: SimpleNamespace, book: Book) -> tuple[Any, Supplement]:
    """The first as the reviewer cut it, and the 640.00 that the paid second is owed for it."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    pay_all(cast, second)
    cuts = {1: Cut(Decimal("1380.00"), "多收")}
    anew = cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=TODAY)
    return anew, Supplement.objects.get()


@pytest.fixture
def owed(
    counter: Enter,
    paid: Callable[..., Settlement],
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    wang: Person,
    book: Book,
) -> Supplement:
    """The 540.00 that the second is owed once all of the first came back."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    paid(first), paid(second)
    assert drawn(wang) == (2, Decimal("60000.00"))
    take(ask(first), "59950.00")
    return Supplement.objects.get(settlement=second)


def sent_out(cast: SimpleNamespace, more: Supplement) -> PaymentBatch:
    """Approved, and sent by the cashier who took the first one's money back."""
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    batch = send(cast, batched(cast, more))
    more.refresh_from_db()
    return batch


def test_owed_once_the_first_came_back(owed: Supplement, wang: Person) -> None:
    assert (owed.amount, owed.status) == (Decimal("540.00"), "to_pay")
    assert [(p.layer, p.book, p.amount) for p in owed.parts.all()] == [
        ("basic", "resident", Decimal("540.00"))
    ]
    # The hospital was paid what it had advanced; what is owed now the family had paid itself.
    assert (owed.payee_name, owed.payee_relation) == ("王建国", "self")
    assert owed.payee_account == wang.household.bank_account
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    assert not PaymentOrder.objects.filter(key=key_of(owed)).exists()


def test_approved_and_sent(owed: Supplement, wang: Person, cast: SimpleNamespace) -> None:
    approve_supplement(actor=cast.approver, supplement=owed, on=TODAY)
    assert (order(owed).status, order(owed).amount) == ("waiting", Decimal("540.00"))
    batch = send(cast, batched(cast, owed))
    owed.refresh_from_db()
    voucher = Voucher.objects.filter(event="claim_paid").latest("pk")
    assert (owed.status, owed.paid_by, owed.paid_on) == ("paid", cast.cashier, TODAY)
    assert (owed.voucher_number, voucher.amount) == (voucher.label, Decimal("540.00"))
    assert legs("claim_paid")[-2:] == [
        ("借", "5001-outpatient", Decimal("540.00"), HOSPITAL),
        ("贷", "1004", Decimal("540.00"), HOSPITAL),
    ]
    assert drawn(wang) == (1, Decimal("590.00"))
    content, _ = take_bank_file(actor=cast.cashier, batch=batch, reason="交农商行代发")
    line = table_in(content)[1]
    assert (line[2], line[4], line[5]) == ("王建国", wang.household.bank_account, "540")
    assert line[6] == f"补付 {owed.settlement.number}"


def test_given_back_put_right_and_paid(owed: Supplement, cast: SimpleNamespace, book: Book) -> None:
    sent = Transfer.objects.get(batch=sent_out(cast, owed))
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=LATER)
    right = Payee(name="王建国", account="6217003760001234567", bank="农商行")
    correct_payee(actor=cast.accountant, order=order(owed), payee=right, reason="换了存折")
    confirm_payee(actor=cast.approver, order=order(owed), account=number_of(order(owed)))
    again = send(cast, batched(cast, owed, AGAIN), AGAIN)
    note_arrival(actor=cast.accountant, transfers=list(again.transfers.all()), on=AGAIN)
    assert legs("payment_returned") == [
        ("借", "1004", Decimal("540.00"), HOSPITAL),
        ("贷", "2001-returned", Decimal("540.00"), HOSPITAL),
    ]
    assert legs("returned_paid") == [
        ("借", "2001-returned", Decimal("540.00"), HOSPITAL),
        ("贷", "1004", Decimal("540.00"), HOSPITAL),
    ]
    first = owed.voucher_number  # it says which voucher was the expense
    owed.refresh_from_db()
    assert (order(owed).status, owed.voucher_number) == ("paid", first)
    assert list(payment_problems(book.area)) == []


def test_asked_back_with_its_claim(
    owed: Supplement,
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    sent_out(cast, owed)
    debt = ask(Settlement.objects.get(pk=owed.settlement_id), AGAIN)
    assert (debt.amount, debt.is_whole) == (Decimal("590.00"), True)
    take(debt, "590.00", AGAIN)
    assert used(wang) == {} and drawn(wang) == (0, Decimal(0))
    back = Voucher.objects.filter(event="claim_recovered").order_by("pk")
    assert [one.amount for one in back] == [Decimal("59950.00"), Decimal("590.00")]
    assert list(payment_problems(book.area)) == []
    actions = AuditLine.objects.filter(subject_type="claims.supplement").order_by("pk")
    assert list(actions.values_list("action", "user")) == [
        ("claims.find_supplement", cast.cashier.pk),
        ("claims.approve_supplement", cast.approver.pk),
        ("claims.pay_supplement", cast.cashier.pk),
    ]


def test_who_brought_it_about_and_who_named_the_payee_do_not_approve(
    counter: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """The approver stops the first: 540.00 more on the second, which another approver agrees to."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    pay_all(cast, second)
    review(actor=cast.reviewer, settlement=first)
    approve(actor=cast.approver, settlement=first)
    stop(actor=cast.approver, settlement=first, reason="有举报")
    more = Supplement.objects.get()
    assert (more.found_by, more.amount) == (cast.approver, Decimal("540.00"))
    with pytest.raises(Refusal, match="因您办理的变动而产生，须由另一人复核"):
        approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    with pytest.raises(Refusal, match="您的角色不能办理“复核同意补付”"):
        approve_supplement(actor=cast.cashier, supplement=more, on=TODAY)
    entry = PayeeEntry(relation="self", account="6217009999999999999")
    change_payee(actor=cast.clerk_a, supplement=more, entry=entry, reason="换了存折")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approve_supplement(actor=in_duty(cast.clerk_a, Role.APPROVER), supplement=more, on=TODAY)
    with (
        pytest.raises(IntegrityError, match="supplement_approver_did_not_bring"),
        transaction.atomic(),
    ):
        Supplement.objects.update(status="approved", approved_by=cast.approver)
    approve_supplement(actor=cast.approver2, supplement=more, on=TODAY)
    assert order(more).account == entry.account
    with (
        pytest.raises(IntegrityError, match="keeps its amount, and its payee"),
        transaction.atomic(),
    ):
        Supplement.objects.update(payee_name="别人")
    batch = batched(cast, more)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        release_batch(
            actor=in_duty(cast.approver2, Role.CASHIER), batch=batch,
            seen=(1, Decimal("540.00")), on=TODAY, today=TODAY,
        )  # fmt: skip


def test_another_s_later_act_does_not_free_the_first_hand(
    counter: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """59 950.00 went to the first two. The approver stops one: 640.00 more on the third. The
    hospital takes the other back, and it is counted anew: 540.00, still for the approver's act."""
    first, second = special(counter, wang, 3, "100000"), special(counter, wang, 4, "20100")
    third = special(counter, wang, 5)
    pay_all(cast, third)
    review(actor=cast.reviewer, settlement=first)
    approve(actor=cast.approver, settlement=first)
    stop(actor=cast.approver, settlement=first, reason="有举报")
    assert Supplement.objects.get().amount == Decimal("640.00")
    anew = Settlement.objects.effective().get(visit=second.visit_id)
    withdraw(actor=cast.hospital_clerk, settlement=anew, reason="录错")
    more = Supplement.objects.get(status="to_pay")
    assert (more.found_by, more.amount) == (cast.hospital_clerk, Decimal("540.00"))
    with pytest.raises(Refusal, match="因您办理的变动而产生"):
        approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    assert approve_supplement(actor=cast.approver2, supplement=more, on=TODAY).status == "approved"


def test_nobody_s_account_stands_in_the_trail(
    cut: tuple[Any, Supplement], cast: SimpleNamespace
) -> None:
    _, more = cut
    entry = PayeeEntry(relation="self", account="6217009999999999999", bank="农商行")
    change_payee(actor=cast.clerk_a, supplement=more, entry=entry, reason="换了存折")
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    told = json.dumps(
        list(AuditLine.objects.values_list("before", "after", "reason")), ensure_ascii=False
    )
    assert entry.account not in told and more.payee_account not in told
    assert "王建国" not in told


def test_without_a_payee_it_waits_for_one(
    cut: tuple[Any, Supplement], cast: SimpleNamespace
) -> None:
    """As of claims that were paid before there were payees."""
    _, more = cut
    empty = dict(payee_name="", payee_relation="", payee_person=None, payee_account="",
                 payee_account_index="")  # fmt: skip
    Supplement.objects.filter(pk=more.pk).update(**empty)
    with pytest.raises(Refusal, match="的补付还没有收款人和账号，请乡镇经办“改补付收款人”"):
        approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    entry = PayeeEntry(relation="self", account="6217009999999999999", bank="农商行")
    change_payee(actor=cast.clerk_a, supplement=more, entry=entry, reason="补登存折")
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    other = PayeeEntry(relation="self", account="6217001111111111111")
    change_payee(actor=cast.clerk_a, supplement=more, entry=other, reason="又换了存折")
    more.refresh_from_db()
    assert (more.status, more.approved_by, order(more).status) == ("to_pay", None, "cancelled")
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    assert (order(more).status, order(more).account) == ("waiting", other.account)
    batched(cast, more)
    with pytest.raises(Refusal, match="已编入支付批次"):
        change_payee(actor=cast.clerk_a, supplement=more, entry=entry, reason="改回来")


def test_a_hold_or_a_whole_recovery_stops_it(
    cut: tuple[Any, Supplement], ask: Callable[..., Recovery], take: Callable[..., RecoveryReceipt],
    cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """All of the second is asked back: 50.00, for the 640.00 were never paid. When these are back
    nothing is owed on it any more."""
    _, more = cut
    claim = more.settlement
    hold_payment(actor=None, settlement=claim, source="alert:7", reason="住院重叠")
    with pytest.raises(Refusal, match="暂停支付：住院重叠"):
        approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    lift_hold(actor=cast.supervisor, settlement=claim, source="alert:7", reason="已核实无重叠")
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    debt = ask(claim)
    assert (debt.amount, debt.is_whole) == (Decimal("50.00"), True)
    with pytest.raises(Refusal, match="已提出全部追回"):
        batched(cast, more)
    take(debt, "50.00")
    more.refresh_from_db()
    assert (more.status, order(more).status) == ("replaced", "cancelled")
    assert list(payment_problems(book.area)) == []


def test_another_fall_counts_anew_what_has_not_gone(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, wang: Person, book: Book
) -> None:
    """Without the first at all 590.00 are due on the second, of which 50.00 are paid."""
    first, more = cut
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    batch = batched(cast, more)
    with pytest.raises(Refusal, match="已编入支付批次"):
        reject(actor=cast.approver2, settlement=first, reason="缺病历")
    take_out(actor=cast.accountant, transfer=batch.transfers.get(), reason="另算")
    reject(actor=cast.approver2, settlement=first, reason="缺病历")
    old, new = Supplement.objects.order_by("pk")
    assert (old.status, order(old).status) == ("replaced", "cancelled")
    assert (new.status, new.amount) == ("to_pay", Decimal("540.00"))
    assert list(payment_problems(book.area)) == []


def test_once_it_has_gone_only_the_rest_is_owed(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, wang: Person, book: Book
) -> None:
    """690.00 are paid, 590.00 are due: the household owes 100.00."""
    first, more = cut
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    send(cast, batched(cast, more))
    reject(actor=cast.approver2, settlement=first, reason="缺病历")
    assert Supplement.objects.get().status == "paid"
    debt = Recovery.objects.get()
    assert (debt.amount, debt.reason, debt.debtor) == (Decimal("100.00"), "recomputed", "household")


def test_what_came_back_from_the_dead_goes_to_the_heir(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, wang: Person, book: Book
) -> None:
    """The 640.00 lie at the fund; two agreed to the heir's account on the order."""
    _, more = cut
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    provide(book.area)
    sent = send(cast, batched(cast, more)).transfers.get()
    Person.objects.filter(pk=wang.pk).update(death_date=TODAY)
    note_return(actor=cast.accountant, transfers=[(sent, "户主死亡，账户冻结")], on=LATER)
    heir = Payee(name="王小红", account="6222020099998888777")
    correct_payee(actor=cast.accountant, order=order(more), payee=heir, reason="公证书3号")
    confirm_payee(actor=cast.approver, order=order(more), account=number_of(order(more)))
    hold_payment(actor=None, settlement=more.settlement, source="alert:7", reason="住院重叠")
    with pytest.raises(Refusal, match="暂停支付：住院重叠"):
        batched(cast, more, AGAIN)
    lift_hold(actor=None, settlement=more.settlement, source="alert:7", reason="已核实无重叠")
    send(cast, batched(cast, more, AGAIN), AGAIN)
    assert (order(more).status, order(more).payee) == ("sent", "王小红")
    assert list(payment_problems(book.area)) == []


def test_another_s_account_is_not_approved(
    cut: tuple[Any, Supplement], cast: SimpleNamespace
) -> None:
    """A sealed account may be sealed anew; what it is to be, its index says."""
    _, more = cut
    Supplement.objects.filter(pk=more.pk).update(payee_account="6222020099998888777")
    with pytest.raises(Refusal, match="的收款账号与登记时不符"):
        approve_supplement(actor=cast.approver, supplement=more, on=TODAY)


def test_what_does_not_agree_is_told(cut: tuple[Any, Supplement], cast: SimpleNamespace) -> None:
    _, more = cut
    area, rows = Book.objects.get().area, Supplement.objects.filter(pk=more.pk)
    past_the_guards(rows, status="approved", approved_by=cast.approver)
    assert list(supplement_problems(area)) == [f"{more}：已复核 640.00，没有待付的支付单"]
    past_the_guards(rows, status="paid", paid_by=cast.cashier, paid_on=TODAY)
    assert list(supplement_problems(area)) == [f"{more}：已补付 640.00，没有支付单"]


def test_the_approver_opens_looks_and_agrees(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    _, more = cut
    page = f"/claims/recoveries/supplements/{more.pk}"
    clerk = as_user(cast.clerk_a)
    form = {"relation": "self", "account": "6217009999999999999", "reason": "换了存折"}
    assert clerk.get(f"{page}/payee").status_code == 200
    assert clerk.post(f"{page}/payee", form).status_code == 302
    approver = as_user(cast.approver)
    html = approver.get(page).content.decode()
    assert "尾号 9999" in html and "6217009999999999999" not in html and "复核同意补付" in html
    assert clerk.post(f"{page}/approve").status_code == 403
    approver.post(f"{page}/approve")
    more.refresh_from_db()
    assert more.status == "approved"
    assert "打开支付单" in approver.get(page).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_released_beside_another_fall(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, wang: Person, book: Book, _round: int
) -> None:
    """Whoever is first, 690.00 are paid in the end and 100.00 asked back."""
    first, more = cut
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    batch = batched(cast, more)
    outcomes = at_once(
        [
            lambda: send(cast, batch),
            lambda: reject(actor=cast.approver2, settlement=first, reason="缺病历"),
        ]
    )
    assert not isinstance(outcomes[0], Exception)
    if isinstance(outcomes[1], Refusal):
        assert "已编入支付批次" in outcomes[1].message
        reject(actor=cast.approver2, settlement=first, reason="缺病历")
    assert Supplement.objects.get().status == "paid"
    assert Recovery.objects.get().amount == Decimal("100.00")
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    assert list(payment_problems(book.area)) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_approved_beside_another_fall(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, book: Book, _round: int
) -> None:
    """The 640.00 are never paid; 540.00 wait for their own approval."""
    first, more = cut
    outcomes = at_once(
        [
            lambda: approve_supplement(actor=cast.approver, supplement=more, on=TODAY),
            lambda: reject(actor=cast.approver2, settlement=first, reason="缺病历"),
        ]
    )
    assert not isinstance(outcomes[1], Exception)
    old, new = Supplement.objects.order_by("pk")
    assert (old.status, new.status, new.amount) == ("replaced", "to_pay", Decimal("540.00"))
    keys = PaymentOrder.objects.filter(key__startswith="supplement:")
    assert not keys.exclude(status="cancelled").exists()
    assert list(payment_problems(book.area)) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_released_while_all_is_asked_back(
    cut: tuple[Any, Supplement], cast: SimpleNamespace, book: Book, _round: int
) -> None:
    """What went is asked back, what did not go does not go."""
    _, more = cut
    provide(book.area)
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    batch = batched(cast, more)
    what = Proposal(reason="invoice", facts="发票虚假", debtor="household")
    outcomes = at_once(
        [
            lambda: send(cast, batch),
            lambda: propose(actor=cast.supervisor, settlement=more.settlement, proposal=what),
        ]
    )
    debt = outcomes[1]
    went = Supplement.objects.get().status == "paid"
    assert went != isinstance(outcomes[0], Refusal)
    assert debt.is_whole and debt.amount == Decimal("690.00" if went else "50.00")


def test_all_asked_back_with_its_usage_kept_stops_it_too(
    cut: tuple[Any, Supplement], take: Callable[..., RecoveryReceipt],
    cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """Of the second 50.00 were paid and are asked back, 年度累计不退还: nothing of it stands, so
    the 640.00 more are not paid. Refused, they go on; asked anew and back, nothing is owed."""
    _, more = cut
    what = Proposal(reason="invoice", facts="发票虚假", debtor="household", usage="kept")
    debt = propose(actor=cast.supervisor, settlement=more.settlement, proposal=what)
    assert (debt.amount, debt.is_whole) == (Decimal("50.00"), False)
    with pytest.raises(Refusal, match=f"已提出全部追回（{debt.number}）"):
        approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    decide(actor=cast.approver, recovery=debt, event="refuse_recovery", reason="发票属实", on=TODAY)
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    batch = batched(cast, more)
    debt = propose(actor=cast.supervisor, settlement=more.settlement, proposal=what)
    with pytest.raises(Refusal, match=f"已提出全部追回（{debt.number}）"):
        send(cast, batch)
    take_out(actor=cast.accountant, transfer=batch.transfers.get(), reason="已提出全部追回")
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=TODAY)
    decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=TODAY)
    take(debt, "50.00")
    more.refresh_from_db()
    assert (more.status, order(more).status) == ("replaced", "cancelled")
    assert list(payment_problems(book.area)) == []
