"""The workbook beside the records: the first row that is not what they say."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from funds.verify.bank import GROUPED
from funds.verify.figures import PERIODS
from funds.verify.records import WITH_LINES, Charts, Finding, Record, fen_of, yuan_told

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FIRST_DAY = date(1899, 12, 30)  # day 0 of a sheet's calendar
# Column of 序时账 → what it is called in the records; of the voucher, and of the posting.
OF_VOUCHER = {"凭证号": "label", "日期": "occurred_on", "摘要": "summary", "来源": "source"}
OF_VOUCHER |= {"红冲的凭证": "reversal_of", "制单人": "prepared_by"}
OF_POSTING = {"行号": "line", "借方": "debit", "贷方": "credit"}
OF_POSTING |= {"档次代码": "tier", "乡镇代码": "township", "机构代码": "institution_code"}
OF_POSTING |= {"保险年度": "policy_year"}
OF_FIGURE = {"月份": "month", "编号": "code", "指标": "name", "公式": "formula"}
OF_FIGURE |= {"分子": "top", "分母": "bottom", "单位": "measured_in"}
WHOLE = re.compile(r"(\d{1,9})(?:\.0+)?")
CENT = Decimal("0.01")
USUAL_AMOUNT = re.compile(r"(?:0|-?[1-9]\d{0,11})(?:\.\d{1,2})?")
INTEGERS = {"分子", "分母"}
MONEY_COLUMNS = ("借方", "贷方", "余额")
AMOUNTS = {*MONEY_COLUMNS, "收入", "支出"}
Row = dict[str, str]


def _parsed(workbook: zipfile.ZipFile, member: str) -> ElementTree.Element:
    # The auditor's own file, by the standard library alone; expat bounds what entities become.
    return ElementTree.fromstring(workbook.read(member))  # noqa: S314


def _elements(file: Any, name: str) -> Iterator[ElementTree.Element]:
    """Each element of this name as it ends; what was read is let go."""
    parents: list[ElementTree.Element] = []
    for event, element in ElementTree.iterparse(file, ("start", "end")):  # noqa: S314 - as above
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if element.tag == f"{MAIN}{name}":
            yield element
            parents[-1].clear()


def sheets_of(workbook: zipfile.ZipFile) -> dict[str, str]:
    """Title of each sheet → its member of the file."""
    links = _parsed(workbook, "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id"): str(link.get("Target")).lstrip("/") for link in links}
    book = _parsed(workbook, "xl/workbook.xml")
    found = {}
    for sheet in book.iter(f"{MAIN}sheet"):
        target = targets[sheet.get(RELATION)]
        found[str(sheet.get("name"))] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def shared_texts(workbook: zipfile.ZipFile) -> list[str]:
    """The texts that cells name by their place."""
    if "xl/sharedStrings.xml" not in workbook.namelist():
        return []
    with workbook.open("xl/sharedStrings.xml") as file:
        return [
            "".join(part.text or "" for part in one.iter(f"{MAIN}t"))
            for one in _elements(file, "si")
        ]


# A cell as programs write it; one that is written otherwise is read by the parser.
CELL = re.compile(
    r'(<c r="([A-Z]{1,3})\d+"(?: s="\d+")?(?:'
    r' t="inlineStr"><is><t[^<>&]*>([^<&\r]*)</t></is></c>'
    r'|(?: t="([a-z]+)")? ?(?:/>|>(?:<v>([^<&\r]*)</v>)?</c>)))'
)
ROW = re.compile(r'<row r="(\d+)"[^<>]*[^<>/]>|<row r="(\d+)">')
ROW_ENDS, PIECE = "</row>", 1024 * 1024
Cells = dict[str, str]


class _Unusual(Exception):  # noqa: N818 - no error: the parser reads it
    """Something in a sheet is written in another way than programs write it."""


def sheet_rows(
    workbook: zipfile.ZipFile, member: str, texts: list[str]
) -> Iterator[tuple[int, Row]]:
    """(number in the sheet, title → text) of each row under the header."""
    titles: Cells = {}
    for number, cells in _rows(workbook, member, texts):
        if not titles:
            titles = cells
        else:
            yield number, {title: cells.get(place, "") for place, title in titles.items()}


def _rows(workbook: zipfile.ZipFile, member: str, texts: list[str]) -> Iterator[tuple[int, Cells]]:
    """Each row by the letters of its columns. A parser takes minutes for a million of them, so rows
    are cut out where they are written as usual; from the first other one on it reads them."""
    done = 0
    try:
        with workbook.open(member) as file:
            for row in _cut_out(file, texts):
                yield row
                done += 1
    except _Unusual:
        with workbook.open(member) as file:
            yield from islice(_parsed_rows(file, texts), done, None)


def _cut_out(file: IO[bytes], texts: list[str]) -> Iterator[tuple[int, Cells]]:
    text, before = "", "<sheetData>"
    reader = io.TextIOWrapper(file, encoding="utf-8", newline="")
    while more := reader.read(PIECE):
        *rows, text = (text + more).split(ROW_ENDS)
        for row in rows:
            start = row.find("<row ")
            # Nothing stands between rows, and before the first no comment that could hold one.
            is_first, before = before, ""
            usual = row[:start].endswith(is_first) and "<!" not in row[:start]
            if start < 0 or not (usual if is_first else start == 0):
                raise _Unusual
            yield _cut(row[start:], texts)


def _cut(row: str, texts: list[str]) -> tuple[int, Cells]:
    found = ROW.match(row)
    if found is None:
        raise _Unusual
    cells = CELL.findall(row, found.end())
    if sum(len(cell[0]) for cell in cells) != len(row) - found.end():
        raise _Unusual
    return int(found.group(1) or found.group(2)), {
        place: inline or (texts[int(value)] if kind == "s" and value else value)
        for _, place, inline, kind, value in cells
    }


def _parsed_rows(file: IO[bytes], texts: list[str]) -> Iterator[tuple[int, Cells]]:
    for row in _elements(file, "row"):
        yield (
            int(str(row.get("r"))),
            {
                "".join(filter(str.isalpha, str(cell.get("r")))): _cell(cell, texts)
                for cell in row.iter(f"{MAIN}c")
            },
        )


def _cell(cell: ElementTree.Element, texts: list[str]) -> str:
    kind, value = cell.get("t", "n"), cell.find(f"{MAIN}v")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
    if value is None or value.text is None:
        return ""
    return texts[int(value.text)] if kind == "s" else value.text


def _plain(title: str, text: str) -> str:
    """A cell as the records spell it: days, amounts, texts without the mark that disarms them.

    A number that is none of the kind (half a day, a third decimal) comes out as it is written.
    """
    if title == "日期" and (day := _whole(text)) is not None:
        return (FIRST_DAY + timedelta(days=day)).isoformat()
    if title in AMOUNTS:
        return _two_decimals(text)
    if title in INTEGERS | {"数值"}:
        exact = _two_decimals(text) if text else ""
        return exact.removesuffix(".00") if title in INTEGERS else exact
    if title in {"行号", "保险年度"} and (number := _whole(text)) is not None:
        return str(number)
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text


def _whole(text: str) -> int | None:
    """45 of "45" and "45.0"; None of anything else."""
    found = WHOLE.fullmatch(text)
    return int(found.group(1)) if found else None


def _two_decimals(text: str) -> str:
    """An amount with two decimals if it has no more; else its own text.

    A sheet holds binary numbers: what it writes as 0.30000000000000004 is the amount 0.3 to the 15
    digits that a sheet shows and keeps.
    """
    if USUAL_AMOUNT.fullmatch(text):
        yuan, _, rest = text.partition(".")
        return f"{yuan}.{rest:0<2}"
    try:
        exact = Decimal(text or "0")
    except ArithmeticError:
        return text
    shown = Context(prec=15).plus(exact)
    cents = shown.quantize(CENT)
    return f"{cents:.2f}" if shown == cents else text


def expected_rows(records: Iterable[Record]) -> Iterator[Row]:
    """The lines of 序时账 as the records make them: accounts as the chart of their month prints
    them, and beside it as the postings name them."""
    printed: Charts = {}
    charts: dict[str, str] = {}
    for record in records:
        if record.get("kind") == "book":
            printed = record.get("printed", {})
        elif record.get("kind") == "period":
            charts[record["month"]] = record.get("chart", "")
        if record.get("kind") != "voucher":
            continue
        told = printed.get(charts.get(record["month"], ""), {})
        for posting in record["postings"]:
            row = {title: record.get(name) for title, name in OF_VOUCHER.items()}
            row |= {title: posting.get(name) for title, name in OF_POSTING.items()}
            row |= _account_told(posting["account"], told)
            yield {title: "" if value is None else str(value) for title, value in row.items()}


def _account_told(account: str, told: Mapping[str, list[str]]) -> Record:
    if not told:
        return {"科目编号": account}
    code, name = told.get(account, ["", ""])
    return {"科目编号": code, "科目名称": name, "系统科目": account}


def expected_figures(records: Iterable[Record]) -> Iterator[Row]:
    """The rows of 月报指标 as the records make them."""
    for record in records:
        if record.get("kind") == "figure":
            row = {title: record.get(name) for title, name in OF_FIGURE.items()}
            row |= {"期间": PERIODS.get(record["period"]), "数值": shown(record)}
            yield {title: "" if value is None else str(value) for title, value in row.items()}


def expected_lines(records: Iterable[Record]) -> Iterator[Row]:
    """The rows of 银行流水 as the records make them."""
    has_sheet, lines = False, list[Record]()
    vouchers: dict[tuple[str, str], list[str]] = {}
    serials: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for record in records:
        if record.get("kind") == "book":
            has_sheet = record["format"] >= WITH_LINES
        elif record.get("kind") == "bank_match":
            vouchers[record["account"], record["group"]] = record["vouchers"]
        elif record.get("kind") == "bank_line":
            lines.append(record)
            if record["group"].startswith("offset:"):
                serials.setdefault((record["account"], record["group"]), []).append(
                    (record["day"], record["serial"])
                )
    for one in lines if has_sheet else ():
        at, fen = (one["account"], one["group"]), fen_of(one["amount"])
        kind, _, name = one["group"].partition(":")
        labels = [name] if kind == "voucher" else vouchers.get(at, [])
        yield {
            "系统科目": one["account"],
            "日期": one["day"],
            "流水号": one["serial"],
            "收入": yuan_told(max(fen, 0)),
            "支出": yuan_told(max(-fen, 0)),
            "核对": GROUPED.get(kind, kind),
            "勾对号": name if kind == "match" else "",
            "对应凭证": "、".join(labels),
            "冲抵的流水": "、".join(
                no for day, no in serials.get(at, ()) if (day, no) != (one["day"], one["serial"])
            ),
        }


def shown(figure: Record) -> str:
    """A figure as the workbook has it: ratios in per cent, all but counts with two decimals."""
    value, unit = figure["value"], figure["unit"]
    if value is None or not isinstance(value, int):
        return value or ""
    return yuan_told(value) if unit in {"ratio", "points"} else f"{value}.00"


def check_workbook(path: Path, records: Iterable[Record]) -> list[Finding]:
    """The first row of 序时账, 月报指标, 银行流水 that is not what the records say, and the first
    of 明细账 whose balance is not that of the row before and its own amounts."""
    kept: list[Record] = []
    lines = expected_rows(_passing(records, kept))
    try:
        with zipfile.ZipFile(path) as workbook:
            found = Sheets(workbook, sheets_of(workbook), shared_texts(workbook))
            return [
                *_compared(found.rows("序时账"), lines, _line_named),
                *_compared(found.rows("月报指标"), expected_figures(kept), _figure_named),
                *_compared(found.rows("银行流水"), expected_lines(kept), _bank_line_named),
                *_running(found.rows("明细账")),
            ]
    except (zipfile.BadZipFile, KeyError, ValueError, ArithmeticError, IndexError) as error:
        return [Finding(path.name, f"打不开或不是导出的账簿（{type(error).__name__}: {error}）")]


def _passing(records: Iterable[Record], kept: list[Record]) -> Iterator[Record]:
    """The records; those that have a sheet of their own, of which there are few beside the lines of
    vouchers, are kept for it."""
    for record in records:
        if record.get("kind") in {"book", "figure", "bank_line", "bank_match"}:
            kept.append(record)
        yield record


def _line_named(row: Row) -> str:
    return f"凭证 {row['凭证号']} 第 {row['行号']} 行"


def _figure_named(row: Row) -> str:
    return f"{row['月份']} {row['指标']}（{row['期间']}）"


def _bank_line_named(row: Row) -> str:
    return f"银行流水 {row['系统科目']} {row['日期']} {row['流水号']}"


@dataclass(frozen=True)
class Sheets:
    """An opened workbook: the members of its sheets, and the texts that cells name by place."""

    workbook: zipfile.ZipFile
    members: Mapping[str, str]
    texts: list[str]

    def rows(self, title: str) -> Iterator[tuple[str, Row]]:
        """Where (sheet and row) and what, over all sheets of one ledger."""
        for name, member in self.members.items():
            if name == title or (name.startswith(title) and name[len(title) :].isdecimal()):
                for number, row in sheet_rows(self.workbook, member, self.texts):
                    if any(row.values()):
                        yield f"{name} 第 {number} 行", row


def _compared(
    rows: Iterator[tuple[str, Row]], wanted: Iterator[Row], named: Callable[[Row], str]
) -> Iterator[Finding]:
    """The first difference between the rows of a sheet and those that the records make."""
    where = "工作簿"
    for where, row in rows:
        expected = next(wanted, None)
        if expected is None:
            yield Finding(where, "记录里没有这一行")
            return
        for title, value in expected.items():
            found = _plain(title, row.get(title, ""))
            if found != value:
                yield Finding(where, f"{title}是 {found!r}，记录是 {value!r}（{named(expected)}）")
                return
    if (missing := next(wanted, None)) is not None:
        yield Finding(where, f"后面缺行：{named(missing)}")


def _running(rows: Iterator[tuple[str, Row]]) -> Iterator[Finding]:
    account, balance = "", 0
    for where, row in rows:
        # The same account throughout, whatever the chart of a year prints for it.
        if (now := row.get("系统科目") or row["科目编号"]) != account:
            account, balance = now, 0
        try:
            debit, credit, told = (fen_of(_plain(title, row[title])) for title in MONEY_COLUMNS)
        except ValueError as error:
            yield Finding(where, f"{error}（{row['凭证号']}）")
            return
        balance += debit - credit if account[:1] in DEBIT_SIDE else credit - debit
        if told != balance:
            yield Finding(
                where, f"余额是 {row['余额']}，重算是 {yuan_told(balance)}（{row['凭证号']}）"
            )
            return


# The first digit of accounts that stand in debit, assets and expenses, in every chart.
DEBIT_SIDE = ("1", "5")
