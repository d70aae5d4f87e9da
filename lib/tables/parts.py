"""What a workbook says about a sheet beside its cells, from the sheet's own XML.

Runs inside the child process of `lib.tables.reading`.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\bhidden="(?:1|true)"[^<>]*>')
HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\b[^<>]*?\bhidden="(?:1|true)"[^<>]*>')
ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
COLUMN_SPAN = re.compile(rb'\b(min|max)="(\d{1,5})"')
# A formula whose value the writer of the file left to be computed: it reads as an empty cell.
UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\b(?![^<>]*\bt="str")[^<>]*\br="([A-Z]{1,3}\d{1,7})"[^<>]*>\s*'
    rb"<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
FROM_1904 = re.compile(rb'<(?:\w+:)?workbookPr\b[^<>]*\bdate1904="(?:1|true)"')
# A byte limit on what one sheet may hold before the search gives up.
MAX_SHEET_BYTES = 400 * 1024 * 1024
MAX_COLUMNS = 16_384
BOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass
class Marks:
    """Numbers of hidden rows and columns (from 1), and names of cells without a value."""

    rows: list[int] = field(default_factory=list)
    columns: set[int] = field(default_factory=set)
    uncomputed: list[str] = field(default_factory=list)


def counts_from_1904(content: bytes) -> bool:
    """Whether the days of the workbook are counted from 1904."""
    if not content.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return BOOK in archive.namelist() and bool(FROM_1904.search(_start(archive, BOOK)))


def marks_of(content: bytes, index: int) -> Marks:
    """What is marked in the sheet that stands at `index`; nothing in a file of another kind."""
    marks = Marks()
    if not content.startswith(b"PK"):
        return marks
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = _part_of_sheet(archive, index)
        if part is None:
            return marks
        with archive.open(part) as stream:
            rest, seen = b"", 0
            while (block := stream.read(1 << 20)) and seen < MAX_SHEET_BYTES:
                seen += len(block)
                text = rest + block
                _look(text, marks)
                rest = text[text.rfind(b"<") :][-4096:]  # an unfinished tag goes into the next
    return marks


def _look(text: bytes, marks: Marks) -> None:
    if b' hidden="' in text:
        for tag in HIDDEN_ROW.findall(text):
            number = ROW_NUMBER.search(tag)
            if number:
                marks.rows.append(int(number[1]))
        for tag in HIDDEN_COLUMN.findall(text):
            span: dict[bytes, Any] = dict(COLUMN_SPAN.findall(tag))
            first, last = int(span.get(b"min", 1)), int(span.get(b"max", 0))
            marks.columns.update(range(first, min(last, MAX_COLUMNS) + 1))
    if b"<f" in text or b":f" in text:
        marks.uncomputed += [name.decode() for name in UNCOMPUTED.findall(text)]


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        return stream.read(1 << 20)


def _part_of_sheet(archive: zipfile.ZipFile, index: int) -> str | None:
    """The name inside the workbook of the sheet that stands at `index`."""
    try:
        book, links = (_start(archive, name).decode("utf-8", "replace") for name in (BOOK, LINKS))
    except KeyError:
        return None
    sheets = re.findall(r"<(?:\w+:)?sheet\b[^>]*\br:id=\"([^\"]+)\"", book)
    if index >= len(sheets):
        return None
    for link in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        if f'Id="{sheets[index]}"' in link:
            target = re.search(r'Target="([^"]+)"', link)
            if target:
                name = target[1].lstrip("/")
                name = name if name.startswith("xl/") else f"xl/{name}"
                return name if name in archive.namelist() else None
    return None
