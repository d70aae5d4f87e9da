"""In Chromium: a household of four, from the open page to the printed receipt, by keys alone."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment.models import Receipt
from tests.enrollment.conftest import OCTOBER, resident_id
from tests.enrollment.statuses import listed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Resident id, name, how often the arrow goes down for the relationship, and what lists say.
FAMILY = (
    (resident_id("19780512"), "陈国强", 0, "dibao"),
    (resident_id("19800103", male=False), "李桂芳", 2, ""),
    (resident_id("20120901"), "陈小明", 3, "student"),
    (resident_id("19500220", male=False), "张素珍", 6, "wubao"),
)


class Keys:
    """A clerk's hands. Counts what is pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def press(self, key: str, times: int = 1) -> None:
        """Nobody presses before the page shows where he is: the browser sets the first focus when
        it draws, which on a busy machine is after the page has loaded."""
        self.page.wait_for_function(
            "!document.querySelector('[autofocus]') || document.activeElement !== document.body"
        )
        for _ in range(times):
            self.page.keyboard.press(key)
            self.pressed += 1


def one_sheet_with_three_copies(window: Page) -> None:
    """On the screen the payer's copy; on paper three below each other on one A4, borders whole."""
    slips = window.locator(".hz-slip")
    expect(slips.nth(0)).to_be_hidden()
    expect(slips.nth(1)).to_contain_text("第二联　收据")
    window.set_viewport_size({"width": 703, "height": 1032})  # A4 less 12 mm on each side
    window.emulate_media(media="print")
    for at, name in enumerate(("存根", "收据", "记账")):
        expect(slips.nth(at)).to_be_visible()
        expect(slips.nth(at)).to_contain_text(name)
        expect(slips.nth(at)).to_contain_text("肆佰伍拾元整")
    height = "document.querySelector('article').getBoundingClientRect().height"
    assert window.evaluate(height) <= 1032
    right = "Math.max(...[...document.querySelectorAll('table')]"
    right += ".map((one) => one.getBoundingClientRect().right))"
    assert window.evaluate(right) < 703
    assert len(re.findall(rb"/Type\s*/Page\b", window.pdf(prefer_css_page_size=True))) == 1


def test_a_household_of_four_without_the_mouse(
    window: Page, live_server: Any, settings: Any, cast: SimpleNamespace, books: SimpleNamespace
) -> None:
    settings.TODAY = OCTOBER
    for number, name, _, status in FAMILY:
        listed(name, number, {status} - {""})
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    window.goto(live_server.url + reverse("accounts:sign_in"))
    window.fill("[name=username]", "clerk_a")
    window.fill("[name=password]", "chunfeng-2026")
    with window.expect_navigation():
        window.keyboard.press("Enter")

    window.goto(live_server.url + reverse("enrollment:household_new"))
    expect(window.locator("[name=division]")).to_be_focused()  # set after the page has loaded
    keys = Keys(window)
    keys.press("ArrowDown")  # the village
    keys.press("Enter")
    keys.type("3 组 12 号")
    keys.press("Enter", 2)  # no phone
    keys.press("ArrowDown", 2)  # the second tier
    keys.press("Enter")
    for number, name, relationship, _ in FAMILY:
        keys.type(number)
        keys.press("Enter")
        keys.type(name)
        keys.press("Enter")
        keys.press("ArrowDown", relationship)
        keys.press("Enter", 2)  # 农村户籍 is what it stands on
    expect(window.locator("#statuses-3")).to_contain_text("农村五保 民政局 2025-09-01 起")
    expect(window.locator("#facts-1")).to_have_text("女 1980-01-03 45岁")
    expect(window.locator("#quote .hz-huge")).to_have_text("450.00")
    with window.expect_navigation(url="**/payment"):
        keys.press("Alt+s")
    expect(window.locator("#id_received")).to_be_focused()
    keys.type("500")
    expect(window.locator("#change")).to_have_text("50.00 元")
    keys.press("Enter")  # the change is seen, nothing is issued yet
    with window.expect_navigation(url="**/receipts/*"):
        keys.press("Enter")

    for _, name, _, _ in FAMILY:
        expect(window.locator("article")).to_contain_text(name)
    expect(window.locator("article")).to_contain_text("肆佰伍拾元整")
    assert window.evaluate("document.activeElement.hasAttribute('data-print')")
    keys.press("Enter")  # the paper comes back and goes to the printer
    expect(window.locator("body[data-print-now] article")).to_contain_text("肆佰伍拾元整")
    expect(window.locator("article")).not_to_contain_text("副本")
    expect(window.locator("[name=text]")).to_be_focused()  # the next household
    assert Receipt.objects.get().amount == 450
    window.goto(window.url)  # looked at only, so that nothing is on its way to the printer
    one_sheet_with_three_copies(window)
    assert keys.pressed <= 140, keys.pressed
    assert complaints == []


def test_a_wrong_number_is_told_while_the_clerk_goes_on(
    window: Page, live_server: Any, settings: Any, cast: SimpleNamespace, books: SimpleNamespace
) -> None:
    settings.TODAY = OCTOBER
    window.goto(live_server.url + reverse("accounts:sign_in"))
    window.fill("[name=username]", "clerk_a")
    window.fill("[name=password]", "chunfeng-2026")
    with window.expect_navigation():
        window.keyboard.press("Enter")
    window.goto(live_server.url + reverse("enrollment:household_new"))
    window.focus("[name=members-0-resident_id]")
    window.keyboard.type("500225197805120018")
    window.keyboard.press("Enter")
    expect(window.locator("#problem-0")).to_contain_text("末位校验不符")
    window.keyboard.type("陈国强")
    expect(window.locator("[name=members-0-name]")).to_have_value("陈国强")
    with window.expect_navigation():
        window.keyboard.press("Alt+s")
    assert window.evaluate("document.activeElement.name") == "division"  # the first to be mended
    assert not Receipt.objects.exists()
