"""Whom a claim pays: proposed, asked, changed, stopped by a death or by a finding."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from claims.deciding.models import Approval
from claims.models import Settlement
from claims.paying.payees import PayeeEntry
from claims.paying.services import change_payee, hold_payment, lift_hold
from claims.services import Cut, approve, cut_and_review, review, withdraw
from claims.workflow import SETTLEMENTS
from enrollment.models import Household, Person
from funds.models import Book, PaymentBatch, Voucher
from funds.payments.services import release_batch, take_out
from tests.claims.conftest import TODAY, Register, invoice
from tests.conftest import in_duty, past_the_guards
from tests.paying import batch_of, orders_of, pay, provide

Enter = Callable[..., Settlement]
Agree = Callable[[Settlement], Settlement]
ACCOUNT = "6217003760001112223"


def release(cast: SimpleNamespace, batch: PaymentBatch, on: date = TODAY) -> PaymentBatch:
    provide(batch.area)
    seen = batch.number_of, batch.total
    return release_batch(actor=cast.cashier, batch=batch, seen=seen, on=on, today=on)


def named(claim: Settlement) -> tuple[str, str, str]:
    claim.refresh_from_db()
    return claim.payee_name, claim.payee_relation, claim.payee_account


@pytest.fixture
def home(register: Register, village_a: Division) -> Household:
    return register.household(village_a)


def test_the_household_s_account_is_proposed_to_whom_it_belongs(
    paper: Enter, register: Register, home: Household, cast: SimpleNamespace
) -> None:
    """The head's; a spouse's own goes to the spouse alone, a parent's to a child."""
    head = register.person("何国立", home)
    wife = register.person("李秀兰", home)
    child = register.person("何小妹", home, born=date(2015, 3, 2))

    def claim_of(person: Person, number: str) -> tuple[str, str, str]:
        person.refresh_from_db()
        entered = paper(person, "6000.00", invoices=[invoice(number, "6000.00")])
        withdraw(actor=cast.clerk_a, settlement=entered, reason="另录")
        return named(entered)

    account = home.bank_account
    assert claim_of(wife, "NO1") == ("何国立", "head", account)
    Household.objects.filter(pk=home.pk).update(bank_account_name="李秀兰")
    assert claim_of(wife, "NO2") == ("李秀兰", "self", account)
    assert claim_of(child, "NO3") == ("李秀兰", "guardian", account)
    assert claim_of(head, "NO4") == ("", "", "")


def test_who_moved_out_is_asked_and_never_paid_to_the_former_household(
    paper: Enter,
    register: Register,
    village_a: Division,
    home: Household,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    register.person("何国立", home)
    wife = register.person("李秀兰", home)
    new = register.household(village_a)
    register.person("吴大强", new)
    Person.objects.filter(pk=wife.pk).update(household=new, member_number=2)
    wife.refresh_from_db()
    claim = paper(wife, "6000.00")
    assert named(claim) == ("", "", "")
    with pytest.raises(Refusal, match="还没有收款人和账号"):
        review(actor=cast.reviewer, settlement=claim)
    own = PayeeEntry(relation="self", account=ACCOUNT, bank="农商行龙水支行")
    change_payee(actor=cast.clerk_a, settlement=claim, entry=own, reason="本人存折")
    assert named(claim) == ("李秀兰", "self", ACCOUNT)
    review(actor=cast.reviewer, settlement=claim)
    approve(actor=cast.approver, settlement=claim)
    (order,) = orders_of([claim])
    assert (order.payee, order.account, order.bank) == ("李秀兰", ACCOUNT, "农商行龙水支行")


def test_another_account_after_the_approval_makes_both_void(
    paper: Enter, wang: Person, cast: SimpleNamespace, agree: Agree, book: Book
) -> None:
    claim = agree(paper(wang, "6000.00"))
    seen, (order,) = claim.digest, orders_of([claim])
    other = PayeeEntry(relation="self", account=ACCOUNT)
    with pytest.raises(Refusal, match="请写明"):
        change_payee(actor=cast.clerk_a, settlement=claim, entry=other, reason=" ")
    change_payee(actor=cast.clerk_a, settlement=claim, entry=other, reason="原账户已销户")
    claim.refresh_from_db()
    order.refresh_from_db()
    assert (claim.status, claim.reviewed_by, claim.approved_by) == ("submitted", None, None)
    assert (claim.digest, order.status) == ("", "cancelled")
    line = AuditLine.objects.get(action="claims.payee_changed")
    assert line.reason == "原账户已销户" and ACCOUNT not in str(line.after)
    agree(claim)
    claim.refresh_from_db()
    order.refresh_from_db()
    assert claim.digest != seen and (order.status, order.account) == ("waiting", ACCOUNT)
    batch = batch_of(claim, on=TODAY)
    with pytest.raises(Refusal, match="已编入支付批次 202600001，请先由会计移出批次"):
        change_payee(actor=cast.clerk_a, settlement=claim, entry=other, reason="再换")
    release(cast, batch)
    with pytest.raises(Refusal, match="现为“已支付”，不能办理"):
        change_payee(actor=cast.clerk_a, settlement=claim, entry=other, reason="再换")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"relation": "self", "account": ""}, "请填写收款账号"),
        ({"relation": "self", "account": "62A7"}, "8 至 30 位数字"),
        ({"relation": "guardian", "account": ACCOUNT}, "请填写收款人姓名"),
        ({"relation": "guardian", "account": ACCOUNT, "name": "陈二"}, "监护依据材料"),
        ({"relation": "heir", "account": ACCOUNT, "name": "陈二"}, "没有登记患者死亡"),
        ({"relation": "institution", "account": ACCOUNT, "name": "x"}, "请选择收款人"),
    ],
)
def test_a_payee_has_to_have_a_right_to_it(
    paper: Enter, wang: Person, cast: SimpleNamespace, entry: dict[str, str], words: str
) -> None:
    claim = paper(wang, "6000.00")
    with pytest.raises(Refusal, match=words):
        change_payee(actor=cast.clerk_a, settlement=claim, entry=PayeeEntry(**entry), reason="核对")


def test_who_is_known_to_have_died_is_not_paid_and_the_heirs_are(
    paper: Enter, wang: Person, cast: SimpleNamespace, agree: Agree, book: Book
) -> None:
    claim = agree(paper(wang, "6000.00"))
    batch = batch_of(claim, on=TODAY)
    Person.objects.filter(pk=wang.pk).update(death_date=TODAY)
    with pytest.raises(Refusal, match="收款人登记于 2026-03-20 死亡，请录入人凭继承材料"):
        release(cast, batch)
    assert not Voucher.objects.filter(event="claim_paid").exists()
    take_out(actor=cast.accountant, transfer=batch.transfers.get(), reason="收款人死亡")
    heir = PayeeEntry(relation="heir", account=ACCOUNT, name="王小明", document="")
    with pytest.raises(Refusal, match="继承依据材料"):
        change_payee(actor=cast.clerk_a, settlement=claim, entry=heir, reason="患者死亡")
    paper_named = PayeeEntry(
        relation="heir", account=ACCOUNT, name="王小明", document="公证书〔2026〕3号"
    )
    change_payee(actor=cast.clerk_a, settlement=claim, entry=paper_named, reason="患者死亡")
    (paid,) = pay(actor=cast.cashier, settlements=[agree(claim)], on=TODAY, today=TODAY)
    assert (paid.status, paid.payee_name, paid.payee_document) == (
        "paid", "王小明", "公证书〔2026〕3号",
    )  # fmt: skip


def test_a_head_who_has_died_is_not_paid_for_a_patient_who_lives(
    paper: Enter,
    register: Register,
    home: Household,
    cast: SimpleNamespace,
    agree: Agree,
    book: Book,
) -> None:
    """Nobody inherits from the living: what the refusal tells the clerk to do is what helps."""
    head, wife = register.person("何国立", home), register.person("李秀兰", home)
    claim = agree(paper(wife, "6000.00"))
    assert named(claim)[:2] == ("何国立", "head")
    batch = batch_of(claim, on=TODAY)
    Person.objects.filter(pk=head.pk).update(death_date=TODAY)
    told = "收款人登记于 2026-03-20 死亡，请录入人“改收款人”为患者本人或监护人；患者也已死亡的"
    with pytest.raises(Refusal, match=told):
        release(cast, batch)
    take_out(actor=cast.accountant, transfer=batch.transfers.get(), reason="户主死亡")
    own = PayeeEntry(relation="self", account=ACCOUNT)
    change_payee(actor=cast.clerk_a, settlement=claim, entry=own, reason="户主死亡")
    (paid,) = pay(actor=cast.cashier, settlements=[agree(claim)], on=TODAY, today=TODAY)
    assert (paid.status, paid.payee_name) == ("paid", "李秀兰")


def test_a_finding_stops_the_payment_until_it_is_dismissed(
    paper: Enter, wang: Person, cast: SimpleNamespace, agree: Agree, book: Book
) -> None:
    claim = agree(paper(wang, "6000.00"))
    hold_payment(actor=None, settlement=claim, source="alert:7", reason="死亡后就诊")
    hold_payment(actor=None, settlement=claim, source="alert:7", reason="死亡后就诊")
    hold_payment(actor=None, settlement=claim, source="alert:8", reason="住院重叠")
    with pytest.raises(Refusal, match="暂停支付：死亡后就诊"):
        batch_of(claim, on=TODAY)
    lift_hold(actor=cast.supervisor, settlement=claim, source="alert:7", reason="户籍登记有误")
    with pytest.raises(Refusal, match="暂停支付：住院重叠"):
        batch_of(claim, on=TODAY)
    lift_hold(actor=cast.supervisor, settlement=claim, source="alert:8", reason="已核实")
    assert claim.holds.count() == 2
    release(cast, batch_of(claim, on=TODAY))


def test_a_cut_does_not_let_go_of_what_stops_the_payment(
    paper: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """Found before the cut, or after it and named by the settlement that was cut: both hold."""
    claim = paper(wang, "6000.00")
    hold_payment(actor=None, settlement=claim, source="alert:7", reason="住院重叠")
    cuts = {1: Cut(Decimal("5000.00"), "重复收费")}
    cut = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    approve(actor=cast.approver, settlement=cut)
    with pytest.raises(Refusal, match="暂停支付：住院重叠"):
        batch_of(cut, on=TODAY)
    hold_payment(actor=cast.supervisor, settlement=claim, source="alert:8", reason="分解住院")
    lift_hold(actor=cast.supervisor, settlement=claim, source="alert:7", reason="日期录错")
    with pytest.raises(Refusal, match="暂停支付：分解住院"):
        batch_of(cut, on=TODAY)
    lift_hold(actor=cast.supervisor, settlement=claim, source="alert:8", reason="已核实")
    release(cast, batch_of(cut, on=TODAY))


def test_who_named_another_payee_decides_nothing_about_the_claim(
    paper: Enter, wang: Person, cast: SimpleNamespace, agree: Agree
) -> None:
    """Another clerk than the one who entered it, whatever his duty is afterwards."""
    claim = paper(wang, "6000.00")
    entry = PayeeEntry(relation="self", account=ACCOUNT)
    change_payee(actor=cast.clerk_a2, settlement=claim, entry=entry, reason="本人换了银行卡")
    claim.refresh_from_db()
    assert claim.payee_by == cast.clerk_a2
    steps = [(review, Role.REVIEWER), (approve, Role.APPROVER)]
    for service, role in steps:
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            service(actor=in_duty(cast.clerk_a2, role), settlement=claim)
        service(actor=getattr(cast, role.value), settlement=claim)
    claim.refresh_from_db()
    cashier = in_duty(cast.clerk_a2, Role.CASHIER)
    assert "必须由不同的人办理" in SETTLEMENTS.problem(claim, "paid", cashier)
    for column in ("reviewed_by_id", "approved_by_id", "paid_by_id"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Settlement.objects.filter(pk=claim.pk).update(**{column: cast.clerk_a2.pk})


def test_a_cut_keeps_who_named_the_payee(paper: Enter, wang: Person, cast: SimpleNamespace) -> None:
    claim = paper(wang, "6000.00")
    entry = PayeeEntry(relation="self", account=ACCOUNT)
    change_payee(actor=cast.clerk_a2, settlement=claim, entry=entry, reason="本人换了银行卡")
    cuts = {1: Cut(Decimal("5000.00"), "重复收费")}
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        reviewer = in_duty(cast.clerk_a2, Role.REVIEWER)
        cut_and_review(actor=reviewer, settlement=claim, cuts=cuts, on=TODAY)
    cut = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approve(actor=in_duty(cast.clerk_a2, Role.APPROVER), settlement=cut)
    with pytest.raises(IntegrityError, match="not to be approved"), transaction.atomic():
        Approval.objects.create(settlement=cut, rank=1, by=cast.clerk_a2)


def test_what_was_changed_behind_their_backs_is_not_paid(
    paper: Enter, wang: Person, cast: SimpleNamespace, agree: Agree, book: Book
) -> None:
    """Past the guards, in the database: the release finds it, refuses, and sends the claim back."""
    claim = agree(paper(wang, "6000.00"))
    batch = batch_of(claim, on=TODAY)
    past_the_guards(Settlement.objects.filter(pk=claim.pk), payee_name="李四")
    with pytest.raises(Refusal, match="与初审、复核时所见不同"):
        release(cast, batch)
    claim.refresh_from_db()
    batch.refresh_from_db()
    (order,) = orders_of([claim])
    assert (claim.status, claim.approved_by, order.status) == ("submitted", None, "cancelled")
    assert (batch.number_of, batch.total) == (0, Decimal("0.00"))
    assert batch.transfers.get().outcome == "taken_out"
    assert not Voucher.objects.filter(event="claim_paid").exists()
    review(actor=cast.reviewer, settlement=claim)
    past_the_guards(Settlement.objects.filter(pk=claim.pk), payee_name="王五")
    with pytest.raises(Refusal, match="与初审、复核时所见不同"):
        approve(actor=cast.approver, settlement=claim)
    claim.refresh_from_db()
    assert claim.status == "submitted"


def test_the_page_names_the_payee_masks_the_account_and_takes_another(
    paper: Enter,
    wang: Person,
    cast: SimpleNamespace,
    agree: Agree,
    as_user: Callable[[User], Client],
    book: Book,
) -> None:
    claim = agree(paper(wang, "6000.00"))
    url = reverse("claims:claim", args=[claim.pk])
    account = wang.household.bank_account

    def page(user: User) -> str:
        return as_user(user).get(url).content.decode()

    for user in (cast.clerk_a, cast.reviewer, cast.accountant):
        html = page(user)
        assert f"王建国（本人） 尾号 {account[-4:]}" in html and account not in html
    sheet = as_user(cast.clerk_a).get(reverse("claims:sheet", args=[claim.pk])).content.decode()
    assert f"收款人：王建国（本人） 尾号 {account[-4:]}" in sheet
    form: dict[str, Any] = {"relation": "self", "account": ACCOUNT, "reason": "换了存折"}
    change = reverse("claims:change_payee", args=[claim.pk])
    assert as_user(cast.reviewer).post(change, form).status_code == 403
    assert as_user(cast.clerk_b).post(change, form).status_code == 404
    answer = as_user(cast.clerk_a).post(change, form | {"account": "1"})
    assert "8 至 30 位数字" in answer.content.decode()
    as_user(cast.clerk_a).post(change, form)
    assert named(claim) == ("王建国", "self", ACCOUNT)
    assert f"尾号 {ACCOUNT[-4:]}" in page(cast.clerk_a)


def test_another_s_account_under_the_approval_is_found(
    paper: Enter, register: Register, home: Household, village_a: Division,
    cast: SimpleNamespace, agree: Agree, book: Book,
) -> None:  # fmt: skip
    """Somebody without the key writes another claim's sealed account over it."""
    mine = agree(paper(register.person("何国立", home), "4000.00"))
    other = register.person("李四", register.household(village_a))
    theirs = paper(other, "4000.00", invoices=[invoice("NO1002", "4000.00")])
    batch = batch_of(mine, on=TODAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE claims_settlement SET payee_account = "
            "(SELECT payee_account FROM claims_settlement WHERE id = %s) WHERE id = %s",
            [theirs.pk, mine.pk],
        )
    mine.refresh_from_db()
    assert mine.payee_account == theirs.payee_account
    with pytest.raises(Refusal, match="与初审、复核时所见不同"):
        release(cast, batch)
    mine.refresh_from_db()
    assert (mine.status, mine.digest) == ("submitted", "")
    with pytest.raises(Refusal, match="收款账号与登记时不符"):
        review(actor=cast.reviewer, settlement=mine)
