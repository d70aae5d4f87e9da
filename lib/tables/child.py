"""The child process of `lib.tables.reading`: `python -m lib.tables.child LAYOUT`.

It gets the file on its standard input and an empty environment, sets its own limits of memory and
time, and answers in lines of JSON: what it found, then chunks of rows, then how many. Whatever a
file does to it, its parent only sees an answer or its absence.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import IO, Any

from lib.letters import fold, is_ordinary
from lib.tables.formats import OpenSheet, SpreadsheetError, column_at, open_sheets, text_of
from lib.tables.layout import HEADER_WITHIN, SHEET_LINES, Header, Layout, read_header, said
from lib.tables.parts import Marks, counts_from_1904, marks_of
from lib.tables.unread import reversal, said_columns, said_reversals, said_rows

# Bytes of address space: twenty-five times what a roster of 20 000 people took
# (docs/measurements.md); a crafted file ends here. Half of it for what a request waits for.
MEMORY = 1024 * 1024 * 1024
# An honest roster is read in seconds; what goes on counting is stopped by the kernel. A small
# table, whose sender waits in a request, is read in a fraction of one.
CPU_SECONDS, CPU_SECONDS_SMALL = 90, 15
# A township has some twenty villages, a county some thirty townships, each with its sheet.
MAX_SHEETS = 60
MAX_CELL = 200  # longer than any honest cell; the rest is cut and the cell ends in CUT
CUT = "…"
# Rows written to the parent at a time, so that neither side holds the table.
CHUNK = 1000
# The sheet of a template that explains it, and how its example row begins.
NOTES, EXAMPLE = "填写说明", "示例"
# Where the two date systems begin to count.
ORIGINS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001
MAX_DAYS = 80_000


@dataclass
class Found:
    """The sheets that have the header, and sentences about what is not read."""

    sheets: list[tuple[OpenSheet, int, Header]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        return [sheet.title[:60] for sheet, _, _ in self.sheets]


def _header(sheet: OpenSheet, layout: Layout) -> tuple[int, Header] | None:
    """The header's line; with columns missing where only such a one is found."""
    best = None
    for line, row in enumerate(islice(sheet.rows(), HEADER_WITHIN), start=1):
        header = read_header([fold(text_of(cell)[:80]) for cell in row], layout)
        if header is None:
            continue
        if header.problems:
            raise SpreadsheetError(f"第 {line} 行表头：" + "；".join(header.problems))
        if not header.missing:
            return line, header
        best = best or (line, header)
    return best


def _find_tables(content: bytes, layout: Layout) -> Found:
    """Every visible sheet with the header. Raises SpreadsheetError where there is none."""
    found, best = Found(), None
    hidden: list[str] = []
    for count, sheet in enumerate(open_sheets(content, layout.max_cells)):
        if count == MAX_SHEETS:
            raise SpreadsheetError(f"工作表超过 {MAX_SHEETS} 张，请分成几个文件上传")
        header = None if sheet.is_hidden else _header(sheet, layout)
        if header is not None and not header[1].missing:
            found.sheets.append((sheet, *header))
            continue
        best = best or header
        rows = sum(1 for row in sheet.rows() if any(text_of(cell) for cell in row))
        if not rows or (header is None and sheet.title == NOTES):
            continue
        if sheet.is_hidden:
            hidden.append(sheet.title)
            found.left_out.append(f"隐藏的工作表“{sheet.title}”（{rows} 行）没有读入")
        else:
            found.left_out.append(f"工作表“{sheet.title}”没有要读的表头，{rows} 行没有读入")
    if not found.sheets:
        raise SpreadsheetError(_no_header(layout, best, hidden))
    _refuse_second(found, layout)
    return found


def _no_header(layout: Layout, best: tuple[int, Header] | None, hidden: Sequence[str]) -> str:
    if best is not None:
        names = "、".join(f"“{layout.titles[name]}”" for name in best[1].missing)
        return f"表头缺少{names}列，请补上；{layout.advice}"
    wanted = "、".join(layout.titles[name] for name in layout.required)
    also = f"；隐藏的工作表“{'”“'.join(hidden)}”不读，要读的请取消隐藏" if hidden else ""
    return f"前 {HEADER_WITHIN} 行里找不到表头（至少要有{wanted}），{layout.advice}{also}"


def _refuse_second(found: Found, layout: Layout) -> None:
    """Which of several sheets is meant is not guessed; an empty one is none."""
    if layout.many_sheets or len(found.sheets) == 1:
        return
    filled = [
        one
        for one in found.sheets
        if any(any(map(text_of, row)) for row in islice(one[0].rows(), one[1], None))
    ]
    found.sheets = filled or found.sheets[:1]
    if len(filled) > 1:
        names = "、".join(f"“{title}”" for title in found.titles)
        raise SpreadsheetError(
            f"{names} {len(filled)} 张工作表都有表头和数据，不知道读哪一张："
            "请合并成一张，或每张另存为一个文件上传"
        )


def _cells(row: Sequence[Any], pick: Callable[[Sequence[Any]], Sequence[Any]]) -> list[str]:
    cells = [
        value.strip(" \t\r\n") if type(value) is str else text_of(value) for value in pick(row)
    ]
    if not is_ordinary("".join(cells)):  # nearly every row is
        cells = [fold(text).strip() for text in cells]
    if max(map(len, cells)) > MAX_CELL:
        return [text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + CUT for text in cells]
    return cells


def _texts(
    rows: Iterable[Sequence[Any]], order: Sequence[int], first: int
) -> Iterator[tuple[int, list[str]]]:
    """Line and cells, in the order of the layout (-1: not there), of every row that has some."""
    width = max(order) + 1
    nowhere = [width if place < 0 else place for place in order]
    # Of one column alone itemgetter gives the cell, not a tuple: asked twice, the second is let go.
    pick = itemgetter(*nowhere, *nowhere[:1])
    for line, row in enumerate(rows, start=first):
        cells = _cells([*row[:width], *[""] * (width + 1 - len(row[:width]))], pick)
        if any(cells):
            yield line, cells[:-1]


def _days(rows: Iterable[Sequence[Any]], places: Sequence[int], origin: datetime) -> Iterator[Any]:
    """The rows, bare numbers in their columns of days made days of the workbook's date system."""
    for row in rows:
        filled = [
            place
            for place in places
            if place < len(row) and isinstance(row[place], (int, float, timedelta))
        ]
        if filled:
            row = list(row)  # noqa: PLW2901 - the row, mended
            for place in filled:
                row[place] = _day(row[place], origin)
        yield row


def _day(value: Any, origin: datetime) -> Any:
    days = value if isinstance(value, timedelta) else None
    if days is None and not isinstance(value, bool) and 1 <= value < MAX_DAYS:
        days = timedelta(days=int(value))
    return value if days is None else date.isoformat((origin + days).date())


def _unread(sheet: OpenSheet, header: Header, first: int) -> tuple[dict[int, str], list[Any]]:
    """Columns that hold something and are not read, and their cells that may reverse a row."""
    known = set(header.places.values())
    indexes: list[int] = []
    width = 0
    columns: dict[int, str] = {}
    reversals = []
    for line, row in enumerate(islice(sheet.rows(), first - 1, None), start=first):
        if len(row) > width:  # once, but in a .csv with ragged rows
            width = len(row)
            indexes = [index for index in range(width) if index not in known]
        for index in indexes:
            value = fold(text_of(row[index])).strip() if index < len(row) else ""
            if not value:
                continue
            title = columns.setdefault(index, header.unknown.get(index, "").strip())
            if reversal(title, value):
                reversals.append((line, title or f"第 {index + 1} 列", value[:40]))
    return columns, reversals


def _read_sheet(
    number: int, found: Found, layout: Layout, *, from_1904: bool
) -> Iterator[tuple[int, list[str]]]:
    """Rows of one sheet; its lines say which sheet it is."""
    sheet, header_line, header = found.sheets[number]
    order = [header.places.get(name, -1) for name in layout.names]
    days = [
        header.places[one.name] for one in layout.columns if one.day and one.name in header.places
    ]
    rows: Iterator[Any] = islice(sheet.rows(), header_line, None)
    if days:
        rows = _days(rows, days, ORIGINS[from_1904])
    base = number * SHEET_LINES
    for line, cells in _texts(rows, order, header_line + 1):
        if next(filter(None, cells)).startswith(EXAMPLE):
            continue
        yield base + line, cells


def _tell_uncomputed(names: Sequence[str], left: int, header: Header, found: Found) -> None:
    """A formula without a value reads as an empty cell: refused where the column is read."""
    places = {place + left for place in header.places.values()}
    read = [name for name in names if column_at(name) in places]
    if read:
        raise SpreadsheetError(
            f"{'、'.join(read[:10])} 等 {len(read)} 个单元格的公式没有算出结果，"
            "请用 Excel 或 WPS 打开、保存一次再上传"
        )
    if names:
        found.left_out.append(
            f"{'、'.join(names[:10])} 等 {len(names)} 个公式没有算出结果，没有读入"
        )


def _tell(found: Found, layout: Layout, marks: Sequence[Marks]) -> None:
    """Say what is left out of the sheets that are read; refuse what may turn a row round."""
    titles = found.titles
    columns: dict[int, str] = {}
    reversals = []
    for number, ((sheet, line, header), mark) in enumerate(zip(found.sheets, marks, strict=True)):
        base = number * SHEET_LINES
        unread, turned = _unread(sheet, header, line + 1)
        columns |= {index + sheet.left: title for index, title in unread.items()}
        reversals += [(said(base + at, titles), title, value) for at, title, value in turned]
        _tell_uncomputed(mark.uncomputed, sheet.left, header, found)
        covered = [
            f"“{layout.titles[name]}”"
            for name, place in header.places.items()
            if place + sheet.left + 1 in mark.columns
        ]
        if covered:
            found.left_out.append(f"隐藏的列{'、'.join(covered)}也已读入")
        rows = [said(base + row, titles) for row in mark.rows if row > line]
        if rows:
            found.left_out.append(f"隐藏的{said_rows(rows)}也已读入")
    if reversals:
        raise SpreadsheetError(said_reversals(reversals))
    if said_columns(columns):
        found.left_out.append(said_columns(columns))


def _answer(content: bytes, layout: Layout, out: IO[str]) -> None:
    found = _find_tables(content, layout)
    marks = [marks_of(content, sheet.index) for sheet, _, _ in found.sheets]
    _tell(found, layout, marks)
    head = {
        "sheets": found.titles,
        "columns": sorted({name for _, _, header in found.sheets for name in header.places}),
        "hidden": [
            number * SHEET_LINES + row for number, mark in enumerate(marks) for row in mark.rows
        ],
        "left_out": found.left_out,
    }
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    out.write(write(head) + "\n")
    count = 0
    from_1904 = counts_from_1904(content)
    texts = (
        row
        for number in range(len(found.sheets))
        for row in _read_sheet(number, found, layout, from_1904=from_1904)
    )
    while chunk := list(islice(texts, CHUNK)):
        count += len(chunk)
        if count > layout.max_rows:
            raise SpreadsheetError(f"表格超过 {layout.max_rows} 行，请分成几个文件上传")
        out.write(write(chunk) + "\n")
    if not count:
        raise SpreadsheetError("表头下面没有数据，请填好后再上传")
    out.write(write({"rows": count}) + "\n")


def main() -> int:
    """The child: limits first, then the file."""
    layout = Layout.load(sys.argv[1])
    memory = MEMORY // 2 if layout.is_small else MEMORY
    seconds = CPU_SECONDS_SMALL if layout.is_small else CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    try:
        _answer(sys.stdin.buffer.read(), layout, out)
    except SpreadsheetError as error:
        out.write(json.dumps({"error": str(error)}) + "\n")
    except MemoryError:
        return 4
    finally:
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
