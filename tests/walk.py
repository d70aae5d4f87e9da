"""People of the cast at one browser, one after another: each step with its picture."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User

SHOTS = Path(__file__).resolve().parent.parent / "var" / "story"


class Walk:
    """One browser that people of the cast sit down at, one after another."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address, self.number = page, address, 0
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())

    def sign_in(self, username: str) -> None:
        self.page.context.clear_cookies()
        self.go(reverse("accounts:sign_in"))
        self.fill(username=username, password="chunfeng-2026")
        self.leads_on("Enter")
        expect(self.page.locator(".hz-menu")).to_be_visible()

    def become(self, username: str) -> None:
        """The same without typing the password: of those who only take over."""
        client = Client()
        client.force_login(User.objects.get(username=username))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        self.page.context.clear_cookies()
        self.page.context.add_cookies([cookie | {"url": self.address}])

    def press(self, button: str) -> None:
        """The first button of that name that is seen; it leads to a page."""
        named = self.page.get_by_role("button", name=button).locator("visible=true")
        with self.page.expect_navigation():
            named.first.click()

    def says(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def leads_on(self, keys: str) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press(keys)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            field = self.page.locator(f"[name='{name}']").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def shoot(self, name: str) -> None:
        """A screenshot of what the step shows; nothing may stick out at 1366 pixels."""
        self.number += 1
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("scrollTo(0, 0)")  # what stays in view stands where the page begins
        self.page.screenshot(path=SHOTS / f"{self.number:02d}-{name}.png", full_page=True)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 1366, name

    def print(self, name: str, path: str, pages: int) -> None:
        """The paper behind the address as A4: so many sheets, and nothing cut off at the right."""
        self.go(path)
        self.number += 1
        SHOTS.mkdir(parents=True, exist_ok=True)
        made = self.page.pdf(
            path=SHOTS / f"{self.number:02d}-{name}.pdf", prefer_css_page_size=True
        )
        assert len(re.findall(rb"/Type\s*/Page\b", made)) == pages, name
        self.page.emulate_media(media="print")
        width = self.page.locator("article").first.evaluate("one => one.clientWidth")
        right = self.page.locator("article").first.evaluate("one => one.scrollWidth")
        self.page.emulate_media(media="null")
        assert right <= width, name


@pytest.fixture
def walk(window: Page, live_server: Any) -> Iterator[Walk]:
    yield Walk(window, live_server.url)
    SHOTS.mkdir(parents=True, exist_ok=True)
    window.screenshot(path=SHOTS / "last.png")  # where a failed walk stopped
