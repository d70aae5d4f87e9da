"""The page on site in a real browser: a tablet, a bad connection, two tablets, and the whole way
from a sweep to the archive."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from supervision.inspections import answering
from supervision.inspections.models import (
    Answer,
    Inspection,
    Photo,
    Sweep,
)
from supervision.inspections.order_models import (
    Order,
)
from tests.supervision.inspections.conftest import World, picture, values
from tests.supervision.inspections.tablet import (
    GONE,
    KEPT,
    delivered,
    fill_all,
    photographed,
    said,
    sign_in,
    tick,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLET = {"width": 768, "height": 1024}


@pytest.mark.seconds(45)
def test_what_was_typed_without_a_network_arrives_once(
    window: Page, live_server: object, world: World, tmp_path: Path
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    row = world.visit(world.place(world.on_site(), world.bridge))
    photo = tmp_path / "shelf.jpg"
    photo.write_bytes(picture())
    window.set_viewport_size(TABLET)
    sign_in(window, at, world.second.username)
    page = f"{at}{reverse('supervision:site', args=[row.pk])}"
    window.goto(page)
    said(window, "已全部送达")
    tick(window, "licence", "good")
    delivered(window, "licence")
    window.wait_for_function(
        "async () => !!(await caches.match(location.href))"
    )  # kept for when it is opened again
    window.context.set_offline(True)
    tick(window, "prices", "bad", "三种药没有标价")
    tick(window, "receipts", "good")
    window.locator("[data-item='prices'] [data-camera]").set_input_files(photo)
    said(window, "已保存在本机 3 项，等待网络")
    assert values(row) == {"licence": "good"} and not Photo.objects.exists()
    window.reload()  # the worker gives the page, the store what was typed
    said(window, "已保存在本机 3 项，等待网络")
    assert window.locator("[data-item='prices'] [value=bad]").is_checked()
    assert window.locator("[data-item='licence'] [value=good]").is_checked()
    delivered(window, "licence")  # which had arrived before is told apart from what waits
    assert window.locator("[data-item='prices'] [data-note]").input_value() == "三种药没有标价"
    tick(window, "publicity", "none")
    said(window, "已保存在本机 4 项，等待网络")
    window.context.set_offline(False)
    said(window, "已全部送达")
    assert values(row) == {
        "licence": "good",
        "prices": "bad",
        "receipts": "good",
        "publicity": "none",
    }
    assert (Answer.objects.count(), Photo.objects.count()) == (4, 1)
    window.reload()
    said(window, "已全部送达")
    assert (Answer.objects.count(), Photo.objects.count()) == (4, 1)


def test_an_answer_whose_arrival_was_not_heard_of_is_sent_again_and_stays_one(
    window: Page, live_server: object, world: World
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    row = world.visit(world.place(world.on_site(), world.bridge))
    sign_in(window, at, world.second.username)
    window.goto(f"{at}{reverse('supervision:site', args=[row.pk])}")
    said(window, "已全部送达")
    lost = []

    cut = True

    def swallow(route: object) -> None:
        """The portal takes it; while the way back is cut, its answer goes nowhere."""
        if not cut:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch())  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    window.route("**/answers", swallow)
    tick(window, "prices", "good")
    for _ in range(200):
        if lost:
            break
        window.wait_for_timeout(50)
    said(window, "等待网络")
    assert lost and Answer.objects.count() == 1
    tick(window, "prices", "none")  # and is changed meanwhile: no quarrel with oneself
    cut = False  # and not unrouted: an answer may be on its way through the handler just now
    window.evaluate("dispatchEvent(new Event('online'))")
    said(window, "已全部送达")
    assert values(row) == {"prices": "none"} and Answer.objects.count() == 2


# A note is typed at the very moment at which the tablet hears that the answer before it arrived.
AT_ONCE = """() => {
  let armed = false;
  const fetched = window.fetch, got = IDBObjectStore.prototype.get;
  window.fetch = async (...asked) => {
    const answer = await fetched(...asked);
    if (asked[0].endsWith("/answers")) armed = true;
    return answer;
  };
  IDBObjectStore.prototype.get = function (...asked) {
    if (armed && this.name === "answers") {
      armed = false;
      IDBObjectStore.prototype.get = got;
      const note = document.querySelector("[data-item=prices] [data-note]");
      note.value = "三种药没有标价";
      note.dispatchEvent(new Event("change", { bubbles: true }));
    }
    return got.apply(this, asked);
  };
}"""


def test_what_is_typed_while_the_answer_before_arrives_is_not_lost(
    window: Page, live_server: object, world: World
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    row = world.visit(world.place(world.on_site(), world.bridge))
    sign_in(window, at, world.second.username)
    window.goto(f"{at}{reverse('supervision:site', args=[row.pk])}")
    said(window, "已全部送达")
    window.evaluate(AT_ONCE)
    tick(window, "prices", "bad")
    delivered(window, "prices")
    said(window, "已全部送达")
    expect(window.locator("[data-item='prices'] [data-note]")).to_have_value("三种药没有标价")
    for _ in range(100):
        if Answer.objects.filter(replaced_by=None, note="三种药没有标价").exists():
            break
        window.wait_for_timeout(50)
    assert answering.standing(row)["prices"].note == "三种药没有标价"


def test_a_photo_that_is_refused_is_taken_away(
    window: Page, live_server: object, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MAX_PHOTOS", 1)
    at = live_server.url  # type: ignore[attr-defined]
    row = world.visit(world.place(world.on_site(), world.bridge))
    file = tmp_path / "shelf.jpg"
    file.write_bytes(picture())
    sign_in(window, at, world.second.username)
    window.goto(f"{at}{reverse('supervision:site', args=[row.pk])}")
    said(window, "已全部送达")
    photographed(window, "prices", file)
    said(window, "已全部送达")
    photographed(window, "prices", file)
    said(window, "有 1 项没有被接收")
    window.reload()  # it is still known which one, and why
    box = window.locator("[data-item='prices']")
    expect(box.locator("[data-said]")).to_contain_text("最多 1 张照片")
    expect(window.locator("[data-finish]")).to_be_disabled()
    expect(box.locator("img")).to_have_count(2)
    box.get_by_text("去掉").click()
    said(window, "已全部送达")
    expect(window.locator("[data-finish]")).to_be_enabled()
    expect(box.locator("img")).to_have_count(1)
    assert Photo.objects.count() == 1


@pytest.mark.seconds(45)
def test_what_waits_is_not_sent_by_another_account(
    window: Page, live_server: object, world: World
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    row = world.visit(world.place(world.on_site(), world.bridge))
    tablet = window.context.browser.new_context()  # type: ignore[union-attr]
    try:
        mine, other = tablet.new_page(), tablet.new_page()
        sign_in(mine, at, world.second.username)
        mine.goto(f"{at}{reverse('supervision:site', args=[row.pk])}")
        said(mine, "已全部送达")
        until(mine, KEPT.format(mine.url))  # it asks for nothing more
        sign_in(other, at, world.planner.username)  # of the team too
        tick(mine, "prices", "bad", "三种药没有标价")
        said(mine, "现在登录的不是填写人")
        assert not Answer.objects.exists()
        sign_in(other, at, world.second.username)
        mine.evaluate("dispatchEvent(new Event('online'))")
        said(mine, "已全部送达")
        assert Answer.objects.get(replaced_by=None).answered_by == world.second
    finally:
        tablet.close()


@pytest.mark.seconds(45)
def test_pages_that_are_kept_go_with_the_visit_and_the_sign_in(
    window: Page, live_server: object, world: World
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    sweep = world.on_site()
    first, second = [world.visit(world.place(sweep, one)) for one in (world.bridge, world.temple)]
    pages = [f"{at}{reverse('supervision:site', args=[one.pk])}" for one in (first, second)]
    window.on("dialog", lambda one: one.accept())
    sign_in(window, at, world.second.username)
    for page in reversed(pages):
        window.goto(page)
        said(window, "已全部送达")
        until(window, KEPT.format(page))
    fill_all(window)
    expect(window.locator("fieldset[data-state=sent]")).to_have_count(21)
    said(window, "已全部送达")
    window.fill("#present", "杨春，乡村医生")
    window.click("button:text-is('完成')")
    expect(window.locator(".alert-success")).to_contain_text("已完成")
    until(window, GONE.format(pages[0]))
    assert window.evaluate(KEPT.format(pages[1]))
    window.click("text=退出")
    window.wait_for_url("**/sign-in**")
    until(window, GONE.format(pages[1]))


@pytest.mark.seconds(45)
def test_two_tablets_that_differ_are_told_and_somebody_chooses(
    window: Page, live_server: object, world: World
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    row = world.visit(world.place(world.on_site(), world.bridge))
    page = f"{at}{reverse('supervision:site', args=[row.pk])}"
    other = window.context.browser.new_page()  # type: ignore[union-attr]
    try:
        for tablet, who in ((window, world.second), (other, world.planner)):
            sign_in(tablet, at, who.username)
            tablet.goto(page)
            said(tablet, "已全部送达")
        tick(window, "prices", "good")
        delivered(window, "prices")
        tick(other, "prices", "bad")
        said(other, "有 1 项与另一台平板填的不一致")
        box = other.locator("[data-item='prices']")
        expect(box.locator("[data-said]")).to_contain_text("周文静")
        assert values(row) == {"prices": "good"}
        box.locator("[data-choose=mine]").click()
        said(other, "已全部送达")
        assert values(row) == {"prices": "bad"}
    finally:
        other.close()


@pytest.mark.seconds(100)
def test_a_sweep_is_walked_from_its_plan_to_the_archive(
    window: Page, live_server: object, world: World, tmp_path: Path
) -> None:
    at = live_server.url  # type: ignore[attr-defined]
    world.checklist()
    window.set_viewport_size(TABLET)
    window.on("dialog", lambda one: one.accept())

    sign_in(window, at, world.planner.username)
    window.goto(f"{at}{reverse('supervision:sweep_new')}")
    for name, value in {
        "title": "村卫生室专项检查",
        "basis": "合管办〔2026〕5号",
        "self_check_until": "2026-04-10",
        "visits_from": "2026-04-13",
        "visits_until": "2026-05-29",
        "summary_until": "2026-06-10",
    }.items():
        window.fill(f"[name={name}]", value)
    window.select_option("[name=checklist]", index=1)
    window.check("[name=levels][value=village]")
    window.click("text=制定 (Alt+S)")
    expect(window.locator("h1")).to_contain_text("村卫生室专项检查")
    assert window.locator("tr.hz-missing").count() == 2  # who is not visited yet stands red
    window.click("text=开始自查")
    window.click("text=进入现场检查")
    for box in window.locator("[name=places]").all():
        box.check()
    for who in (world.planner, world.second):
        window.check(f"[name=members][value='{who.pk}']")
    window.click("text=安排勾选的机构")
    expect(window.locator(".alert-success")).to_contain_text("已安排 2 家")

    first, second = Inspection.objects.filter(kind="visit").order_by("place__institution__code")
    window.goto(f"{at}{reverse('supervision:site', args=[first.pk])}")
    said(window, "已全部送达")
    fill_all(window, but="prices")
    window.context.set_offline(True)
    tick(window, "prices", "bad", "三种药没有标价")
    said(window, "已保存在本机")
    window.context.set_offline(False)
    said(window, "已全部送达")
    window.fill("#present", "杨春，乡村医生")
    window.click("button:text-is('完成')")
    expect(window.locator(".alert-success")).to_contain_text("已完成")
    window.click("button:text-is('下达整改通知书')")
    expect(window.locator("h1")).to_contain_text("整改通知书〔2026〕1号")

    window.goto(f"{at}{reverse('supervision:site', args=[second.pk])}")
    fill_all(window)
    said(window, "已全部送达")
    window.fill("#present", "石大夫")
    window.click("button:text-is('完成')")
    expect(window.locator(".alert-success")).to_contain_text("已完成")

    order = Order.objects.get()
    sign_in(window, at, world.clerk.username)
    expect(window.locator("main")).to_contain_text("整改通知书〔2026〕1号")  # its first work
    expect(window.locator(".hz-cards")).to_contain_text("有期限，先办")
    window.goto(f"{at}{reverse('supervision:order', args=[order.pk])}")
    window.fill("textarea[name=text]", "三种药已补标价，见照片")
    photo = tmp_path / "prices.jpg"
    photo.write_bytes(picture("blue"))
    window.set_input_files("[name=photos]", photo)
    window.click("button:text-is('回复')")
    expect(window.locator(".alert-success")).to_contain_text("待核验")

    sign_in(window, at, world.second.username)
    window.goto(f"{at}{reverse('supervision:order', args=[order.pk])}")
    window.fill(".hz-acts form:has-text('销号') [name=reason]", "照片上三种药都有标价")
    window.click("text=整改到位，销号")
    expect(window.locator(".alert-success")).to_contain_text("销号")

    sign_in(window, at, world.planner.username)
    sweep = Sweep.objects.get()
    window.goto(f"{at}{reverse('supervision:sweep', args=[sweep.pk])}")
    expect(window.locator("main")).to_contain_text("覆盖率 100%")
    window.click("text=进入总结")
    window.fill(".hz-acts [name=reason]", "查两家，一家一项不符合，已整改到位")
    window.click("text=结束检查活动")
    expect(window.locator("h1")).to_contain_text("已结束")
    window.goto(f"{at}{reverse('supervision:inspection_archive', args=[world.bridge.pk])}")
    archive = window.locator("article")
    for words in ("三种药没有标价", "整改通知书〔2026〕1号", "已销号", "都有标价"):
        expect(archive).to_contain_text(words)
    assert window.locator("article img").count() == 1
    assert window.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    assert Answer.objects.filter(replaces=None).count() == Answer.objects.count() == 42
