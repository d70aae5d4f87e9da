"""Registers that go wrong in every way that townships and attackers know, by kind."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import openpyxl

from tests.enrollment.rosters.conftest import (
    HEADER,
    PAID,
    as_csv,
    number,
    saved,
    the_chens,
    the_yangs,
    xlsx,
)

# What the check must answer: the file is refused, rows are wrong, rows are warned, all is right.
REFUSED, WRONG, WARNED, FINE = "refused", "wrong", "warned", "fine"
Case = tuple[str, str, bytes]
PLACE = {title: index for index, title in enumerate(PAID)}


def _with(row: int, title: str, value: Any, *, header: list[str] = HEADER) -> bytes:
    """The Chens' register with one cell changed."""
    rows = [list(one) + [""] * (len(header) - len(HEADER)) for one in the_chens()]
    rows[row][PLACE[title]] = value
    return xlsx([header, *rows])


def _cells(kind: str, answer: str, row: int, title: str, values: list[Any]) -> Iterator[Case]:
    for value in values:
        yield kind, answer, _with(row, title, value)


def bad_cells() -> Iterator[Case]:
    """Kinds that are wrong in single cells."""
    good = number("19780512")
    yield from _cells(
        "id as a number",
        WRONG,
        0,
        "身份证号",
        [float(good), 5.00225197805e17, int(good[:16]) * 100],
    )
    yield from _cells(
        "id of wrong length", WRONG, 0, "身份证号", [good[:-1], good + "1", "12", good[:14], "5"]
    )
    wrong = [good[:-1] + c for c in "0123456789X" if c != good[-1]]
    yield from _cells("wrong check character", WRONG, 0, "身份证号", wrong[:6])
    impossible = ["500225197813051217", "500225197802301217", "500225299905121210"]
    yield from _cells("impossible birth date in the id", WRONG, 0, "身份证号", impossible)
    yield from _cells(
        "no id at all", WRONG, 0, "身份证号", ["", "无", "待补", "见户口本", "500225X97805121X7"]
    )
    yield from _cells("id twice in the file", WRONG, 1, "身份证号", [good, f" {good} ", f"'{good}"])
    yield from _cells(
        "name no name", WRONG, 0, "姓名", ["", "陈", "123", "陈国强（户主）", "陈@强", "甲" * 41]
    )
    formulas = ['=HYPERLINK("http://x","y")', "=1+1", "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3"]
    yield from _cells("formula in the name", WRONG, 0, "姓名", [f"'{one}" for one in formulas])
    yield from _cells(
        "unknown relationship", WRONG, 1, "与户主关系", ["", "亲戚", "9", "？", "户主2"]
    )
    yield from _cells("two heads", WRONG, 1, "与户主关系", ["户主", "本人", "0"])
    yield from _cells("no head", WRONG, 0, "与户主关系", ["配偶", "父亲"])
    yield from _cells("son with a woman's id", WRONG, 1, "与户主关系", ["儿子", "长子", "2"])
    yield from _cells("unknown residence", WRONG, 0, "户籍", ["火星", "农转非", "？？"])
    yield from _cells("unknown status", WRONG, 0, "人员身份", ["困难", "低保、贫困", "一级"])
    yield from _cells("unknown tier", WRONG, 0, "缴费档次", ["", "三档", "200元档", "高档", 9])
    yield from _cells("neither yes nor no", WRONG, 0, "是否参保", ["", "也许", "2", "未定"])
    yield from _cells("two tiers in one household", WRONG, 1, "缴费档次", ["一档", "1", "第一档"])
    yield from _cells("unknown village", WRONG, 0, "村", ["不知村", "万古镇石庙村", "'=1", "桥"])
    yield from _cells(
        "household number unknown", WRONG, 0, "户编号", ["5002250101009999", "1" * 16, "9" * 18]
    )
    yield from _cells(
        "household number no number", WRONG, 0, "户编号", ["12", "户一", 5.0e15, "1" * 20]
    )
    yield from _cells("a cell too long", WRONG, 0, "姓名", ["陈" * 5000, "x" * 32_000])
    yield from _cells("full-width digits", FINE, 0, "身份证号", [_wide(good), f"{_wide(good)}　"])
    yield from _cells(
        "blanks in the id", FINE, 0, "身份证号", [f" {good[:6]} {good[6:]} ", f"'{good}"]
    )
    yield from _cells("old fifteen digits", FINE, 0, "身份证号", [good[:6] + good[8:17]])
    yield from _cells("blanks in the name", FINE, 0, "姓名", ["陈 国 强", " 陈国强　", "陈\n国强"])


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


def bad_money() -> Iterator[Case]:
    """Amounts and receipts that do not fit."""
    for value in ("110", 440.5, "一百二", "-120", "1e3", "120.005", "=60*2"):
        yield "wrong amount", WRONG, _with(0, "个人缴费", f"'{value}", header=PAID)
    for book, receipt in (("LS09", 1), ("", 3), ("LS01", ""), ("LS01", 0), ("LS01", 101),
                          ("LS01", "七"), ("LS01", "'=1"), ("WG01", 1)):  # fmt: skip
        rows = [[*row, "", "", ""] for row in the_chens()]
        rows[0][PLACE["票据本号"]], rows[0][PLACE["票号"]] = book, receipt
        yield "receipt out of its book", WRONG, xlsx([PAID, *rows])
    rows = [[*row, "", "LS01" if row[5] == "户主" else "", 5 if row[5] == "户主" else ""]
            for row in (*the_chens(), *the_yangs())]  # fmt: skip
    yield "receipt of two households", WRONG, xlsx([PAID, *rows])
    rows = [[*row, "", "LS01", 5 + i] for i, row in enumerate(the_chens())]
    yield "two receipts in one household", WRONG, xlsx([PAID, *rows])


def bad_headers() -> Iterator[Case]:
    rows = the_chens()
    for title in ("姓名", "身份证号", "与户主关系"):
        header = ["别的" if one == title else one for one in HEADER]
        yield "a column is missing", REFUSED, xlsx([header, *rows])
    for title in ("姓名", "身份证号", "缴费档次"):
        yield "a column twice", REFUSED, xlsx([[*HEADER, title], *rows])
    yield "no header", REFUSED, xlsx(rows)
    yield "header only", REFUSED, xlsx([HEADER])
    yield "header too far down", REFUSED, xlsx([HEADER, *rows], above=[["龙水镇"]] * 20)
    yield "nothing at all", REFUSED, xlsx([])
    for above in (1, 2, 3):
        yield "title above the header", FINE, xlsx([HEADER, *rows], above=[["名册"]] * above)
    yield "header printed twice", FINE, xlsx([HEADER, *rows, HEADER, *the_yangs()])
    others = ["村（社区）", "户 号", "户次", "* 姓名", "公民身份号码\n（18位）", "关系", "户口性质",
              "身份类别", "档次", "参保"]  # fmt: skip
    yield "columns by other names", FINE, xlsx([others, *rows])
    more = [[*row, "备注文字", "=1+1"] for row in rows]
    yield "extra columns", FINE, xlsx([[*HEADER, "备注", "校验"], *more])
    for foot in (["合计", "", "", "3人"], ["填表人：张三", "审核：李四"], ["说明：只填参保人"]):
        yield "footnotes", FINE, xlsx([HEADER, *rows, [], foot])


def sheets_with_sins() -> Iterator[Case]:
    book = openpyxl.Workbook()
    for row in (HEADER, *the_chens(), *the_yangs()):
        book.active.append(row)
    book.active.merge_cells("A2:A6")
    book.active.merge_cells("C2:C4")
    yield "merged cells", FINE, saved(book)
    book.active.row_dimensions[3].hidden = True
    yield "hidden rows", WARNED, saved(book)
    book.active.auto_filter.ref = "A1:J6"
    book.active.row_dimensions[5].hidden = True
    yield "hidden rows", WARNED, saved(book)
    book = openpyxl.Workbook()
    book.active.append(["本表用于参保登记"])
    sheet = book.create_sheet("名册")
    for row in (HEADER, *the_chens()):
        sheet.append(row)
    yield "register on the second sheet", FINE, saved(book)
    rows = the_chens()
    for value, answer in (("1978-05-12", FINE), ("1978/5/12", FINE), ("1978年5月12日", FINE),
                          ("19780512", FINE), (28622, FINE), ("1978.5.12", FINE),
                          ("1979-05-12", WRONG), ("三月", WARNED), ("1978-13-40", WARNED),
                          (99_999_999, WARNED)):  # fmt: skip
        dated = [[*row, value if row is rows[0] else ""] for row in rows]
        yield "dates as text and serials", answer, xlsx([[*HEADER, "出生日期"], *dated])
    for value, answer in (("女", WRONG), ("男", FINE), ("?", WARNED)):
        sexed = [[*row, value if row is rows[0] else ""] for row in rows]
        yield "sex against the id", answer, xlsx([[*HEADER, "性别"], *sexed])
    for value in ("12", "1380000", "转告", "138000000001"):
        phoned = [[*row, value if row is rows[0] else ""] for row in rows]
        yield "phone no phone", WARNED, xlsx([[*HEADER, "电话"], *phoned])
    blank = [["", "", "", "", "", "", "", "", "", ""]]
    yield "blank rows between", FINE, xlsx([HEADER, *rows, *blank * 300, *the_yangs()])


def text_files() -> Iterator[Case]:
    rows = [HEADER, *the_chens()]
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"):
        yield f"csv in {encoding}", FINE, as_csv(rows, encoding)
    tabbed = "\n".join("\t".join(map(str, row)) for row in rows)
    yield "tab-separated text", FINE, tabbed.encode("gbk")
    yield (
        "csv with lost digits",
        WRONG,
        as_csv(rows).replace(number("19780512").encode(), b"5.00225E+17"),
    )
    for content in (as_csv(rows, "utf-32"), b"\x81\xff\xff" * 50):
        yield "csv in another encoding", REFUSED, content
    yield "csv with a null", REFUSED, as_csv(rows) + b"\0"
    yield "csv with an open quote", REFUSED, as_csv(rows) + b'"' + b"x" * 300_000
    yield "1 MB cell", REFUSED, as_csv(rows) + b'"' + b"y" * 1_000_000 + b'",1\n'
    yield "1 MB cell", REFUSED, b"z" * 1_000_000
    yield "only commas", REFUSED, b"," * 5000
    yield "only newlines", REFUSED, b"\n" * 100_000


def wrong_files() -> Iterator[Case]:
    """Files that are no spreadsheets, or spreadsheets made to hurt."""
    magic = {
        "old xls or encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "pdf": b"%PDF-1.7\n" + b"\0" * 50,
        "picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        "photo": b"\xff\xd8\xff\xe0" + b"\0" * 50,
        "program": b"MZ\x90\0" + b"\0" * 600,
        "gzip": b"\x1f\x8b\x08\0" + b"\0" * 60,
        "rar": b"Rar!\x1a\x07\0" + b"\0" * 60,
        "html": "<html><table><tr><td>姓名</td></tr></table></html>".encode(),
    }
    for content in magic.values():
        yield "wrong magic", REFUSED, content
    whole = xlsx([HEADER, *the_chens()])
    for size in (5, 100, len(whole) // 2, len(whole) - 30):
        yield "cut off", REFUSED, whole[:size]
    rng = random.Random(7)
    for _ in range(4):
        damaged = bytearray(whole)
        for _ in range(200):
            damaged[rng.randrange(30, len(damaged))] = rng.randrange(256)
        yield "damaged", REFUSED, bytes(damaged)
    yield "zip that is no workbook", REFUSED, _zip({"a.txt": b"x"})
    yield (
        "document in a zip",
        REFUSED,
        _zip({"word/document.xml": b"<a/>", "[Content_Types].xml": b"<a/>"}),
    )
    yield "zip bomb", REFUSED, _replaced(whole, "xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    yield "zip bomb", REFUSED, _zip({f"xl/{i}.xml": b"0" * 9_000_000 for i in range(40)})
    yield (
        "zip bomb that lies about its size",
        REFUSED,
        _lying(_replaced(whole, "xl/worksheets/sheet1.xml", _endless())),
    )
    yield "entity bomb", REFUSED, _replaced(whole, "xl/worksheets/sheet1.xml", _laughs())
    yield (
        "shared strings bomb",
        REFUSED,
        _replaced(
            whole,
            "xl/sharedStrings.xml",
            b"<sst>" + b"<si><t>" + b"a" * 50_000_000 + b"</t></si></sst>",
        ),
    )
    for far in ("XFD1048576", "XFD2", "A1048576", "ZZZ5", "XFD9999999"):
        # A single far cell, beside an honest register.
        answer = FINE if far == "A1048576" else None
        content = _far_cell(far)
        yield "cell at the end of the sheet", answer or "any", content
    macro = _replaced(whole, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"\0" * 1000)
    yield "macros", FINE, macro
    yield (
        "external link",
        FINE,
        _replaced(
            whole,
            "xl/externalLinks/externalLink1.xml",
            b'<externalLink href="file:///etc/passwd"/>',
        ),
    )
    yield "paths out of the archive", FINE, _replaced(whole, "../../etc/cron.d/x", b"* * * * *")


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _replaced(workbook: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    return _zip(parts | {name: content})


def _lying(content: bytes) -> bytes:
    """Every uncompressed size in the archive's directory becomes a small one."""
    data = bytearray(content)
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.find(mark)
        while start >= 0:
            struct.pack_into("<I", data, start + place, 1000)
            start = data.find(mark, start + 4)
    return bytes(data)


def _endless() -> bytes:
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>' + b"a" * 2000 + b"</t></is></c></row>"
    rows = b"".join(row % (i, i) for i in range(1, 30_000))
    return b'<?xml version="1.0"?><worksheet><sheetData>' + rows + b"</sheetData></worksheet>"


def _laughs() -> bytes:
    entities = b'<!ENTITY a0 "lol">' + b"".join(
        b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12)
    )
    return (
        b'<?xml version="1.0"?><!DOCTYPE w [' + entities + b"]><worksheet><sheetData>"
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row>'
        b"</sheetData></worksheet>"
    )


def _far_cell(reference: str) -> bytes:
    whole = xlsx([HEADER, *the_chens()])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    line = "".join(c for c in reference if c.isdigit())
    cell = f'<row r="{line}"><c r="{reference}" t="inlineStr"><is><t> </t></is></c></row>'
    changed = sheet.replace("</sheetData>", cell + "</sheetData>")
    return _replaced(whole, "xl/worksheets/sheet1.xml", changed.encode())


SOURCES: tuple[Callable[[], Iterator[Case]], ...] = (
    bad_cells, bad_money, bad_headers, sheets_with_sins, text_files, wrong_files,
)  # fmt: skip


@cache
def cases_of(source: Callable[[], Iterator[Case]]) -> tuple[Case, ...]:
    return tuple(source())
