"""石桥县 moves in: the files of examples/county/ through the pages, from the first sign-in on.

One story for two stages: a browser before a live server in the suite, and before the portal behind
TLS in production settings (`bench/open_behind_tls.py`). It knows an address and a page and nothing
of Django; whoever sits down takes the ways that pages show him, and types what people type. What
the files come to was worked out by hand in examples/county/README.md.
"""

import csv
import io
import re
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Locator, Page, expect

FILES = Path(__file__).resolve().parents[2] / "examples" / "county"
OWN = "liushu-qiaotou-{}"  # everybody's own password, with the username in it
JOB = 60_000  # milliseconds for the worker to be done with a file


class Opening:
    """`words`: the three administrators' one-time passwords by username; `day`: what the portal
    takes for today. `later`: sets its clock, where that can be done; the books then begin with the
    month of the story, which is over at its end, and otherwise with the month before. `reached`:
    when each step of the story was done, by the monotonic clock."""

    def __init__(
        self,
        page: Page,
        address: str,
        day: date,
        words: Mapping[str, str],
        *,
        later: Callable[[date], None] | None = None,
        files: Path = FILES,
        shots: Path | None = None,
    ) -> None:
        self.page, self.address, self.day, self.shots = page, address, day, shots
        self.words, self.later = dict(words), later
        self.files = files
        self.desks: dict[str, Any] = {}
        self.first = day.replace(day=1)
        if later is None:
            self.first = (self.first - timedelta(days=1)).replace(day=1)
        self.as_of = self.first - timedelta(days=1)
        self.reached: dict[str, float] = {}
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())

    def whole(self, *, is_brief: bool = False) -> None:
        """From the first sign-in to the first report; brief without what a county may do without:
        what the old system settled or left unpaid, patients in bed, of the totals all but one."""
        self.is_brief = is_brief
        more = () if is_brief else (self.old, self.unpaid, self.beds)
        for step in (
            self.places, self.people_who_work, self.measures, self.institutions, self.books,
            self.registers, self.carried, self.usage, *more, self.prepared, self.totals,
            self.declared, self.first_receipt, self.handed_in, self.first_settlement,
            self.first_paper_claim, self.paid, self.month_closed,
        ):  # fmt: skip
            step()
            self.reached[step.__name__] = time.monotonic()

    # -- how people use the pages -----------------------------------------------------------------

    def sits_down(self, username: str) -> None:
        """Everybody at a desk of his own, where he stays signed in; when he comes for the first
        time, the one-time password is changed at once."""
        context = self.page.context
        context.clear_cookies()
        if username in self.desks:
            context.add_cookies(self.desks[username])
            self.page.goto(f"{self.address}/")
        else:
            self._comes(username, OWN.format(username))
            self.desks[username] = context.cookies()
        expect(self.page.locator(".hz-menu")).to_be_visible()

    def _comes(self, username: str, own: str) -> None:
        self.page.goto(f"{self.address}/sign-in")
        self.fill(username=username, password=self.words[username])
        self.press("登录")
        self.says("请先换成自己的密码")
        self.fill(old_password=self.words[username], new_password=own, repeated=own)
        self.press("保存")

    def menu(self, title: str) -> None:
        """By the menu on the left, whose groups are folded; a paper has none beside it."""
        if not self.page.locator(".hz-menu").count():
            self.page.goto(f"{self.address}/")
        named = re.compile(rf"^\s*{title}(\s|$)")
        link = self.page.locator(".hz-menu a").filter(has_text=named).first
        entry = self.page.locator("a").filter(has_text=named)
        folded = self.page.locator(".hz-menu details:not([open])").filter(has=entry)
        while not link.is_visible():  # a group, and in it what one does not need every day
            folded.first.locator("summary").first.click()
        self._leads(link)

    def step(self, step: str, way: str) -> None:
        """By the opening list, as the note on the first page shows it."""
        page = self.page
        if page.url != f"{self.address}/":
            page.goto(f"{self.address}/")
        self._leads(page.locator(".hz-told a", has_text="打开启用清单"))
        row = page.locator("tbody tr").filter(
            has=page.locator("strong", has_text=re.compile(f"^{step}$"))
        )
        self._leads(row.get_by_role("link", name=way, exact=True))

    def goes(self, link: str) -> None:
        self._leads(self.page.locator("main").get_by_role("link", name=link).first)

    def opens(self, row: str) -> None:
        """What a list has in the row that says so."""
        rows = self.page.locator("main tbody tr").filter(has_text=row)
        self._leads(rows.first.get_by_role("link").first)

    def press(self, button: str) -> None:
        """The first button of that name that is seen; it leads to a page."""
        self._leads(self.page.get_by_role("button", name=button).locator("visible=true").first)

    def _leads(self, there: Locator) -> None:
        with self.page.expect_navigation():
            there.click()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name}']").first
            tag, kind = field.evaluate("one => [one.tagName, one.type]")
            if kind == "file":
                field.set_input_files(value)
            elif kind == "checkbox":
                field.check()
            elif tag == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def says(self, *words: str, timeout: float | None = None) -> None:
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one, timeout=timeout)

    def table(self, file: str, new: int, **about: str) -> None:
        """A table of master data on its page: sent, looked at, written."""
        self.fill(file=str(self.files / f"{file}.csv"), **about)
        self.press("上传并预览")
        self.press(f"确认写入 {new} 条")
        self.shoot(file)

    def sends(self, file: str, **about: str) -> None:
        """A file that the worker looks at; its page tells when he has."""
        self.fill(file=str(self.files / f"{file}.csv"), **about)
        self.press("上传并检查")
        expect(self.page.locator("#progress")).to_have_count(0, timeout=JOB)
        self.shoot(file)

    def agrees(self, *says: str) -> None:
        """Whoever looks at what was sent agrees to it, and the worker writes it."""
        self.says(*says)
        self._leads(self.page.locator("form[action$='/confirm'] button"))
        expect(self.page.locator("#progress")).to_have_count(0, timeout=JOB)
        expect(self.page.locator("h1")).to_contain_text("已", timeout=JOB)

    def shoot(self, name: str) -> None:
        """A picture of what the step shows, where somebody wants to look at it."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 1366, name
        if self.shots:
            self.shots.mkdir(parents=True, exist_ok=True)
            at = len(list(self.shots.glob("*.png")))
            self.page.screenshot(path=self.shots / f"{at:02d}-{name}.png", full_page=True)

    # -- the steps of the list --------------------------------------------------------------------

    def places(self) -> None:
        """1: divisions; the three administrators have each come in with their own password."""
        for administrator in ("sunaq", "lishen", "linxt"):
            self.sits_down(administrator)
        self.step("区划", "读入")
        self.table("01-区划", 7, first_day="2010-01-01")

    def people_who_work(self) -> None:
        """2: one administrator brings the accounts, the other grants them and prints letters."""
        page = self.page
        self.sits_down("linxt")
        self.step("用户", "读入用户表")
        self.table("02-用户", 10)
        self.sits_down("sunaq")
        self.step("用户", "待授权账号")
        page.locator("[data-check-all]").check()
        self.press("给所选账号授权")
        self.step("用户", "密码信函")
        page.locator("[data-check-all]").check()
        self.press("打印所选信函")
        for letter in page.locator(".hz-letter").all():
            _, username, word = letter.locator("dd").all_inner_texts()
            self.words[username] = word
        self.shoot("letters")

    def measures(self) -> None:
        """3: the shipped measures with the county's own name, put forward by one, adopted by
        another. They collect from 1 October to 30 November (第十五条); played on another day, the
        county's do in the month of that day."""
        named = (self.files / "02-办法.yaml").read_text(encoding="utf-8")
        named = named.replace("to: 2027-12-31", f"to: {self.day.year + 1}-12-31")
        if self.day.month not in {10, 11}:
            last = (self.day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            for was, now in (
                ('opens: "10-01"', f'opens: "{self.day:%m}-01"'),
                ('closes: "11-30"', f'closes: "{last:%m-%d}"'),
                ('by: "12-10"', 'by: "12-31"'),
            ):
                named = named.replace(was, now, 1)
        self.sits_down("jianguan")
        self.step("采用办法", "政策办法")
        file = {"name": "办法.yaml", "mimeType": "text/yaml", "buffer": named.encode()}
        self.page.locator("main [name='file']").set_input_files([file])
        self.press("检查并提出")
        self.sits_down("fuhe")
        self.step("采用办法", "政策办法")
        self.goes("石桥县城乡居民合作医疗保险办法")
        self.fill(approval="石府发〔2026〕1号")
        self.press("采用")
        self.shoot("measures")

    def institutions(self) -> None:
        """5: institutions, agreements, practitioners, the three catalogues."""
        self.sits_down("jianguan")
        for step, ways, file, new in (
            ("定点机构", ("定点机构", "用表格登记机构"), "03-机构", 3),
            ("协议", ("定点机构", "用表格登记协议"), "04-协议", 9),
            ("医师", ("定点机构", "用表格登记医师"), "05-医师", 6),
            ("三个目录", ("三个目录", "转入目录沿革"), "06-目录沿革", 50),
        ):
            self.step(step, ways[0])
            self.goes(ways[1])
            self.table(file, new)

    def books(self) -> None:
        """4: the books, begun with the balances of the day before and with the year's budget."""
        month = f"{self.first:%Y-%m}"
        self.sits_down("kuaiji")
        self.step("账套和科目表", "会计期间")
        self.fill(first_month=month, fund_type="resident", defers_advance_premium="on")
        self.press("建账")
        self.step("期初余额", "用表格读入")
        self.table("13-期初余额", 8, evidence="原账套余额表")
        self.step("本年预算", "预算")
        self.fill(file=str(self.files / "14-本年预算.csv"))
        self.press("读入表格")
        self.fill(evidence="石财〔2026〕5号", reason="本年预算")
        self.press("编报")
        self.sits_down("fuhe")
        self.step("期初余额", "期初余额")
        self.says("80,000.00")
        self.press("同意")
        self.shoot("opening-balances")
        self.step("本年预算", "预算")
        self.press("同意")

    def registers(self) -> None:
        """6: each township's households and people."""
        for clerk, town, homes, people in (
            ("qingshi", "青石镇", 36, 102), ("baisha", "白沙乡", 24, 68),
        ):  # fmt: skip
            self.sits_down(clerk)
            self.step("家庭和人员", "名册导入")
            self.sends(f"07-名册-{town}", carried="on")
            self.agrees("只登记户和人，不办参保", f"可转入{homes} 户 {people} 人")
            self.says(f"新登记{homes} 户 {people} 人")
            self.shoot("registered")

    def carried(self) -> None:
        """6: covers, statuses, balances and approvals: sent by one, agreed to by another."""
        for step, way, kind, file, says in (
            ("历年和本年参保", "原系统转入", "covers", "08-历年参保", ("480", "23,250.00")),
            ("人员身份", "原系统转入", "statuses", "09-人员身份", ("25",)),
            ("家庭账户余额", "原系统转入", "accounts", "10-家庭账户余额", ("60", "3,900.00")),
            ("备案和认定", "备案转入", "filings", "11-备案", ("11",)),
        ):
            self.by_two(step, way, file, "错误0", *says, kind=kind, as_of=f"{self.as_of}")

    def by_two(self, step: str, way: str, file: str, *says: str, **about: str) -> None:
        """Sent by one and agreed to by another, who sees that it says what it should."""
        self.sits_down("chushen")
        self.step(step, way)
        self.sends(file, **about)
        self.sits_down("fuhe")
        self.step(step, way)
        self.opens(file)
        self.agrees(*says)
        self.shoot(f"{file}-agreed")

    def prepared(self) -> None:
        """7, 8: receipt books that were begun elsewhere, and the next year's campaign."""
        self.sits_down("kuaiji")
        self.step("票据本", "征缴与票据")
        self.goes("用表格发放多本")
        self.table("12-票据本", 6)
        self.step("征缴", "征缴与票据")
        self.fill(**{"campaign-year": f"{self.day.year + 1}"})
        self.press("设立年度征缴")
        self.shoot("campaign")

    def usage(self) -> None:
        """7: what each has used this year."""
        self.by_two(
            "本年已用情况", "原系统已用情况", "15-已用情况", "可转入11", "不能转入0",
            "年累计报销额合计5,000.00", "慢性病门诊年累计报销额合计750.00",
            system="原新农合系统", document="移交清册 3 号", counted_to=f"{self.as_of}",
        )  # fmt: skip

    def old(self) -> None:
        """7: what the old system settled, computed anew by the measures and read by two."""
        page, step = self.page, "原系统结算和重算核对"
        self.by_two(
            step, "原系统结算文件", "16-原系统结算", "新增10", "不能读入0", "4,750.00",
            kind="history", system="原新农合系统",
        )  # fmt: skip
        self.sits_down("chushen")
        self.step(step, "重算核对")
        self.fill(year=f"{self.day.year}")
        self.press("重算")
        expect(page.locator("#progress")).to_have_count(0, timeout=JOB)
        self.says("结算单10", "有差异0", "不能重算0")
        for reader in ("chushen", "fuhe"):
            self.sits_down(reader)
            self.step(step, "重算核对")
            self.opens("已完成")
            self.press("已看过差异，签字")
        self.shoot("recount")

    def unpaid(self) -> None:
        """7: what the old system decided and did not pay, and what nobody there had looked at."""
        self.by_two(
            "原系统未付报销单", "未付单转入", "19-未付报销单", "可转入2", "错误0", "1,000.00",
            kind="claims", as_of=f"{self.as_of}",
        )  # fmt: skip

    def beds(self) -> None:
        """7: who lies in the county hospital, as its own clerk brings it."""
        self.sits_down("yiyuan")
        self.step("在院病人", "在院病人转入")
        self.sends("17-在院病人")
        self.agrees("可登记1", "不能登记0")

    def totals(self) -> None:
        """9: the old system's totals beside ours, signed by two."""
        kinds = (
            ("covers", "参保"), ("households", "户数"), ("people", "人数"), ("accounts", "账户"),
        )  # fmt: skip
        for kind, file in kinds[: 1 if self.is_brief else None]:
            self.sits_down("chushen")
            self.step("移交核对", "移交核对")
            self.goes("用表格读入")
            self.table(f"18-合计-{file}", 5, kind=kind, evidence="移交清册 1 号")
            self.sits_down("fuhe")
            self.step("移交核对", "移交核对")
            self.press("同意")

    def declared(self) -> None:
        """Nothing is left but what townships still enter: one says so, another agrees."""
        self.sits_down("kuaiji")
        self.menu("启用清单")
        if not self.is_brief:
            self.says("1 张待审的还没有录入", "还没有办的：原系统未付报销单")
        self.shoot("opening-list")
        self.fill(evidence="石桥县启用验收单", reason="待审的未付单由乡镇录入")
        self.press("提出办结")
        self.sits_down("fuhe")
        self.menu("启用清单")
        self.press("同意")

    # -- the first business ------------------------------------------------------------------------

    def first_receipt(self) -> None:
        """钱建国, his wife and his son, found by the number that they had before: 100 each for the
        next year, of which 80 are the general subsidy (第十三条, 第十四条(一)); 60.00 in cash."""
        page = self.page
        self.sits_down("qingshi")
        self.menu("家庭查询")
        self.fill(text="A001")
        self.press("查找")
        self.goes("参保")
        self.fill(tier="tier1")
        expect(page.locator("#quote .hz-huge")).to_have_text("60.00")
        self.press("保存并收款")
        self.fill(received="100")
        expect(page.locator("#change")).to_have_text("40.00 元")
        self.shoot("payment")
        page.keyboard.press("Alt+s")
        expect(page.locator("article")).to_contain_text("陆拾元整")
        self.shoot("first-receipt")

    def handed_in(self) -> None:
        self.menu("缴存")
        self.fill(slip_number="JK-0001", amount="60")
        self.page.keyboard.press("Alt+s")
        self.says("JK-0001")
        self.sits_down("kuaiji")
        self.menu("缴存")
        self.fill(bank_amount="60")
        self.press("确认入账")
        self.shoot("handed-in")

    def first_settlement(self) -> None:
        """王建国 at the county hospital, 1 780: (1 780 − 200) × 40 % = 632.00 (第二十三条(一)2)."""
        page = self.page
        self.sits_down("yiyuan")
        self.menu("就医结算")
        self.fill(resident_id=self.number_of("P0070"))
        self.press("查找")
        self.fill(care="inpatient", starts=self.ago(9), ends=self.ago(1), diagnosis="肺炎")
        for place, (code, quantity, price) in enumerate(
            (("SQ000", "200", "5"), ("SQ020", "20", "25"), ("SQ030", "8", "35"))
        ):
            row = f"lines-{place}-"
            self.fill(**{row + "code": code, row + "quantity": quantity, row + "unit_price": price})
        self.press("试算")
        expect(page.locator("#preview")).to_contain_text("632.00")
        self.press("结算提交")
        self.says("已提交")
        self.shoot("first-settlement")

    def first_paper_claim(self) -> None:
        """卫建国 in the city with a referral, 12 000: (12 000 − 1 000) × 25 % = 2 750.00."""
        page = self.page
        self.sits_down("qingshi")
        self.menu("手工报销")
        self.fill(resident_id=self.number_of("P0110"))
        self.press("查找")
        self.fill(
            hospital="成都市第一医院", level="city", referral="referred", care="inpatient",
            starts=self.ago(12), ends=self.ago(3), diagnosis="胆囊结石",
        )  # fmt: skip
        self.fill(**{
            "invoices-0-number": "NO8801", "invoices-0-issued_on": self.ago(3),
            "invoices-0-amount": "12000", "lines-0-name": "住院费用", "lines-0-category": "other",
            "lines-0-bill_class": "in_scope", "lines-0-amount": "12000",
        })  # fmt: skip
        self.press("试算")
        expect(page.locator("#preview")).to_contain_text("2,750.00")
        self.press("结算提交")
        self.says("已提交")
        self.goes("报销材料")
        for paper in page.locator("main form[action$='/papers/note'] select").all():
            paper.select_option(label="原件")
        self.press("保存核对结果")
        self.shoot("first-paper-claim")

    def paid(self) -> None:
        """Both are reviewed by one, agreed to by another, made a batch by the third and released by
        the fourth, who takes the bank's file; with them goes what the old system left unpaid."""
        number, total = ("2", "3,382.00") if self.is_brief else ("3", "4,382.00")
        for hand, queue, button in (
            ("chushen", "待初审", "初审通过"), ("fuhe", "待复核", "复核通过"),
        ):  # fmt: skip
            self.sits_down(hand)
            for name in ("王建国", "卫建国"):
                self.menu(queue)
                self.opens(name)
                self.press(button)
        self.shoot("approved")
        self.sits_down("kuaiji")
        self.menu("待支付")
        self.page.check("[data-check-all]")
        self.press("所选编成一批")
        self.says(total)
        self.sits_down("chuna")
        self.menu("支付批次")
        self.opens("待发出")
        self.press("发出支付")
        self.says(f"已发出：{number} 笔，{total} 元")
        self.fill(reason="送银行代发")
        with self.page.expect_download() as taken:
            self.page.get_by_role("button", name="下载代发文件").click()
        self.came_back(Path(taken.value.path()).read_bytes())

    def came_back(self, content: bytes) -> None:
        """The bank says of each line of its file that it arrived."""
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        head, *lines = book.worksheets[0].iter_rows(values_only=True)
        at = [head.index(title) for title in ("付款编号", "金额")]
        rows = [",".join(str(line[place]) for place in at) for line in lines if line[at[0]]]
        told = "\n".join(["付款编号,金额,处理结果", *(f"{row},成功" for row in rows)])
        self.sits_down("kuaiji")
        self.menu("银行回盘")
        file = {"name": "回盘.csv", "mimeType": "text/csv", "buffer": told.encode("utf-8-sig")}
        self.page.locator("main [name='file']").set_input_files([file])
        self.press("导入回盘")
        expect(self.page.locator("#progress")).to_have_count(0, timeout=JOB)
        self.says(f"成功{len(rows)} 笔")
        self.shoot("came-back")

    def month_closed(self) -> None:
        """Cash of the month leaves the collection account by three hands; the first month of the
        books is closed and reported."""
        page = self.page
        self.sits_down("kuaiji")
        self.menu("登记收支")
        self.goes("保费由收入户划入财政专户")
        self.fill(document="划款 1 号", amount_="60")
        self.press("制单")
        for hand, button in (("jianguan", "复核"), ("jizhang", "记账")):
            self.sits_down(hand)
            self.menu("手工凭证")
            self.opens("保费由收入户划入财政专户")
            self.press(button)
        if self.later is not None:
            self.later((self.first + timedelta(days=31)).replace(day=1))
        self.sits_down("kuaiji")
        self.menu("会计期间")
        self.press("结账")
        self.says("已结账，凭证已封存")
        self.shoot("first-month-closed")
        self.menu("基金运行月报")
        self.fill(month=f"{self.first:%Y-%m}")
        self.press("申请编制")
        row = page.locator("tbody tr").filter(has_text=f"{self.first:%Y年}").first
        expect(row).to_contain_text("已完成", timeout=JOB)
        self._leads(row.get_by_role("link").first)
        self.shoot("first-report")

    def number_of(self, old: str) -> str:
        """The resident id of whom the old system knew by this number."""
        for file in sorted(self.files.glob("07-*.csv")):
            with file.open(encoding="utf-8-sig", newline="") as rows:
                for row in csv.DictReader(rows):
                    if row["原个人编号"] == old:
                        return row["身份证号"]
        raise LookupError(old)

    def ago(self, days: int) -> str:
        return f"{self.day - timedelta(days=days)}"


def handed_out(told: str) -> dict[str, str]:
    """Username → one-time password, out of what `open_county` prints: four words a line."""
    words = [line.split(" ") for line in told.splitlines()]
    return {one[2]: one[3] for one in words if len(one) == 4}
