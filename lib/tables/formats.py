"""What a spreadsheet file holds: .xlsx and .csv as counties send them, measured before unpacking.

Runs inside the child process of `lib.tables.reading`; nothing else opens a file that came from
outside. Values come out as the file holds them; `text_of` makes text of them: an id that Excel
holds as a number keeps its digits, a date becomes 2026-03-01.
"""

import csv
import io
import re
import string
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from lib.encodings import decoded
from lib.tables.layout import LARGE_CELLS

# Bytes: 20 MB, the largest upload, at twice the packing of an honest sheet.
MAX_UNPACKED = 400 * 1024 * 1024
MAX_PACKING = 200  # an honest sheet packs about 10 to 1
MAX_LETTERS, MAX_DIGITS = 3, 7  # of a cell's name: XFD1048576 is the last one
PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*\d+)["']""")
# Cells and rows need not say their place: then they stand behind the one before.
ROW = re.compile(rb"<(?:[\w.-]+:)?row(?=[\s/>])")
CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])")
LETTERS, DIGITS = string.ascii_letters.encode(), string.digits.encode()
# Bytes searched at a time; a tag that lies across two blocks is carried over.
BLOCK = 1 << 20


class SpreadsheetError(ValueError):
    """The file cannot be read; the message says in Chinese why and what to do."""


def text_of(value: Any) -> str:
    """A cell as text: 1.0 → "1", a date → 2026-03-01, blanks trimmed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        # From 16 digits on the program has lost the last ones: told as it is, not made up.
        exact = value.is_integer() and abs(value) < 10**15
        return str(int(value)) if exact else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\u3000", " ").strip()


@dataclass(frozen=True)
class OpenSheet:
    """A sheet of a workbook, or the one table of a .csv (title "").

    `rows` gives all rows from the sheet's first one, each time anew; values are as the file holds
    them: see `text_of`. `index`: the sheet's place in the workbook; `left`: columns before the
    first used one, which is where the cells of its rows begin.
    """

    title: str
    index: int
    left: int
    is_hidden: bool
    rows: Callable[[], Iterator[Sequence[Any]]]


def open_sheets(content: bytes, max_cells: int = LARGE_CELLS) -> Iterator[OpenSheet]:
    """Every sheet of an .xlsx of at most `max_cells`, or the one table of a .csv, lazily.

    Raises SpreadsheetError for other kinds of file, and for files that unpack beyond all measure.
    """
    if content.startswith(b"PK"):
        _refuse_bomb(content)
        _refuse_sprawl(content, max_cells)
        try:
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
            for index, about in enumerate(workbook.sheets_metadata):
                if about.typ != SheetTypeEnum.WorkSheet:
                    continue  # a chart
                sheet = workbook.get_sheet_by_index(index)
                hidden = about.visible != SheetVisibleEnum.Visible
                left = sheet.start[1] if sheet.start else 0
                yield OpenSheet(about.name, index, left, hidden, sheet.iter_rows)
        except CalamineError:
            raise SpreadsheetError(
                "无法读取这个表格文件，请用 Excel 或 WPS 另存为 .xlsx 再上传"
            ) from None
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8")):
        raise SpreadsheetError(
            "只能读取 .xlsx 或 .csv；旧的 .xls 请另存为 .xlsx，加了密码的请先取消密码"
        )
    else:
        text = _decode(content)
        # Blank lines and commas cost as much to read as cells with something in them.
        if sum(map(text.count, ",\t\n\r")) > max_cells:
            raise SpreadsheetError("表格的行和列太多；请删去数据区以外的空行和多余的逗号后重新保存")
        yield OpenSheet("", 0, 0, is_hidden=False, rows=lambda: _csv_rows(text))


def _csv_rows(text: str) -> Iterator[Sequence[str]]:
    first_line = text.partition("\n")[0]
    delimiter = "\t" if first_line.count("\t") > first_line.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from rows
    except csv.Error:
        raise SpreadsheetError(
            f"第 {rows.line_num} 行无法读取（引号不成对或单元格过长），请改正后重新保存"
        ) from None


def _decode(content: bytes) -> str:
    try:
        return decoded(content)
    except ValueError:
        raise SpreadsheetError(
            "无法识别文件编码，请另存为 .xlsx，或 UTF-8、GBK 编码的 .csv"
        ) from None


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        raise SpreadsheetError("文件已损坏，请重新保存后再上传") from None
    if unpacked > MAX_UNPACKED or unpacked > MAX_PACKING * max(len(content), 10_000):
        raise SpreadsheetError("表格展开后过大，请删去多余的空行、图片后重新保存")


def _refuse_sprawl(content: bytes, max_cells: int) -> None:
    """Two cells in far corners make a grid that no memory holds; other kinds of workbook, whose
    size cannot be seen beforehand, are not read at all."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            name = part.filename.lower().replace("\\", "/")
            if name.endswith(("workbook.bin", "content.xml")):
                raise SpreadsheetError("只能读取 .xlsx 或 .csv；其他格式请先另存为 .xlsx")
            rows, columns = _extent(archive, part)
            if rows * columns > max_cells:
                raise SpreadsheetError(
                    f"表格用到了第 {rows} 行、第 {columns} 列，太大了；"
                    "请删去表格之外多余的内容后重新保存"
                )


def _extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row and the last column that a part of a workbook names, or as many as it has."""
    rows, columns, counted, in_row, rest = 0, 0, 0, 0, b""
    try:
        with archive.open(part) as stream:
            while block := stream.read(BLOCK):
                text = rest + block
                places = b" ".join(PLACE.findall(text))  # all at once: a sheet has a million
                numbers = set(places.translate(None, LETTERS).split())
                letters = set(places.translate(None, DIGITS).split())
                first, *others = [len(CELL.findall(row)) for row in ROW.split(text)]
                counted += len(others)
                columns = max(columns, in_row + first, *others, *map(_column, letters))
                in_row = others[-1] if others else in_row + first
                rows = max(rows, counted, *map(_row, numbers))
                rest = text[-64:]  # a name may be cut in two by the end of the block
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        raise SpreadsheetError("文件已损坏或加了密码，请重新保存后再上传") from None
    return rows, columns


def column_at(name: str) -> int:
    """The index of a cell's column, from 0: B2 → 1."""
    return _column(name.rstrip(string.digits).encode()) - 1


def _row(digits: bytes) -> int:
    return int(digits) if len(digits) <= MAX_DIGITS else LARGE_CELLS + 1


def _column(letters: bytes) -> int:
    if len(letters) > MAX_LETTERS:
        return LARGE_CELLS + 1  # no sheet has it, and to work it out could take the whole time
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
