"""The record of what each rule did, kept only for small batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Told:
    """What one step did to a group of claims: its name, the article that says so, amounts before
    and after, and the number that it went by: fen, or else in words."""

    code: str
    name: str
    article: str | Words
    before: Fen
    after: Fen
    parameter: Fen | Words
    unit: Literal["fen", "ratio"] = "fen"


class Trace:
    """Steps by claim.  An idle trace (``keep`` false) records nothing and costs nothing."""

    def __init__(self, size: int, keep: bool) -> None:
        self.keep = keep
        self.steps: list[list[Step]] = [[] for _ in range(size)] if keep else []

    def note(
        self, at: NDArray[np.int64], told: Told, sentence: Words, when: Mask | None = None
    ) -> None:
        """Record one step for the claims ``at``, for those of them ``when`` it did something to;
        texts are asked per claim."""
        if not self.keep:
            return
        article, parameter = told.article, told.parameter
        for index in range(len(at)) if when is None else when.nonzero()[0]:
            i = int(index)
            cited = article if isinstance(article, str) else article(i)
            said = sentence(i)
            step = Step(
                code=told.code,
                name=told.name,
                article=cited,
                before=int(told.before[i]),
                after=int(told.after[i]),
                parameter=parameter(i) if callable(parameter) else yuan(int(parameter[i])),
                sentence=f"{said}（{cited}）。" if cited else f"{said}。",
                unit=told.unit,
            )
            self.steps[int(at[i])].append(step)
