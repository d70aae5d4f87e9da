"""A page lies open while another hand changes it: nobody agrees to what was not on it."""

import re
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditLine
from claims.assistance.services import AidPayee
from claims.assistance.services import change_payee as change_aid_payee
from claims.clearing.services import check, deduct, recall, send_back
from claims.models import Settlement
from claims.paying.payees import PayeeEntry
from claims.paying.services import change_payee
from claims.services import review
from enrollment.models import Person
from funds.models import Book
from funds.payments.services import (
    Payee,
    correct_payee,
    note_return,
    refuse_payee,
    release_batch,
)
from tests.claims.assistance.conftest import PUBLIC, apply, lists, stay_of
from tests.claims.clearing.conftest import CHECKED, Month3, approved, month, reloaded, rule
from tests.claims.conftest import TODAY, invoice
from tests.paying import batch_of, provide

__all__ = ["apply", "approved", "month", "rule", "stay_of"]
Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db
CHANGED = "您打开这一页之后，金额、费用或收款账户有了变化"


class Page:
    """A page of somebody, as it was when it was opened."""

    def __init__(self, client: Any, address: str) -> None:
        self.client = client
        self.html = client.get(address).content.decode()

    def press(self, act: str, **given: Any) -> str:
        """Send the form with this address as it stood on the page."""
        form = next(one for one in self.html.split("<form")[1:] if f'"{act}"' in one)
        sent = dict(re.findall(r'name="(seen)" value="([0-9a-f]+)"', form.split("</form>")[0]))
        assert sent, "the page does not say what it showed"
        answer = self.client.post(act, sent | given, follow=True)
        assert answer.status_code == 200
        return str(answer.content.decode())


def other_account(cast: SimpleNamespace, claim: Settlement, account: str) -> None:
    entry = PayeeEntry(relation="self", account=account)
    change_payee(actor=cast.clerk_a, settlement=claim, entry=entry, reason="换了存折")


def test_a_payee_changed_under_the_hands_of_reviewer_and_approver(
    paper: Enter, wang: Person, cast: SimpleNamespace, as_user: Any
) -> None:
    """The clerk names another account while the page of the next hand is open."""
    claim = paper(wang, "6000.00", invoices=[invoice("NO7001", "6000.00")])
    address = reverse("claims:claim", args=[claim.pk])
    act = {one: reverse("claims:act", args=[claim.pk, one]) for one in ("reviewed", "approved")}
    page = Page(as_user(cast.reviewer), address)
    other_account(cast, claim, "6217009900000000001")
    assert CHANGED in page.press(act["reviewed"])
    assert reloaded(claim).status == "submitted"
    assert CHANGED not in Page(as_user(cast.reviewer), address).press(act["reviewed"])
    page = Page(as_user(cast.approver), address)
    other_account(cast, claim, "6217009900000000002")
    review(actor=cast.reviewer, settlement=claim)
    assert CHANGED in page.press(act["approved"])
    assert reloaded(claim).status == "reviewed"
    Page(as_user(cast.approver), address).press(act["approved"])
    assert reloaded(claim).status == "approved"


def test_an_account_corrected_anew_while_the_second_hand_looks_at_the_first(
    paper: Enter, agree: Any, wang: Person, cast: SimpleNamespace, as_user: Any, book: Book
) -> None:
    claim = agree(paper(wang, "6000.00", invoices=[invoice("NO7002", "6000.00")]))
    provide(book.area)
    batch = batch_of(claim, on=TODAY)
    order = _returned(cast, batch)

    def corrected(account: str) -> None:
        payee = Payee(name="王建国", account=account, bank="农商行")
        correct_payee(actor=cast.clerk_a, order=order, payee=payee, reason="存折换号")

    corrected("6217000010000000001")
    act = reverse("funds:confirm_payee", args=[order.pk])
    address = reverse("funds:payment_order", args=[order.pk])
    page = Page(as_user(cast.approver), address)
    refuse_payee(actor=cast.approver2, order=order, reason="存折不是本人的")
    corrected("6217000010000000002")
    assert CHANGED in page.press(act, account="6217000010000000001")
    assert reloaded(order).status == "corrected"
    again = Page(as_user(cast.approver), address)
    told = again.press(act, account="6217000010000000001")
    assert "输入的账号与申请的不一致（第 1 次）" in told and reloaded(order).status == "corrected"
    assert "请按证明材料原件重新输入账号" in again.press(act)
    again.press(act, account="6217 0000 1000 0000 002")
    assert reloaded(order).status == "waiting"
    line = AuditLine.objects.get(action="funds.mistyped_account")
    assert "6217" not in f"{line.reason}{line.before}{line.after}"


def _returned(cast: SimpleNamespace, batch: Any) -> Any:
    seen = batch.number_of, batch.total
    release_batch(actor=cast.cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)
    sent = batch.transfers.get()
    note_return(actor=cast.accountant, transfers=[(sent, "户名不符")], on=TODAY)
    return reloaded(sent.order)


def test_a_statement_is_issued_and_confirmed_with_the_sums_that_were_shown(
    month: Month3, approved: Enter, cast: SimpleNamespace, as_user: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """2,000.00; 10.55 are taken off while the approver's page is open, 100.00 more while the
    hospital's is: 2,000.00 − 110.55 = 1,889.45, a tenth kept (188.95): 1,700.50."""
    monkeypatch.setattr("claims.clearing.views.today", lambda: CHECKED)
    approved("王强", "4200")
    clearing = month.declare()
    address = reverse("claims:clearing", args=[clearing.pk])
    act = reverse("claims:clearing_act", args=[clearing.pk, "issue_clearing"])

    def off(yuan: str) -> None:
        claim = clearing.claims.get()
        deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal(yuan))
        check(actor=cast.reviewer, clearing=clearing, on=CHECKED)

    check(actor=cast.reviewer, clearing=clearing, on=CHECKED)
    page = Page(as_user(cast.approver), address)
    send_back(actor=cast.approver2, clearing=clearing, reason="漏了一笔")
    off("10.55")
    assert CHANGED in page.press(act)
    assert reloaded(clearing).status == "checked"
    Page(as_user(cast.approver), address).press(act)
    assert reloaded(clearing).paid_amount == Decimal("1790.50")
    confirm = reverse("claims:clearing_confirm", args=[clearing.pk])
    page = Page(as_user(cast.hospital_clerk), address)
    recall(actor=cast.approver, clearing=clearing, reason="又查出一笔")
    off("100.00")
    Page(as_user(cast.approver), address).press(act)
    assert CHANGED in page.press(confirm)
    assert reloaded(clearing).status == "issued"
    Page(as_user(cast.hospital_clerk), address).press(confirm)
    assert (reloaded(clearing).status, reloaded(clearing).paid_amount) == (
        "confirmed", Decimal("1700.50"),
    )  # fmt: skip


def test_a_payee_of_assistance_changed_while_the_reviewer_looks(
    wang: Person, cast: SimpleNamespace, as_user: Any, stay_of: Enter, apply: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("claims.assistance.views.today", lambda: PUBLIC)
    lists(wang)
    stay_of(wang)
    aid = apply(wang)
    address = reverse("claims:aid", args=[aid.pk])
    act = reverse("claims:aid_act", args=[aid.pk, "publish_aid"])
    page = Page(as_user(cast.reviewer), address)
    payee = AidPayee(name="王建国", account="6222020011119999999", bank="农商行龙水支行")
    change_aid_payee(actor=cast.clerk_a, application=aid, payee=payee, reason="换了存折")
    assert CHANGED in page.press(act)
    assert reloaded(aid).status == "applied"
    Page(as_user(cast.reviewer), address).press(act)
    assert reloaded(aid).status == "published"
