"""Tables of a pack: rows that select on dimensions, first match wins.

A table is spread out over every combination of what its rows speak of (its *grid*).  The grid
is what the checker reads to find gaps and dead rows, and what the engine reads to find a row
for a million claims at once: both see the same cells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import product

from policies.terms.conditions import (
    ALWAYS,
    CATEGORIES,
    FLAGS,
    NUMBERS,
    Clause,
    Condition,
    Subject,
    Test,
)

UNCOVERED = -1
OUTSIDE = -2
# A table of five conditions has thousands of cells; beyond this the check takes seconds (decision
# 0008).
MAX_CELLS = 200_000

Vocabulary = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: ``value`` is fen, 1/10000 or a count, as its table says."""

    condition: Condition
    value: int
    article: str
    line: int


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a grid.

    Category: ``groups`` are sets of codes that no row tells apart.
    Flag: ``values`` are the codes of which any counts; two positions, absent and present.
    Number: ``breaks`` are the first numbers of each position after the first.
    """

    dimension: str
    groups: tuple[frozenset[str], ...] = ()
    values: frozenset[str] = frozenset()
    breaks: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        if self.dimension in FLAGS:
            return 2
        return len(self.groups) if self.dimension in CATEGORIES else len(self.breaks) + 1

    def position(self, subject: Subject) -> int:
        """Where ``subject`` stands on this axis; an unknown category raises ``KeyError``."""
        if self.dimension in FLAGS:
            return int(bool(self.values & subject.flags.get(self.dimension, frozenset())))
        if self.dimension in NUMBERS:
            return bisect_right(self.breaks, subject.numbers.get(self.dimension, 0))
        code = subject.categories.get(self.dimension, "")
        for index, group in enumerate(self.groups):
            if code in group:
                return index
        raise KeyError(self.dimension)

    def holds(self, test: Test, position: int) -> bool:
        """Whether everyone at ``position`` passes ``test`` (a grid never splits a test)."""
        if self.dimension in FLAGS:
            return position == 1
        if self.dimension in CATEGORIES:
            return self.groups[position] <= test.values
        sample = self.breaks[position - 1] if position else self.breaks[0] - 1
        return test.holds_number(sample)

    def describe(self, position: int, names: Mapping[str, str]) -> str:
        """What stands at ``position``, in the pack's own words."""
        if self.dimension in CATEGORIES:
            return "/".join(names.get(code, code) for code in sorted(self.groups[position]))
        if self.dimension in FLAGS:
            listed = "/".join(names.get(code, code) for code in sorted(self.values))
            return f"{'有' if position else '无'}{listed}"
        if position == 0:
            return f"小于{self.breaks[0]}"
        if position == len(self.breaks):
            return f"{self.breaks[-1]}及以上"
        return f"{self.breaks[position - 1]}至{self.breaks[position] - 1}"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows plus their grid, told apart by identity.

    ``grid`` holds a row number, ``UNCOVERED`` or ``OUTSIDE`` per cell, the last axis running
    fastest; ``OUTSIDE`` cells can never be asked for.
    """

    name: str
    unit: str
    rows: tuple[Row, ...]
    axes: tuple[Axis, ...]
    grid: tuple[int, ...]

    def find(self, subject: Subject) -> Row | None:
        """The row for one subject, ``None`` when no row covers it."""
        cell = 0
        for axis in self.axes:
            cell = cell * axis.size + axis.position(subject)
        index = self.grid[cell]
        return self.rows[index] if index >= 0 else None

    def dimensions(self) -> set[str]:
        return {axis.dimension for axis in self.axes}

    def cells(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Every (row number, positions) of the grid."""
        places = product(*(range(axis.size) for axis in self.axes))
        return zip(self.grid, places, strict=True)


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


class GridTooLargeError(ValueError):
    """The rows of one table speak of too many things at once to be checked cell by cell."""


def build_table(
    name: str,
    unit: str,
    rows: tuple[Row, ...],
    vocabulary: Vocabulary,
    domain: Condition = ALWAYS,
) -> Table:
    """Spread ``rows`` over a grid; cells that miss ``domain`` are ``OUTSIDE``.

    Raises ``GridTooLargeError`` above ``MAX_CELLS`` cells.
    """
    tests = [test for row in rows for test in row.condition.tests()] + domain.tests()
    axes = build_axes(tests, vocabulary)
    size = 1
    for axis in axes:
        size *= axis.size
    if size > MAX_CELLS:
        raise GridTooLargeError(name)
    grid = tuple(
        _row_at(axes, places, rows, domain)
        for places in product(*(range(axis.size) for axis in axes))
    )
    return Table(name, unit, rows, axes, grid)


def build_axes(tests: list[Test], vocabulary: Vocabulary) -> tuple[Axis, ...]:
    """The fewest axes that tell apart everything that ``tests`` tell apart."""
    axes: list[Axis] = []
    for dimension in CATEGORIES:
        sets = [test.values for test in tests if test.dimension == dimension]
        if sets:
            axes.append(Axis(dimension, groups=_groups(sets, vocabulary.get(dimension, {}))))
    for dimension in FLAGS:
        distinct = {test.values for test in tests if test.dimension == dimension}
        axes += [Axis(dimension, values=values) for values in sorted(distinct, key=sorted)]
    for dimension in NUMBERS:
        breaks: set[int] = set()
        for test in tests:
            if test.dimension == dimension:
                breaks |= {test.low} if test.low is not None else set()
                breaks |= {test.high + 1} if test.high is not None else set()
        if breaks:
            axes.append(Axis(dimension, breaks=tuple(sorted(breaks))))
    return tuple(axes)


def _groups(sets: list[frozenset[str]], codes: Mapping[str, str]) -> tuple[frozenset[str], ...]:
    by_signature: dict[tuple[bool, ...], set[str]] = {}
    for code in codes:
        by_signature.setdefault(tuple(code in values for values in sets), set()).add(code)
    return tuple(frozenset(group) for group in by_signature.values())


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
