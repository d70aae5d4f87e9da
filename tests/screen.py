"""One Chromium for all browser tests that follow each other: starting it takes a second."""

import os
import shutil

import pytest
from django.db import connections
from playwright.sync_api import Browser, Playwright, sync_playwright


class Screen:
    """The plugin that starts Chromium for the first browser test and stops it after the last."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    @property
    def browser(self) -> Browser:
        """CHROMIUM names the program; in CI it must be there."""
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=_program(),
                args=[
                    *("--no-sandbox", "--disable-background-networking"),
                    "--disable-component-update",
                ],
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


def _program() -> str:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: browser tests may not be skipped in CI")
        pytest.skip("no Chromium")
    return program
