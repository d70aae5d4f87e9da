"""A Chromium page in a thread of its own, for pages that the test client has fetched.

Playwright's loop gives the thread that it runs in database connections of its own; here the test
keeps its connection and its transaction, and only texts go over.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import axe_playwright_python
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Playwright, sync_playwright

from tests.screen import SWITCHES

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
STYLES = ("bootstrap/bootstrap.min.css", "hezuo.css")
EMPTY = "<!doctype html><html><head></head><body></body></html>"
# Puts a page into the open one: styles and axe are read once.
SHOW = """(html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  document.querySelectorAll("head style.own").forEach((one) => one.remove());
  page.head.querySelectorAll("style").forEach((one) => {
    one.className = "own"; document.head.append(one);
  });
  document.body.replaceWith(page.body);
}"""


class Glass:
    """Shows HTML with the portal's styles, without its scripts."""

    def __init__(self, program: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._program = program
        self._playwright: Playwright
        self._page: Page
        self._thread.submit(self._open).result()

    def _open(self) -> None:
        self._playwright = sync_playwright().start()
        browser = self._playwright.chromium.launch(executable_path=self._program, args=SWITCHES)
        self._page = browser.new_page(locale="zh-CN")
        self._page.set_content(EMPTY)
        for name in STYLES:
            style = Path(str(finders.find(name))).read_text(encoding="utf-8")
            self._page.add_style_tag(content=style)
        self._page.add_script_tag(content=AXE.read_text(encoding="utf-8"))

    def show(self, html: str, width: int, height: int, *questions: str) -> list[Any]:
        """What the page answers to these functions of JavaScript."""

        def ask() -> list[Any]:
            self._page.set_viewport_size({"width": width, "height": height})
            if html:
                self._page.evaluate(SHOW, html)
            return [self._page.evaluate(one) for one in questions]

        return self._thread.submit(ask).result()

    def press(self, key: str, question: str) -> Any:
        """What the page answers after this key."""

        def ask() -> Any:
            self._page.keyboard.press(key)
            return self._page.evaluate(question)

        return self._thread.submit(ask).result()

    def close(self) -> None:
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()
