"""The cashier pays a refund without the mouse."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment.collection.refunds import grant_refund, request_refund
from enrollment.models import Refund
from tests.enrollment.collection.conftest import confirm, hand_in, ledger
from tests.enrollment.conftest import OCTOBER
from tests.paying import PLENTY

pytestmark = pytest.mark.django_db(transaction=True)
DECEMBER = date(2025, 12, 10)


def sign_in(window: Page, url: str, username: str) -> None:
    window.goto(url + reverse("accounts:sign_in"))
    window.fill("[name=username]", username)
    window.fill("[name=password]", "chunfeng-2026")
    with window.expect_navigation():
        window.keyboard.press("Enter")


@pytest.mark.usefixtures("provided")
def test_the_cashier_pays_a_refund_from_the_keyboard(
    window: Page,
    live_server: Any,
    settings: Any,
    cast: SimpleNamespace,
    campaign: Any,
    books: SimpleNamespace,
    paid: Any,
) -> None:
    """王强's 120 yuan: 申请 by 陈秀英, 同意 by 郑淑芬, 支付 by 冯小兰 with Tab and Enter."""
    row = paid(cast.clerk_a, 0).enrollments.get()
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120, OCTOBER))
    refund = request_refund(
        actor=cast.clerk_a, enrollment=row, ground="elsewhere", ground_date=date(2025, 12, 1),
        evidence="职工医保参保证明 2025-118", payee="王强", bank_account="6217000000000000001",
        on=DECEMBER,
    )  # fmt: skip
    grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    settings.TODAY = DECEMBER
    window.on("dialog", lambda dialog: dialog.accept())
    sign_in(window, live_server.url, "cashier")
    window.goto(live_server.url + reverse("enrollment:refunds"))
    expect(window.locator("tbody")).to_contain_text("王强 尾号 0001")
    assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button = window.get_by_role("button", name="支付")
    for _ in range(12):  # the filter, then year, month and day of the date, then the button
        if button.evaluate("one => one === document.activeElement"):
            break
        window.keyboard.press("Tab")
    with window.expect_navigation():
        window.keyboard.press("Enter")
    expect(window.locator("body")).to_contain_text("已支付 120.00 元")
    done = Refund.objects.get()
    assert (done.status, done.paid_by, done.paid_on) == ("paid", cast.cashier, DECEMBER)
    assert ledger("1004") - PLENTY == -120
