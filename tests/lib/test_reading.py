"""Tables as counties send them, and files that mean harm."""

import io
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from lib.tables.child import MEMORY
from lib.tables.formats import open_sheets, text_of
from lib.tables.layout import Column, Layout
from lib.tables.parts import marks_of
from lib.tables.reading import CUT, MAX_CELL, SpreadsheetError, read, reading

DIVISIONS = Layout((Column("code", "代码"), Column("name", "名称", ("区划名称",))), ("code",))


def xlsx(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_ids_kept_as_numbers_and_dates_come_out_as_text() -> None:
    given = [["代码", "名称"], [500225101, date(2026, 3, 1)], [" 龙水　", True]]
    table = read(xlsx(given), DIVISIONS)
    assert [(row.line, *row.cells.values()) for row in table.rows] == [
        (2, "500225101", "2026-03-01"), (3, "龙水", "是"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_in_both_encodings(encoding: str) -> None:
    content = "代码,名称\r\n500225101,龙水镇\r\n".encode(encoding)
    (row,) = read(content, DIVISIONS).rows
    assert row.cells == {"code": "500225101", "name": "龙水镇"}


def test_a_zip_bomb_is_refused_unopened() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(SpreadsheetError, match="展开后过大"):
        read(buffer.getvalue(), DIVISIONS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0rest", "另存为 .xlsx"),
        (b"%PDF-1.7", "另存为 .xlsx"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"\xff\xfe\x00\x00\x81\x81", "编码"),
        (b"a\x00b", "编码"),
        (b"," * 300, "找不到表头"),
        (b"", "文件是空的"),
    ],
)
def test_what_cannot_be_read_says_so(content: bytes, message: str) -> None:
    with pytest.raises(SpreadsheetError, match=message):
        read(content, DIVISIONS)


def test_a_zip_that_is_no_workbook_says_so() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(SpreadsheetError, match="无法读取"):
        read(buffer.getvalue(), DIVISIONS)


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
    with pytest.raises(SpreadsheetError, match="太大"):
        list(open_sheets(content.getvalue()))


@pytest.mark.parametrize(("letters", "row"), [("A" * 2_000_000, "1"), ("A", "9" * 2_000_000)])
def test_a_cells_name_without_end_is_refused_at_once(letters: str, row: str) -> None:
    """Worked out as a number it would keep the reader busy to the end of its time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><c r='{letters}{row}'/>")
    with pytest.raises(SpreadsheetError):
        list(open_sheets(content.getvalue()))


def test_workbooks_of_other_kinds_are_refused() -> None:
    for name in ("xl/workbook.bin", "content.xml"):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(SpreadsheetError, match="另存为"):
            list(open_sheets(content.getvalue()))


def test_the_header_may_stand_below_a_title_and_names_of_columns_vary() -> None:
    given = [["大足县区划"], [], ["序号", "* 代 码（6 位）", "区划名称"], [1, "500225", "大足县"]]
    table = read(xlsx(given), DIVISIONS)
    assert table.columns == {"code", "name"}
    assert [(row.line, dict(row.cells)) for row in table.rows] == [
        (4, {"code": "500225", "name": "大足县"})
    ]


def test_a_table_of_one_column_gives_whole_texts() -> None:
    layout = Layout((Column("illness", "病种"),), ("illness",))
    table = read(xlsx([["病种"], ["高血压"], ["糖尿病"]]), layout)
    assert [row.cells["illness"] for row in table.rows] == ["高血压", "糖尿病"]


def test_a_column_that_is_not_there_is_empty_and_a_missing_one_is_named() -> None:
    (row,) = read("代码\n500225\n".encode(), DIVISIONS).rows
    assert row.cells["name"] == ""
    both = Layout(DIVISIONS.columns, ("code", "name"), advice="请按样表填写")
    with pytest.raises(SpreadsheetError, match="至少要有代码、名称），请按样表填写"):
        read("代码\n500225\n".encode(), both)


def test_two_columns_of_one_meaning_refuse_the_file_unless_the_first_counts() -> None:
    content = "代码,名称,区划名称\n500225,甲,乙\n".encode()
    with pytest.raises(SpreadsheetError, match="有两列都是“名称”（第 2、3 列）"):
        read(content, DIVISIONS)
    banks = Layout(DIVISIONS.columns, ("code",), first_counts=True)
    assert read(content, banks).rows[0].cells["name"] == "甲"


def test_each_kind_of_table_has_its_own_limits() -> None:
    small = Layout(DIVISIONS.columns, ("code",), max_rows=2, max_bytes=1024 * 1024)
    rows = "代码\n" + "500225\n" * 2
    assert len(read(rows.encode(), small).rows) == 2
    with pytest.raises(SpreadsheetError, match="超过 2 行"):
        read((rows + "500225\n").encode(), small)
    with pytest.raises(SpreadsheetError, match="超过 1 MB"):
        read(b"x" * (1024 * 1024 + 1), small)


def test_a_layout_goes_to_the_child_and_back() -> None:
    assert Layout.load(DIVISIONS.dump()) == DIVISIONS


def test_a_cell_that_is_too_long_is_cut_and_says_so() -> None:
    (row,) = read(f"代码\n{'5' * 5000}\n".encode(), DIVISIONS).rows
    assert row.cells["code"] == "5" * (MAX_CELL - 1) + CUT


def test_hidden_rows_are_named() -> None:
    book = openpyxl.Workbook()
    for code in ("代码", "500225101", "500225102"):
        book.active.append([code])
    book.active.row_dimensions[3].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    with reading(buffer.getvalue(), DIVISIONS) as sheet:
        assert sheet.hidden == {3}


def test_rows_without_end_in_a_comment_cost_no_more_than_their_length() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", '<sheet r:id="r1"/>')
        archive.writestr("xl/_rels/workbook.xml.rels", '<Relationship Id="r1" Target="s.xml"/>')
        archive.writestr("xl/s.xml", "<!--" + "<row " * 400_000 + ' hidden="1"-->')
    began = time.process_time()
    assert marks_of(buffer.getvalue(), 0).rows == []
    assert time.process_time() - began < 5


def test_a_file_that_eats_memory_kills_its_child_only() -> None:
    """A packed sheet that says it is small and unpacks to more than the child may hold."""
    shared = b"<sst>" + b"<si><t>" + b"a" * (MEMORY // 16) + b"</t></si></sst>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", shared)
    with pytest.raises(SpreadsheetError):
        read(buffer.getvalue(), DIVISIONS)
