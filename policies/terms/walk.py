"""A table too wide for a grid, walked row by row: the leaves of its decisions.

A grid over sixty diseases, each of which somebody may have beside the others, has 2^60 cells.  A
walk asks only what the next row asks, and forgets what no later row asks any more, so that a list
of sixty diseases with three levels each has some hundreds of ends.  Both tell the same of a table:
which row a case finds, which cases find none, which rows no case finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.terms.axes import ANY, UNCOVERED, Axis, Places, Row
from policies.terms.conditions import FLAGS, Clause, Condition, Test

# Some hundred times what the longest list of diseases of a county takes (60 diseases, three levels:
# 700); a walk of this length takes about a second.
MAX_NODES = 50_000
USUAL_AXES = 20  # a node takes longer the more axes there are
MAX_TESTS = 2_000  # in the conditions of all rows; the list of 60 diseases has 240

Leaf = tuple[int, Places]


class GridTooLargeError(ValueError):
    """The rows of one table speak of too many things at once to be checked case by case."""


def walk(
    name: str, axes: tuple[Axis, ...], rows: Sequence[Row], domain: Condition
) -> tuple[tuple[Leaf, ...], int]:
    """Every (row number or ``UNCOVERED``, places) where a case of ``domain`` may end, and how many
    decisions it took.

    Raises ``GridTooLargeError`` after ``MAX_NODES`` decisions, and for more than ``MAX_TESTS``.
    """
    if sum(1 for row in rows for _ in row.condition.tests()) > MAX_TESTS:
        raise GridTooLargeError(name)
    return _Walk(name, axes, rows, domain).leaves()


class _Walk:
    """``conditions``: the domain, then those of the rows.  ``later``: by condition, the axes that
    it or one after it asks, and the flags of each dimension that these axes name."""

    def __init__(
        self, name: str, axes: tuple[Axis, ...], rows: Sequence[Row], domain: Condition
    ) -> None:
        self.name = name
        self.axes = axes
        self.conditions = [domain, *(row.condition for row in rows)]
        self.number = {(axis.dimension, axis.values): at for at, axis in enumerate(axes)}
        self.later: list[tuple[list[int], dict[str, frozenset[str]]]] = []
        asked: set[int] = set()
        for condition in reversed(self.conditions):
            asked |= {self._axis(test) for test in condition.tests()}
            flags: dict[str, frozenset[str]] = {}
            for axis in (axes[at] for at in asked if axes[at].dimension in FLAGS):
                flags[axis.dimension] = flags.get(axis.dimension, frozenset()) | axis.values
            self.later.insert(0, (sorted(asked), flags))

    def leaves(self) -> tuple[tuple[Leaf, ...], int]:
        found: list[Leaf] = []
        open_nodes: list[tuple[int, Places]] = [(0, (ANY,) * len(self.axes))]
        seen: set[object] = set()
        while open_nodes:
            at, places = open_nodes.pop()
            if at == len(self.conditions):
                found.append((UNCOVERED, places))
                continue
            key = self._what_matters(at, places)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) * len(self.axes) > MAX_NODES * USUAL_AXES:
                raise GridTooLargeError(self.name)
            verdict = self._judge(self.conditions[at], places)
            if isinstance(verdict, int) and not isinstance(verdict, bool):
                open_nodes += reversed([(at, split) for split in self._split(verdict, places)])
            elif verdict and at:
                found.append((at - 1, places))
            elif verdict or at:  # the domain holds, or a row does not
                open_nodes.append((at + 1, places))
        return tuple(found), len(seen)

    def _axis(self, test: Test) -> int:
        values = test.values if test.dimension in FLAGS else frozenset()
        return self.number[(test.dimension, values)]

    def _split(self, at: int, places: Places) -> Iterator[Places]:
        """The places that a case may take on axis ``at``, given what is known of it."""
        forced = self._forced(at, places)
        options = range(self.axes[at].size) if forced is None else (forced,)
        for option in options:
            yield (*places[:at], option, *places[at + 1 :])

    def _forced(self, at: int, places: Places) -> int | None:
        """Nobody has one of a few statuses and yet none of lists that together hold all of them."""
        axis = self.axes[at]
        if axis.dimension not in FLAGS:
            return None
        absent, held = self._flags(axis.dimension, places)
        if axis.values <= absent:
            return 0
        return 1 if any(each <= axis.values for each in held) else None

    def _flags(self, dimension: str, places: Places) -> tuple[frozenset[str], set[frozenset[str]]]:
        """(codes that the case does not have, lists of which it has some other one)."""
        mine = [
            (axis.values, place)
            for axis, place in zip(self.axes, places, strict=True)
            if axis.dimension == dimension and place != ANY
        ]
        absent: frozenset[str] = frozenset().union(*(values for values, place in mine if not place))
        return absent, {values - absent for values, place in mine if place}

    def _what_matters(self, at: int, places: Places) -> object:
        """What the conditions from ``at`` on can still tell apart."""
        asked, flags = self.later[at]
        known = []
        for dimension, named in flags.items():
            absent, held = self._flags(dimension, places)
            known.append((absent & named, frozenset(each for each in held if each <= named)))
        return at, tuple(places[axis] for axis in asked), tuple(known)

    def _judge(self, condition: Condition, places: Places) -> bool | int:
        """Whether the condition holds; while that is open, the axis to ask next."""
        wanted = self._any(condition.when, places) if condition.when else True
        if wanted is not True:
            return wanted
        barred = self._any(condition.unless, places)
        return not barred if isinstance(barred, bool) else barred

    def _any(self, clauses: Sequence[Clause], places: Places) -> bool | int:
        asking: bool | int = False
        for clause in clauses:
            verdict = self._all(clause, places)
            if verdict is True:
                return True
            if verdict is not False and asking is False:
                asking = verdict
        return asking

    def _all(self, clause: Clause, places: Places) -> bool | int:
        asking: bool | int = True
        for test in clause:
            at = self._axis(test)
            if places[at] == ANY:
                asking = at if asking is True else asking
            elif not self.axes[at].holds(test, places[at]):
                return False
        return asking
