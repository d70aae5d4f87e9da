"""Small tables from banks and the tax bureau, read in a child process with limits.

The child (`python -m enrollment.collection.tables SPEC`) gets the file on its standard input and an
empty environment, like that of registers (enrollment/rosters/sheet.py). Imports no Django.
"""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from enrollment.rosters.cells import LOST_DIGITS, text_cell
from enrollment.rosters.columns import HEADER_WITHIN
from enrollment.rosters.sheet import CPU_SECONDS, MAX_CELL, MEMORY, ROOT, TOO_BIG
from lib.resident_id import FULL_WIDTH
from lib.spreadsheets import SpreadsheetError, open_sheets, text_of

MAX_ROWS = 50_000
MAX_BYTES = 10 * 1024 * 1024
WALL_SECONDS = 100
LOST_SERIAL = "的流水号被表格改成了数字，末几位已丢失；请把该列设为文本后重新导出"
NOISE = re.compile(r"（[^）]*）|\([^)]*\)|\[[^\]]*\]|[\s*＊:：、/\\\u200b\ufeff]+")

# Name of a column → what banks and bureaus call it; the first is how messages name it.
Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class TableRow:
    """`line` is its number in the sheet; `cells` by column name, "" where there is no column."""

    line: int
    cells: Mapping[str, str]


def serial_of(text: str) -> str | None:
    """A serial as it will be compared; "" for an empty cell, None when its digits are lost."""
    serial = "".join(text_cell(text).translate(FULL_WIDTH).split()).upper()[:40]
    return None if LOST_DIGITS.fullmatch(serial) else serial


def _places(row: Sequence[Any], columns: Columns) -> dict[str, int]:
    by_title = {title: name for name, titles in columns.items() for title in titles}
    places: dict[str, int] = {}
    for index, cell in enumerate(row):
        name = by_title.get(NOISE.sub("", text_of(cell)[:60]))
        if name is not None:
            places.setdefault(name, index)
    return places


def _read(content: bytes, columns: Columns, required: Sequence[str]) -> list[list[Any]]:
    for _, rows in open_sheets(content):
        for line, row in enumerate(islice(rows, HEADER_WITHIN), start=1):
            places = _places(row, columns)
            if all(name in places for name in required):
                return _rows(rows, line, places, list(columns))
    wanted = "、".join(columns[name][0] for name in required)
    raise SpreadsheetError(f"前 {HEADER_WITHIN} 行里找不到表头，至少要有以下各列：{wanted}")


def _rows(rows: Any, header: int, places: Mapping[str, int], names: list[str]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for line, row in enumerate(rows, start=header + 1):
        cells = [
            text_of(row[places[name]])[:MAX_CELL] if places.get(name, len(row)) < len(row) else ""
            for name in names
        ]
        if not any(cells):
            continue
        if len(found) == MAX_ROWS:
            raise SpreadsheetError(f"表格超过 {MAX_ROWS} 行，请分成几个文件")
        found.append([line, cells])
    if not found:
        raise SpreadsheetError("表头下面没有数据")
    return found


def main() -> int:
    """The child: limits first, then the file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    columns, required = json.loads(sys.argv[1])
    try:
        answer: dict[str, Any] = {"rows": _read(sys.stdin.buffer.read(), columns, required)}
    except SpreadsheetError as error:
        answer = {"error": str(error)}
    except MemoryError:
        return 4
    sys.stdout.write(json.dumps(answer))
    return 0


def read_rows(content: bytes, columns: Columns, required: Sequence[str]) -> list[TableRow]:
    """The rows below the header of the first sheet that has one. Raises SpreadsheetError."""
    if not content:
        raise SpreadsheetError("文件是空的，请重新选择")
    if len(content) > MAX_BYTES:
        raise SpreadsheetError(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请分成几个文件")
    spec = json.dumps([{name: list(titles) for name, titles in columns.items()}, list(required)])
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-E", "-s", "-m", "enrollment.collection.tables", spec],
            cwd=ROOT,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SpreadsheetError(TOO_BIG) from None
    if child.returncode:
        raise SpreadsheetError(TOO_BIG)
    answer = json.loads(child.stdout)
    if "error" in answer:
        raise SpreadsheetError(answer["error"])
    names = list(columns)
    return [TableRow(line, dict(zip(names, cells, strict=True))) for line, cells in answer["rows"]]


if __name__ == "__main__":
    sys.exit(main())
