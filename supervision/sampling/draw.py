"""The draw of a sample: pure, the same on every machine, whatever the order of the rows.

Each settlement of the list gets the SHA-256 of "SEED:NUMBER" (ASCII, the seed in lower-case hex).
In each stratum the settlements with the smallest digests are drawn. Whoever has the seed and the
list of numbers draws the same with any program that knows SHA-256.

The seed is fixed before the list is known: its own SHA-256 is made public at once, the seed itself
with the draw. Nobody can look for a seed that spares a claim.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import ceil
from typing import Literal

Risk = Literal["raised", "usual"]
# 每月不少于 10% 的抽查率 (the district's review of 2021): no county goes below it.
MIN_RATE = 10
# No full check begins higher (yuan; doubts of an institution), or two people could decide that
# nothing is checked: ten times what holds without a decision. No norm names a figure.
MAX_FULL_FROM, MAX_FULL_DOUBTS = 200_000, 30
# Of fewer than two in a stratum no spread can be told (Cochran 1977, 5.4).
MIN_DRAWN = 2


@dataclass(frozen=True)
class Rates:
    """Percent of each risk that are drawn, and from which payment (fen) the risk is raised. A
    quarter's full check (全面检查) draws all of the raised risk and none of the usual one."""

    usual: Fraction = Fraction(MIN_RATE)
    raised: Fraction = Fraction(2 * MIN_RATE)
    large_from: int = 500_000

    def of(self, risk: Risk) -> Fraction:
        return self.raised if risk == "raised" else self.usual


@dataclass(frozen=True, order=True)
class Stratum:
    """An institution's settlements of one risk. `institution`: its code; "" for those without."""

    institution: str
    risk: Risk


@dataclass(frozen=True)
class Unit:
    """One settlement of the list: its number, stratum, and what the fund paid (fen)."""

    number: str
    stratum: Stratum
    fund: int


@dataclass(frozen=True)
class Drawn:
    """What was drawn of a stratum of `size` settlements that cost the fund `fund` fen."""

    stratum: Stratum
    size: int
    fund: int
    units: tuple[Unit, ...]


def commitment(seed: str) -> str:
    """What is made public of a seed before it is used."""
    return sha256(seed.encode("ascii")).hexdigest()


def order_of(seed: str, number: str) -> str:
    """By what the settlements of a stratum are sorted."""
    return sha256(f"{seed}:{number}".encode()).hexdigest()


def risk_of(*, fund: int, is_doubted: bool, large_from: int) -> Risk:
    """Raised of what screening doubts, and of large payments (大额抽审)."""
    return "raised" if is_doubted or fund >= large_from else "usual"


def how_many(size: int, rate: Fraction) -> int:
    """Drawn of `size`: the rate rounded up, never fewer than two where there are two; none of what
    a full check leaves out."""
    if not rate:
        return 0
    return min(size, max(MIN_DRAWN, ceil(size * rate / 100)))


def draw(seed: str, units: Iterable[Unit], rates: Rates) -> list[Drawn]:
    """The sample, stratum by stratum. Raises ValueError where a number stands twice."""
    strata: Mapping[Stratum, list[Unit]] = defaultdict(list)
    seen = set[str]()
    for unit in units:
        if unit.number in seen:
            raise ValueError(f"{unit.number} stands twice in the list")
        seen.add(unit.number)
        strata[unit.stratum].append(unit)
    return [_drawn(seed, stratum, strata[stratum], rates) for stratum in sorted(strata)]


def _drawn(seed: str, stratum: Stratum, units: list[Unit], rates: Rates) -> Drawn:
    ordered = sorted(units, key=lambda unit: (order_of(seed, unit.number), unit.number))
    return Drawn(
        stratum,
        len(units),
        sum(unit.fund for unit in units),
        tuple(ordered[: how_many(len(units), rates.of(stratum.risk))]),
    )


def spelled(units: Iterable[Unit]) -> str:
    """The list as it is kept and handed out: one settlement a line, in the order of numbers."""
    lines = (
        f"{unit.number},{unit.stratum.institution},{unit.stratum.risk},{unit.fund}"
        for unit in sorted(units, key=lambda unit: unit.number)
    )
    return "\n".join(lines)


def read(text: str) -> list[Unit]:
    """The list again, as `spelled` wrote it."""
    return [_unit(*line.rsplit(",", 3)) for line in text.splitlines()]


def _unit(number: str, institution: str, risk: str, fund: str) -> Unit:
    return Unit(number, Stratum(institution, "raised" if risk == "raised" else "usual"), int(fund))
