"""What a pack tells apart: the values of every dimension that its rules speak of, and its amounts.

Everything comes from the rules themselves, so that a new rule is probed without a word here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from policies.terms import (
    AMOUNTS,
    Cap,
    Clause,
    Condition,
    Deductible,
    Growth,
    Layer,
    Segment,
    Table,
    Terms,
    Test,
)

# Somebody in the middle of life, for whom no rule of children or of the old speaks.
GROWN_UP = 40
# A stay of middle length; outpatient visits are not told apart by it.
DAYS = 10
OLDEST = 110


def parts(value: object) -> Iterator[object]:
    """Every rule inside ``value``, itself included."""
    if isinstance(value, Mapping):
        inner: Iterable[object] = value.values()
    elif isinstance(value, tuple):
        inner = value
    elif is_dataclass(value):
        yield value
        if isinstance(value, Table):
            inner = value.rows
        else:
            inner = [getattr(value, each.name) for each in fields(value)]
    else:
        return
    for each in inner:
        yield from parts(each)


def clauses_in(value: object) -> list[Clause]:
    """Every clause of every condition inside ``value``."""
    return [
        clause
        for part in parts(value)
        if isinstance(part, Condition)
        for clause in part.when + part.unless
    ]


def told_apart(codes: Iterable[str], tests: Iterable[Test]) -> list[str]:
    """One code for each group that no test tells apart, in the order of ``codes``."""
    asked = list(tests)
    first: dict[tuple[bool, ...], str] = {}
    for code in codes:
        first.setdefault(tuple(code in test.values for test in asked), code)
    return list(first.values())


def ages(terms: Terms, rules: object, clauses: Iterable[Clause]) -> list[int]:
    """One age for each group that rules tell apart, the grown-up first, and the first, second and
    last year of every growth by age."""
    tests = [test for clause in clauses for test in clause]
    numbers = [test for test in tests if test.dimension == "age"]
    tried = [GROWN_UP, *_about(numbers)]
    if any(test.dimension == "age_group" for test in tests):
        below = [group.below for group in terms.age_groups if group.below is not None]
        tried += [age for bound in below for age in (bound - 1, bound)]
    first: dict[tuple[object, ...], int] = {}
    for age in tried:
        if 0 <= age <= OLDEST:
            told = (*(test.holds_number(age) for test in numbers), terms.age_group(age))
            first.setdefault(told, age)
    return list(dict.fromkeys([*first.values(), *_grown(rules, "age")]))


def numbers(dimension: str, rules: object, clauses: Iterable[Clause]) -> list[int]:
    """Years, days, babies about which some rule changes."""
    tests = [test for clause in clauses for test in clause if test.dimension == dimension]
    found = _about(tests) + _grown(rules, dimension)
    return sorted({each for each in found if 0 < each <= 400})


def _grown(rules: object, field: str) -> list[int]:
    """The first, the second and the last year in which something grows by ``field``."""
    found = []
    for part in parts(rules):
        if isinstance(part, Growth) and part.field == field:
            times = max(part.ceiling // part.step, 1) if part.step else 1
            last = part.start + part.every * (times - 1)
            found += [part.start, part.start + part.every, min(last, OLDEST)]
    return found


def _about(tests: Iterable[Test]) -> list[int]:
    found = []
    for test in tests:
        found += [test.low, test.low - 1] if test.low is not None else []
        found += [test.high, test.high + 1] if test.high is not None else []
    return found


def amounts_in(terms: Terms) -> list[int]:
    """Every amount in fen about which help may change: of tables, segments, shares, conditions."""
    found: set[int] = set()
    for part in parts((terms.bill, terms.refusals, terms.benefits, terms.layers)):
        if isinstance(part, Table) and part.unit == "fen":
            found |= {row.value for row in part.rows}
        elif isinstance(part, Segment) and part.up_to is not None:
            found.add(part.up_to)
        elif isinstance(part, Condition):
            for test in part.tests():
                if test.dimension in AMOUNTS:
                    found |= {each for each in (test.low, test.high) if each is not None}
    return sorted(each for each in found if each > 0)


def limits_of(terms: Terms, rules: object) -> dict[str, int]:
    """Counter → the largest amount (fen, days or times) to which some of ``rules`` compares it."""
    found: dict[str, list[int]] = {}

    def add(counter: str | None, values: Iterable[int]) -> None:
        if counter is not None:
            found.setdefault(counter, []).extend(values)

    for part in parts(rules):
        counter = getattr(part, "counter", None)
        limits = getattr(part, "limits", None)
        if isinstance(limits, Table):
            add(counter, [row.value for row in limits.rows])
        elif isinstance(part, Deductible):
            add(counter, [row.value for row in part.amounts.rows])
        elif isinstance(part, Layer) and part.accumulates is not None:
            own = list(parts(part))
            add(part.accumulates, [s.up_to for s in own if isinstance(s, Segment) and s.up_to])
            borne = [d.amounts.rows for d in own if isinstance(d, Deductible)]
            add(part.accumulates, [row.value for rows in borne for row in rows])
        elif hasattr(part, "limit"):
            add(counter, [part.limit])
    return {
        name: max(found[name])
        for name, counter in terms.counters.items()
        if found.get(name) and counter.kind == "used"
    }


def has_per_day(rules: object) -> bool:
    """Whether some amount is for each day in care."""
    return any(
        (isinstance(part, Cap) and part.per_day) or getattr(part, "per", "") == "day"
        for part in parts(rules)
    )
