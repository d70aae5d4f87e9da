"""Every institution of the demo county inspected on a tablet, from the checklist to the archive.

    DATABASE_URL=postgres://…/own_database python bench/walk_inspections.py --shots FOLDER

Needs the environment of the portal (docs/operations.md) and a database of its own; an empty one is
given a demo county, and institutions without an account are given one: that alone is not done on
the pages. Chromium is a tablet of 1024×768 that is touched. Both checklists are put in force, a
campaign is planned over the village clinics and one over the hospitals: self-check, visits with an
item that does not conform, a note and a photo, at one of each campaign without a network, the order
to put it right, the answer with a photo, the second look where the item asks for one, the verdict,
the summary, the archive of each institution and the printed papers. Ends with an error on a missing
step, a complaint of the browser, a fault that axe finds, a page wider than the tablet or a control
too small for a finger.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
DAY = date(2026, 12, 1)

from django.db import connections  # noqa: E402
from django.urls import reverse  # noqa: E402
from playwright.sync_api import Locator, Page, expect, sync_playwright  # noqa: E402
from windows import start_server  # noqa: E402 - sets Django up

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from demo.staff import DEMO_PASSWORD  # noqa: E402
from institutions.models import Institution  # noqa: E402
from supervision.inspections.items import DAY as OF_A_DAY  # noqa: E402
from supervision.inspections.items import NUMBER, Item, library  # noqa: E402
from supervision.inspections.models import Answer, Inspection, Photo  # noqa: E402
from supervision.inspections.order_models import Order  # noqa: E402
from tests.chromium import chromium  # noqa: E402
from tests.glass import AXE, FAULTS, WIDE  # noqa: E402
from tests.screen import SWITCHES  # noqa: E402
from tests.supervision.inspections import tablet  # noqa: E402
from tests.supervision.inspections.conftest import good, picture, wrong  # noqa: E402

SCREEN = {"width": 1024, "height": 768}
PLANNER, SECOND, APPROVER = "jianguan", "jianguan2", "fuhe"
# Apple's guidelines ask for 44 points, WCAG 2.5.8 for 24: the one on site, the other everywhere.
FINGER, LEAST = 44, 24
# Controls that are smaller than so many points on a side. A link within a sentence is as high as
# its line (WCAG 2.5.8 excepts it), a tick is touched by its label.
SMALL = """(least) => {
  const size = (one) => {
    const boxes = [one, ...(one.labels || [])].map((it) => it.getBoundingClientRect());
    return [Math.max(...boxes.map((it) => it.width)), Math.max(...boxes.map((it) => it.height))];
  };
  const all = document.querySelectorAll(
    "main :is(button, input:not([type=hidden]), select, textarea, summary, a.btn)");
  return [...all].filter((one) => one.checkVisibility()).flatMap((one) => {
    const [wide, high] = size(one);
    const small = wide < least || high < least;
    return small ? [`${Math.round(wide)}×${Math.round(high)}: ${one.outerHTML.slice(0, 140)}`] : [];
  });
}"""
UNSEEN = "() => [...document.images].filter((one) => !one.naturalWidth).map((one) => one.src)"


class Campaign:
    """One kind of checklist. `bad`: the item that does not conform, by the place's turn."""

    def __init__(
        self, title: str, name: str, levels: tuple[str, ...], bad: tuple[str, ...]
    ) -> None:
        self.title, self.name, self.levels, self.bad = title, name, levels, bad
        self.sheet = library()[name][0].title


CAMPAIGNS = (
    Campaign(
        "村卫生室和社区站专项检查", "village-clinic-2026", ("village",), ("prices", "licence")
    ),
    Campaign(
        "县乡医院年度检查",
        "hospital-2026",
        ("township", "central", "county"),
        ("prices", "in-bed"),
    ),
)


class Walk:
    """Those who take the tablet one after another, and what was wrong with what they saw."""

    def __init__(self, page: Page, at: str, shots: Path, folder: Path) -> None:
        self.page, self.at, self.shots = page, at, shots
        self.complaints: list[str] = []
        self.looked: dict[str, int] = {}
        self.is_cut, self.number, self.user = False, 0, ""
        self.shelf, self.mended = folder / "shelf.jpg", folder / "mended.jpg"
        self.shelf.write_bytes(picture())
        self.mended.write_bytes(picture("blue"))
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._said)
        page.on("dialog", lambda one: one.accept())

    def _said(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind == "error" and not (self.is_cut and "ERR_INTERNET_DISCONNECTED" in text):
            self.complaints.append(f"console: {text}")

    def become(self, username: str) -> None:
        if self.user != username:
            tablet.sign_in(self.page, self.at, username, DEMO_PASSWORD)
            self.user = username

    def go(self, route: str, *args: object) -> None:
        self.page.goto(self.at + reverse(f"supervision:{route}", args=args))

    def main(self) -> Locator:
        return self.page.locator("main")

    def says(self, *words: str) -> None:
        for one in words:
            expect(self.main()).to_contain_text(one)

    def done(self, words: str) -> None:
        expect(self.page.locator(".alert-success")).to_contain_text(words)

    def tap(self, words: str) -> None:
        """The button or link of these words, followed."""
        with self.page.expect_navigation():
            self.page.locator(f"main :is(button, a):has-text('{words}')").first.tap()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"main [name='{name}']:visible").first.fill(value)

    def look(self, name: str, least: int = LEAST) -> None:
        """A picture, and what is wrong with the page: the first two of a kind are looked at."""
        seen = self.looked[name] = self.looked.get(name, 0) + 1
        if seen > 2:
            return
        self.number += 1
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=self.shots / f"{self.number:02d}-{name}.png", full_page=True)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        for told in (
            self.page.evaluate(FAULTS),
            self.page.evaluate(WIDE),
            self.page.evaluate(SMALL, least),
            self.page.evaluate(UNSEEN),
        ):
            self.complaints += [f"{name}: {one}" for one in told]

    def print(self, name: str) -> None:
        self.looked[name] = self.looked.get(name, 0) + 1
        if self.looked[name] > 2:
            return
        self.number += 1
        file = self.shots / f"{self.number:02d}-{name}.pdf"
        self.page.pdf(path=file, prefer_css_page_size=True)

    # The county

    def checklist(self, one: Campaign) -> None:
        self.become(PLANNER)
        self.go("checklists")
        self.page.locator("main summary:has-text('提出一份检查表')").tap()
        self.page.locator("main [name=name]").select_option(one.name)
        self.fill(first_day=str(DAY), evidence="合管办〔2026〕31号", reason="年度检查")
        self.tap("提出")
        put_forward = self.page.url
        self.become(APPROVER)
        self.page.goto(put_forward)
        self.look("checklist")
        self.tap("同意")

    def plan(self, one: Campaign) -> int:
        self.become(PLANNER)
        self.go("sweep_new")
        self.fill(
            title=one.title,
            basis="合管办〔2026〕32号",
            self_check_until=str(DAY + timedelta(days=4)),
            visits_from=str(DAY),
            visits_until=str(DAY + timedelta(days=20)),
            summary_until=str(DAY + timedelta(days=30)),
        )
        sheet = self.page.locator("main [name=checklist]")
        sheet.select_option(sheet.locator(f"option:has-text('{one.sheet}')").get_attribute("value"))
        for level in one.levels:
            self.page.locator(f"main [name=levels][value={level}]").tap()
        self.look("plan")
        self.tap("制定")
        self.done(f"已制定“{one.title}”")
        self.look("campaign")
        self.tap("开始自查")
        return int(self.page.url.rsplit("/", 1)[1])

    def self_checks(self, sweep: int) -> None:
        """Each institution by its own account."""
        for row in visits_of(sweep, Inspection.Kind.SELF):
            self.become(clerk_of(row))
            self.go("inspection", row.pk)
            self.tap("开始填写")
            tablet.fill_all(self.page)
            self.all_arrived(row)
            self.look("self-check", FINGER)
            self.finish("自查人：负责人")

    def all_arrived(self, row: Inspection) -> None:
        sent = self.page.locator("fieldset[data-state=sent]")
        expect(sent).to_have_count(len(row.items), timeout=20_000)
        tablet.said(self.page, "已全部送达")

    def finish(self, present: str) -> None:
        self.page.fill("#present", present)
        with self.page.expect_navigation():
            self.page.locator("button:text-is('完成')").tap()
        self.done("已完成")

    def arrange(self, sweep: int) -> None:
        self.become(PLANNER)
        self.go("sweep", sweep)
        self.tap("进入现场检查")
        for box in self.page.locator("main [name=places]").all():
            box.tap()
        for username in (PLANNER, SECOND):
            member = User.objects.get(username=username).pk
            self.page.locator(f"main [name=members][value='{member}']").tap()
        self.look("team")
        self.tap("安排勾选的机构")
        self.done("已安排")

    # On site

    def visit(self, row: Inspection, bad: str, *, cut: bool) -> None:
        """All items touched one after another; `cut`: the network goes in the middle of them."""
        page = self.page
        self.become(SECOND)
        self.go("inspection", row.pk)
        self.tap("开始填写")
        tablet.said(page, "已全部送达")
        items = row.items
        middle = len(items) // 2
        for at, item in enumerate(items):
            if cut and at == middle:
                self.look("on-site-before", FINGER)
                tablet.until(page, tablet.KEPT.format(page.url))
                self.is_cut = True
                page.context.set_offline(True)
            self.answer(item, is_bad=item.code == bad)
        if cut:
            self.back_on_line(row)
        self.all_arrived(row)
        self.look("on-site", FINGER)
        self.finish("值班医生，负责人")
        self.look("visited")

    def answer(self, item: Item, *, is_bad: bool) -> None:
        box = self.page.locator(f"[data-item='{item.code}']")
        value = wrong(item) if is_bad else good(item)
        if item.kind in (NUMBER, OF_A_DAY):
            box.locator("[data-value]").first.fill(value)
            box.locator("[data-value]").first.blur()
        else:
            box.locator(f"label:has([value='{value}'])").tap()
            expect(box.locator(f"[value='{value}']")).to_be_checked()
        if is_bad:
            box.locator("[data-note]").fill("与规定不符，已当面指出，见照片")
            box.locator("[data-note]").blur()
            tablet.photographed(self.page, item.code, self.shelf)
            expect(box.locator("img")).to_have_count(1)  # what is below has moved

    def back_on_line(self, row: Inspection) -> None:
        """Closed and opened again without a network, then the network comes back."""
        page = self.page
        tablet.said(page, "已保存在本机")
        self.look("on-site-cut", FINGER)
        before = Answer.objects.filter(inspection=row).count()
        page.reload()
        tablet.said(page, "已保存在本机")
        if Answer.objects.filter(inspection=row).count() != before:
            self.complaints.append(f"{row}: something arrived without a network")
        page.context.set_offline(False)
        tablet.said(page, "已全部送达")
        self.is_cut = False

    def order(self, row: Inspection) -> Order:
        self.go("inspection", row.pk)
        self.tap("下达整改通知书")
        self.look("order")
        found = Order.objects.get(inspection=row)
        self.tap("打印通知书")
        self.print("order")
        return found

    def reply(self, order: Order) -> None:
        self.become(clerk_of(order.inspection))
        self.page.goto(self.at + "/")
        self.says(order.number)  # its first page leads there
        self.look("first-page")
        self.page.locator(f"main a:has-text('{order.number}')").first.tap()
        self.page.wait_for_url("**/orders/*")
        self.fill(text="已逐项整改，负责人签字，见照片")
        self.page.set_input_files("[name=photos]", self.mended)
        self.look("reply")
        self.tap("回复")
        self.done("待核验")

    def verify(self, order: Order) -> None:
        """By another than who issued it; what asks for a second look is looked at again first."""
        self.become(PLANNER)
        if order.asks_second_look:
            self.look_again(order)
        self.go("order", order.pk)
        form = self.page.locator(".hz-acts form:has-text('销号')")
        form.locator("[name=reason]").fill("到现场看过，已整改到位")
        self.look("verdict")
        with self.page.expect_navigation():
            form.locator("button").tap()
        self.done("销号")

    def look_again(self, order: Order) -> None:
        page = self.page
        self.go("order", order.pk)
        form = page.locator("form[action$='/again']")
        for username in (PLANNER, SECOND):
            form.locator(f"[value='{User.objects.get(username=username).pk}']").tap()
        form.locator("[name=due_on]").fill(str(DAY + timedelta(days=9)))
        self.look("look-again")
        with page.expect_navigation():
            form.locator("button").tap()
        again = Inspection.objects.get(of_order=order)
        self.go("site", again.pk)
        tablet.said(page, "已全部送达")
        for item in again.items:
            self.answer(item, is_bad=False)
        self.all_arrived(again)
        self.finish("值班医生，负责人")

    def close(self, sweep: int, places: int) -> None:
        self.become(PLANNER)
        self.go("sweep", sweep)
        self.says("覆盖率 100%", f"已查完 {places} 家")
        self.tap("进入总结")
        self.page.fill(
            ".hz-acts [name=reason]", f"查 {places} 家，每家一项不符合，均已整改到位；明年继续"
        )
        self.tap("结束检查活动")
        expect(self.page.locator("h1")).to_contain_text("已结束")
        self.look("closed")

    def archive(self, order: Order) -> None:
        self.go("inspection_archive", order.institution.pk)
        self.says(order.number, "已销号", "到现场看过", "见照片")
        self.look("archive")
        self.print("archive")
        self.go("inspection_record", order.inspection_id)
        self.print("record")


def visits_of(sweep: int, kind: str) -> list[Inspection]:
    rows = Inspection.objects.filter(place__sweep=sweep, kind=kind).select_related(
        "place__institution", "place__sweep__checklist"
    )
    return list(rows.order_by("place__institution__code"))


def clerk_of(row: Inspection) -> str:
    code = row.place.institution.code
    found = User.objects.filter(role=Role.INSTITUTION_CLERK, institution_code=code, is_active=True)
    return found.order_by("pk").values_list("username", flat=True)[0]


def a_county() -> None:
    """With an account for each institution: those of village clinics the demo county has not."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "-v0"], check=True)
    seed = ["seed_demo", "--if-empty", "--persons", "500", "--year", "2026", "--through", str(DAY)]
    subprocess.run([*manage, *seed], check=True)
    levels = [level for one in CAMPAIGNS for level in one.levels]
    for place in Institution.objects.filter(is_active=True, level__in=levels):
        if not User.objects.filter(institution_code=place.code, is_active=True).exists():
            clerk = User(
                username=f"walk.{place.code.lower()}", name=f"{place.name}值班",
                role=Role.INSTITUTION_CLERK, institution_code=place.code,
            )  # fmt: skip
            clerk.set_password(DEMO_PASSWORD)
            clerk.save()


@contextmanager
def a_tablet() -> Iterator[Page]:
    program = chromium()
    if program is None:
        raise SystemExit("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        context = browser.new_context(viewport=SCREEN, locale="zh-CN", has_touch=True)
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def walk_campaign(walk: Walk, one: Campaign) -> list[Order]:
    """Planned, walked and closed; the orders of it, one for each institution."""
    walk.checklist(one)
    sweep = walk.plan(one)
    walk.self_checks(sweep)
    walk.arrange(sweep)
    rows = visits_of(sweep, Inspection.Kind.VISIT)
    orders = []
    for at, row in enumerate(rows):
        began = time.monotonic()
        bad = one.bad[at % len(one.bad)]
        walk.visit(row, bad, cut=at == len(rows) // 2)
        order = walk.order(row)
        walk.reply(order)
        walk.verify(order)
        orders.append(order)
        print(f"  {row.place.institution.name}: {time.monotonic() - began:.1f} s")
    walk.close(sweep, len(rows))
    for order in orders:
        walk.archive(order)
    return orders


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8795)
    given = parser.parse_args()
    given.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scans = Path(folder) / "scans"
        os.environ |= {
            "HEZUO_TODAY": str(DAY),
            "HEZUO_ENV": "local",
            "HEZUO_SCANS_ROOT": str(scans),
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's loop is in this thread
        }
        a_county()
        connections.close_all()
        server = start_server(given.port, 2)
        began = time.monotonic()
        try:
            with a_tablet() as page:
                walk = Walk(page, f"http://127.0.0.1:{given.port}", given.shots, Path(folder))
                try:
                    orders = [one for each in CAMPAIGNS for one in walk_campaign(walk, each)]
                except BaseException:
                    page.screenshot(path=given.shots / "last.png", full_page=True)
                    raise
        finally:
            server.terminate()
            server.wait()
    seconds = time.monotonic() - began
    walked = Inspection.objects.filter(place__sweep__title__in=[one.title for one in CAMPAIGNS])
    verified = Order.objects.filter(status=Order.Status.VERIFIED).count()
    if verified != len(orders):
        walk.complaints.append(f"{len(orders)} orders, {verified} verified")
    print(
        f"{len(orders)} institutions, {walked.count()} inspections, "
        f"{Answer.objects.filter(inspection__in=walked, replaced_by=None).count()} items answered, "
        f"{Photo.objects.filter(inspection__in=walked).count()} photos, "
        f"{verified} orders verified, in {seconds:.0f} s"
    )
    for one in dict.fromkeys(walk.complaints):
        print("WRONG", one)
    return 1 if walk.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
