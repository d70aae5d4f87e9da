"""The one writer of workbooks: typed columns in, an .xlsx out that can do no harm.

A column says what it holds; width, number format and alignment follow from that, so amounts and
days arrive as numbers that a spreadsheet adds up and sorts. Text that a program would run as a
formula is disarmed. Rows are read once and written as they come: a hundred thousand rows of twelve
columns take 1.3 s and 30 MB (openpyxl's write-only mode, measured beside it: 21 s, 37 MB).
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, cast
from zoneinfo import ZoneInfo

from lib.letters import legible
from lib.money import to_yuan

Kind = Literal[
    "text", "code", "whole", "number", "yuan", "fen", "percent", "day", "minute", "mixed"
]
DANGEROUS_START = ("=", "+", "-", "@", "\t", "\r")
LOCAL = ZoneInfo("Asia/Shanghai")
# Limits of the file format: characters in a cell, and digits before a number loses the last ones.
MAX_TEXT = 32_767
MAX_DIGITS = 15
MAX_REPEATED, MAX_KEPT = 80, 16_384  # letters of a text that is kept, and how many are
MAX_CHOICES = 255  # characters of a drop-down's words together
FIRST_YEAR = 1900  # the calendar of spreadsheets begins here; earlier days leave as text
HEAD_COLOUR = "#DDE6F0"
TWO_DECIMALS = "#,##0.00"
FORMATS: dict[str, str] = {
    "code": "@",
    "whole": "#,##0",
    "number": TWO_DECIMALS,
    "yuan": TWO_DECIMALS,
    "fen": TWO_DECIMALS,
    "percent": "0.00%",
    "day": "yyyy-mm-dd",
    "minute": "yyyy-mm-dd hh:mm",
}
WIDTHS: dict[str, float] = {"text": 16, "code": 20, "whole": 9, "day": 12, "minute": 17}
WIDTH, WIDEST = 14.0, 60.0


@dataclass(frozen=True)
class Heading:
    """A column: its title and what it holds.

    `yuan` takes Decimal, `fen` an integer, `percent` a ratio in 1/10000, `number` any figure with
    two decimals, `code` digits that must stay text, `mixed` numbers of several units. A text in a
    column of figures or days ("合计") stays text.
    """

    title: str
    kind: Kind = "mixed"
    width: float = 0
    choices: tuple[str, ...] = ()  # offered as a drop-down; other words are let in with a notice


@dataclass(frozen=True)
class Sheet:
    """One sheet: a frozen header and rows, each a sequence as long as the columns, or where `ready`
    a dict of what `cells` made, in the order of the columns."""

    title: str
    columns: Sequence[Heading]
    rows: Iterable[Sequence[Any]] | Iterable[dict[str, Any]]
    # Row number (0 for the first under the header) -> background colour.
    colours: Mapping[int, str] = field(default_factory=dict)
    ready: bool = False


def disarm(value: Any) -> Any:
    """Text that a spreadsheet program would run as a formula gets a leading apostrophe."""
    if isinstance(value, str) and value.startswith(DANGEROUS_START):
        return "'" + value
    return value


def headings(*titles: str, kind: Kind = "mixed") -> tuple[Heading, ...]:
    """Columns of one kind, by their titles."""
    return tuple(Heading(title, kind) for title in titles)


def cells(columns: Sequence[Heading], values: Iterable[Any]) -> dict[str, Any]:
    """A row, or a part of one, by title as it leaves. Where rows share most of what they say, as
    the lines of a voucher do, each part is made once and the rows are joined of them."""
    return {
        column.title: CELLS[column.kind](value)
        for column, value in zip(columns, values, strict=True)
    }


def write_workbook(sheets: Iterable[Sheet], file: IO[bytes] | Path) -> None:
    """Write the sheets, in this order. Raises ValueError when two columns share a title.

    Into an open file the library writes when the whole workbook lies packed in memory; a `Path` it
    fills as it goes, which is for what may be a hundred megabytes.
    """
    from rustpy_xlsxwriter import Format, write_worksheets  # only writers need it

    sheets = list(sheets)
    for sheet in sheets:
        titles = [column.title for column in sheet.columns]
        if len(set(titles)) < len(titles):
            raise ValueError(f"sheet {sheet.title}: two columns share a title")
    head = Format().set_bold().set_background_color(HEAD_COLOUR)
    write_worksheets(
        [(sheet.title, _records(sheet)) for sheet in sheets],
        str(file) if isinstance(file, Path) else cast(BinaryIO, file),
        float_format=TWO_DECIMALS,
        freeze_panes={"general": {"row": 1, "col": 0}},
        header_format={sheet.title: head for sheet in sheets},
        column_widths={
            sheet.title: [_width(column) for column in sheet.columns] for sheet in sheets
        },
        column_formats={
            sheet.title: {
                column.title: Format().set_num_format(FORMATS[column.kind])
                for column in sheet.columns
                if column.kind in FORMATS
            }
            for sheet in sheets
        },
        row_formats={
            sheet.title: {
                row + 1: Format().set_background_color(colour)
                for row, colour in sheet.colours.items()
            }
            for sheet in sheets
            if sheet.colours
        },
        data_validations={
            sheet.title: {
                column.title: {
                    "type": "list",
                    "values": list(column.choices),
                    "error_style": "information",
                }
                for column in sheet.columns
                if 0 < len(",".join(column.choices)) <= MAX_CHOICES
            }
            for sheet in sheets
        },
    )


def workbook_bytes(sheets: Iterable[Sheet]) -> bytes:
    """A small workbook in memory."""
    buffer = io.BytesIO()
    write_workbook(sheets, buffer)
    return buffer.getvalue()


def _width(column: Heading) -> float:
    """In digits; a Chinese character takes two."""
    title = sum(2 if ord(letter) > 255 else 1 for letter in column.title) + 2
    return column.width or min(max(WIDTHS.get(column.kind, WIDTH), title), WIDEST)


def _records(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """The rows by title, as the library wants them; a sheet without rows keeps its header."""
    rows: Iterator[Any] = iter(sheet.rows) if sheet.ready else _looked_at(sheet)
    first = next(rows, None)
    yield first or {column.title: None for column in sheet.columns}
    yield from rows


def _looked_at(sheet: Sheet) -> Iterator[dict[str, Any]]:
    columns, texts = [(column.title, CELLS[column.kind]) for column in sheet.columns], _Texts()
    for row in sheet.rows:
        yield {
            title: texts[value] if value.__class__ is str else cell(value)
            for (title, cell), value in zip(columns, row, strict=True)
        }


class _Texts(dict[str, str]):
    """Texts of any column as they leave. Codes and names stand in thousands of rows: each is looked
    at once."""

    def __missing__(self, text: str) -> str:
        clean = _harmless(text)
        if len(self) < MAX_KEPT and len(text) <= MAX_REPEATED:
            self[text] = clean
        return clean


def _harmless(text: str) -> str:
    clean: str = disarm(legible(text))
    return clean[:MAX_TEXT]


def _text(value: Any) -> str | None:
    return None if value is None else _harmless(str(value))


def _figure(value: Any) -> Any:
    """A number as it is; days are no figures: the library would turn later figures into days."""
    if value.__class__ is Decimal and value.is_finite() and value.adjusted() < MAX_DIGITS:
        # Nearly all of a ledger. Numbers in a sheet are binary; the library asks a Decimal for its
        # own after it has tried what else it might be.
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return _text(value)
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    return value if abs(value) < 10**MAX_DIGITS else str(value)


def _fen(value: Any) -> Any:
    return to_yuan(value) if isinstance(value, int) else _figure(value)


def _percent(value: Any) -> Any:
    return Decimal(value).scaleb(-4) if isinstance(value, int) else _text(value)


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        value = _local(value).date()
    return value if isinstance(value, date) and value.year >= FIRST_YEAR else _text(value)


def _minute(value: Any) -> Any:
    if not isinstance(value, datetime):
        return _text(value)
    return _local(value) if value.year >= FIRST_YEAR else _text(value)


def _local(value: datetime) -> datetime:
    """The clock on the wall: a sheet knows no time zone."""
    return value.astimezone(LOCAL).replace(tzinfo=None) if value.tzinfo else value


CELLS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "code": _text,
    "whole": _figure,
    "number": _figure,
    "yuan": _figure,
    "fen": _fen,
    "percent": _percent,
    "day": _day,
    "minute": _minute,
    "mixed": _figure,
}
