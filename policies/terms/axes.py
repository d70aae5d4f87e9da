"""The rows of a table and the directions that they tell apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from policies.terms.conditions import (
    AMOUNTS,
    CATEGORIES,
    FLAGS,
    NUMBERS,
    Condition,
    Subject,
    Test,
)

UNCOVERED = -1
ANY = -1  # a place that makes no difference to a walk

Vocabulary = Mapping[str, Mapping[str, str]]
Places = tuple[int, ...]


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
        if self.dimension in AMOUNTS:
            return self._describe_amount(position)
        if position == 0:
            return f"小于{self.breaks[0]}"
        if position == len(self.breaks):
            return f"{self.breaks[-1]}及以上"
        return f"{self.breaks[position - 1]}至{self.breaks[position] - 1}"

    def _describe_amount(self, position: int) -> str:
        parts = []
        if position:
            parts.append(f"超过{_yuan(self.breaks[position - 1] - 1)}元")
        if position < len(self.breaks):
            parts.append(f"不超过{_yuan(self.breaks[position] - 1)}元")
        return "、".join(parts)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


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
