"""Help and burden as a curve over cost: a grid, then halving wherever the curve is not straight.

Whatever a pack does is straight between a few costs at which something begins or ends.  Where the
middle of an interval does not lie between its ends, it is halved, down to a single fen; so every
jump is found at its fen, but for two within one interval that cancel out at its very middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from claims.probing.axes import amounts_in, parts
from claims.probing.trying import Bench, Fen, Outcome
from policies.terms import Rounding, Terms

# From one yuan to three million: above the dearest year of treatment that any county reported.
LEAST, MOST = 1_00, 3_000_000_00


def costs(terms: Terms, ratio: float) -> Fen:
    """A geometric grid (each cost ``ratio`` times the one before) with every amount of the pack,
    and the fen after each."""
    found = {LEAST, MOST}
    cost = float(LEAST)
    while cost < MOST:
        found.add(int(cost))
        cost *= ratio
    for amount in amounts_in(terms):
        found |= {amount, amount + 1}
    return np.array(sorted(each for each in found if LEAST <= each <= MOST), dtype=np.int64)


def slack_of(terms: Terms) -> int:
    """Fen by which help may go astray by rounding alone: one for the bill and for each layer, and
    what a rule that pays in whole yuan rounds off."""
    units = sum(
        part.unit for part in parts((terms.benefits, terms.layers)) if isinstance(part, Rounding)
    )
    return 1 + len(terms.layer_names) + units


@dataclass(frozen=True, slots=True)
class Curves:
    """The grid of all situations, its unlike curves, and the straight pieces of these.

    ``fund``, ``personal``, ``mix``: (situations, costs) fen.  ``benefit``: -1 where nothing is
    ever paid.  ``alike``: situation → curve; ``first``: curve → the plainest situation that has it.
    """

    costs: Fen
    fund: Fen
    personal: Fen
    mix: Fen
    benefit: NDArray[np.int64]
    alike: NDArray[np.int64]
    first: NDArray[np.int64]
    pieces: Pieces
    slack: int

    def sharing(self, curve: int) -> int:
        """How many situations have this curve."""
        return int((self.alike == curve).sum())


@dataclass(frozen=True, slots=True)
class Pieces:
    """Straight pieces (or single fen) of curves: from ``low`` to ``high`` fen, with what the fund
    pays and what the patient bears at both ends."""

    curve: NDArray[np.int64]
    low: Fen
    high: Fen
    fund_low: Fen
    fund_high: Fen
    personal_low: Fen
    personal_high: Fen

    def where(self, chosen: NDArray[np.bool_]) -> Pieces:
        return Pieces(*(column[chosen] for column in self._columns()))

    def joined(self, other: Pieces) -> Pieces:
        pairs = zip(self._columns(), other._columns(), strict=True)
        return Pieces(*(np.concatenate(pair) for pair in pairs))

    def __len__(self) -> int:
        return len(self.curve)

    def _columns(self) -> tuple[Fen, ...]:
        return (
            self.curve, self.low, self.high, self.fund_low, self.fund_high,
            self.personal_low, self.personal_high,
        )  # fmt: skip


def draw(bench: Bench, ratio: float) -> Curves:
    """Settle the grid, and halve the unlike curves until they are straight."""
    at = costs(bench.terms, ratio)
    done = bench.grid(at)
    fund, personal, benefit = done.fund, done.personal, done.benefit.max(axis=1)
    first, alike = _unlike(fund, personal, benefit)
    slack = slack_of(bench.terms)
    pieces = _straight(bench, at, done, first, slack)
    return Curves(at, fund, personal, done.mix, benefit, alike, first, pieces, slack)


def _unlike(fund: Fen, personal: Fen, benefit: Fen) -> tuple[Fen, Fen]:
    """(first situation of every unlike curve, curve of every situation), by a 64-bit hash."""
    rng = np.random.default_rng(20261128)
    width = fund.shape[1]
    odd = rng.integers(1, 2**62, size=2 * width + 1, dtype=np.int64) | 1
    with np.errstate(over="ignore"):
        hashed = fund @ odd[:width] + personal @ odd[width:-1] + benefit * odd[-1]
    _, first, alike = np.unique(hashed, return_index=True, return_inverse=True)
    return first, alike


def _straight(bench: Bench, at: Fen, done: Outcome, first: Fen, slack: int) -> Pieces:
    size, steps = len(first), len(at) - 1
    f, p = done.fund[first], done.personal[first]
    pieces = Pieces(
        np.repeat(np.arange(size), steps),
        np.tile(at[:-1], size), np.tile(at[1:], size),
        f[:, :-1].ravel(), f[:, 1:].ravel(), p[:, :-1].ravel(), p[:, 1:].ravel(),
    )  # fmt: skip
    found = pieces.where(pieces.high - pieces.low <= 1)
    open_ones = pieces.where(pieces.high - pieces.low > 1)
    while len(open_ones):
        middle = (open_ones.low + open_ones.high) // 2
        tried = bench.settle(first[open_ones.curve], middle)
        bent = _off(open_ones, middle, open_ones.fund_low, open_ones.fund_high, tried.fund) > slack
        bent |= (
            _off(open_ones, middle, open_ones.personal_low, open_ones.personal_high, tried.personal)
            > slack
        )
        found = found.joined(open_ones.where(~bent))
        halves = _halved(open_ones, middle, tried.fund, tried.personal, bent)
        short = halves.high - halves.low <= 1
        found = found.joined(halves.where(short))
        open_ones = halves.where(~short)
    return found


def _off(pieces: Pieces, middle: Fen, low: Fen, high: Fen, found: Fen) -> NDArray[np.float64]:
    """How far the middle lies from the line between the ends, in fen."""
    along = (middle - pieces.low) / (pieces.high - pieces.low)
    off: NDArray[np.float64] = np.abs(found - (low + (high - low) * along))
    return off


def _halved(
    pieces: Pieces, middle: Fen, fund: Fen, personal: Fen, bent: NDArray[np.bool_]
) -> Pieces:
    left = Pieces(
        pieces.curve, pieces.low, middle, pieces.fund_low, fund, pieces.personal_low, personal
    )
    right = Pieces(
        pieces.curve, middle, pieces.high, fund, pieces.fund_high, personal, pieces.personal_high
    )
    return left.where(bent).joined(right.where(bent))


def picture(bench: Bench, at: int, *marks: int) -> tuple[Fen, Fen, Fen]:
    """(costs, fund, personal) of one situation from nothing to twice the last of ``marks``, the
    marks among them."""
    top = max(2 * max(marks), 1000_00)
    points = {0, *marks} | {top * step // 48 for step in range(49)}
    across = np.array(sorted(points), dtype=np.int64)
    done = bench.settle(np.full(len(across), at), across)
    return across, done.fund, done.personal
