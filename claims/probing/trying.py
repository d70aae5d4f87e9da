"""Settles situations at any cost: by the batch for amounts, a few at a time for the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claims.adjudication import (
    Bill,
    Case,
    Cases,
    Decision,
    Decisions,
    Member,
    Opening,
    Visit,
    adjudicate,
)
from claims.probing.axes import limits_of
from claims.probing.situations import HALF, NEARLY, Situation
from policies.terms import Counter, Terms

Fen = NDArray[np.int64]

# Claims in one batch: enough for columns to pay, little enough for 200 MB.
BATCH = 200_000
# What a class beside the running one costs, what stands in every balance, and what is left of a
# limit that is nearly used up, in fen (days: 5).
BESIDE, BALANCE, LEFT = 1000_00, 100_00, 100_00


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fen for each claim; ``benefit`` is -1 where nothing is paid at all.  ``mix`` is unlike where
    cash or what any layer pays is."""

    fund: Fen
    personal: Fen
    mix: Fen
    benefit: Fen


class Bench:
    """Situations of one pack, ready to be settled at any cost.  ``settled`` counts claims."""

    def __init__(self, terms: Terms, situations: Sequence[Situation]) -> None:
        self.terms = terms
        self.situations = situations
        self.settled = 0
        self._cases = Cases.from_cases([_case(each, terms) for each in situations], terms)
        classes = list(terms.bill.classes)
        self._running = np.array([classes.index(each["running"]) for each in situations])
        beside = [classes.index(s["beside"]) if s["beside"] else -1 for s in situations]
        self._beside = np.array(beside)
        limits = limits_of(terms, (terms.benefits, terms.layers))
        self._used = {
            name: np.array([_used(each, counter, limits.get(name, 0)) for each in situations])
            for name, counter in terms.counters.items()
        }

    def settle(self, which: NDArray[Any], costs: Fen, terms: Terms | None = None) -> Outcome:
        """Situations ``which`` at ``costs`` fen, by ``terms`` where they are others than the
        pack's own (of the same classes and counters)."""
        outcomes = []
        for low in range(0, len(which), BATCH):
            part = slice(low, low + BATCH)
            done = self._decide(which[part], costs[part], terms or self.terms, keep=False)
            outcomes.append(Outcome(done.fund_pay, done.personal, self._mix(done), done.benefit))
        self.settled += len(which)
        return Outcome(
            *(
                np.concatenate([getattr(each, name) for each in outcomes])
                for name in ("fund", "personal", "mix", "benefit")
            )
        )

    def grid(self, costs: Fen) -> Outcome:
        """All situations at all costs: one row for each situation, one column for each cost."""
        size = len(self.situations)
        done = self.settle(np.repeat(np.arange(size), len(costs)), np.tile(costs, size))
        shape = (size, len(costs))
        return Outcome(*(getattr(done, each.name).reshape(shape) for each in fields(done)))

    def read(self, which: Sequence[int], costs: Sequence[int]) -> list[Decision]:
        """The same claims with every step, for a few."""
        wanted, amounts = np.array(which), np.array(costs, dtype=np.int64)
        done = self._decide(wanted, amounts, self.terms, keep=True)
        return [done.one(at) for at in range(len(wanted))]

    def used(self, at: int) -> dict[str, int]:
        """Counter → what it stood at before the claim, where that is not nothing."""
        values = {name: int(column[at]) for name, column in self._used.items()}
        return {name: value for name, value in values.items() if value}

    def _decide(self, which: NDArray[Any], costs: Fen, terms: Terms, *, keep: bool) -> Decisions:
        size = len(which)
        amounts = np.zeros((len(terms.bill.classes), size), dtype=np.int64)
        each = np.arange(size)
        beside = np.flatnonzero(self._beside[which] >= 0)
        amounts[self._beside[which][beside], beside] = BESIDE
        amounts[self._running[which], each] += costs
        cases = _taken(self._cases, which, amounts)
        columns = {
            name: self._spread(counter, self._used[name][which])
            for name, counter in terms.counters.items()
        }
        return adjudicate(cases, terms, Opening(columns), keep_steps=keep)

    def _mix(self, done: Decisions) -> Fen:
        """Cash and every layer of the pack with an odd weight of its own, added up."""
        mix = done.cash
        for at, code in enumerate(self.terms.layer_names):
            if code in done.layers:
                mix = mix + (2 * at + 3) * done.layers[code]
        return mix

    def _spread(self, counter: Counter, values: Fen) -> Fen:
        if not counter.by:
            return values
        codes = self.terms.vocabulary.get(counter.by, self._cases.hospitals)
        spread: Fen = np.repeat(values[:, None], len(codes), axis=1)
        return spread


def _taken(cases: Cases, which: NDArray[Any], amounts: Fen) -> Cases:
    """The claims ``which``, each of a person of its own."""
    taken: dict[str, Any] = {}
    for each in fields(cases):
        value = getattr(cases, each.name)
        if isinstance(value, np.ndarray) and value.ndim == 1:
            taken[each.name] = value[which]
        elif isinstance(value, dict):
            taken[each.name] = {name: column[which] for name, column in value.items()}
    owners = np.arange(len(which))
    names = [""] * len(which)
    return replace(
        cases,
        **taken
        | {"keys": names, "person": owners, "household": owners, "amounts": amounts}
        | {"persons": names, "households": names},
    )


def _used(each: Situation, counter: Counter, limit: int) -> int:
    if counter.unit == "count":
        return int(each["visit"]) - 1
    if counter.kind == "balance":
        return BALANCE
    if each["used"] not in (HALF, NEARLY, counter.name) or not limit:
        return 0
    left = 5 if counter.unit == "days" else LEFT
    return limit // 2 if each["used"] == HALF or limit <= left else limit - left


def _case(each: Situation, terms: Terms) -> Case:
    starts = terms.valid_from
    # The 28th exists in every month and year.
    born = date(starts.year - each["age"], starts.month, min(starts.day, 28))
    return Case(
        member=Member(
            person="p",
            household="h",
            birth_date=born,
            tier=each.get("tier", ""),
            sex=each.get("sex", ""),
            residence=each.get("residence", ""),
            statuses=each["status"],
            consecutive_years=each["years"],
            claim_free_years=each["claim_free"],
        ),
        visit=Visit(
            key="",
            care=each.get("care", ""),
            level=each.get("level", ""),
            starts=starts,
            ends=starts + timedelta(days=each["days"]),
            place=each.get("place", ""),
            referral=each.get("referral", ""),
            diseases=each["disease"],
            procedures=each["procedure"],
            facts=each["fact"],
            reasons=each["reason"],
            babies=each["babies"],
            prior_deductible=each["prior"],
            hospital="1",
        ),
        bill=Bill(amounts={}),
    )
