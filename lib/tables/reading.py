"""The one guarded reader of tables that come from outside.

The file is opened in a child process (`lib.tables.child`) that can neither eat the server nor see
a key. `reading` gives rows as they come, `read` a small table at once.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.tables.child import CUT, MAX_CELL, MEMORY
from lib.tables.formats import SpreadsheetError
from lib.tables.layout import Column, Layout

__all__ = [
    "CUT", "MAX_CELL", "MEMORY", "Column", "Layout", "Row", "Sheet", "SpreadsheetError", "Table",
    "read", "reading",
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
# A child that waits instead of counting (a stuck disk) ends here; CPU_SECONDS does not see it.
# A request waits for a small table, and is itself given up after 60 seconds.
WALL_SECONDS, WALL_SECONDS_SMALL = 120, 30


@dataclass(frozen=True)
class Sheet:
    """The sheets that have the header: which columns they have, their rows, and the hidden lines.

    `rows` come in chunks of (line, cells), the cells in the order of the layout's columns; a
    column that the file does not have is empty. `lib.tables.layout.said` tells a line.
    `left_out`: sentences about sheets and columns that are not read, to be shown.
    """

    sheets: tuple[str, ...]
    columns: frozenset[str]
    hidden: frozenset[int]
    left_out: tuple[str, ...]
    rows: Iterator[list[tuple[int, list[str]]]]


@dataclass(frozen=True)
class Row:
    """`line` is its number in the sheet; `cells` by column name, "" where there is no column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A small table, read whole."""

    columns: frozenset[str]
    rows: list[Row]
    left_out: tuple[str, ...] = ()


def read(content: bytes, layout: Layout) -> Table:
    """All rows below the header. Raises SpreadsheetError, also for an empty or too large file."""
    if not content:
        raise SpreadsheetError("文件是空的，请重新选择")
    if len(content) > layout.max_bytes:
        raise SpreadsheetError(layout.too_large)
    with reading(content, layout) as sheet:
        rows = [
            Row(line, dict(zip(layout.names, cells, strict=True)))
            for chunk in sheet.rows
            for line, cells in chunk
        ]
        return Table(sheet.columns, rows, sheet.left_out)


TOO_BIG = (
    "表格太大或已损坏，读取时超出了内存或时间限制；"
    "请删去数据区以外的行和列（按 Ctrl+End 看末尾在哪里），重新保存后再上传"
)


def _feed(process: subprocess.Popen[bytes], content: bytes) -> None:
    pipe = process.stdin
    if pipe is None:
        raise RuntimeError("the child has no standard input")
    try:
        pipe.write(content)
        pipe.close()
    except BrokenPipeError:  # the child is gone already; its answer, or silence, tells
        return


def _lines(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    if process.stdout is None:
        raise RuntimeError("the child has no standard output")
    for line in process.stdout:
        if not line.endswith(b"\n"):
            break  # it died while it wrote
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise SpreadsheetError(answer["error"])
        yield answer


def _chunks(lines: Iterator[Any]) -> Iterator[list[tuple[int, list[str]]]]:
    """Rows, to the closing line: a child that died half-way must not look like a short file."""
    for answer in lines:
        if isinstance(answer, dict):
            return
        yield answer
    raise SpreadsheetError(TOO_BIG)


class reading:  # noqa: N801 - reads as a verb: `with reading(content) as sheet`
    """Context manager around the child. Raises SpreadsheetError, also while rows are read."""

    def __init__(self, content: bytes, layout: Layout) -> None:
        self.content, self.layout = content, layout

    def __enter__(self) -> Sheet:
        self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-E", "-s", "-m", "lib.tables.child", self.layout.dump()],
            cwd=ROOT,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        seconds = WALL_SECONDS_SMALL if self.layout.is_small else WALL_SECONDS
        self.alarm = threading.Timer(seconds, self.process.kill)
        self.alarm.daemon = True
        self.alarm.start()
        try:
            _feed(self.process, self.content)
            lines = _lines(self.process)
            head = next(lines, None)
            if head is None:
                raise SpreadsheetError(TOO_BIG)
            return Sheet(
                sheets=tuple(head["sheets"]),
                columns=frozenset(head["columns"]),
                hidden=frozenset(head["hidden"]),
                left_out=tuple(head["left_out"]),
                rows=_chunks(lines),
            )
        except BaseException:
            self.close()
            raise

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        self.alarm.cancel()
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        if self.process.stdin is not None and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                return
