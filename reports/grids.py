"""A table of a report or statement: cells that know how they are written, for page and workbook.

Page, print and workbook of a figure are one cell; `address` is the list of what it was summed from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from accounts.models import User
from accounts.templatetags.hezuo import EMPTY, rate, yuan
from desk.columns import is_open
from lib.tables.writing import Heading, Kind, Sheet

Unit = Literal["code", "text", "count", "yuan", "ratio", "points", "hundredth", "mixed"]
KINDS: Mapping[str, Kind] = {
    "code": "code",
    "text": "text",
    "count": "whole",
    "yuan": "yuan",
    "ratio": "percent",
    "points": "number",
    "hundredth": "number",
    "mixed": "mixed",
}
LEFT = frozenset({"code", "text"})
NO_BOOKS = "无账"
SHORT = 16  # rows that stay on one sheet; an A4 sheet across holds about thirty


@dataclass(frozen=True, slots=True)
class Cell:
    """`value`: amounts and hundredths as Decimal or their text, ratios and points in 1/10000,
    counts, text. None: there is no such value; `missing` says how that is written. `tone`: one of
    desk.tones, where the figure stands against a bound."""

    value: Any
    unit: Unit = "text"
    address: str = ""
    tone: str = ""
    missing: str = EMPTY
    is_strong: bool = False

    @property
    def text(self) -> str:
        value = self.value
        if value is None:
            return self.missing
        if self.unit == "ratio":
            return rate(value)
        if self.unit == "points":
            return f"{value / 100:+.2f}"
        if self.unit == "count":
            return f"{value:,}"
        return yuan(Decimal(value)) if self.unit in ("yuan", "hundredth") else str(value)

    @property
    def written(self) -> Any:
        """For a workbook's column of this unit."""
        if self.value is None:
            return self.missing if self.missing != EMPTY else None
        if self.unit in ("yuan", "hundredth"):
            return Decimal(self.value)
        return Decimal(self.value).scaleb(-2) if self.unit == "points" else self.value

    @property
    def mixed(self) -> Any:
        """For a column of several units: a percentage as the number before its sign."""
        if self.unit == "ratio" and self.value is not None:
            return Decimal(self.value).scaleb(-2)
        return self.written

    @property
    def is_left(self) -> bool:
        return self.unit in LEFT


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    unit: Unit = "text"

    @property
    def is_left(self) -> bool:
        return self.unit in LEFT


@dataclass(frozen=True, slots=True)
class Grid:
    """`total`: the last row, under a line. `hidden`: columns of the workbook alone, by place.
    `strong`: rows that are sums within the table, by place."""

    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    hidden: frozenset[int] = frozenset()
    strong: frozenset[int] = frozenset()
    empty: str = "没有发生"
    note: str = ""
    widths: Mapping[int, float] = field(default_factory=dict)

    @property
    def shown_heads(self) -> list[Head]:
        return self._shown(self.heads)

    @property
    def groups(self) -> list[list[tuple[bool, list[Cell]]]]:
        """The rows, those together whose first cell is left blank with the one above."""
        found: list[list[tuple[bool, list[Cell]]]] = []
        is_grouped = any(self._shown(row)[0].value == "" for row in self.rows)
        for at, row in enumerate(self.rows):
            line = (at in self.strong, self._shown(row))
            if found and (not is_grouped or line[1][0].value == ""):
                found[-1].append(line)
            else:
                found.append([line])
        return found

    @property
    def is_short(self) -> bool:
        """Whether it fits on what is left of a sheet, or begins the next one."""
        return len(self.rows) <= SHORT

    @property
    def shown_total(self) -> list[Cell]:
        return self._shown(self.total)

    def _shown(self, row: Sequence[Any]) -> list[Any]:
        return [one for at, one in enumerate(row) if at not in self.hidden]

    def for_user(self, user: User) -> "Grid":
        """Without the ways that are closed to who looks, or that lead from nothing."""
        closed: dict[str, bool] = {}

        def cell(one: Cell) -> Cell:
            path = one.address.partition("?")[0]
            if not path or one.value is None:
                return replace(one, address="")
            if path not in closed:
                closed[path] = not is_open(path, user)
            return replace(one, address="") if closed[path] else one

        rows = [[cell(one) for one in row] for row in self.rows]
        return replace(self, rows=rows, total=[cell(one) for one in self.total])

    def sheet(self) -> Sheet:
        """In a workbook, with the total as its last row."""
        columns = tuple(
            Heading(head.title, KINDS[head.unit], self.widths.get(at, 0))
            for at, head in enumerate(self.heads)
        )
        lines = [*self.rows, self.total] if self.total else self.rows
        rows = [
            [
                cell.mixed if head.unit == "mixed" else cell.written
                for head, cell in zip(self.heads, line, strict=True)
            ]
            for line in lines
        ]
        return Sheet(self.title, columns, rows)
