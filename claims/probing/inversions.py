"""倒挂: who should be helped more (``orders.py``) bears more of the same cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from claims.probing.curves import Curves, picture
from claims.probing.findings import Example, Finding, Lines
from claims.probing.orders import better_pairs
from claims.probing.saying import cause, cited, example, value_said, yuan
from claims.probing.situations import FRESH, Situation, mixed
from claims.probing.trying import Bench, Fen
from policies.terms import DIMENSION_NAMES

# Pairs whose crossing is halved to the fen, of those that cross earliest.
HALVED = 40
# Fen within which rounding may make a gap come and go: far above any sum of roundings.
BEFORE = 200


@dataclass(frozen=True, slots=True)
class Pairs:
    """Situations that differ in one dimension only, the better one beside the worse."""

    better: Fen
    worse: Fen
    group: list[tuple[str, str, str]]


def find_inversions(bench: Bench, curves: Curves) -> list[Finding]:
    """One finding for each pair of values and benefit: where it begins, and where it is worst."""
    pairs = _pairs(bench, curves)
    if not len(pairs.better):
        return []
    gap = curves.personal[pairs.better] - curves.personal[pairs.worse]
    shows = (gap > curves.slack).any(axis=1)
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for at in np.flatnonzero(shows):
        benefits = curves.benefit[pairs.better[at]], curves.benefit[pairs.worse[at]]
        groups[*pairs.group[at], *map(int, benefits)].append(int(at))
    return [_finding(bench, curves, pairs, gap, members) for members in groups.values()]


def _pairs(bench: Bench, curves: Curves) -> Pairs:
    options: dict[str, set[object]] = defaultdict(set)
    for each in bench.situations:
        for dimension, value in each.items():
            if dimension in DIMENSION_NAMES:
                options[dimension].add(value)
    known = {frozenset(each.items()): at for at, each in enumerate(bench.situations)}
    better, worse, group = [], [], []
    by_value = _by_value(bench.situations)
    for dimension, good, poor in better_pairs(bench.terms, options):
        names = (
            dimension,
            value_said(dimension, good, bench.terms),
            value_said(dimension, poor, bench.terms),
        )
        for at in by_value.get((dimension, good), ()):
            each = bench.situations[at]
            if dimension == "visit" and each["used"] != FRESH:
                continue
            other = known.get(frozenset((each | {dimension: poor}).items()))
            if other is not None and min(curves.benefit[at], curves.benefit[other]) >= 0:
                better.append(at)
                worse.append(other)
                group.append(names)
    return Pairs(np.array(better, dtype=np.int64), np.array(worse, dtype=np.int64), group)


def _by_value(situations: Sequence[Situation]) -> dict[tuple[str, object], list[int]]:
    found: dict[tuple[str, object], list[int]] = defaultdict(list)
    for at, each in enumerate(situations):
        for dimension, value in each.items():
            found[dimension, value].append(at)
    return found


def _finding(bench: Bench, curves: Curves, pairs: Pairs, gap: Fen, members: list[int]) -> Finding:
    dimension, good, poor = pairs.group[members[0]]
    start, cost = _earliest(bench, curves, pairs, gap, members)
    widest = max(members, key=lambda at: gap[at].max())
    size = int(gap[widest].max())
    worst_cost = int(curves.costs[int(gap[widest].argmax())])
    word = DIMENSION_NAMES[dimension]
    names = f"{word} {good}", f"{word} {poor}"
    least = _example(bench, pairs, start, cost, names)
    worst = _example(bench, pairs, widest, worst_cost, names)
    sides = int(pairs.better[widest]), int(pairs.worse[widest])
    decisions = bench.read(sides, (worst_cost, worst_cost))
    step = cause(decisions[1], decisions[0], curves.slack)
    rule = f"（{step.name}）" if step else ""
    name = bench.terms.benefit(decisions[0].benefit or decisions[1].benefit).name
    return Finding(
        kind="inversion",
        title=f"{name}：{word}“{good}”比“{poor}”负担重{rule}，同样的费用最多多负担 {yuan(size)} 元",
        article=step.article if step and step.article else cited(*decisions),
        size=size,
        situations=len(members),
        example=least,
        worst=worst,
        curves=_curves(bench, pairs, start, cost, names),
    )


def _earliest(
    bench: Bench, curves: Curves, pairs: Pairs, gap: Fen, members: list[int]
) -> tuple[int, int]:
    """(pair, the least cost in fen at which it is upside down), halved between grid costs."""
    crossing = {at: int((gap[at] > curves.slack).argmax()) for at in members}

    def simple(at: int) -> tuple[int, int]:
        return mixed(bench.situations[pairs.better[at]]), crossing[at]

    best = min(map(simple, members))
    at = np.array([each for each in members if simple(each) == best][:HALVED])
    first = best[1]
    high = np.full(len(at), curves.costs[first])
    low = np.full(len(at), curves.costs[first - 1] if first else 0)
    while (high - low > 1).any():
        middle = (low + high) // 2
        shows = _gap(bench, pairs, at, middle) > curves.slack
        high, low = np.where(shows, middle, high), np.where(shows, low, middle)
    return _least(bench, curves, pairs, at, high)


def _least(bench: Bench, curves: Curves, pairs: Pairs, at: Fen, high: Fen) -> tuple[int, int]:
    """Rounding lets a gap come and go about where it begins: every fen before is tried."""
    back = np.arange(BEFORE, -1, -1)
    costs = (high[:, None] - back).clip(0)
    shows = _gap(bench, pairs, np.repeat(at, len(back)), costs.ravel()) > curves.slack
    first = shows.reshape(costs.shape).argmax(axis=1)
    least = costs[np.arange(len(at)), first]
    best = int(np.lexsort((pairs.better[at], least))[0])
    return int(at[best]), int(least[best])


def _gap(bench: Bench, pairs: Pairs, at: Fen, costs: Fen) -> Fen:
    """How much more of ``costs`` the better one bears, in fen."""
    more = bench.settle(pairs.better[at], costs).personal
    less = bench.settle(pairs.worse[at], costs).personal
    gap: Fen = more - less
    return gap


def _example(bench: Bench, pairs: Pairs, at: int, cost: int, names: tuple[str, str]) -> Example:
    sides = int(pairs.better[at]), int(pairs.worse[at])
    claims = [(f"① {names[0]}", sides[0], cost), (f"② {names[1]}", sides[1], cost)]
    return example(bench, claims, bench.read(sides, (cost, cost)))


def _curves(bench: Bench, pairs: Pairs, at: int, cost: int, names: tuple[str, str]) -> Lines:
    found = {}
    for name, which in zip(names, (pairs.better[at], pairs.worse[at]), strict=True):
        across, _, personal = picture(bench, int(which), cost)
        found[f"{name}的个人负担"] = tuple(zip(across.tolist(), personal.tolist(), strict=True))
    return found
