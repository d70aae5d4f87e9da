"""The pictures of docs/tour.md: the demo county of one seed on one day, walked in Chromium.

Not a test (its name says so); `script/tour` runs it.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import Division, User
from accounts.roles import ROLE_NAMES
from demo.places import COUNTY_CODE
from supervision.services import screen_new_claims

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
DAY = date(2026, 11, 28)
MAX_BYTES = 150_000
# A dense list at full size has 220 kB.
SCALE = 0.6


@dataclass(frozen=True)
class Stop:
    """A page of the walk: who opens it, where, and what is to be seen; `follow`: the link that is
    pressed there, `of`: what the picture is called, `asks`: how the list is sorted."""

    of: str
    user: str
    route: str
    says: str
    follow: str = ""
    asks: str = ""


STOPS = (
    Stop("desk-clerk", "jingban", "accounts:home", "乡镇经办的工作台：等办的、期限、近来的收费"),
    Stop("households", "jingban", "enrollment:household_list", "家庭查询：姓名、拼音或任何号码"),
    Stop(
        "household",
        "jingban",
        "enrollment:household_list",
        "一户：成员、参保、变动",
        "main .hz-table tbody a",
    ),
    Stop("enrol", "jingban", "enrollment:household_new", "新户参保：整户一张表，应缴随填随算"),
    Stop("board", "jingban", "enrollment:progress", "筹资进度：先看参保率、缺口和未缴存的现金"),
    Stop("desk-accountant", "kuaiji", "accounts:home", "会计的工作台：待确认的缴存、对账、结账"),
    Stop("reconciliation", "kuaiji", "enrollment:reconciliation", "资金对账：收据、银行、账簿三方"),
    Stop("vouchers", "kuaiji", "funds:vouchers", "凭证：每一笔基金收支都有分录"),
    Stop("counter", "yiyuan", "claims:enter_counter", "定点机构：就医结算"),
    Stop("desk-reviewer", "chushen", "accounts:home", "初审的工作台：等得最久的先办"),
    Stop(
        "claim",
        "chushen",
        "claims:review_queue",
        "一笔结算：每一步计算都注明条款",
        "main .hz-table tbody a",
        "?sort=-total_amount",
    ),
    Stop("payment", "kuaiji", "funds:payment_queue", "会计：复核过的编成一批，出纳发出"),
    Stop("alerts", "jianguan", "supervision:alerts", "基金监管：系统筛出的疑点"),
    Stop(
        "measures",
        "jianguan",
        "policies:list",
        "政策办法：县里的办法就是数据",
        "main .hz-table tbody a",
    ),
    Stop("desk-cadre", "cungan", "accounts:home", "村干部：本村还有谁没有参保"),
    Stop("users", "anquan", "accounts:users", "安全管理员：账号与授权"),
)


def enter(window: Page, address: str, user: str) -> None:
    client = Client()
    client.force_login(User.objects.get(username=user))
    (session,) = (one for one in client.cookies.values() if one.key == "sessionid")
    window.context.clear_cookies()
    window.context.add_cookies([{"name": "sessionid", "value": session.value, "url": address}])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_tour(window: Page, live_server: Any, settings: Any) -> None:
    settings.TODAY = DAY
    call_command("seed_demo", persons=3000, year=DAY.year, seed=1, through=DAY, verbosity=0)
    screen_new_claims(area=Division.objects.get(code=COUNTY_CODE))
    browser = window.context.browser
    assert browser is not None
    screen = browser.new_page(
        viewport={"width": 1366, "height": 768}, device_scale_factor=SCALE, locale="zh-CN"
    )
    folder = DOCS / "tour"
    folder.mkdir(exist_ok=True)
    text = [
        "# A walk through the portal",
        "",
        "The demo county of one seed on one day, as `script/tour` finds it; people and figures are"
        " synthetic. Screens of 1366×768.",
    ]
    before = ""
    for stop in STOPS:
        user = User.objects.get(username=stop.user)
        if stop.user != before:
            enter(screen, live_server.url, stop.user)
            text += ["", f"## {ROLE_NAMES[user.role]}"]
        before = stop.user
        screen.goto(live_server.url + reverse(stop.route) + stop.asks)
        if stop.follow:
            screen.locator(stop.follow).first.click()
            screen.wait_for_load_state()
        screen.evaluate("document.activeElement && document.activeElement.blur()")
        picture = folder / f"{stop.of}.png"
        screen.screenshot(path=picture, animations="disabled", caret="hide")
        text += ["", f"{stop.says}", "", f"![{stop.says}](tour/{stop.of}.png)"]
    screen.close()
    (DOCS / "tour.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    too_large = [one.name for one in folder.glob("*.png") if one.stat().st_size > MAX_BYTES]
    assert not too_large
