"""One probe from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from claims.probing.ceilings import find_open_ended
from claims.probing.cliffs import find_cliffs
from claims.probing.curves import draw
from claims.probing.findings import Probed, in_order
from claims.probing.idle import find_idle
from claims.probing.inversions import find_inversions
from claims.probing.situations import situations
from claims.probing.trying import Bench
from policies.terms import Terms

Tell = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Thoroughness:
    """``most``: situations for each way into a benefit; ``ratio``: of one cost to the next."""

    most: int
    ratio: float


FULL = Thoroughness(most=10_000, ratio=2.0)
COARSE = Thoroughness(most=300, ratio=4.0)


def probe(
    terms: Terms, how: Thoroughness = FULL, tell: Tell = lambda percent, stage: None
) -> Probed:
    """What the pack does that no law means.  ``tell`` hears percent and stage.

    Measures without benefits are found to have nothing.
    """
    if not terms.benefits:
        return Probed(findings=(), situations=0, settled=0)
    bench = Bench(terms, situations(terms, how.most))
    tell(5, "结算各种情形")
    curves = draw(bench, how.ratio)
    tell(50, "找断崖")
    found = find_cliffs(bench, curves)
    tell(60, "找倒挂")
    found += find_inversions(bench, curves)
    tell(70, "找没有封顶的自付")
    found += find_open_ended(bench, curves)
    tell(75, "找从不起作用的规定")
    found += find_idle(bench, curves)
    return Probed(findings=in_order(found), situations=len(bench.situations), settled=bench.settled)
