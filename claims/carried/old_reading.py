"""Step one for old settlements: each row understood or refused, and whether it is new."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounts.errors import Refusal
from claims.carried.accumulators import UnreadableError
from claims.carried.models import OldFile, OldRow, OldSettlement
from claims.carried.old_columns import BILL, CODED, LAYER, old_layout
from claims.models import Invoice
from enrollment.models import Enrollment, Person
from enrollment.people.search import bearers
from institutions.models import Institution
from lib import typed_text
from lib.batches import chunked
from lib.money import to_yuan, told
from lib.tables.layout import Layout
from lib.tables.standing import Standing, standing, words
from policies.services import Measures
from policies.terms import Terms

Verdict = OldRow.Verdict
TOGETHER = 2000
HOLDS = words("正常 有效 已结算 结算 已支付 已报销 已补偿 待支付 未支付 已审核 已入账")
VOID = words("作废 已作废 撤销 已撤销 退费 已退费 冲销 已冲销 无效 已撤回 红冲")
FIGURES = ("in_scope", "deductible", "account", "credit", "cash")
SEPARATORS = re.compile(r"[、，,；;/\s]+")


@dataclass(slots=True)
class Read:
    """One row. `columns` are those of OldSettlement as text, `facts` its JSON."""

    line: int
    number: str
    name: str
    resident: str
    problem: str = ""
    note: str = ""
    verdict: str = ""
    year: int = 0
    columns: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    cover: Enrollment | None = None


def judge_old(upload: OldFile, on: date) -> Mapping[str, Any]:
    """Keep a verdict on every row; returns the counts. Raises Refusal or SpreadsheetError."""
    terms = Measures.on(area_code=upload.area.code, day=on).terms
    layout = old_layout(terms)
    reader = _Reader(upload, layout, terms, on)
    counts: dict[str, int] = dict.fromkeys(Verdict.values, 0)
    total = fund = 0
    days: set[date] = set()
    for some in chunked(reader.rows(), TOGETHER):
        reader.look_up(some)
        for row in some:
            counts[row.verdict] += 1
            if row.verdict != Verdict.REFUSED:
                total += row.columns["total"]
                fund += row.columns["fund"]
                days.add(date.fromisoformat(row.columns["settled_on"]))
        OldRow.objects.bulk_create(
            OldRow(
                file=upload, line=row.line, verdict=row.verdict, number=row.number[:40],
                cover=row.cover, name=row.name[:40], note=(row.problem or row.note)[:200],
                facts={"columns": row.columns, "facts": row.facts, "year": row.year},
            )
            for row in some
        )  # fmt: skip
    if not sum(counts.values()):
        raise Refusal("文件里没有一行结算，请核对后重新上传", "file")
    if upload.kind == OldFile.Kind.PARALLEL and len(days) > 1:
        found = "、".join(str(day) for day in sorted(days)[:3])
        raise Refusal(f"并行期一份文件只含一天的结算，这份有 {found} 等几天，请按日分开", "file")
    return {f"{verdict}_count": number for verdict, number in counts.items()} | {
        "upto": max(days, default=upload.upto),
        "total_amount": to_yuan(total),
        "fund_amount": to_yuan(fund),
    }


class _Reader:
    """The file row by row, with what the register knows of each."""

    def __init__(self, upload: OldFile, layout: Layout, terms: Terms, on: date) -> None:
        self.upload, self.layout, self.terms, self.on = upload, layout, terms, on
        self.seen: dict[str, int] = {}
        self.institutions = {
            key: row
            for row in Institution.objects.filter(division__code__startswith=upload.area.code)
            for key in (row.code, typed_text.plain(row.name))
        }

    def rows(self) -> Iterator[Read]:
        with self.upload.opened(self.layout) as sheet:
            for chunk in sheet.rows:
                for line, texts in chunk:
                    yield self.understood(line, dict(zip(self.layout.names, texts, strict=True)))

    def understood(self, line: int, cells: dict[str, str]) -> Read:
        number = typed_text.number(cells["number"])
        row = Read(line, number, typed_text.name(cells["name"]), cells["resident_id"])
        row.problem = self.layout.odd(cells.values())
        try:
            if not row.problem:
                self.read(row, cells)
        except (UnreadableError, ValueError) as error:
            row.problem = str(error)
        return row

    def read(self, row: Read, cells: dict[str, str]) -> None:
        if not row.number or not row.name or not row.resident:
            raise UnreadableError("没有原结算单号、姓名或身份证号")
        first = self.seen.setdefault(row.number, row.line)
        if first != row.line:
            raise UnreadableError(f"原结算单号与第 {self.upload.said(first)} 行重复")
        if typed_text.LOST_DIGITS.fullmatch(row.resident):
            raise UnreadableError("身份证号存成了数字，末几位已丢失，请改为文本格式重新导出")
        state, said = standing(cells, holds=HOLDS, void=VOID)
        if state is Standing.VOID:
            raise UnreadableError(f"原系统标明{said}，不读入")
        days = {name: self.day(cells, name) for name in ("starts", "ends", "settled_on")}
        starts, settled_on = days["starts"], days["settled_on"]
        if starts is None or settled_on is None:
            raise UnreadableError("没有入院（就诊）日期或结算日期")
        ends = days["ends"] or starts
        if not starts <= ends:
            raise UnreadableError(f"出院日期 {ends} 早于入院日期 {starts}")
        row.year = self.terms.year.of(self.terms.year.day(starts, ends))
        self.read_codes(row, cells)
        self.read_money(row, cells)
        row.columns |= {
            "starts": str(starts), "ends": str(ends), "settled_on": str(settled_on),
            "institution_name": typed_text.words(cells["institution"])[:100],
            "invoice_number": typed_text.number(cells["invoice"])[:40],
        }  # fmt: skip
        row.facts["diagnosis"] = cells["diagnosis"][:100]

    def day(self, cells: dict[str, str], name: str) -> date | None:
        text = cells[name]
        found = typed_text.day(text) if text else None
        if text and (found is None or found > self.on):
            raise UnreadableError(f"“{self.layout.titles[name]}”看不懂，或晚于今天")
        return found

    def read_codes(self, row: Read, cells: dict[str, str]) -> None:
        facts = row.facts
        for name in ("level", "place", "referral", "tier"):
            facts[name] = self.code(name, cells[name]) if cells[name] else ""
        row.columns["care"] = self.code("care", cells["care"])
        for name in ("diseases", "facts"):
            facts[name] = self.codes(name, cells[name])
        facts["statuses"] = self.codes("statuses", cells["statuses"]) if cells["statuses"] else None
        facts["stay"] = int(cells["stay"]) if re.fullmatch(r"\d{1,2}", cells["stay"]) else None
        code, name = cells["institution_code"], typed_text.plain(cells["institution"])
        known = self.institutions.get(code) or self.institutions.get(name)
        row.columns["institution"] = known.pk if known else None
        if known is None and not facts["level"]:
            raise UnreadableError("就诊机构不在定点机构中，请填“机构编码”或“机构级别”")

    def codes(self, name: str, text: str) -> list[str]:
        return sorted({self.code(name, one) for one in SEPARATORS.split(text) if one})

    def code(self, name: str, text: str) -> str:
        names = self.terms.vocabulary.get(CODED[name], {})
        wanted = typed_text.plain(text)
        for code, title in names.items():
            if wanted in {typed_text.plain(code), typed_text.plain(title)}:
                return code
        allowed = "、".join(names.values())
        raise UnreadableError(f"“{self.layout.titles[name]}”没有“{text[:20]}”，可填：{allowed}")

    def read_money(self, row: Read, cells: dict[str, str]) -> None:
        facts = row.facts
        total, fund = self.fen(cells, "total"), self.fen(cells, "fund")
        if total is None or fund is None or not total:
            raise UnreadableError("没有总费用或基金支付")
        row.columns |= {"total": total, "fund": fund}
        facts["figures"] = {name: self.fen(cells, name) for name in FIGURES}
        facts["figures"]["ratio"] = ratio_of(cells["ratio"])
        for prefix, key in ((BILL, "bill"), (LAYER, "layers")):
            facts[key] = {
                name.removeprefix(prefix): fen
                for name in self.layout.names
                if name.startswith(prefix) and (fen := self.fen(cells, name)) is not None
            }
        facts["cut"] = self.fen(cells, "cut") or 0
        billed, paid = sum(facts["bill"].values()), sum(facts["layers"].values())
        billed += facts["cut"] if facts["bill"] else 0
        if facts["bill"] and billed != total:
            raise UnreadableError(
                f"各类费用合计 {told(to_yuan(billed))} 元，与总费用 {told(to_yuan(total))} 元不符"
            )
        if facts["layers"] and paid != fund:
            raise UnreadableError(
                f"各层支付合计 {told(to_yuan(paid))} 元，与基金支付 {told(to_yuan(fund))} 元不符"
            )

    def fen(self, cells: dict[str, str], name: str) -> int | None:
        if not cells[name]:
            return None
        fen = typed_text.amount(cells[name])
        if fen is None or fen < 0:
            raise UnreadableError(
                f"“{self.layout.titles[name]}”应是不小于 0 的金额（元，两位小数）"
            )
        return fen

    def look_up(self, rows: list[Read]) -> None:
        """Whose they are, whether they are covered, and what was read of them before."""
        register = Person.objects.filter(
            household__division__code__startswith=self.upload.area.code
        )
        found = bearers({row.resident for row in rows if not row.problem}, register)
        people = {one.person.pk for one in found.values()}
        covers = Enrollment.objects.active().filter(person__in=people)
        by_year = {
            (cover.person_id, cover.year): cover
            for cover in covers.select_related("person", "division")
        }
        before = {
            one.number: one
            for one in OldSettlement.objects.live().filter(
                area=self.upload.area, number__in=[row.number for row in rows]
            )
        }
        billed = [row.columns.get("invoice_number", "") for row in rows]
        here = self.paid_here([one for one in billed if one])
        for row in rows:
            if not row.problem:
                bearer = found.get(row.resident)
                row.problem = self.settled_for(row, bearer.person if bearer else None, by_year)
            row.verdict = Verdict.REFUSED if row.problem else self.told_from(row, before)
            invoice = row.columns.get("invoice_number")
            if invoice in here:
                row.note = f"发票 {invoice} 在本系统也报销过{here[invoice]}，请核查"

    def paid_here(self, invoices: list[str]) -> dict[str, str]:
        """Invoice → of which visit, which is told of the own county's alone."""
        live = Invoice.objects.filter(is_live=True, number__in=invoices).order_by("-pk")
        return {
            number: f"（{starts} 就诊）" if place.startswith(self.upload.area.code) else ""
            for number, starts, place in live.values_list(
                "number", "visit__starts", "visit__division__code"
            )
        }

    def settled_for(
        self, row: Read, person: Person | None, covers: Mapping[tuple[int, int], Enrollment]
    ) -> str:
        if person is None:
            return "登记中没有这个证件号码的人，请先转入人员"
        if person.name != row.name:
            return f"姓名与登记（{person.name}）不一致，请核对号码"
        row.cover = covers.get((person.pk, row.year))
        return "" if row.cover is not None else f"此人没有 {row.year} 年度的有效参保"

    def told_from(self, row: Read, before: Mapping[str, OldSettlement]) -> str:
        """Whether it is new, says otherwise than it did, or is the same once more."""
        was = before.get(row.number)
        if was is None:
            return Verdict.NEW
        assert row.cover is not None
        return (
            Verdict.SAME
            if as_read(row.columns, row.facts, row.cover) == as_kept(was)
            else (Verdict.CHANGED)
        )


def ratio_of(text: str) -> int | None:
    """1/10000: 70%, 70 and 0.7 are one ratio."""
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,4})?)(%?)", typed_text.plain(text))
    if found is None:
        raise UnreadableError("“报销比例”应写成 70% 或 70")
    number = Decimal(found[1])
    percent = number if found[2] or number > 1 else number * 100
    return int((percent * 100).quantize(Decimal(1), ROUND_HALF_UP))


def as_read(columns: Mapping[str, Any], facts: Mapping[str, Any], cover: Enrollment) -> Any:
    """What a row says, to be compared with what is kept."""
    return [
        cover.person_id, columns["institution"], columns["institution_name"], columns["care"],
        columns["starts"], columns["ends"], columns["settled_on"], columns["invoice_number"],
        to_yuan(columns["total"]), to_yuan(columns["fund"]), facts,
    ]  # fmt: skip


def as_kept(row: OldSettlement) -> Any:
    return [
        row.person_id, row.institution_id, row.institution_name, row.care,
        str(row.starts), str(row.ends), str(row.settled_on), row.invoice_number,
        row.total_amount, row.fund_amount, row.facts,
    ]  # fmt: skip
