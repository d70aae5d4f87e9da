"""What has been used so far: deductibles paid, caps used, balances left.

One array per counter, one slot per owner and period.  The slots of a whole batch are numbered
once; settling then reads and writes them round by round, so that a person's second visit sees
what the first one used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.columns import EPOCH, Cases, Fen, Mask
from claims.adjudication.ordering import begins, stable_order
from policies.terms import Counter, Terms
from policies.terms.pack import HOSPITAL


@dataclass(frozen=True, slots=True)
class Opening:
    """Counters at the start of a batch as columns, for callers that have a year in columns.

    ``columns``: counter name → one value per owner, in the order of ``Cases.persons`` or
    ``Cases.households``; where the counter is kept ``by`` a category, one row per owner and one
    column per code.  A counter that is not given starts at zero.
    """

    columns: Mapping[str, Fen]

    def at(self, counter: Counter, cases: Cases, claims: NDArray[np.int64]) -> Fen:
        """The counter's value before each of ``claims``."""
        column = self.columns.get(counter.name)
        if column is None:
            return np.zeros(len(claims), dtype=np.int64)
        owner = (cases.person if counter.owner == "person" else cases.household)[claims]
        place = (owner, _apart(counter, cases)[claims]) if counter.by else owner
        found: Fen = column[place]
        return found


Start = Mapping[str, Mapping[str, int]] | Opening


@dataclass(slots=True)
class Usage:
    """All counters of a batch.  ``moves`` keeps before and after per claim when wanted."""

    cases: Cases
    terms: Terms
    slots: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    values: dict[str, Fen] = field(default_factory=dict)
    moves: dict[str, tuple[Fen, Fen, Mask]] | None = None

    @classmethod
    def begin(cls, cases: Cases, terms: Terms, used: Start | None, keep_moves: bool) -> Usage:
        """Counters at the start of the batch: ``used`` by owner key, then counter key.

        Person counters are looked up under the person's key and household counters under the
        household's.  What is not given starts at zero.
        """
        usage = cls(cases, terms, moves={} if keep_moves else None)
        periods: dict[tuple[str, ...], tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        for counter in terms.counters.values():
            group = (counter.owner, counter.period, counter.by)
            if group not in periods:
                periods[group] = _slots(cases, terms, counter)
            first, slot = periods[group]
            usage.slots[counter.name] = slot
            usage.values[counter.name] = usage._starting(counter, first, used)
        return usage

    def get(self, counter: str, at: NDArray[np.int64]) -> Fen:
        """The counter's value for claims ``at``."""
        return self.values[counter][self.slots[counter][at]]

    def add(self, counter: str, at: NDArray[np.int64], amount: Fen) -> None:
        """Move the counter by ``amount`` for claims ``at``: up when it counts what is used,
        down when it is a balance.  The claims must all belong to different owners."""
        slots = self.slots[counter][at]
        change = -amount if self.terms.counters[counter].kind == "balance" else amount
        before = self.values[counter][slots]
        self.values[counter][slots] = before + change
        if self.moves is not None:
            self._record(counter, at, before, before + change)

    def is_told(self, counter: Counter, claims: NDArray[np.int64]) -> bool:
        """Whether each claim says what the counter is kept by; only a hospital may be left out."""
        if counter.by != HOSPITAL or "" not in self.cases.hospitals:
            return True
        blank = self.cases.hospitals.index("")
        return not (_apart(counter, self.cases)[claims] == blank).any()

    def key(self, counter: Counter, claim: int) -> str:
        """The key under which the caller keeps ``counter`` for claim number ``claim``."""
        day = EPOCH + timedelta(days=int(self.cases.counted_on[claim]))
        if not counter.by:
            return counter.key(day)
        return counter.key(
            day, _codes(counter, self.cases, self.terms)[int(_apart(counter, self.cases)[claim])]
        )

    def _starting(self, counter: Counter, first: NDArray[np.int64], used: Start | None) -> Fen:
        if isinstance(used, Opening):
            return used.at(counter, self.cases, first)
        values = np.zeros(len(first), dtype=np.int64)
        if not used:
            return values
        cases = self.cases
        names = cases.persons if counter.owner == "person" else cases.households
        owner = cases.person if counter.owner == "person" else cases.household
        for slot, claim in enumerate(first):
            known = used.get(names[int(owner[claim])])
            if known and self.is_told(counter, first[slot : slot + 1]):
                values[slot] = known.get(self.key(counter, int(claim)), 0)
        return values

    def _record(self, counter: str, at: NDArray[np.int64], before: Fen, after: Fen) -> None:
        assert self.moves is not None
        if counter not in self.moves:
            size = len(self.cases)
            empty = np.zeros(size, dtype=np.int64)
            self.moves[counter] = (empty, empty.copy(), np.zeros(size, dtype=bool))
        old, new, touched = self.moves[counter]
        old[at] = np.where(touched[at], old[at], before)
        new[at] = after
        touched[at] = True


def _slots(
    cases: Cases, terms: Terms, counter: Counter
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(first claim of every slot, slot of every claim)."""
    if len(cases) == 1:  # a claim at the counter
        only = np.zeros(1, dtype=np.int64)
        return only, only
    owner = cases.person if counter.owner == "person" else cases.household
    period = _period_numbers(cases, terms, counter.period)
    span = int(period.max()) - int(period.min()) + 1
    combined = owner * span + (period - period.min())
    if counter.by:
        codes = len(_codes(counter, cases, terms))
        combined = combined * codes + _apart(counter, cases)
    order = stable_order(combined)
    another = begins(combined[order])
    slot = np.empty(len(cases), dtype=np.int64)
    slot[order] = np.cumsum(another) - 1
    return order[another], slot


def _codes(counter: Counter, cases: Cases, terms: Terms) -> Sequence[str]:
    """What the counter keeps apart: the hospitals of the batch, or the codes of a category."""
    return cases.hospitals if counter.by == HOSPITAL else list(terms.vocabulary[counter.by])


def _apart(counter: Counter, cases: Cases) -> NDArray[np.int64]:
    """Position of every claim among ``_codes``."""
    if counter.by != HOSPITAL:
        return cases.categories[counter.by]
    if cases.hospital is None:
        raise ValueError(f"{counter.name} is kept by hospital, and no claim tells its own")
    return cases.hospital


def _period_numbers(cases: Cases, terms: Terms, period: str) -> NDArray[np.int64]:
    days = cases.counted_on
    if period == "day":
        return days
    if period == "week":
        return (days + 3) // 7  # 1970-01-01 was a Thursday, a week begins on Monday
    if period == "life":
        return np.zeros_like(days)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    if period == "month":
        return months
    if period == "quarter":
        return months // 3
    return insurance_years(days, terms)


def insurance_years(days: NDArray[np.int64], terms: Terms) -> NDArray[np.int64]:
    """The insurance year of every day (days since 1970-01-01)."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    of_month = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    month = months.astype(np.int64)
    starts = terms.year.starts
    before = (month % 12 + 1) * 100 + of_month < starts.month * 100 + starts.day
    years: NDArray[np.int64] = month // 12 + 1970 - before
    return years
