"""In Chromium: a hospital clerk settles a bill without touching the mouse."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from claims.models import Settlement
from enrollment.models import Person
from tests.claims.conftest import TODAY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def leads_on(page: Page, keys: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(keys)


def test_bill_without_the_mouse(
    window: Page,
    live_server: Any,
    settings: Any,
    cast: SimpleNamespace,
    wang: Person,
    catalogue: Any,
) -> None:
    settings.TODAY = TODAY
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    window.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    window.goto(live_server.url + reverse("accounts:sign_in"))
    window.keyboard.type("hospital_clerk")
    window.keyboard.press("Tab")
    window.keyboard.type("chunfeng-2026")
    leads_on(window, "Enter")
    window.goto(live_server.url + reverse("claims:enter_counter"))
    window.keyboard.type(wang.resident_id)
    leads_on(window, "Enter")
    window.keyboard.press("Enter")  # 住院 is what it stands on
    window.fill("#id_starts", "2026-03-01")
    window.fill("#id_ends", "2026-03-09")
    window.focus("#id_diagnosis")
    window.keyboard.type("肺炎")
    for _ in ("转诊", "批准文书和文号", "情况", "病种", "不予支付情形", "费用清单"):
        window.keyboard.press("Enter")  # past what is folded, into the bill
        if window.evaluate("document.activeElement.id") == "id_lines-0-code":
            break
    assert window.evaluate("document.activeElement.id") == "id_lines-0-code"
    window.keyboard.type("阿")
    offers = window.locator("#found-0 [role=option]")
    offers.first.wait_for()
    window.keyboard.press("ArrowDown")
    assert offers.first.get_attribute("aria-selected") == "true"
    window.keyboard.press("Enter")  # takes it and goes on
    assert window.input_value("#id_lines-0-code") == "X01"
    assert not offers.first.is_visible()
    for text in ("30", "13.5", "S03", "1", "800"):
        window.keyboard.type(text)
        window.keyboard.press("Enter")
    first = window.locator("#bill tbody tr").first.locator(".claim-line-shown")
    first.get_by_text("阿莫西林胶囊").wait_for()
    first.get_by_text("405.00").wait_for()
    assert window.evaluate("document.activeElement.id") == "id_lines-2-code"
    leads_on(window, "Alt+t")
    assert "502.50" in window.inner_text("#preview")
    assert window.evaluate("document.documentElement.scrollWidth") <= 1366
    leads_on(window, "Alt+s")
    assert "已提交" in window.inner_text("main")
    assert asked == [
        "王建国：总费用 1,205.00 元，基金支付 502.50 元，个人现金 702.50 元。"
        "提交后金额不能再改，确认提交？"
    ]
    claim = Settlement.objects.get()
    assert (claim.status, str(claim.fund_amount)) == ("submitted", "502.50")
    assert complaints == []
