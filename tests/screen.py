"""One Chromium for all browser tests that follow each other: starting it takes a second."""

import os

import pytest
from django.db import connections
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.chromium import MISSING, chromium

SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
ASKING = {"window", "glass"}


class Screen:
    """The plugin that starts Chromium for the first browser test and stops it after the last."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._program: str | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Before the first test, so that an installation counts against no test's seconds."""
        if session.config.option.collectonly:
            return
        if any(ASKING & set(getattr(item, "fixturenames", ())) for item in session.items):
            self._program = chromium()

    @property
    def program(self) -> str:
        """In CI it must be there; elsewhere the tests are skipped without it."""
        if self._program is None:
            if os.environ.get("CI"):
                pytest.fail(MISSING)
            pytest.skip(MISSING)
        return self._program

    @property
    def browser(self) -> Browser:
        program = self.program
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=program,
                args=SWITCHES,
            )
        return self._browser

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Function | None) -> object:
        """While Playwright runs, its event loop is in this thread: no other test shall meet it."""
        done = yield
        if self._browser and not (nextitem and "window" in nextitem.fixturenames):
            connections.close_all()
            self._browser.close()
            self._playwright.stop()
            self._browser = self._playwright = None
        return done
