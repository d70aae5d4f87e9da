"""Tables as counties send them, and files that mean harm."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from lib.spreadsheets import SpreadsheetError, read_table, text_of


def xlsx(rows: list[list[object]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def test_ids_kept_as_numbers_and_dates_come_out_as_text() -> None:
    table = read_table(xlsx([["代码", "日期"], [500225101, date(2026, 3, 1)], [" 龙水　", True]]))
    assert table == [["代码", "日期"], ["500225101", "2026-03-01"], ["龙水", "是"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_in_both_encodings(encoding: str) -> None:
    content = "代码,名称\r\n500225101,龙水镇\r\n".encode(encoding)
    assert read_table(io.BytesIO(content)) == [["代码", "名称"], ["500225101", "龙水镇"]]


def test_a_zip_bomb_is_refused_unopened() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    buffer.seek(0)
    with pytest.raises(SpreadsheetError, match="展开后过大"):
        read_table(buffer)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0rest", "另存为 .xlsx"),
        (b"%PDF-1.7", "另存为 .xlsx"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"\xff\xfe\x00\x00\x81\x81", "编码"),
        (b"a\x00b", "编码"),
        (b"," * 300, "列，太多"),
    ],
)
def test_what_cannot_be_read_says_so(content: bytes, message: str) -> None:
    with pytest.raises(SpreadsheetError, match=message):
        read_table(io.BytesIO(content))


def test_a_zip_that_is_no_workbook_says_so() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    buffer.seek(0)
    with pytest.raises(SpreadsheetError, match="无法读取"):
        read_table(buffer)


def test_cells_as_text() -> None:
    assert text_of(1.5) == "1.5"
    local = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 - a sheet knows no time zone
    assert text_of(local) == "2026-03-01 09:30:00"
    assert text_of(None) == ""


@pytest.mark.parametrize(("row", "column"), [(1_048_576, 16_384), (1_048_576, 60), (99, 999_999)])
def test_two_cells_in_far_corners_are_refused_before_they_are_laid_out(
    row: int, column: int
) -> None:
    """A few kilobytes that would take 500 GB as a grid, and the web process with them."""
    letters, rest = "", column
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    sheet = f"<worksheet><sheetData><row r='1'><c r='A1'/></row><c  r = '{letters}{row}'/>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", " " * (2**20 - len(sheet) + 9) + sheet)
    content.seek(0)
    with pytest.raises(SpreadsheetError, match="太大"):
        read_table(content)


def test_workbooks_of_other_kinds_are_refused() -> None:
    for name in ("xl/workbook.bin", "content.xml"):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, "x")
        content.seek(0)
        with pytest.raises(SpreadsheetError, match="另存为"):
            read_table(content)
