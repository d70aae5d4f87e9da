"""Control limits of an institution beside its peers (funnel plot). Pure; statistics, no money.

Every figure of a profile is a ratio of two sums over visits, R = Σx / Σy: the cost of a stay (y is
1), the share of drugs (y is the cost), the readmissions (x is 0 or 1, y is 1). Around the peers'
ratio an institution with n visits is expected within

    R ± z · S / (ȳ · √n),   S² = Σ (x - R·y)² / (N - 1),

S² and ȳ over the N visits of all peers: the variance of a ratio of sums (Cochran, Sampling
Techniques, 3rd ed. 1977, 6.4). Where y is 1 it is the mean with its standard error, and where x is
0 or 1 besides the binomial limits. That limits narrow with n, z = 1.96 (95 %) to look closer and
3.09 (99.8 %) to act: Spiegelhalter, Funnel plots for comparing institutional performance,
Statistics in Medicine 24 (2005), 1185-1202.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import inf, sqrt

WARNING, CONTROL = 1.96, 3.09
# Below so many visits the normal approximation says nothing (a rule of thumb; no norm).
MIN_VISITS = 10
# Among fewer institutions none has peers.
MIN_PEERS = 3


@dataclass(frozen=True, slots=True)
class Sums:
    """Over the visits of an institution, or of several: how many, and the sums of x, y, x², y²,
    x·y."""

    n: int = 0
    x: float = 0
    y: float = 0
    xx: float = 0
    yy: float = 0
    xy: float = 0

    @property
    def ratio(self) -> float | None:
        return self.x / self.y if self.y else None


def together(rows: Iterable[Sums]) -> Sums:
    n, x, y, xx, yy, xy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for one in rows:
        n, x, y = n + one.n, x + one.x, y + one.y
        xx, yy, xy = xx + one.xx, yy + one.yy, xy + one.xy
    return Sums(n, x, y, xx, yy, xy)


class Verdict(Enum):
    """Where an institution lies beside its limits."""

    FAR_ABOVE = "高于控制线"
    ABOVE = "高于警戒线"
    WITHIN = "在范围内"
    BELOW = "低于警戒线"
    FAR_BELOW = "低于控制线"
    FEW = "例数太少"


@dataclass(frozen=True, slots=True)
class Limits:
    """Around the peers' `centre`: to look closer, and to act. None of them is below zero."""

    centre: float
    low: float
    high: float
    far_low: float
    far_high: float


def limits(peers: Sums, n: int, most: float = inf) -> Limits | None:
    """For an institution with n visits; None where the peers say nothing. `most`: what the ratio
    cannot exceed, 1 of a share."""
    centre = peers.ratio
    if centre is None or peers.n < 2 or n < 1:
        return None
    squares = peers.xx - 2 * centre * peers.xy + centre * centre * peers.yy
    spread = sqrt(max(squares, 0.0) / (peers.n - 1)) / (peers.y / peers.n)
    near, far = (z * spread / sqrt(n) for z in (WARNING, CONTROL))
    return Limits(
        centre,
        max(centre - near, 0.0),
        min(centre + near, most),
        max(centre - far, 0.0),
        min(centre + far, most),
    )


def verdict(own: Sums, around: Limits | None) -> Verdict:
    value = own.ratio
    if value is None or around is None or own.n < MIN_VISITS:
        return Verdict.FEW
    if value > around.high:
        return Verdict.FAR_ABOVE if value > around.far_high else Verdict.ABOVE
    if value < around.low:
        return Verdict.FAR_BELOW if value < around.far_low else Verdict.BELOW
    return Verdict.WITHIN
