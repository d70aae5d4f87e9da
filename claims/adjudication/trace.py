"""The record of what each rule did, kept only for small batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.columns import Fen, Mask
from policies.terms import Step

Words = Callable[[int], str]


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals, for sentences."""
    return f"{fen // 100}.{fen % 100:02d}元"


def percent(ratio: int) -> str:
    """1/10000 as a percentage without idle zeros: 5250 → 52.5%."""
    return f"{ratio / 100:.2f}".rstrip("0").rstrip(".") + "%"


def points(ratio: int) -> str:
    """1/10000 as percentage points, which are added to a ratio and not taken of it."""
    return percent(ratio).rstrip("%") + "个百分点"


class Trace:
    """Steps by claim.  An idle trace (``keep`` false) records nothing and costs nothing."""

    def __init__(self, size: int, keep: bool) -> None:
        self.keep = keep
        self.steps: list[list[Step]] = [[] for _ in range(size)] if keep else []

    def note(
        self,
        at: NDArray[np.int64],
        when: Mask,
        code: str,
        *,
        name: str,
        article: str | Words,
        before: Fen,
        after: Fen,
        parameter: Words,
        sentence: Words,
        unit: Literal["fen", "ratio"] = "fen",
    ) -> None:
        """Record one step for the claims ``at`` where ``when``; texts are asked per claim."""
        if not self.keep:
            return
        for index in when.nonzero()[0]:
            i = int(index)
            cited = article if isinstance(article, str) else article(i)
            said = sentence(i)
            step = Step(
                code=code,
                name=name,
                article=cited,
                before=int(before[i]),
                after=int(after[i]),
                parameter=parameter(i),
                sentence=f"{said}（{cited}）。" if cited else f"{said}。",
                unit=unit,
            )
            self.steps[int(at[i])].append(step)
