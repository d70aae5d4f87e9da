"""断崖: a fen more of cost takes help away, or gives a jump of it; or help sinks as cost rises."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from claims.adjudication import Decision
from claims.probing.curves import Curves, Pieces, picture
from claims.probing.findings import Example, Finding, Lines
from claims.probing.saying import cause, cited, example, yuan
from claims.probing.situations import mixed
from claims.probing.trying import Bench, Fen
from policies.terms import Step

# Cliffs that are read step by step: those of the plainest situation at each cost come first.
READ = 600


def find_cliffs(bench: Bench, curves: Curves) -> list[Finding]:
    """One finding for each rule that makes help jump, with its smallest example."""
    pieces = curves.pieces
    lost = pieces.fund_low - pieces.fund_high
    gained = pieces.personal_low - pieces.personal_high
    drops = (lost > curves.slack) & (curves.benefit[curves.first[pieces.curve]] >= 0)
    jumps = (gained > curves.slack) & ~drops & (pieces.high - pieces.low == 1)
    found = []
    for chosen, size, is_drop in ((drops, lost, True), (jumps, gained, False)):
        at = np.flatnonzero(chosen)
        found += _by_rule(bench, curves, pieces.where(chosen), size[at], is_drop=is_drop)
    return found


def _by_rule(
    bench: Bench, curves: Curves, pieces: Pieces, size: Fen, *, is_drop: bool
) -> list[Finding]:
    kept = _plainest(curves, pieces)
    which = [int(curves.first[pieces.curve[at]]) for at in kept]
    low = bench.read(which, [int(pieces.low[at]) for at in kept]) if kept else []
    high = bench.read(which, [int(pieces.high[at]) for at in kept]) if kept else []
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number in range(len(kept)):
        step = _cause((low[number], high[number]), curves.slack, is_drop=is_drop)
        told = (step.code, step.name, step.article) if step else ()
        groups[high[number].benefit, *told].append(number)
    findings = []
    for numbers in groups.values():
        least = min(
            numbers,
            key=lambda n: (mixed(bench.situations[which[n]]), pieces.low[kept[n]], which[n]),
        )
        worst = max(numbers, key=lambda n: size[kept[n]])
        pair = low[least], high[least]
        finding = _finding(bench, curves, pieces, kept[least], pair, is_drop=is_drop)
        number = sum(curves.sharing(int(pieces.curve[kept[n]])) for n in numbers)
        step = _cause(pair, curves.slack, is_drop=is_drop)
        findings.append(
            Finding(
                kind="cliff",
                title=finding,
                article=step.article if step and step.article else cited(*pair),
                size=int(size[kept[worst]]),
                situations=number,
                example=_example(bench, curves, pieces, kept[least], pair),
                worst=None if worst == least
                else _example(bench, curves, pieces, kept[worst], (low[worst], high[worst])),
                curves=_curves(bench, which[least], pieces, kept[least]),
            )
        )  # fmt: skip
    return findings


def _plainest(curves: Curves, pieces: Pieces) -> list[int]:
    """For each benefit and cost the plainest situation that shows the cliff."""
    first = curves.first[pieces.curve]
    seen: dict[tuple[int, int, int], int] = {}
    for at in np.argsort(first, kind="stable"):
        size = int(pieces.fund_high[at] - pieces.fund_low[at])
        key = int(curves.benefit[first[at]]), int(pieces.low[at]), size
        seen.setdefault(key, int(at))
    return list(seen.values())[:READ]


def _finding(
    bench: Bench, curves: Curves, pieces: Pieces, at: int, pair: tuple[Decision, Decision],
    *, is_drop: bool,
) -> str:  # fmt: skip
    low, high = int(pieces.low[at]), int(pieces.high[at])
    step = _cause(pair, curves.slack, is_drop=is_drop)
    rule = step.name if step else bench.terms.benefit(pair[1].benefit or pair[0].benefit).name
    more = "多花 1 分" if high - low == 1 else f"费用由 {yuan(low)} 元增到 {yuan(high)} 元"
    if is_drop:
        lost = pair[0].fund_pay - pair[1].fund_pay
        return f"{rule}：{more}，基金少付 {yuan(lost)} 元"
    return f"{rule}：{more}，个人反而少负担 {yuan(pair[0].personal - pair[1].personal)} 元"


def _cause(pair: tuple[Decision, Decision], slack: int, *, is_drop: bool) -> Step | None:
    low, high = pair
    return cause(low, high, slack) if is_drop else cause(high, low, slack)


def _example(
    bench: Bench, curves: Curves, pieces: Pieces, at: int, pair: tuple[Decision, Decision]
) -> Example:
    which = int(curves.first[pieces.curve[at]])
    claims = [("①", which, int(pieces.low[at])), ("②", which, int(pieces.high[at]))]
    return example(bench, claims, pair)


def _curves(bench: Bench, which: int, pieces: Pieces, at: int) -> Lines:
    across, fund, personal = picture(bench, which, int(pieces.low[at]), int(pieces.high[at]))
    return {
        "基金支付": tuple(zip(across.tolist(), fund.tolist(), strict=True)),
        "个人负担": tuple(zip(across.tolist(), personal.tolist(), strict=True)),
    }
