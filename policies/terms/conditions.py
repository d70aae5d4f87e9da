"""Conditions of a policy row and the dimensions that they may speak of.

Three kinds of dimension exist.  A *category* has one value per case (institution level), a
*flag* dimension has any number of them (identity statuses), a *number* is compared with bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

CATEGORIES = ("care", "level", "place", "referral", "tier", "residence", "sex", "age_group")
FLAGS = ("status", "disease", "procedure", "fact", "reason")
# Fen: what the bill is, what of it is in scope, and what a layer counts (of the whole period where
# it accumulates).
AMOUNTS = ("total", "in_scope", "base")
NUMBERS = ("age", "years", "claim_free", "days", "visit", "visit_here", "babies", *AMOUNTS)
DIMENSIONS = CATEGORIES + FLAGS + NUMBERS

DIMENSION_NAMES: Mapping[str, str] = {
    "care": "就医类别",
    "level": "医疗机构级别",
    "place": "就医地",
    "referral": "转诊情况",
    "tier": "缴费档次",
    "residence": "户籍类别",
    "sex": "性别",
    "age_group": "年龄组",
    "status": "人员身份",
    "disease": "病种",
    "procedure": "诊疗项目",
    "fact": "事实",
    "reason": "不予支付情形",
    "age": "年龄",
    "years": "连续参保年数",
    "claim_free": "连续零报销年数",
    "days": "住院天数",
    "visit": "年内第几次",
    "visit_here": "在同一医院第几次",
    "babies": "分娩婴儿数",
    "total": "总费用",
    "in_scope": "可报费用",
    "base": "本层计算的费用",
    "payer": "出资方",
}


@dataclass(frozen=True, slots=True)
class Test:
    """One demand on one dimension: membership in ``values``, or ``low`` ≤ number ≤ ``high``."""

    dimension: str
    values: frozenset[str] = frozenset()
    low: int | None = None
    high: int | None = None

    def holds_number(self, number: int) -> bool:
        return (self.low is None or number >= self.low) and (
            self.high is None or number <= self.high
        )


Clause = tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Any clause of ``when`` holds in full (no clauses: always) and no clause of ``unless``."""

    when: tuple[Clause, ...] = ()
    unless: tuple[Clause, ...] = ()

    def tests(self) -> list[Test]:
        return [test for clause in self.when + self.unless for test in clause]

    def dimensions(self) -> set[str]:
        return {test.dimension for test in self.tests()}


ALWAYS = Condition()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The facts of one case, dimension by dimension, for looking up a single row."""

    categories: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    def meets(self, condition: Condition) -> bool:
        """True when this subject satisfies ``condition``."""
        wanted = not condition.when or any(map(self._clause, condition.when))
        return wanted and not any(map(self._clause, condition.unless))

    def may_meet(self, condition: Condition, known: Collection[str]) -> bool:
        """Whether it may satisfy ``when`` once the rest is known: only the dimensions in ``known``
        are asked."""
        return not condition.when or any(
            all(self._test(test) for test in clause if test.dimension in known)
            for clause in condition.when
        )

    def _clause(self, clause: Clause) -> bool:
        return all(map(self._test, clause))

    def _test(self, test: Test) -> bool:
        if test.dimension in NUMBERS:
            return test.holds_number(self.numbers.get(test.dimension, 0))
        if test.dimension in FLAGS:
            return bool(test.values & self.flags.get(test.dimension, frozenset()))
        return self.categories.get(test.dimension) in test.values
