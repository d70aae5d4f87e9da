"""Small tables that are read while their sender waits, such as a class; others are imports."""

from typing import IO, Any

from accounts.errors import Refusal
from lib.tables.reading import Layout, SpreadsheetError, Table, read


def table_of(file: IO[bytes] | Any, layout: Layout) -> Table:
    """The rows of an uploaded file. Raises Refusal beside the field `file`."""
    try:
        return read(file.read(layout.max_bytes + 1), layout)
    except SpreadsheetError as error:
        raise Refusal(str(error), "file") from None
