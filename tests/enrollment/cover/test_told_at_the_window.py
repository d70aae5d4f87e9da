"""At the window nothing is refused without words, and what will be refused is told first."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment.collection.days import close_day
from enrollment.cover.enrolling import enroll_household
from enrollment.models import Enrollment, Person, ReceiptBook
from tests.enrollment.collection.test_keyboard import sign_in
from tests.enrollment.conftest import OCTOBER, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]
NEW = "/enrollment/households/new"


def renewal(household: Any, **changed: str) -> dict[str, Any]:
    """What the page of a household of two sends."""
    people = list(household.members.order_by("member_number"))
    form: dict[str, Any] = {
        "address": "杨家湾 7 号", "phone": "", "tier": "tier2",
        "members-TOTAL_FORMS": len(people), "members-INITIAL_FORMS": len(people),
    }  # fmt: skip
    for at, person in enumerate(people):
        form |= {
            f"members-{at}-person_id": person.pk, f"members-{at}-name": person.name,
            f"members-{at}-relationship": person.relationship,
            f"members-{at}-residence": "rural", f"members-{at}-joins": "on",
        }  # fmt: skip
    return form | changed


def enrol(cast: Any, household: Any, *names: str) -> None:
    members = list(Person.objects.filter(household=household, name__in=names))
    enroll_household(
        actor=cast.clerk_a2, household=household, members=members, tier="tier2", on=OCTOBER
    )


def test_a_stale_page_says_who_was_first_and_keeps_what_was_typed(cast, autumn, as_user):
    """谭明芳 enrols 杨德明 and 刘桂英 while 陈秀英 has the same page open."""
    yangs = autumn.yangs
    form = renewal(yangs)
    enrol(cast, yangs, "杨德明", "刘桂英")
    page = as_user(cast.clerk_a).post(f"/enrollment/households/{yangs.pk}/renew", form)
    text = text_of(page)
    for name in ("杨德明", "刘桂英"):
        assert re.search(rf"{name}已于 \S+ \d\d:\d\d 由谭明芳办理 2026 年度参保（待缴费）", text)
    html = page.content.decode()
    assert f"/enrollment/households/{yangs.pk}/payment" in html
    assert f"/enrollment/households/{yangs.pk}/renew" in html
    assert "杨家湾 7 号" in html  # nothing that was typed is lost
    assert "is-invalid" not in html  # and no red box without words
    assert Enrollment.objects.filter(household=yangs, status="pending").count() == 2


def test_one_of_two_is_told_by_name(cast, autumn, as_user):
    yangs = autumn.yangs
    form = renewal(yangs)
    enrol(cast, yangs, "刘桂英")
    text = text_of(as_user(cast.clerk_a).post(f"/enrollment/households/{yangs.pk}/renew", form))
    assert "刘桂英已于" in text and "杨德明已于" not in text


def test_who_left_the_household_meanwhile_is_told_in_the_row(cast, autumn, as_user):
    yangs = autumn.yangs
    form = renewal(yangs)
    Person.objects.filter(name="刘桂英").update(household=autumn.luos, member_number=9)
    page = as_user(cast.clerk_a).post(f"/enrollment/households/{yangs.pk}/renew", form)
    assert "这位成员已不在本户" in text_of(page)
    assert "请填写身份证号" not in text_of(page)


def test_a_refused_row_is_told_beside_it_and_on_top(cast, autumn, as_user):
    form = renewal(autumn.yangs, **{"members-1-name": ""})
    page = as_user(cast.clerk_a).post(f"/enrollment/households/{autumn.yangs.pk}/renew", form)
    html = page.content.decode()
    assert '<a href="#id_members-1-name">第 2 行：请填写姓名</a>' in html
    assert html.count("请填写姓名") == 2


@pytest.mark.parametrize("way", ["new", "renew"])
def test_who_cannot_collect_is_told_before_typing(way, cast, autumn, as_user):
    url = NEW if way == "new" else f"/enrollment/households/{autumn.yangs.pk}/renew"
    clerk = as_user(cast.clerk_a)
    page = clerk.get(url)
    assert "票据 LS01-00000002" in text_of(page) and "日结" not in text_of(page).split("票据 ")[1]
    close_day(actor=cast.clerk_a, day=OCTOBER, counted=Decimal(450), explanation="", on=OCTOBER)
    told = text_of(clerk.get(url))
    assert "您 2025-10-15 已日结，今天可以登记，但不能再收款开票。" in told
    ReceiptBook.objects.filter(clerk=cast.clerk_a2).update(next_number=101)
    assert "您没有可用的 2026 年度票据本" in text_of(as_user(cast.clerk_a2).get(url))


def test_every_input_of_a_row_has_a_name(cast, books, as_user):
    html = as_user(cast.clerk_a).get(NEW).content.decode()
    inputs = re.findall(r"<(?:input|select)[^>]*name=\"members-\d+-(?!person_id)\w+\"[^>]*>", html)
    assert len(inputs) >= 20
    assert all(re.search(r'aria-label="第 \d+ 行 \S+"', one) for one in inputs)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_words_stay_until_the_row_is_changed(
    window: Page, live_server: Any, cast: Any, autumn: Any
) -> None:
    sign_in(window, live_server.url, "clerk_a")
    url = live_server.url + reverse("enrollment:renew", args=[autumn.yangs.pk])
    window.goto(url)
    expect(window.locator("#quote")).to_contain_text("选好档次")
    window.select_option("[name=tier]", "tier2")
    expect(window.locator("#quote .hz-huge")).to_have_text("240.00")
    expect(window.locator("#due-1")).to_contain_text("120.00")
    for width, height in ((1366, 768), (911, 512)):
        window.set_viewport_size({"width": width, "height": height})
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.set_viewport_size({"width": 1366, "height": 768})
    window.fill("[name=members-1-name]", "")
    with window.expect_navigation():
        window.keyboard.press("Alt+s")
    words = window.locator("td [data-said]", has_text="请填写姓名")
    expect(words).to_be_visible()
    with window.expect_response("**/renew"):
        window.fill("[name=address]", "杨家湾 8 号")  # the premium is asked for anew
    window.wait_for_timeout(300)
    expect(words).to_be_visible()
    window.fill("[name=members-1-name]", "刘桂英")
    expect(window.locator("td .hz-fielderror", has_text="请填写姓名")).to_have_count(0)
    expect(window.locator("[name=members-1-name]")).not_to_have_class(re.compile("is-invalid"))
    with window.expect_navigation(url="**/payment"):
        window.keyboard.press("Alt+s")
