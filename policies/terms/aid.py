"""Medical assistance that is applied for (医疗救助申请): kinds, rates, publicity, warnings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class AidRate:
    """Who holds one of ``statuses`` gets ``ratio`` (1/10000) of what is above ``floor`` (fen)."""

    statuses: tuple[str, ...]
    floor: int
    ratio: int
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AidKind:
    """One kind of assistance.  ``base``: of what the person paid within the scope of insurance for
    these kinds of ``care``, or of the year's premium.  ``counter``: what layers of claims use up of
    the same ``cap``; "" when the kind has the cap (fen) to itself, "" care: every kind."""

    code: str
    name: str
    base: Literal["own_pay", "premium"]
    care: tuple[str, ...]
    booked_as: str
    rates: tuple[AidRate, ...]
    cap: int
    counter: str
    article: str

    def rate_of(self, statuses: Iterable[str]) -> tuple[str, AidRate] | None:
        """The first rate that one of the statuses is named in, and that status."""
        held = set(statuses)
        for rate in self.rates:
            for status in rate.statuses:
                if status in held:
                    return status, rate
        return None


@dataclass(frozen=True, slots=True)
class AidWarning:
    """Somebody who bore this much (fen) of a year's costs is pointed out (因病致贫预警)."""

    code: str
    name: str
    above: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AidRules:
    """``warnings`` rise; ``task_days``: within which a township answers for a passed-down case."""

    kinds: tuple[AidKind, ...]
    publicity_days: int
    task_days: int
    warnings: tuple[AidWarning, ...]
    article: str

    def kind(self, code: str) -> AidKind | None:
        return next((kind for kind in self.kinds if kind.code == code), None)

    def warning(self, fen: int) -> AidWarning | None:
        """The highest threshold that is reached."""
        reached = [each for each in self.warnings if fen >= each.above]
        return reached[-1] if reached else None
