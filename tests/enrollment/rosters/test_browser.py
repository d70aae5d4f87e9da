"""In Chromium: a register is sent in, read and confirmed."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment.models import Enrollment
from tests.enrollment.rosters.conftest import HEADER, the_chens, the_yangs, xlsx

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("HEZUO_SHOTS")


def shot(page: Page, name: str) -> None:
    """Nothing may be wider than the clerk's screen; a picture where one is asked for."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_upload_read_confirm(
    window: Page, live_server: Any, cast: SimpleNamespace, campaign: Any, village_a: Any
) -> None:
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    window.goto(live_server.url + reverse("accounts:sign_in"))
    window.fill("[name=username]", "clerk_a")
    window.fill("[name=password]", "chunfeng-2026")
    with window.expect_navigation():
        window.keyboard.press("Enter")
    window.locator("nav").get_by_role("link", name="名册导入").click()
    expect(window.get_by_text("还没有上传过名册")).to_be_visible()
    shot(window, "registers-empty")

    yangs = the_yangs()
    yangs[1][5] = "亲戚"
    window.set_input_files(
        "[name=file]",
        {
            "name": "龙水镇桥亭村名册.xlsx",
            "mimeType": "application/octet-stream",
            "buffer": xlsx([HEADER, *the_chens(), *yangs]),
        },
    )
    window.get_by_role("button", name="上传并检查").click()
    expect(window.get_by_text("看不懂")).to_be_visible()
    shot(window, "register-checked")

    window.on("dialog", lambda dialog: dialog.accept())
    window.get_by_role("button", name="确认导入").click()
    expect(window.locator("h1").get_by_text("已导入")).to_be_visible()
    shot(window, "register-done")
    assert Enrollment.objects.count() == 3
    window.get_by_role("link", name="全部名册").click()
    expect(window.get_by_role("link", name="龙水镇桥亭村名册.xlsx")).to_be_visible()
    shot(window, "registers")
    assert complaints == []
