"""What is different between two editions of a month: late vouchers, withdrawn claims, and the like.

Compared is what people read, table by table and cell by cell, so that every difference has the
name that it has on the report.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.grids import Cell, Grid
from reports.showing import sections

FUNDS = {"balance": "账面结余", "surplus": "累计结余", "reserve": "其中风险基金"}


@dataclass(frozen=True, slots=True)
class Difference:
    """`before`, `after`: as they are read; "" where the row was not there."""

    table: str
    row: str
    column: str
    before: str
    after: str


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[Difference]:
    """Every cell that both editions have a column for and that is not the same."""
    was, now = sections(earlier), sections(later)
    found: list[Difference] = []
    for key in now:
        if key in was:
            found += _of_table(now[key].title, _cells(was[key]), _cells(now[key]), was[key])
    funds = [
        Difference("月末", title, "金额", _told(earlier["funds"][key]), _told(later["funds"][key]))
        for key, title in FUNDS.items()
        if key in earlier["funds"] and earlier["funds"][key] != later["funds"][key]
    ]
    return funds + found


def _told(amount: str) -> str:
    return Cell(amount, "yuan").text


Key = tuple[str, str]  # row, column


def _of_table(
    title: str, was: Mapping[Key, str], now: Mapping[Key, str], earlier: Grid
) -> Iterator[Difference]:
    columns = {head.title for head in earlier.heads}
    for row, column in dict.fromkeys([*now, *was]):
        before, after = was.get((row, column), ""), now.get((row, column), "")
        if before != after and column in columns:
            yield Difference(title, row, column, before, after)


def _cells(grid: Grid) -> dict[Key, str]:
    """Row and column → the figure. A row is known by its words; where the first is left blank the
    row goes on with the one above. The total by its first word: the next may count."""
    found: dict[Key, str] = {}
    above = ""
    for line in grid.rows:
        words = [cell.text for cell in _leading(line)]
        above = words[0] or above
        name = " ".join(word for word in dict.fromkeys([above, *words]) if word)
        found |= {(name, title): text for title, text in _figures(grid, line)}
    if grid.total:
        name = next(cell.text for cell in _leading(grid.total) if cell.text)
        found |= {(name, title): text for title, text in _figures(grid, grid.total)}
    return found


def _figures(grid: Grid, line: Any) -> Iterator[tuple[str, str]]:
    for head, cell in zip(grid.heads, line, strict=True):
        if not head.is_left:
            yield head.title, cell.text


def _leading(line: Any) -> Iterator[Cell]:
    for cell in line:
        if not cell.is_left:
            return
        yield cell
