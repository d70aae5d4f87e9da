"""Reading a register's file in a child process that can neither eat the server nor see a key.

The child (`python -m enrollment.rosters.sheet LAYOUT`) gets the file on its standard input and
an empty environment, sets its own limits of memory and time, and answers in lines of JSON: the
header, then chunks of rows. Whatever a file does to it, the worker only sees an answer or its
absence. Imports no Django.
"""

import importlib
import io
import json
import re
import resource
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from enrollment.rosters.columns import HEADER_WITHIN, REGISTER, Layout, read_header
from lib.spreadsheets import SpreadsheetError, open_sheets, text_of

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 90
WALL_SECONDS = 120
MAX_ROWS = 120_000
MAX_SHEETS = 30
MAX_CELL = 200  # longer than any honest cell; the rest is cut and the row says so
CUT = "…"
CHUNK = 1000
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\bhidden="(?:1|true)"[^>]*>')
ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
# A byte limit on what one sheet may hold before the search for hidden rows gives up.
MAX_SHEET_BYTES = 400 * 1024 * 1024


@dataclass(frozen=True)
class Sheet:
    """The register's sheet: which columns it has, its rows, and the rows that are hidden."""

    title: str
    columns: frozenset[str]
    hidden: frozenset[int]
    rows: Iterator[list[tuple[int, list[str]]]]


# -- the child ---------------------------------------------------------------------------------


def _find_table(
    content: bytes, layout: Layout
) -> tuple[str, int, int, dict[str, int], Iterator[Any]]:
    """The first sheet with a header: title, its index, the header's line, places and the rest."""
    best: Sequence[str] = ()
    for index, (title, rows) in enumerate(islice(open_sheets(content), MAX_SHEETS)):
        for line, row in enumerate(islice(rows, HEADER_WITHIN), start=1):
            header = read_header([text_of(cell)[:80] for cell in row], layout)
            if header is None:
                continue
            if header.problems:
                raise SpreadsheetError(f"第 {line} 行表头：" + "；".join(header.problems))
            if not header.missing:
                return title, index, line, header.places, rows
            best = best or header.missing
    if best:
        names = "、".join(f"“{layout.titles[name]}”" for name in best)
        raise SpreadsheetError(f"表头缺少{names}列，请补上，或使用下发的模板")
    wanted = "、".join(layout.titles[name] for name in layout.required)
    raise SpreadsheetError(
        f"前 {HEADER_WITHIN} 行里找不到表头（至少要有{wanted}），请使用下发的模板"
    )


def _cells(row: Sequence[Any], pick: Callable[[Sequence[Any]], Sequence[Any]]) -> list[str]:
    cells = [
        value.strip(" \t\r\n\u3000\xa0") if type(value) is str else text_of(value)
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
    pick = itemgetter(*nowhere)
    for line, row in enumerate(rows, start=first):
        cells = _cells([*row[:width], *[""] * (width + 1 - len(row[:width]))], pick)
        if any(cells):
            yield line, cells


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
        if count > MAX_ROWS:
            raise SpreadsheetError(f"名册超过 {MAX_ROWS} 行，请按村或按乡镇分成几个文件上传")
        out.write(write(chunk) + "\n")
    if not count:
        raise SpreadsheetError("表头下面没有数据，请填好后再上传")
    out.write(write({"rows": count}) + "\n")


def _layout(address: str) -> Layout:
    module, _, name = address.partition(":")
    found: Layout = importlib.import_module(module).LAYOUTS[name]
    return found


def main() -> int:
    """The child: limits first, then the file."""
    layout = _layout(sys.argv[1])
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


# -- the worker's side -------------------------------------------------------------------------

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
    """Context manager around the child. Raises SpreadsheetError, also while rows are read.

    The cells of a row come in the order of the layout's columns; a column that the file does not
    have is empty.
    """

    def __init__(self, content: bytes, layout: Layout = REGISTER) -> None:
        self.content, self.layout = content, layout

    def __enter__(self) -> Sheet:
        self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-E", "-s", "-m", "enrollment.rosters.sheet", self.layout.address],
            cwd=ROOT,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.alarm = threading.Timer(WALL_SECONDS, self.process.kill)
        self.alarm.daemon = True
        self.alarm.start()
        try:
            _feed(self.process, self.content)
            lines = _lines(self.process)
            head = next(lines, None)
            if head is None:
                raise SpreadsheetError(TOO_BIG)
            return Sheet(
                title=head["title"],
                columns=frozenset(head["columns"]),
                hidden=frozenset(head["hidden"]),
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


if __name__ == "__main__":
    sys.exit(main())
