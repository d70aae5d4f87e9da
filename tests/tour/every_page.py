"""Photographs of every page, to be looked at: a screen of 1366×768, the same screen at 150 %, and
paper. `script/photos FOLDER` runs it; nothing of it stays in the repository.

Twice: over the demo county, where pages look as they do at work, and over a county with rows of
every kind, for the pages that the demo has none of.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.models import Division, User
from accounts.roles import Role
from demo.places import COUNTY_CODE
from supervision.services import screen_new_claims
from tests.desk.conftest import County, dazu
from tests.desk.filled import fill_everything
from tests.desk.pages import pages, place
from tests.desk.test_worklist import of_role
from tests.supervision.conftest import register, settled
from tests.tour.pictures import DAY, enter

__all__ = ["dazu", "register", "settled"]

# As tests/desk/test_every_page.py; two screens of a long page tell enough.
LOOKS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("screen", {"viewport": {"width": 1366, "height": 768}}, 1600),
    ("zoom", {"viewport": {"width": 911, "height": 512}, "device_scale_factor": 1.5}, 1100),
)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def folder() -> Path:
    made = Path(os.environ["PHOTOS"]).resolve()
    assert Path(__file__).resolve().parents[2] not in (made, *made.parents), "not into the checkout"
    made.mkdir(parents=True, exist_ok=True)
    return made


class Camera:
    """Takes each kind of page once; the first page of each role is a kind of its own."""

    def __init__(self, browser: Browser, server: str, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.windows = {name: browser.new_page(locale="zh-CN", **how) for name, how, _ in LOOKS}
        self.seen = {path.name.partition(".")[0] for path in folder.glob("*.png")}

    def walk(self, user: User, more: Iterable[str] = ()) -> None:
        client = Client()
        client.force_login(user)
        for window in self.windows.values():
            enter(window, self.server, user.username)
        for _, address, html in pages(client, *more):
            name = self.called(address, user)
            if name not in self.seen:
                self.seen.add(name)
                self.take(name, address, is_paper="hz-paperdesk" in html)

    def called(self, address: str, user: User) -> str:
        kind = place(address)
        assert kind
        route = "home" if address == reverse("accounts:home") else kind[0]
        asked = "-".join(kind[1])
        words = f"{route}-{user.role}" if route == "home" else f"{route}-{asked}"
        return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")

    def take(self, name: str, address: str, *, is_paper: bool) -> None:
        for look, how, most in LOOKS:
            window = self.windows[look]
            window.goto(self.server + address)
            window.evaluate("document.activeElement && document.activeElement.blur()")
            width = how["viewport"]["width"]
            tall = min(int(window.evaluate("document.documentElement.scrollHeight")), most)
            area = {"x": 0, "y": 0, "width": width, "height": max(tall, how["viewport"]["height"])}
            window.screenshot(path=self.folder / f"{name}.{look}.png", clip=area, full_page=True)
        paper = self.folder / f"{name}.{'paper' if is_paper else 'print'}.pdf"
        self.windows["screen"].pdf(path=paper, prefer_css_page_size=True)


def camera(window: Page, server: Any, folder: Path) -> Camera:
    browser = window.context.browser
    assert browser is not None
    return Camera(browser, server.url, folder)


def test_demo_county(window: Page, live_server: Any, settings: Any, folder: Path) -> None:
    settings.TODAY = DAY
    call_command("seed_demo", persons=3000, year=DAY.year, seed=1, through=DAY, verbosity=0)
    screen_new_claims(area=Division.objects.get(code=COUNTY_CODE))
    taking = camera(window, live_server, folder)
    first = {user.role: user for user in User.objects.order_by("-pk")}
    for user in first.values():
        taking.walk(user)


@pytest.mark.usefixtures("no_worker")
def test_rows_of_every_kind(
    window: Page, live_server: Any, folder: Path, request: pytest.FixtureRequest
) -> None:
    county: County = request.getfixturevalue("dazu")
    with transaction.atomic():  # claims written past the services are told before the commit
        more = fill_everything(county)
    taking = camera(window, live_server, folder)
    for role in Role:
        taking.walk(of_role(county, role), more)
