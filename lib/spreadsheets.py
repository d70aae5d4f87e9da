"""The old writer of workbooks, until the last page writes with `lib.tables.writing`."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

DANGEROUS_START = ("=", "+", "-", "@", "\t", "\r")


def disarm(value: Any) -> Any:
    """Text that a spreadsheet program would run as a formula gets a leading apostrophe."""
    if isinstance(value, str) and value.startswith(DANGEROUS_START):
        return "'" + value
    return value


def workbook_bytes(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """A small .xlsx (up to some 100 000 rows): sheet title → rows, the first one the header."""
    import openpyxl  # slow to load, and only writers need it

    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_cell(value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, (int, Decimal, date, datetime)) or value is None:
        return value
    return disarm(str(value))
