"""In Chromium: an unchanged household is renewed from the search to the printed receipt."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment.models import Person, Receipt
from tests.enrollment.collection.test_keyboard import sign_in
from tests.enrollment.cover.test_keyboard import Keys

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_october"),
]


def test_a_renewal_takes_nine_strokes(
    window: Page, live_server: Any, cast: Any, autumn: Any, covered_last_year: Any
) -> None:
    """杨德明 had cover on the second tier in 2025; 刘桂英 joins again: 240 yuan, exact."""
    covered_last_year(Person.objects.get(name="杨德明"))
    sign_in(window, live_server.url, "clerk_a")
    window.goto(live_server.url + reverse("enrollment:household_list"))
    expect(window.locator("#text")).to_be_focused()
    keys = Keys(window)
    keys.type("ydm")
    with window.expect_navigation(url="**/households/*"):
        keys.press("Enter")
    renew = window.get_by_role("link", name="参保、续保")
    expect(renew).to_be_focused()
    window.locator("summary", has_text="更多办理").click()
    expect(window.get_by_role("link", name="分户")).to_be_visible()
    for width, height in ((911, 512), (1366, 768)):
        window.set_viewport_size({"width": width, "height": height})
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.keyboard.press("Escape")
    expect(window.get_by_role("link", name="分户")).to_be_hidden()
    renew.focus()
    with window.expect_navigation(url="**/renew"):
        keys.press("Enter")
    expect(window.locator("#quote .hz-huge")).to_have_text("240.00")
    with window.expect_navigation(url="**/payment"):
        keys.press("Alt+s")
    keys.press("Enter")
    expect(window.locator("#change")).to_have_text("0.00 元")
    with window.expect_navigation(url="**/receipts/*"):
        keys.press("Enter")
    with window.expect_navigation():
        keys.press("Enter")  # printed
    expect(window.locator("[name=text]")).to_be_focused()
    assert Receipt.objects.latest("pk").amount == 240
    assert keys.pressed <= 9, keys.pressed

    window.keyboard.type("z")  # the next search: several hits, and back to them
    with window.expect_navigation(url="**/?found=*"):
        window.keyboard.press("Enter")
    expect(window.locator("table")).to_contain_text("周大勇")
    window.locator("tbody a").first.click()
    expect(window).to_have_url(re.compile(r"/households/\d+"))

    window.go_back()
    expect(window.locator("table")).to_contain_text("周大勇")
    window.focus("#text")
    window.keyboard.type("ydm")  # over the old text
    expect(window.locator("#text")).to_have_value("ydm")
