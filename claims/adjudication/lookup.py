"""Finding rows of a table, and who meets a condition, for a whole column at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from operator import and_, or_

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.columns import Cases, Fen, Mask, flag_bits
from policies.terms import (
    CATEGORIES,
    FLAGS,
    UNCOVERED,
    Axis,
    Clause,
    Condition,
    Table,
    Terms,
    Test,
)

BASIS = 10_000

Column = NDArray[np.int64]


def half_up(numerator: Fen, denominator: Fen | int = BASIS) -> Fen:
    """Column form of ``lib.money.half_up`` for amounts that are never negative."""
    rounded: Fen = (2 * numerator + denominator) // (2 * denominator)
    return rounded


@dataclass(slots=True)
class Part:
    """Claims ``at`` of a batch, seen column by column; ``extra`` numbers are known only here
    (which visit of the year this is)."""

    cases: Cases
    terms: Terms
    at: NDArray[np.int64] | slice
    size: int
    extra: dict[str, Column] = field(default_factory=dict)
    # Of the whole batch, by dimension: what is asked instead of the case's own.
    instead: dict[str, Column] = field(default_factory=dict)

    @property
    def claims(self) -> Column:
        """The positions of the claims in the batch."""
        return np.arange(self.size) if isinstance(self.at, slice) else self.at

    def narrowed(self, chosen: Mask) -> Part:
        """The claims that ``chosen`` marks."""
        at = self.claims[chosen]
        extra = {name: column[chosen] for name, column in self.extra.items()}
        return Part(self.cases, self.terms, at, len(at), extra, self.instead)

    def for_deductible(self) -> Part:
        """As a rule on the deductible asks it: by the level that the hospital has for it."""
        level = self.cases.deductible_level
        return self if level is None else replace(self, instead={"level": level})

    def category(self, dimension: str) -> Column:
        held = self.instead.get(dimension)
        return (self.cases.categories[dimension] if held is None else held)[self.at]

    def flag(self, dimension: str) -> Column:
        return self.cases.flags[dimension][self.at]

    def number(self, dimension: str) -> Column:
        if dimension in self.extra:
            return self.extra[dimension]
        column = self.cases.numbers.get(dimension)
        return self.zeros() if column is None else column[self.at]

    def zeros(self) -> Column:
        return np.zeros(self.size, dtype=np.int64)

    def matches(self, condition: Condition) -> Mask:
        """Who meets ``condition``."""
        found = _any(self, condition.when) if condition.when else np.ones(self.size, dtype=bool)
        return found & ~_any(self, condition.unless) if condition.unless else found

    def rows(self, table: Table) -> Column:
        """The row number for each claim; negative where no row applies."""
        compiled = _compiled(table, self.terms)
        if not table.grid:
            return self._first_match(table)
        cell = np.zeros(self.size, dtype=np.int64)
        for axis, places in zip(table.axes, compiled.places, strict=True):
            if len(table.axes) == 1:
                cell = self._position(axis, places)
            else:
                cell = cell * axis.size + self._position(axis, places)
        return compiled.grid[cell]

    def _first_match(self, table: Table) -> Column:
        """The rows of a table too wide for a grid, tried one by one."""
        found = np.full(self.size, UNCOVERED, dtype=np.int64)
        for index in reversed(range(len(table.rows))):
            found[self.matches(table.rows[index].condition)] = index
        return found

    def values(self, table: Table, missing: int = 0) -> Column:
        """The value for each claim, ``missing`` where no row applies."""
        compiled = _compiled(table, self.terms)
        if compiled.constant is not None:
            return np.full(self.size, compiled.constant, dtype=np.int64)
        rows = self.rows(table)
        if not compiled.partial:
            return compiled.values[rows]
        return np.where(rows < 0, missing, compiled.values[np.maximum(rows, 0)])

    def article(self, table: Table, index: int) -> str:
        """The article of the row that claim ``index`` of this part found."""
        row = int(self.rows(table)[index])
        return table.rows[row].article if row >= 0 else ""

    def _position(self, axis: Axis, places: Column) -> Column:
        if axis.dimension in CATEGORIES:
            return places[self.category(axis.dimension)]
        if axis.dimension in FLAGS:
            held: Mask = (self.flag(axis.dimension) & places[0]) != 0
            return held.astype(np.int64)
        return np.searchsorted(places, self.number(axis.dimension), side="right")


def _any(part: Part, clauses: tuple[Clause, ...]) -> Mask:
    """Who passes every test of at least one clause (a clause has at least one test)."""
    return reduce(or_, (reduce(and_, (_test(part, test) for test in each)) for each in clauses))


def _test(part: Part, test: Test) -> Mask:
    if test.dimension in FLAGS:
        held: Mask = (part.flag(test.dimension) & _bits(part.terms, test)) != 0
        return held
    if test.dimension in CATEGORIES:
        return _wanted(part.terms, test)[part.category(test.dimension)]
    number = part.number(test.dimension)
    found = np.ones(part.size, dtype=bool)
    if test.low is not None:
        found &= number >= test.low
    if test.high is not None:
        found &= number <= test.high
    return found


@lru_cache(maxsize=4096)
def _wanted(terms: Terms, test: Test) -> Mask:
    """Which codes of a category pass; the last entry stands for a code that is not given."""
    codes = terms.vocabulary.get(test.dimension, {})
    return np.array([code in test.values for code in codes] + [False])


@lru_cache(maxsize=4096)
def _bits(terms: Terms, test: Test) -> int:
    bits = flag_bits(terms, test.dimension)
    return sum(bits[code] for code in test.values)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A table as arrays.  ``places`` per axis: category code → position (the last entry, for a
    code that is not given, is position 0 and never asked for), flag bits, or number breaks."""

    grid: Column
    values: Column
    places: tuple[Column, ...]
    partial: bool
    constant: int | None


@lru_cache(maxsize=4096)
def _compiled(table: Table, terms: Terms) -> _Compiled:
    places = tuple(_places(axis, terms) for axis in table.axes) if table.grid else ()
    grid = np.array(table.grid, dtype=np.int64)
    values = np.array([row.value for row in table.rows] or [0], dtype=np.int64)
    partial = bool((grid < 0).any()) or not table.grid
    constant = int(values[0]) if not table.axes and not partial else None
    return _Compiled(grid, values, places, partial, constant)


def _places(axis: Axis, terms: Terms) -> Column:
    if axis.dimension in FLAGS:
        return np.array([_bits(terms, Test(axis.dimension, axis.values))], dtype=np.int64)
    if axis.dimension in CATEGORIES:
        codes = terms.vocabulary.get(axis.dimension, {})
        groups = [
            next(at for at, group in enumerate(axis.groups) if code in group) for code in codes
        ]
        return np.array([*groups, 0], dtype=np.int64)
    return np.array(axis.breaks, dtype=np.int64)
