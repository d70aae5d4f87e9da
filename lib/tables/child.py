"""The child process of `lib.tables.reading`: `python -m lib.tables.child LAYOUT`.

It gets the file on its standard input and an empty environment, sets its own limits of memory and
time, and answers in lines of JSON: what it found, then chunks of rows, then how many. Whatever a
file does to it, its parent only sees an answer or its absence.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import IO, Any

from lib.letters import fold
from lib.tables.formats import SpreadsheetError, open_sheets, text_of
from lib.tables.layout import HEADER_WITHIN, Layout, read_header

# Bytes of address space: twenty-five times what a roster of 20 000 people took
# (docs/measurements.md); a crafted file ends here.
MEMORY = 1024 * 1024 * 1024
# An honest roster is read in seconds; what goes on counting is stopped by the kernel.
CPU_SECONDS = 90
# A county has some thirty townships, each with a sheet of its own in a department's list.
MAX_SHEETS = 30
MAX_CELL = 200  # longer than any honest cell; the rest is cut and the cell ends in CUT
CUT = "…"
# Rows written to the parent at a time, so that neither side holds the table.
CHUNK = 1000
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\bhidden="(?:1|true)"[^<>]*>')
ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
# A byte limit on what one sheet may hold before the search for hidden rows gives up.
MAX_SHEET_BYTES = 400 * 1024 * 1024


def _find_table(
    content: bytes, layout: Layout
) -> tuple[str, int, int, dict[str, int], Iterator[Any]]:
    """The first sheet with a header: title, its index, the header's line, places and the rest."""
    best: Sequence[str] = ()
    for index, (title, rows) in enumerate(islice(open_sheets(content), MAX_SHEETS)):
        for line, row in enumerate(islice(rows, HEADER_WITHIN), start=1):
            header = read_header([fold(text_of(cell)[:80]) for cell in row], layout)
            if header is None:
                continue
            if header.problems:
                raise SpreadsheetError(f"第 {line} 行表头：" + "；".join(header.problems))
            if not header.missing:
                return title, index, line, header.places, rows
            best = best or header.missing
    if best:
        names = "、".join(f"“{layout.titles[name]}”" for name in best)
        raise SpreadsheetError(f"表头缺少{names}列，请补上；{layout.advice}")
    wanted = "、".join(layout.titles[name] for name in layout.required)
    raise SpreadsheetError(
        f"前 {HEADER_WITHIN} 行里找不到表头（至少要有{wanted}），{layout.advice}"
    )


def _cells(row: Sequence[Any], pick: Callable[[Sequence[Any]], Sequence[Any]]) -> list[str]:
    cells = [
        fold(value).strip(" \t\r\n") if type(value) is str else text_of(value)
        for value in pick(row)
    ]
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


def _hidden_rows(content: bytes, index: int) -> list[int]:
    """Row numbers that a workbook hides or filters away, from the sheet's own XML."""
    if not content.startswith(b"PK"):
        return []
    hidden: list[int] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = _part_of_sheet(archive, index)
        if part is None:
            return []
        with archive.open(part) as stream:
            rest, seen = b"", 0
            while (block := stream.read(1 << 20)) and seen < MAX_SHEET_BYTES:
                seen += len(block)
                text = rest + block
                if b' hidden="' in text:
                    for tag in HIDDEN_ROW.findall(text):
                        number = ROW_NUMBER.search(tag)
                        if number:
                            hidden.append(int(number[1]))
                rest = text[text.rfind(b"<") :][-4096:]  # an unfinished tag goes into the next
    return hidden


def _part_of_sheet(archive: zipfile.ZipFile, index: int) -> str | None:
    """The name inside the workbook of the sheet that stands at `index`."""

    def text(name: str) -> str:
        with archive.open(name) as stream:
            return stream.read(1 << 20).decode("utf-8", "replace")

    try:
        book, links = text("xl/workbook.xml"), text("xl/_rels/workbook.xml.rels")
    except KeyError:
        return None
    sheets = re.findall(r"<(?:\w+:)?sheet\b[^>]*\br:id=\"([^\"]+)\"", book)
    if index >= len(sheets):
        return None
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        if f'Id="{sheets[index]}"' in link:
            target = re.search(r'Target="([^"]+)"', link)
            if target:
                name = target[1].lstrip("/")
                name = name if name.startswith("xl/") else f"xl/{name}"
                return name if name in archive.namelist() else None
    return None


def _answer(content: bytes, layout: Layout, out: IO[str]) -> None:
    title, index, header_line, places, rows = _find_table(content, layout)
    order = [places.get(name, -1) for name in layout.names]
    head = {
        "title": title[:60],
        "columns": sorted(places),
        "hidden": _hidden_rows(content, index),
    }
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    out.write(write(head) + "\n")
    count = 0
    texts = _texts(rows, order, header_line + 1)
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
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
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
