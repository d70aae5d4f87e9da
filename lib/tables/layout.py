"""Which columns a kind of table has, what else they are called, and which row is the header."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Self

from lib.letters import odd

# A title row, a line of instructions and a blank line may stand above the header.
HEADER_WITHIN = 15
# What is read while somebody waits (classes, master data); larger files are judged by a worker.
SMALL_BYTES = 4 * 1024 * 1024
# The reader lays a sheet out as a full grid, however few its cells are: some 30 bytes each.
SMALL_CELLS, LARGE_CELLS = 1_500_000, 12_000_000
# Lines of one sheet in a workbook of several: more than a sheet can have (1 048 576).
SHEET_LINES = 10_000_000
NOISE = re.compile(r"（[^）]*）|\([^)]*\)|【[^】]*】|\[[^\]]*\]|[\s*＊:：、/\\\u200b\ufeff]+")


@dataclass(frozen=True)
class Column:
    """`title` stands in the template and in messages; `others` are names that senders use.

    `like`: a pattern of further names, asked of titles that no column claims. Two columns that mean
    the same by their pattern refuse the file in any case: neither may be passed over.
    `day`: a bare number in it counts days in the date system of the workbook. `example` and `note`
    (which words are allowed) stand in the template.
    """

    name: str
    title: str
    others: tuple[str, ...] = ()
    like: str = ""
    day: bool = False
    example: str = ""
    note: str = ""


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of table, which of them must be there, and how large it may be.

    `advice` ends the message where no header is found. `first_counts`: of two columns with one
    meaning the first is read, as in the exports of banks; otherwise they refuse the file.
    `many_sheets`: every visible sheet that has the header is read, as in a register with a sheet
    for each village; otherwise a second one refuses the file.
    """

    columns: tuple[Column, ...]
    required: tuple[str, ...]
    max_rows: int = 120_000
    max_bytes: int = 20 * 1024 * 1024
    advice: str = "请使用下发的模板"
    first_counts: bool = False
    many_sheets: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        return {column.name: column.title for column in self.columns}

    @cached_property
    def by_title(self) -> Mapping[str, str]:
        return {
            title: column.name
            for column in self.columns
            for title in (column.title, *column.others)
        }

    @property
    def is_small(self) -> bool:
        """Whether its sender waits for it in a request."""
        return self.max_bytes <= SMALL_BYTES

    @property
    def max_cells(self) -> int:
        """Of the grid between a sheet's outermost cells: a hundred columns of a small table."""
        return SMALL_CELLS if self.is_small else LARGE_CELLS

    @property
    def too_large(self) -> str:
        """What to say about a file beyond `max_bytes`."""
        return f"文件超过 {self.max_bytes // 1024 // 1024} MB，请分成几个文件，或删去图片和多余的列"

    def column_of(self, title: str) -> str | None:
        """The column that a header cell means, or None: `* 身份证号码（18位）` → `resident_id`."""
        title = NOISE.sub("", title[:60])
        found = self.by_title.get(title)
        if found is not None or not title:
            return found
        alike = (column.name for column in self.columns if column.like)
        return next((name for name in alike if re.fullmatch(self.patterns[name], title)), None)

    @cached_property
    def patterns(self) -> Mapping[str, str]:
        return {column.name: column.like for column in self.columns if column.like}

    def odd(self, cells: Iterable[str]) -> str:
        """The first letter of a row that nobody can read, with its column; "" when there is none.
        `cells` in the order of the columns."""
        cells = tuple(cells)
        if not odd("".join(cells)):
            return ""
        found = ((name, odd(cell)) for name, cell in zip(self.names, cells, strict=True))
        return next(f"“{self.titles[name]}”{problem}" for name, problem in found if problem)

    def dump(self) -> str:
        """As text for the child process; `load` reads it."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        given = json.loads(text)
        columns = tuple(
            Column(**one | {"others": tuple(one["others"])}) for one in given["columns"]
        )
        return cls(**given | {"columns": columns, "required": tuple(given["required"])})


def said(line: int, sheets: Sequence[str]) -> str:
    """A line as people find it: 5, or 5（黎家店村） where several sheets were read."""
    sheet, row = divmod(line, SHEET_LINES)
    return f"{row}（{sheets[sheet]}）" if sheet < len(sheets) and len(sheets) > 1 else str(row)


@dataclass(frozen=True)
class Header:
    """Where the columns stand. `places`: column name → index in the row."""

    places: dict[str, int]
    problems: tuple[str, ...]
    missing: tuple[str, ...]
    # Index in the row → title that the layout does not know.
    unknown: dict[int, str]


def read_header(row: Sequence[str], layout: Layout) -> Header | None:
    """The row as a header; None when it is not one (too few known titles)."""
    places: dict[str, int] = {}
    problems = []
    unknown: dict[int, str] = {}
    for index, cell in enumerate(row):
        name = layout.column_of(cell) if cell else None
        if name is None:
            unknown[index] = cell
            continue
        if name not in places:
            places[name] = index
        elif layout.first_counts and name not in layout.patterns:
            unknown[index] = cell
        else:
            problems.append(
                f"有两列都是“{layout.titles[name]}”（第 {places[name] + 1}、{index + 1} 列），"
                "请删去或改名其中一列"
            )
    if len(places) < min(3, len(layout.required)):
        return None
    missing = tuple(name for name in layout.required if name not in places)
    return Header(places, tuple(problems), missing, unknown)
