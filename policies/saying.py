"""Amounts, percentages and conditions of a pack in words, for its tables.  Pure."""

from __future__ import annotations

from collections.abc import Callable

from policies.terms import AMOUNTS, DIMENSION_NAMES, NUMBERS, Clause, Condition, Test, Vocabulary
from policies.terms.schemes import Growth

GROWS = {"years": "参保", "claim_free": "连续零报销", "age": "年龄"}


def amount_said(fen: int) -> str:
    """30 元, 22.50 元, 60,000 元."""
    yuan, rest = divmod(fen, 100)
    return f"{yuan:,}.{rest:02d} 元" if rest else f"{yuan:,} 元"


def percent_said(ratio: int) -> str:
    """1/10000 as 62.5%."""
    return f"{ratio / 100:g}%"


def growth_said(growth: Growth, said: Callable[[int], str] = percent_said) -> str:
    """从参保第 3 年起每 2 年加 1%，最多 5%; ``said`` tells the steps."""
    return (
        f"从{GROWS[growth.field]}第 {growth.start} 年起每 {growth.every} 年加 "
        f"{said(growth.step)}，最多 {said(growth.ceiling)}"
    )


def condition_said(condition: Condition, vocabulary: Vocabulary, without: str = "") -> str:
    """Whom a rule is for; "" for everybody.  ``without``: a dimension that columns tell."""
    clauses = [tuple(test for test in each if test.dimension != without) for each in condition.when]
    wanted = " 或 ".join(dict.fromkeys(_clause(each, vocabulary) for each in clauses))
    barred = " 或 ".join(_clause(each, vocabulary) for each in condition.unless)
    return "；".join(part for part in (wanted, f"除外：{barred}" if barred else "") if part)


def _clause(clause: Clause, vocabulary: Vocabulary) -> str:
    return "，".join(_test(test, vocabulary) for test in clause)


def _test(test: Test, vocabulary: Vocabulary) -> str:
    if test.dimension in NUMBERS:
        return DIMENSION_NAMES[test.dimension] + _span(test)
    names = vocabulary.get(test.dimension, {})
    return "、".join(names[code] for code in names if code in test.values)


def _span(test: Test) -> str:
    if test.dimension in AMOUNTS:
        low = f"不低于 {amount_said(test.low)}" if test.low is not None else ""
        high = f"不超过 {amount_said(test.high)}" if test.high is not None else ""
        return "、".join(part for part in (low, high) if part)
    if test.low == test.high:
        return f" {test.low}"
    if test.high is None:
        return f" {test.low} 起"
    return f" {test.high} 及以下" if test.low is None else f" {test.low}—{test.high}"
