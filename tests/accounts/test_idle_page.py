"""The page of a clerk who went for lunch, and of one who types a long bill."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def page(window: Page, live_server: Any, cast: SimpleNamespace, settings: Any) -> Page:
    settings.IDLE_SECONDS = 6
    window.goto(f"{live_server}/sign-in")
    window.fill("[name=username]", "clerk_a")
    window.fill("[name=password]", "chunfeng-2026")
    window.keyboard.press("Enter")
    expect(window.locator("h1")).to_contain_text("陈秀英")
    return window


def test_the_page_says_so_before_the_end_and_goes_on_when_asked(page: Page) -> None:
    bar = page.locator(".hz-idlebar")
    expect(bar).to_contain_text("将自动退出登录")
    page.get_by_role("button", name="继续工作").click()
    expect(bar).to_have_count(0)
    expect(bar).to_contain_text("登录已因长时间没有操作而结束", timeout=12_000)
    page.goto(page.url)
    expect(page).to_have_url(re.compile("/sign-in"))


def test_who_types_stays_signed_in(page: Page, live_server: Any, settings: Any) -> None:
    page.goto(f"{live_server}/password")
    for _ in range(8):
        page.locator("[name=old_password]").press_sequentially("x")
        page.wait_for_timeout(1_000)
    page.goto(f"{live_server}/")
    expect(page.locator("h1")).to_contain_text("陈秀英")
