"""A paper claim in Chromium through every hand and every way back, and its money home again.

Worked out by hand (tier 2, first year, city hospital, referred, 第二十三条(二)2、(七)):
12 000: (12 000 − 1 000) × 35 % = 3 850; without the 1 000 that the reviewer takes off
(11 000 − 1 000) × 35 % = 3 500, which two approvers look at (above 3 000).
"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Division
from claims.models import Settlement
from claims.recovery.models import Recovery
from enrollment.models import Person
from funds.models import Book, PaymentBatch, PaymentOrder, Voucher
from tests.claims.conftest import TODAY
from tests.claims.deciding.conftest import rules
from tests.conftest import file_of
from tests.paying import provide
from tests.walk import Walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.seconds(60),
]
HEAD = ["付款编号", "金额", "处理结果", "失败原因"]
NEW_ACCOUNT = "6217000010009876543"


def test_from_the_window_to_the_money_that_came_home(
    walk: Walk, settings: Any, cast: SimpleNamespace, county: Division, wang: Person, book: Book
) -> None:
    settings.TODAY = TODAY
    rules(cast, second_above="3000.00", sample_share=10, promised_days=20)
    provide(county)
    hand_in(walk, wang)
    first = Settlement.objects.get()
    return_for_papers(walk, first)
    hand_in_again(walk, first)
    cut(walk, Settlement.objects.get(status="submitted"))
    claim = Settlement.objects.get(status="reviewed")
    approve_twice(walk, claim)
    pay(walk)
    bank_returns(walk)
    put_the_account_right(walk)
    pay(walk)
    bank_answers(walk, "成功", "")
    claim.refresh_from_db()
    assert (claim.status, str(claim.fund_amount)) == ("paid", "3500.00")
    recover(walk, claim)
    look_back(walk, claim)
    events = [one.event for one in Voucher.objects.exclude(key="test:provided").order_by("pk")]
    assert events == ["claim_paid", "payment_returned", "returned_paid", "claim_recovered"]
    assert walk.complaints == []


def fill_the_bill(walk: Walk) -> None:
    walk.fill(hospital="重庆市第一医院", level="city", referral="referred", care="inpatient",
              starts="2026-03-01", ends="2026-03-09", diagnosis="胆囊结石")  # fmt: skip
    walk.fill(**{"invoices-0-number": "NO8801", "invoices-0-issued_on": "2026-03-09",
                 "invoices-0-amount": "12000"})  # fmt: skip
    for place, (name, category, amount) in enumerate(
        (("手术费", "surgery", "9000"), ("床位费", "bed", "3000"))
    ):
        row = f"lines-{place}-"
        walk.fill(**{row + "name": name, row + "category": category,
                     row + "bill_class": "in_scope", row + "amount": amount})  # fmt: skip


def hand_in(walk: Walk, wang: Person) -> None:
    walk.become("clerk_a")
    walk.go(reverse("claims:enter_paper"))
    walk.fill(resident_id=wang.resident_id)
    walk.leads_on("Enter")
    fill_the_bill(walk)
    walk.leads_on("Alt+t")
    expect(walk.page.locator("#preview")).to_contain_text("3,850.00")
    walk.shoot("paper-tried")
    walk.leads_on("Alt+s")
    walk.says("已提交", "3,850.00")
    walk.shoot("paper-submitted")


def return_for_papers(walk: Walk, claim: Settlement) -> None:
    walk.become("reviewer")
    walk.go(reverse("claims:review_queue"))
    walk.shoot("review-queue")
    walk.go(reverse("claims:claim", args=[claim.pk]))
    form = walk.page.locator("form[action$='/returned']")
    form.locator("summary").click()
    form.get_by_label("出院小结").first.check()
    walk.shoot("claim-to-review")
    form.locator("[name=reason]").fill("缺出院小结")
    walk.press("退回")
    walk.go(reverse("claims:claim", args=[claim.pk]))
    walk.says("退回", "缺出院小结")
    walk.shoot("claim-returned")


def hand_in_again(walk: Walk, first: Settlement) -> None:
    walk.become("clerk_a")
    walk.go(reverse("claims:enter_paper") + f"?from={first.pk}")
    walk.says("王建国")
    walk.leads_on("Alt+s")
    walk.says("已提交")
    again = Settlement.objects.get(status="submitted")
    walk.go(reverse("claims:papers", args=[again.pk]))
    walk.shoot("papers-of-the-claim")


def cut(walk: Walk, claim: Settlement) -> None:
    page = walk.page
    walk.become("reviewer")
    walk.go(reverse("claims:claim", args=[claim.pk]) + "?cut=1#bill")
    walk.fill(**{"cuts-2-approved_amount": "2000", "cuts-2-reason": "超住院天数"})
    expect(page.locator("#tried")).to_contain_text("3,500.00")
    walk.shoot("cutting")
    walk.press("核减并初审通过")
    walk.says("3,500.00", "核减")
    walk.shoot("cut")


def approve_twice(walk: Walk, claim: Settlement) -> None:
    walk.become("approver")
    walk.go(reverse("claims:approval_queue"))
    walk.shoot("approval-queue")
    walk.go(reverse("claims:claim", args=[claim.pk]))
    walk.leads_on("Alt+s")
    claim.refresh_from_db()
    assert claim.status == "reviewed"
    walk.shoot("first-approval")
    walk.become("approver2")
    walk.go(reverse("claims:claim", args=[claim.pk]))
    walk.leads_on("Alt+s")
    claim.refresh_from_db()
    assert claim.status == "approved"
    walk.shoot("second-approval")


def pay(walk: Walk) -> None:
    walk.become("accountant")
    walk.go(reverse("funds:payment_queue"))
    walk.page.check("[data-check-all]")
    walk.shoot("payment-queue")
    walk.leads_on("Alt+s")
    walk.become("cashier")
    walk.go(reverse("funds:payment_batch", args=[PaymentBatch.objects.latest("pk").pk]))
    walk.shoot("batch-to-release")
    walk.leads_on("Alt+s")
    walk.says("已发出", "3,500.00")
    walk.shoot("batch-released")
    walk.print("payment-list", f"{walk.page.url.removeprefix(walk.address)}/list", pages=1)


def bank_answers(walk: Walk, result: str, why: str) -> None:
    batch = PaymentBatch.objects.latest("pk")
    row = [f"{batch.number}-0001", "3500.00", result, why]
    sent = {"name": "huipan.xlsx", "mimeType": "application/octet-stream",
            "buffer": file_of([HEAD, row])}  # fmt: skip
    walk.become("accountant")
    walk.go(reverse("funds:return_files"))
    walk.page.set_input_files("[name=file]", sent)
    walk.leads_on("Alt+s")


def bank_returns(walk: Walk) -> None:
    bank_answers(walk, "退汇", "账号与户名不符")
    walk.shoot("return-file")
    order = PaymentOrder.objects.get()
    assert order.status == "returned"
    walk.go(reverse("funds:payments_owed"))
    walk.shoot("owed")


def put_the_account_right(walk: Walk) -> None:
    order = PaymentOrder.objects.get()
    walk.become("clerk_a")
    walk.go(reverse("funds:payment_order", args=[order.pk]))
    walk.says("退汇 1 次", "账号与户名不符")
    walk.fill(payee="王建国", bank="农商行龙水支行", account=NEW_ACCOUNT, reason="存折换号")
    walk.shoot("order-returned")
    walk.leads_on("Alt+s")
    walk.become("approver")
    walk.go(reverse("funds:payment_order", args=[order.pk]))
    walk.fill(account=NEW_ACCOUNT)
    walk.leads_on("Alt+s")
    walk.says("已确认更正")
    walk.shoot("account-confirmed")


def recover(walk: Walk, claim: Settlement) -> None:
    walk.become("supervisor")
    walk.go(reverse("claims:recovery_new", args=[claim.pk]))
    walk.fill(reason="invoice", facts="发票经税务核验为假")
    walk.shoot("recovery-proposed")
    walk.leads_on("Alt+s")
    debt = Recovery.objects.get()
    address = reverse("claims:recovery", args=[debt.pk])
    for username in ("reviewer", "approver"):
        walk.become(username)
        walk.go(address)
        walk.leads_on("Alt+s")
    walk.shoot("recovery-approved")
    walk.become("cashier")
    walk.go(address)
    walk.fill(reference="BK20260320001")
    walk.leads_on("Alt+s")
    walk.says("已登记收回 3,500.00 元")
    walk.shoot("recovered")


def look_back(walk: Walk, claim: Settlement) -> None:
    walk.become("auditor")
    walk.go(reverse("claims:claim", args=[claim.pk]))
    walk.says("已追回")
    walk.shoot("claim-at-the-end")
    walk.print("sheet", reverse("claims:sheet", args=[claim.pk]), pages=1)
