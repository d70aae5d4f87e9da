"""Random claims for any pack: bare columns, and the same claims one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from claims.adjudication import Cases, Decision, adjudicate
from claims.adjudication.columns import EPOCH
from policies.terms import CATEGORIES, FLAGS, Terms


def random_cases(terms: Terms, size: int, *, seed: int, people: int, rare: float = 0.1) -> Cases:
    """``size`` claims of ``people`` persons in households of three, in date order.

    Every category is drawn evenly; every flag is set with probability ``rare``.
    """
    rng = np.random.default_rng(seed)
    person = rng.integers(0, people, size)
    first, last = ((day - EPOCH).days for day in terms.year.bounds(terms.valid_from.year))
    first = max(first, (terms.valid_from - EPOCH).days)
    ages = rng.integers(0, 100, size)
    cost = np.rint(np.exp(rng.normal(8.0, 1.6, (len(terms.bill.classes), size)))).astype(np.int64)
    present = rng.random(cost.shape) < 0.5
    return Cases(
        keys=[str(number) for number in range(size)],
        person=person,
        household=person // 3,
        persons=[f"p{number}" for number in range(people)],
        households=[f"h{number}" for number in range(people)],
        counted_on=np.sort(rng.integers(first, last + 120, size)),
        in_cover=rng.random(size) < 0.98,
        categories=_categories(terms, size, ages, rng),
        flags=_flags(terms, size, rare, rng),
        numbers={
            "age": ages,
            "years": rng.integers(1, 15, size),
            "claim_free": rng.integers(0, 3, size),
            "days": rng.integers(1, 40, size),
            "babies": rng.integers(1, 3, size),
        },
        prior_deductible=rng.integers(0, 30_000, size),
        amounts=cost * present * 10,
        hospital=rng.integers(0, 5, size),
        hospitals=[f"hospital{number}" for number in range(5)],
    )


def _categories(terms: Terms, size: int, ages: np.ndarray, rng: np.random.Generator) -> dict:
    found = {}
    for name in CATEGORIES:
        codes = terms.vocabulary.get(name, {})
        found[name] = rng.integers(0, len(codes), size) if codes else np.full(size, -1)
    if terms.age_groups:
        order = {code: at for at, code in enumerate(terms.vocabulary["age_group"])}
        by_age = np.array([order[terms.age_group(age)] for age in range(100)])
        found["age_group"] = by_age[ages]
    return found


def _flags(terms: Terms, size: int, rare: float, rng: np.random.Generator) -> dict:
    found = {}
    for name in FLAGS:
        bits = np.zeros(size, dtype=np.int64)
        for at, _ in enumerate(terms.vocabulary.get(name, {})):
            bits |= (rng.random(size) < (rare / 10 if name == "reason" else rare)) << at
        found[name] = bits
    return found


def one_of(cases: Cases, at: int) -> Cases:
    """Claim ``at`` as a batch of its own."""
    cut = slice(at, at + 1)
    return replace(
        cases,
        keys=[cases.keys[at]],
        person=np.zeros(1, dtype=np.int64),
        household=np.zeros(1, dtype=np.int64),
        persons=[cases.persons[cases.person[at]]],
        households=[cases.households[cases.household[at]]],
        counted_on=cases.counted_on[cut],
        in_cover=cases.in_cover[cut],
        categories={name: column[cut] for name, column in cases.categories.items()},
        flags={name: column[cut] for name, column in cases.flags.items()},
        numbers={name: column[cut] for name, column in cases.numbers.items()},
        prior_deductible=cases.prior_deductible[cut],
        amounts=cases.amounts[:, cut],
        hospital=None if cases.hospital is None else np.zeros(1, dtype=np.int64),
        hospitals=[] if cases.hospital is None else [cases.hospitals[cases.hospital[at]]],
    )


class OneByOne:
    """Settles claims one at a time, keeping usage by owner, counter and insurance year."""

    def __init__(self, terms: Terms, start: dict[str, dict[str, int]] | None = None) -> None:
        self.terms = terms
        self.start = start or {}
        self.kept: dict[tuple[str, int], dict[str, int]] = {}

    def settle(self, cases: Cases, at: int) -> Decision:
        claim = one_of(cases, at)
        year = self.terms.year.of(date.fromordinal(EPOCH.toordinal() + int(claim.counted_on[0])))
        used = {name: self._of(name, year) for name in (claim.persons[0], claim.households[0])}
        decision = adjudicate(claim, self.terms, used, keep_steps=True).one(0)
        for change in decision.changes:
            name = claim.persons[0] if change.owner == "person" else claim.households[0]
            counter = self.terms.counters[change.counter.partition("@")[0]]
            kept_year = year if counter.period == "year" else 0
            self.kept.setdefault((name, kept_year), {})[change.counter] = change.after
        return decision

    def _of(self, name: str, year: int) -> dict[str, int]:
        return (
            self.start.get(name, {})
            | self.kept.get((name, 0), {})
            | self.kept.get((name, year), {})
        )
