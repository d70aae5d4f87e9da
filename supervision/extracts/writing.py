"""The file of an extract: five tables in the printed order of their columns, and what they are.

Everything is read at one moment and written as it comes, so memory does not grow with the span.
"""

import csv
import zipfile
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import Any

from desk.written_files import MOST_ROWS, Progress, Rows, Telling, add_workbook, in_sheets
from funds.records import one_view
from lib.letters import legible
from lib.tables.writing import disarm, headings
from supervision.extracts.columns import TABLES
from supervision.extracts.models import Extract
from supervision.extracts.reading import counts_of, table_rows
from supervision.extracts.telling import told

READ_ME = "说明.txt"
EVERY = 5_000  # rows between two looks at the progress
# With a mark in front, by which programs know UTF-8.
ENCODINGS = {Extract.Form.CSV_GB18030: "gb18030", Extract.Form.CSV_UTF8: "utf-8-sig"}


def write_extract(extract: Extract, *, on: date) -> dict[str, Any]:
    """Write the file and keep it; returns the columns of the job."""
    with TemporaryFile() as file:
        with Telling(extract) as tell, one_view():
            tell(1, "计数")
            counts = counts_of(extract)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                writer = _Writer(extract, archive, counts, tell)
                for table in TABLES:
                    writer.write(table)
                archive.writestr(READ_ME, "\ufeff" + told(extract, counts, on=on))
        kept = extract.keep(file)
    return {"counts": counts, **kept}


class _Writer:
    """Writes one table after the other and says how far it is."""

    def __init__(
        self, extract: Extract, archive: zipfile.ZipFile, counts: dict[str, int], tell: Progress
    ) -> None:
        self.extract, self.archive, self.counts, self.tell = extract, archive, counts, tell
        self.total, self.done = sum(counts.values()), 0

    def write(self, table: str) -> None:
        names = [column.name for column in TABLES[table]]
        rows = self._counted(table)
        encoding = ENCODINGS.get(Extract.Form(self.extract.form))
        if encoding is None:
            sheets = in_sheets(table, headings(*names), rows, self.counts[table], MOST_ROWS)
            add_workbook(self.archive, f"{table}.xlsx", sheets)
            return
        with (
            self.archive.open(f"{table}.csv", "w", force_zip64=True) as binary,
            TextIOWrapper(binary, encoding=encoding, newline="") as text,
        ):
            lines = csv.writer(text)
            lines.writerow(names)
            for row in rows:
                lines.writerow([_text(value) for value in row])

    def _counted(self, table: str) -> Rows:
        for row in table_rows(self.extract, table):
            self.done += 1
            if self.done % EVERY == 0:
                percent = 2 + min(96, 96 * self.done // (self.total or 1))
                self.tell(percent, f"写 {table}，已写 {self.done} 行")
            yield row


def _text(value: Any) -> str:
    """As a program reads it: one line, nothing that a spreadsheet would run."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        found: str = disarm(" ".join(legible(value).split()))
        return found
    return "" if value is None else str(value)
