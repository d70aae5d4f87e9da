"""A year of claims as columns in the portal's own codes, and the same in the codes of a pack.

The year is read once; a baseline and any number of drafts are then computed from it, each of
which may number its codes, bill classes and statuses differently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from accounts.errors import Refusal
from claims.adjudication import Cases, Opening, asked_dimensions
from policies.terms import CATEGORIES, DIMENSION_NAMES, FLAGS, Counter, Terms
from reports.whatif.copying import Column
from reports.whatif.lines import Lines, has_line_rules, with_line_rules

# What the answer is told by, whether or not a pack reads it.
ALWAYS_READ = {"level", "care", "tier"}
UNKNOWN_FLAG = 62  # the bit that a code outside the list sets
HOUSEHOLD_ACCOUNT, CREDIT = "household_account", "credit"  # claims/computation.py
SETTLED = ("total", "in_scope", "fund", "hospital", "personal", "account", "credit", "cash")


def lasting_counters(terms: Terms) -> dict[str, Counter]:
    """The pack's counters of use that never start again at zero."""
    return {
        name: counter
        for name, counter in terms.counters.items()
        if counter.kind == "used" and counter.period == "life"
    }


class Numbered(Sequence[str]):
    """Names that are numbers already; made into text only when somebody looks."""

    def __init__(self, numbers: Column) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "Numbered": ...
    def __getitem__(self, index: int | slice) -> "str | Numbered":
        if isinstance(index, slice):
            return Numbered(self.numbers[index])
        return str(int(self.numbers[index]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes that the year's columns are numbered by: position in the list, or bit of a flag.

    ``flags`` and ``categories`` by dimension; ``classes`` are bill classes, ``line_classes`` those
    of them whose lines count one by one, ``origins`` what these rules say of where a thing was
    made; ``lasting`` are the keys of counters that earlier years still count in, with their owners.
    ``asked``: what some pack reads of a case; the rest a draft need not know the codes of.
    """

    categories: Mapping[str, tuple[str, ...]]
    flags: Mapping[str, tuple[str, ...]]
    classes: tuple[str, ...]
    line_classes: tuple[str, ...]
    origins: tuple[str, ...]
    lasting: Mapping[str, str]
    asked: frozenset[str]

    @property
    def read(self) -> list[str]:
        """The categories that some pack reads, or that the answer is told by."""
        return [name for name in self.categories if name in self.asked | ALWAYS_READ]

    @classmethod
    def of(cls, *packs: Terms) -> "Codes":
        """Every code that one of the packs knows."""

        def union(*lists: Any) -> tuple[str, ...]:
            return tuple(dict.fromkeys(code for codes in lists for code in codes))

        def known(dimension: str) -> tuple[str, ...]:
            return union(*(pack.vocabulary.get(dimension, ()) for pack in packs))

        rules = [rule for pack in packs for rule in pack.bill.classes.values()]
        single = [rule for rule in rules if has_line_rules(rule)]
        asked: frozenset[str] = frozenset().union(*map(asked_dimensions, packs))
        counted = any(HOUSEHOLD_ACCOUNT in pack.counters for pack in packs)
        return cls(
            categories={name: known(name) for name in CATEGORIES},
            flags={name: known(name) for name in FLAGS},
            classes=union(*(pack.bill.classes for pack in packs)),
            line_classes=union([rule.code for rule in single]),
            origins=union(*(sorted(each.origins) for rule in single for each in rule.line_shares)),
            asked=asked,
            lasting=({HOUSEHOLD_ACCOUNT: "household"} if counted else {})
            | {
                key: counter.owner
                for pack in packs
                for name, counter in lasting_counters(pack).items()
                for key in (
                    [f"{name}@{code}" for code in pack.vocabulary[counter.by]]
                    if counter.by
                    else [name]
                )
            },
        )


@dataclass(frozen=True, kw_only=True)
class Year:
    """``n`` settled claims in the order in which they were settled: usage to date is what had
    been settled before, whatever the dates of the visits.

    ``person`` and ``household`` number the owners; their ids stand in ``persons``, ``households``.
    ``approved`` and ``over`` (fen, one row per class of ``codes.classes``, and one for a class that
    no pack knows) are what the reviewer allowed and how much of it lies above price limits,
    ``cut_institution`` and ``cut_patient`` what the reviewer took off; ``lines`` by class of
    ``codes.line_classes``. ``claim_free``,
    ``babies`` and ``prior_deductible`` (fen, as settled), ``deductible_level`` (the position of a
    level in its codes and one more, 0 where it is the own one), ``hospital`` (numbered as the
    owners are) where ``codes.asked`` names them. ``covered_at_end``: as ``in_cover``, on the last
    day.
    ``settled``: the amounts as they were settled, by the names in ``SETTLED``, fen.
    ``balances``: the household accounts and credits at the start of the year; ``earlier``: what
    earlier years used of the counters in ``codes.lasting``; both in the order of their owners.
    ``paid_on``: days since 1970-01-01, -1 where nothing was paid yet.
    """

    area_code: str
    number: int
    codes: Codes
    claim: Column
    person: Column
    household: Column
    persons: Column
    households: Column
    starts: Column
    days: Column
    age: Column
    years: Column
    claim_free: Column
    babies: Column
    prior_deductible: Column
    deductible_level: Column
    ends: Column
    hospital: Column
    hospitals: Column
    in_cover: NDArray[np.bool_]
    covered_at_end: NDArray[np.bool_]
    township: Column
    pack: Column
    counter: Column
    paid_on: Column
    categories: Mapping[str, Column]
    flags: Mapping[str, Column]
    approved: Column
    over: Column
    cut_institution: Column
    cut_patient: Column
    lines: Mapping[str, Lines]
    settled: Mapping[str, Column]
    balances: Mapping[str, Column]
    earlier: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.claim)

    @cached_property
    def payable(self) -> Column:
        """What each claim took out of the fund's account as settled, fen."""
        paid: Column = self.settled["fund"] + self.settled["account"] + self.settled["credit"]
        return paid

    def cases(self, terms: Terms) -> Cases:
        """The year in the codes of ``terms``. Raises Refusal for what the pack does not know."""
        amounts, over = self._money(terms)
        admitted = terms.year.by == "admission"
        cases = Cases(
            keys=Numbered(self.claim),
            person=self.person,
            household=self.household,
            persons=Numbered(self.persons),
            households=Numbered(self.households),
            counted_on=self.starts if admitted else self.ends,
            in_cover=self.in_cover if admitted else self.covered_at_end,
            hospital=self.hospital,
            hospitals=Numbered(self.hospitals),
            categories={name: self._category(name, terms) for name in CATEGORIES}
            | {"age_group": self._age_group(terms)},
            flags={name: self._flag(name, terms) for name in self.flags},
            numbers={
                "age": self.age,
                "years": self.years,
                "claim_free": self.claim_free,
                "days": self.days,
                "babies": self.babies,
            },
            prior_deductible=self.prior_deductible,
            deductible_level=self._deductible_level(terms),
            amounts=amounts,
            over_limit=over,
            cut_institution=self.cut_institution,
            cut_patient=self.cut_patient,
        )
        if not any(map(has_line_rules, terms.bill.classes.values())):
            return cases
        return with_line_rules(cases, terms, self.lines, self.codes.origins)

    def opening(self, terms: Terms) -> Opening:
        """Balances and life-time counters at the start of the year, for the pack's counters."""
        columns = {name: self.balances[name] for name in self.balances if name in terms.counters}
        for name, counter in lasting_counters(terms).items():
            if counter.by:
                codes = terms.vocabulary[counter.by]
                by_code = [self.earlier[f"{name}@{code}"] for code in codes]
                columns[name] = np.stack(by_code, axis=1)
            else:
                columns[name] = self.earlier[name]
        return Opening(columns)

    def _category(self, dimension: str, terms: Terms) -> Column:
        """The dimension in the pack's numbering; -1 where the pack does not have it or read it."""
        column, known = self.categories.get(dimension), terms.vocabulary.get(dimension, {})
        if column is None or not known:
            return np.full(len(self), -1, dtype=np.int64)
        places = {code: at for at, code in enumerate(known)}
        codes = self.codes.categories[dimension]
        # Position -1 stands for a code that no pack knows, and finds the last place.
        lookup = np.array([*(places.get(code, -1) for code in codes), -1], dtype=np.int64)
        found: Column = lookup[column]
        wrong = found < 0
        self._refuse_unknown(
            wrong, terms, dimension, [codes[at] for at in set(column[wrong].tolist()) if at >= 0]
        )
        return found

    def _deductible_level(self, terms: Terms) -> Column | None:
        """The level by which each deductible is borne; None where all are the own one."""
        other = self.deductible_level
        if not other.any():
            return None
        places = {code: at for at, code in enumerate(terms.vocabulary.get("level", {}))}
        known = [places.get(code, -1) for code in self.codes.categories["level"]]
        lookup = np.array([-1, *known, -1], dtype=np.int64)
        wrong = (other > 0) & (lookup[other] < 0)
        unknown = {self.codes.categories["level"][at - 1] for at in other[wrong].tolist()}
        self._refuse_unknown(wrong, terms, "level", sorted(unknown))
        found: Column = np.where(other > 0, lookup[other], self._category("level", terms))
        return found

    def _flag(self, dimension: str, terms: Terms) -> Column:
        column, known = self.flags[dimension], terms.vocabulary.get(dimension, {})
        places = {code: at for at, code in enumerate(known)}
        found, rest = np.zeros_like(column), column.copy()
        for bit, code in enumerate(self.codes.flags[dimension]):
            if code in places:
                has = column >> bit & 1
                found |= has << places[code]
                rest -= has << bit
        bits = int(np.bitwise_or.reduce(rest)) if len(rest) else 0
        named = [code for bit, code in enumerate(self.codes.flags[dimension]) if bits >> bit & 1]
        self._refuse_unknown(rest != 0, terms, dimension, named)
        return found

    def _refuse_unknown(
        self, wrong: Any, terms: Terms, dimension: str, codes: Sequence[str]
    ) -> None:
        """``codes``: those of them that some other pack knows; there may be none."""
        if not wrong.any():
            return
        name = DIMENSION_NAMES.get(dimension, "费用类别")
        place = f"vocabulary.{dimension}" if dimension in DIMENSION_NAMES else dimension
        told = "、".join(f"“{code}”" for code in sorted(codes))
        raise Refusal(
            f"{int(wrong.sum())} 笔结算的{name}{told}不在《{terms.title}》的代码中，"
            f"请在 {place} 中补上再试算",
            "policy",
        )

    def _age_group(self, terms: Terms) -> Column:
        bounds = [group.below for group in terms.age_groups if group.below is not None]
        if not terms.age_groups:
            return np.full(len(self), -1, dtype=np.int64)
        places = {code: at for at, code in enumerate(terms.vocabulary["age_group"])}
        lookup = np.array([places[group.code] for group in terms.age_groups], dtype=np.int64)
        found: Column = lookup[np.searchsorted(np.array(bounds), self.age, side="right")]
        return found

    def _money(self, terms: Terms) -> tuple[Column, Column | None]:
        """Fen by the pack's bill classes, and the part above price limits where there is any."""
        classes = list(terms.bill.classes)
        amounts = np.zeros((len(classes), len(self)), dtype=np.int64)
        over = np.zeros_like(amounts)
        for row, code in enumerate(self.codes.classes):
            if code in terms.bill.classes:
                amounts[classes.index(code)] = self.approved[row]
                if terms.bill.classes[code].kind == "covered":
                    over[classes.index(code)] = self.over[row]
            else:
                self._refuse_unknown(self.approved[row] != 0, terms, "bill.classes", [code])
        self._refuse_unknown(self.approved[-1] != 0, terms, "bill.classes", [])
        return amounts, over if over.any() else None
