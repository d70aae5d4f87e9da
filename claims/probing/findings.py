"""What the probe answers: findings of four kinds, each with its smallest example, as plain values.

Everything can be kept as JSON.  Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS: Mapping[str, str] = {
    "cliff": "断崖",
    "inversion": "倒挂",
    "idle": "从不起作用",
    "open_ended": "自付没有封顶",
}


# Name → (cost, amount) pairs.
Lines = Mapping[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Claims settled side by side: ``claims`` are (what it is, cost, fund, personal)."""

    person: str
    claims: tuple[tuple[str, int, int, int], ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that no law means.

    ``size``: fen that the worst example is off (for ``open_ended`` what the patient bears of each
    further 100 yuan), ``situations``: how many situations of the grid show it.  ``curves``: the
    picture.
    """

    kind: str
    title: str
    article: str
    size: int
    situations: int
    example: Example | None = None
    worst: Example | None = None
    curves: Lines | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The findings by kind, worst first, and how much was tried."""

    findings: tuple[Finding, ...]
    situations: int
    settled: int


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """By kind, the worst first."""
    kinds = list(KINDS)
    return tuple(sorted(findings, key=lambda each: (kinds.index(each.kind), -each.size)))
