"""In Chromium: medical assistance from the application to the payment, and a hospital's month
with a dispute, with the papers that are printed on the way.

王建国's stay: 5 000 at the county hospital, (5 000 − 200) × 50 % = 2 400 from the fund, 2 600 his
own; as 低保 70 % of it are helped: 1 820.00. The hospital's March: 王强's 4 200 draw 2 000.00, of
which 10.55 are taken off and disputed; 1 989.45 agreed, 10 % kept (198.95), 1 790.50 paid, and the
10.55 given back.
"""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Division
from claims.assistance.models import AidApplication
from claims.clearing.models import Clearing, Deduction
from claims.models import Settlement
from enrollment.models import Person
from funds.models import Book, PaymentBatch
from tests.claims.assistance.conftest import AFTER, APPLIED, OWN, PUBLIC, aid_book, lists, stay_of
from tests.claims.clearing.conftest import CHECKED, DECLARED, PAID, adopt, approved
from tests.paying import provide
from tests.walk import Walk

__all__ = ["aid_book", "approved", "stay_of"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.seconds(60),
]
Enter = Callable[..., Settlement]


def pay(walk: Walk, settings: Any, on: date) -> None:
    """The accountant's batch of what waits, released by the cashier."""
    settings.TODAY = on
    walk.become("accountant")
    walk.go(reverse("funds:payment_queue"))
    walk.page.check("[data-check-all]")
    walk.leads_on("Alt+s")
    walk.become("cashier")
    walk.go(reverse("funds:payment_batch", args=[PaymentBatch.objects.latest("pk").pk]))
    walk.leads_on("Alt+s")
    walk.says("已发出")


def test_assistance_from_the_application_to_the_payment(
    walk: Walk,
    settings: Any,
    cast: SimpleNamespace,
    county: Division,
    wang: Person,
    stay_of: Enter,
    aid_book: Book,
) -> None:
    lists(wang)
    stay_of(wang)
    provide(county)
    settings.TODAY = APPLIED
    walk.become("clerk_a")
    walk.go(reverse("claims:aids"))
    walk.shoot("aids")
    walk.go(reverse("claims:aid_who"))
    walk.fill(who=wang.resident_id)
    walk.leads_on("Alt+s")
    walk.says("1,820.00", "按70%救助")
    walk.fill(kind="inpatient_aid", facts="妻子残疾，家中无劳力", payee="王建国",
              account=OWN.account, bank=OWN.bank)  # fmt: skip
    walk.shoot("aid-to-apply")
    walk.leads_on("Alt+s")
    aid = AidApplication.objects.get()
    page = reverse("claims:aid", args=[aid.pk])
    walk.shoot("aid-applied")
    for day, username, status in (
        (PUBLIC, "reviewer", "published"),
        (AFTER, "approver", "approved"),
    ):
        settings.TODAY = day
        walk.become(username)
        walk.go(page)
        walk.leads_on("Alt+s")
        aid.refresh_from_db()
        assert aid.status == status
        walk.shoot(f"aid-{status}")
    walk.print("aid-notice", reverse("claims:aid_notice", args=[aid.pk]), pages=1)
    walk.print("aid-form", reverse("claims:aid_form", args=[aid.pk]), pages=1)
    pay(walk, settings, AFTER)
    walk.become("reviewer")
    walk.go(page)
    walk.says("王建国申请", "1,820.00", "已支付")
    walk.shoot("aid-paid")
    aid.refresh_from_db()
    assert (aid.status, str(aid.amount)) == ("paid", "1820.00")
    assert walk.complaints == []


def test_a_hospitals_month_with_a_dispute(
    walk: Walk,
    settings: Any,
    cast: SimpleNamespace,
    county: Division,
    approved: Enter,
    book: Book,
) -> None:
    adopt(cast)
    approved("王强", "4200")
    provide(county)
    settings.TODAY = DECLARED
    walk.become("hospital_clerk")
    walk.go(reverse("claims:clearings"))
    walk.fill(month="2026-03")
    walk.shoot("month-to-declare")
    walk.leads_on("Alt+s")
    walk.says("已申报 1 笔，2,000.00 元")
    clearing = Clearing.objects.get()
    page = reverse("claims:clearing", args=[clearing.pk])
    check_and_issue(walk, settings, page, clearing)
    row = Deduction.objects.get()
    walk.become("hospital_clerk")
    walk.go(page)
    walk.fill(**{f"dispute-{row.pk}": "物价局已批准这一收费"})
    walk.shoot("statement-to-confirm")
    walk.leads_on("Alt+s")
    walk.says("1 条异议待答复", "1,790.50")
    walk.print("statement", reverse("claims:clearing_statement", args=[clearing.pk]), pages=1)
    pay(walk, settings, PAID)
    answer(walk, page)
    walk.become("hospital_clerk")
    walk.go(reverse("claims:disputes"))
    walk.shoot("disputes")
    walk.go(page)
    walk.says("物价局已批准", "批文属实", "1,790.50")
    walk.shoot("month-at-the-end")
    row.refresh_from_db()
    clearing.refresh_from_db()
    assert (row.status, clearing.status) == ("given_back", "paid")
    assert walk.complaints == []


def check_and_issue(walk: Walk, settings: Any, page: str, clearing: Clearing) -> None:
    settings.TODAY = CHECKED
    walk.become("reviewer")
    walk.go(page)
    walk.fill(claim=str(clearing.claims.get().pk), code="over_price", amount="10.55")
    walk.shoot("month-to-check")
    walk.press("扣减")
    walk.says("已扣减 10.55 元")
    walk.press("核对完毕")
    walk.shoot("month-checked")
    walk.become("approver")
    walk.go(page)
    walk.press("签发清算单")
    walk.shoot("statement-issued")


def answer(walk: Walk, page: str) -> None:
    """The reviewer answers what the hospital disputes, the approver agrees."""
    walk.become("reviewer")
    walk.go(page)
    form = walk.page.locator("form[action$='/answer']")
    form.locator("[name=gives_back]").select_option("yes")
    form.locator("[name=answer]").fill("批文属实")
    walk.shoot("dispute-to-answer")
    walk.press("答复")
    walk.become("approver")
    walk.go(page)
    walk.press("同意答复")
    walk.says("退还机构")
