"""自付没有封顶: of whom a share of every further yuan is asked, however dear the illness."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from claims.adjudication.columns import Mask
from claims.probing.curves import Curves, picture
from claims.probing.findings import Finding
from claims.probing.saying import cited, example, yuan
from claims.probing.situations import FRESH, main_class
from claims.probing.trying import Bench, Fen

# Of 10 000 further fen; below it the burden counts as closed.
SHARE = 50


def find_open_ended(bench: Bench, curves: Curves) -> list[Finding]:
    """One finding for each benefit and share that the patient goes on bearing at the end."""
    top, main = curves.costs[-2:], main_class(bench.terms)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for curve, which in enumerate(curves.first):
        situation = bench.situations[which]
        benefit = int(curves.benefit[which])
        plain = situation["running"] == main and situation["used"] == FRESH
        if benefit < 0 or not plain or situation["beside"]:
            continue
        rise = curves.personal[which, -1] - curves.personal[which, -2]
        share = round(10_000 * int(rise) / int(top[1] - top[0]))
        if share >= SHARE:
            groups[benefit, share].append(curve)
    return [
        _finding(bench, curves, benefit, share, members)
        for (benefit, share), members in groups.items()
    ]


def _finding(bench: Bench, curves: Curves, benefit: int, share: int, members: list[int]) -> Finding:
    starts = {curve: _begins(bench, curves, curve, share) for curve in members}
    least = min(members, key=lambda curve: (starts[curve], curves.first[curve]))
    which, cost = int(curves.first[least]), starts[least]
    dear = int(curves.costs[-1])
    decisions = bench.read((which, which), (cost, dear))
    across, fund, personal = picture(bench, which, cost)
    name = bench.terms.benefits[benefit].name
    return Finding(
        kind="open_ended",
        title=f"{name}：费用超过 {yuan(cost)} 元以后，每多花 100 元个人负担 {yuan(share)} 元，"
        "没有止境",
        article=cited(decisions[1]),
        size=share,
        situations=sum(curves.sharing(curve) for curve in members),
        example=example(bench, [("起", which, cost), ("费用很高时", which, dear)], decisions),
        curves={
            "基金支付": tuple(zip(across.tolist(), fund.tolist(), strict=True)),
            "个人负担": tuple(zip(across.tolist(), personal.tolist(), strict=True)),
        },
    )


def _begins(bench: Bench, curves: Curves, curve: int, share: int) -> int:
    """The least cost in fen from which the burden rises as it does at the end, within rounding."""
    which = int(curves.first[curve])
    last, end = int(curves.costs[-1]), int(curves.personal[which, -1])
    # Whoever bears all of it is off by no fen; a share is off by what its layers round.
    off = 0 if share == 10_000 else curves.slack

    def straight(costs: Fen, personal: Fen) -> Mask:
        found: Mask = np.abs(personal - (end - share * (last - costs) / 10_000)) <= off
        return found

    own = curves.pieces.where(curves.pieces.curve == curve)
    order = np.argsort(own.low)
    lows, personal = own.low[order], own.personal_low[order]
    bent = np.flatnonzero(~straight(lows, personal))
    if not len(bent):
        return int(lows[0])
    low = int(lows[bent[-1]])
    high = int(own.high[order][bent[-1]])
    while high - low > 1:
        middle = np.array([(low + high) // 2], dtype=np.int64)
        found = bench.settle(np.array([which]), middle).personal
        low, high = (low, int(middle[0])) if straight(middle, found)[0] else (int(middle[0]), high)
    return high
