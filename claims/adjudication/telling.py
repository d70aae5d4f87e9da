"""What is true of a claim, in the pack's own words: why a row of a table is the one that counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from claims.adjudication.columns import flag_bits
from claims.adjudication.lookup import Part
from claims.adjudication.trace import yuan
from policies.terms import (
    CATEGORIES,
    DIMENSION_NAMES,
    FLAGS,
    Clause,
    Condition,
    Table,
    Test,
)

# "care" is left out: the name of the benefit says it already.
UNTOLD = frozenset({"care"})
MOST_NAMED = 4
COUNTED: Mapping[str, Callable[[int], str]] = {
    "age": lambda n: f"{n}岁",
    "years": lambda n: f"连续参保{n}年",
    "claim_free": lambda n: f"连续零报销{n}年",
    "days": lambda n: f"住院{n}天",
    "visit": lambda n: f"第{n}次",
    "visit_here": lambda n: f"在该院第{n}次",
    "babies": lambda n: f"婴儿{n}个",
    "total": lambda n: f"总费用{yuan(n)}",
    "in_scope": lambda n: f"可报费用{yuan(n)}",
    "base": lambda n: f"计入{yuan(n)}",
}


def told_number(part: Part, dimension: str, i: int) -> str:
    """A number of claim ``i`` with what it counts: 第2次, 71岁."""
    return COUNTED[dimension](int(part.number(dimension)[i]))


def row_words(part: Part, table: Table, i: int, *, fully: bool = False) -> str:
    """What of claim ``i`` makes the row of ``table`` apply that does, "" where nothing does.

    ``fully``: also what it is not, for rows that leave the patient with everything or nothing.
    """
    at = int(part.rows(table)[i])
    if at < 0:
        names = [_own(part, dimension, i) for dimension in sorted(table.dimensions() - UNTOLD)]
        return "、".join([*filter(None, names), "办法没有规定"])
    condition = table.rows[at].condition
    said = met(part, condition, i, fully=fully)
    if not said and fully:
        said = [
            word for row in table.rows[:at] for word in _missed(part, row.condition, i, fully=True)
        ]
    return "、".join(dict.fromkeys(said))


def met(part: Part, condition: Condition, i: int, *, fully: bool = False) -> list[str]:
    """The facts by which claim ``i`` meets ``condition``."""
    said = []
    for clause in condition.when:
        if all(_holds(part, test, i) for test in clause):
            said = [_word(part, test, i) for test in clause]
            break
    for clause in condition.unless:
        said += _missing(part, clause, i, fully)
    return [word for word in said if word]


def counted_words(part: Part, condition: Condition, i: int) -> list[str]:
    """The numbers by which claim ``i`` meets ``condition``: which visit it is, how many days."""
    for clause in condition.when:
        if all(_holds(part, test, i) for test in clause):
            asked = [test.dimension for test in clause if test.dimension in COUNTED]
            return [told_number(part, dimension, i) for dimension in dict.fromkeys(asked)]
    return []


def excluded(part: Part, condition: Condition, i: int) -> str:
    """What shuts claim ``i`` out of ``condition``, which it would meet otherwise."""
    for clause in condition.unless:
        if all(_holds(part, test, i) for test in clause):
            return "、".join(filter(None, (_word(part, test, i) for test in clause)))
    return ""


def why_no_benefit(part: Part, i: int) -> str:
    """The kind of care, and what the benefits for it ask for that claim ``i`` does not have."""
    said = [_own(part, "care", i)]
    for benefit in part.terms.benefits:
        for clause in benefit.condition.when:
            care = [test for test in clause if test.dimension == "care"]
            if care and all(_holds(part, test, i) for test in care):
                said += _missing(part, clause, i, fully=True)
    return "，".join(filter(None, dict.fromkeys(said)))


def _missed(part: Part, condition: Condition, i: int, *, fully: bool) -> list[str]:
    """Why claim ``i`` does not meet ``condition``: of each clause the first fact that is not so."""
    said: list[str] = []
    for clause in condition.when:
        said += _missing(part, clause, i, fully)
    return said


def _missing(part: Part, clause: Clause, i: int, fully: bool) -> list[str]:
    for test in clause:
        if not _holds(part, test, i):
            if test.dimension not in FLAGS:
                return [_word(part, test, i)]
            return [_lacks(part, test)] if fully else []
    return []


def _lacks(part: Part, test: Test) -> str:
    """That a claim has none of the flags: what is done first (已经审批) is told as not done."""
    names = [part.terms.vocabulary[test.dimension][code] for code in sorted(test.values)]
    undone = [name.replace("已经", "未经") for name in names if "已经" in name]
    if len(test.values) > MOST_NAMED or not undone:
        return f"不属于{_listed(part, test)}"
    others = "或".join(f"“{name}”" for name in names if "已经" not in name)
    return "、".join([*undone, f"不属于{others}"] if others else undone)


def _listed(part: Part, test: Test) -> str:
    """The names that a flag is asked for; of a long list only what it is a list of."""
    names = part.terms.vocabulary[test.dimension]
    if len(test.values) > MOST_NAMED:
        return f"所列的{DIMENSION_NAMES[test.dimension]}"
    return "或".join(f"“{names[code]}”" for code in names if code in test.values)


def _holds(part: Part, test: Test, i: int) -> bool:
    return bool(part.matches(Condition(when=((test,),)))[i])


def _word(part: Part, test: Test, i: int) -> str:
    """What claim ``i`` has in the dimension of ``test``; of flags those that the test names."""
    if test.dimension in UNTOLD:
        return ""
    if test.dimension in FLAGS:
        bits = flag_bits(part.terms, test.dimension)
        held = int(part.flag(test.dimension)[i])
        names = part.terms.vocabulary[test.dimension]
        return "、".join(names[code] for code in names if code in test.values and held & bits[code])
    return _own(part, test.dimension, i)


def _own(part: Part, dimension: str, i: int) -> str:
    if dimension in FLAGS:
        return ""
    if dimension not in CATEGORIES:
        return told_number(part, dimension, i)
    at = int(part.category(dimension)[i])
    return list(part.terms.vocabulary[dimension].values())[at] if at >= 0 else ""


def aside(*words: str) -> str:
    """The words in parentheses; nothing where there are none."""
    said = "，".join(filter(None, words))
    return f"（{said}）" if said else ""
