"""Tables of a pack: rows that select on dimensions, first match wins.

A table is spread out over every combination of what its rows speak of (its *grid*).  The grid
is what the checker reads to find gaps and dead rows, and what the engine reads to find a row
for a million claims at once: both see the same cells.  A table too wide for that (sixty diseases,
any of which somebody may have) is walked row by row instead (``walk.py``, decision 0017).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import product

from policies.terms.axes import UNCOVERED, Axis, Places, Row, Vocabulary, build_axes
from policies.terms.conditions import (
    ALWAYS,
    FLAGS,
    Clause,
    Condition,
    Subject,
)
from policies.terms.walk import MAX_NODES, USUAL_AXES, GridTooLargeError, walk

OUTSIDE = -2
# A table of five conditions has thousands of cells; beyond this a grid takes seconds (decision
# 0008), and the table is walked.
MAX_CELLS = 20_000
# Questions asked of the cells of one grid: half a second.
MAX_QUESTIONS = 5_000_000
NODE_QUESTIONS = 15  # what one node of a walk takes for each axis, in questions of a grid

MAX_WALK = MAX_NODES * USUAL_AXES * NODE_QUESTIONS


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows plus their grid, told apart by identity.

    ``grid`` holds a row number, ``UNCOVERED`` or ``OUTSIDE`` per cell, the last axis running
    fastest; ``OUTSIDE`` cells can never be asked for.  A table too wide for a grid has none (it is
    empty) and ``leaves`` instead: every (row number or ``UNCOVERED``, places) where a walk ends.
    """

    name: str
    unit: str
    rows: tuple[Row, ...]
    axes: tuple[Axis, ...]
    grid: tuple[int, ...]
    leaves: tuple[tuple[int, Places], ...] = ()
    questions: int = 0  # what building it took

    def find(self, subject: Subject) -> Row | None:
        """The row for one subject, ``None`` when no row covers it."""
        places = [axis.position(subject) for axis in self.axes]
        if not self.grid:
            return next((row for row in self.rows if subject.meets(row.condition)), None)
        cell = 0
        for axis, place in zip(self.axes, places, strict=True):
            cell = cell * axis.size + place
        index = self.grid[cell]
        return self.rows[index] if index >= 0 else None

    def dimensions(self) -> set[str]:
        return {axis.dimension for axis in self.axes}

    def cells(self) -> Iterator[tuple[int, Places]]:
        """Every (row number, positions) of the grid, or of the walk: ``ANY`` where it does not
        matter."""
        if not self.grid:
            return iter(self.leaves)
        places = product(*(range(axis.size) for axis in self.axes))
        return zip(self.grid, places, strict=True)

    def rows_at(self, places: Places) -> list[int]:
        """The numbers of all rows that fit one cell of the grid; the first of them counts."""
        held = {_key(axis): (axis, at) for axis, at in zip(self.axes, places, strict=True)}
        return [at for at, row in enumerate(self.rows) if _meets(row.condition, held)]


def tables_of(value: object) -> Iterator[Table]:
    """Every table inside ``value``, each once."""
    seen: set[int] = set()
    open_values = [value]
    while open_values:
        one = open_values.pop()
        if isinstance(one, Table):
            if id(one) not in seen:
                seen.add(id(one))
                yield one
        elif isinstance(one, Mapping):
            open_values += list(one.values())[::-1]
        elif isinstance(one, tuple):
            open_values += reversed(one)
        elif is_dataclass(one):
            open_values += [getattr(one, each.name) for each in reversed(fields(one))]


def dimensions_of(value: object) -> set[str]:
    """Every dimension that the conditions and tables inside ``value`` speak of, and what its
    rules read of a case beside them (``reads``)."""
    if isinstance(value, Condition | Table):
        return value.dimensions()
    if isinstance(value, Mapping):
        inner: Iterable[object] = value.values()
    elif isinstance(value, tuple):
        inner = value
    elif is_dataclass(value):
        inner = [getattr(value, each.name) for each in fields(value)]
    else:
        return set()
    own: frozenset[str] = getattr(value, "reads", frozenset())
    return set(own).union(*map(dimensions_of, inner))


def build_table(
    name: str,
    unit: str,
    rows: tuple[Row, ...],
    vocabulary: Vocabulary,
    domain: Condition = ALWAYS,
) -> Table:
    """Spread ``rows`` over a grid, or walk them where it would have more than ``MAX_CELLS``;
    cells that miss ``domain`` are ``OUTSIDE``.

    Raises ``GridTooLargeError`` when the walk has no end in sight either, or when so many
    conditions would be asked of so many cells.
    """
    tests = [test for row in rows for test in row.condition.tests()] + domain.tests()
    axes = build_axes(tests, vocabulary)
    size = 1
    for axis in axes:
        size *= axis.size
    if size > MAX_CELLS:
        leaves, nodes = walk(name, axes, rows, domain)
        return Table(name, unit, rows, axes, (), leaves, nodes * len(axes) * NODE_QUESTIONS)
    questions = size * len(tests)
    if questions > MAX_QUESTIONS:
        raise GridTooLargeError(name)
    grid = tuple(
        _row_at(axes, places, rows, domain)
        for places in product(*(range(axis.size) for axis in axes))
    )
    return Table(name, unit, rows, axes, grid, questions=questions)


def _row_at(
    axes: tuple[Axis, ...], places: tuple[int, ...], rows: tuple[Row, ...], domain: Condition
) -> int:
    held = {_key(axis): (axis, place) for axis, place in zip(axes, places, strict=True)}
    if _impossible(held) or not _meets(domain, held):
        return OUTSIDE
    for index, row in enumerate(rows):
        if _meets(row.condition, held):
            return index
    return UNCOVERED


Held = dict[tuple[str, frozenset[str]], tuple[Axis, int]]


def _key(axis: Axis) -> tuple[str, frozenset[str]]:
    return axis.dimension, axis.values


def _impossible(held: Held) -> bool:
    """Nobody has one of a few statuses and yet none of lists that together hold all of them."""
    flags = [(axis, place) for axis, place in held.values() if axis.dimension in FLAGS]
    for axis, place in flags:
        if not place:
            continue
        left = set(axis.values)
        for other, has in flags:
            if not has and other.dimension == axis.dimension:
                left -= other.values
        if not left:
            return True
    return False


def _meets(condition: Condition, held: Held) -> bool:
    wanted = not condition.when or any(_clause(clause, held) for clause in condition.when)
    return wanted and not any(_clause(clause, held) for clause in condition.unless)


def _clause(clause: Clause, held: Held) -> bool:
    for test in clause:
        values = test.values if test.dimension in FLAGS else frozenset()
        axis, place = held[(test.dimension, values)]
        if not axis.holds(test, place):
            return False
    return True
