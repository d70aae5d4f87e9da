"""A county's measures as one typed value: what a policy pack file says, nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from policies.terms.aid import AidRules
from policies.terms.axes import Vocabulary
from policies.terms.bill import BillRules
from policies.terms.care import Care
from policies.terms.fund import Deadline, FilingRule, FundRules, PaperRule, PrescriptionLimits
from policies.terms.payers import BaseLayer, Payer
from policies.terms.premium import MonthDay, PremiumRules
from policies.terms.schemes import Benefit, Layer, RefusalRule, Wallet
from policies.terms.second import SecondRule


@dataclass(frozen=True, slots=True)
class Area:
    """A pooling area (统筹区)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class InsuranceYear:
    """The insurance year starts on ``starts``; it is named after the year it starts in.  A stay
    over its end belongs to the year of its admission or of its discharge, as ``by`` says."""

    starts: MonthDay
    article: str
    by: Literal["admission", "discharge"] = "admission"

    def day(self, starts: date, ends: date) -> date:
        """The day by which a visit belongs to a year, a month, a week, to measures and a cover."""
        return starts if self.by == "admission" else ends

    def of(self, day: date) -> int:
        """The insurance year that ``day`` belongs to."""
        before = (day.month, day.day) < (self.starts.month, self.starts.day)
        return day.year - before

    def bounds(self, year: int) -> tuple[date, date]:
        """First and last day of insurance year ``year``."""
        first = date(year, self.starts.month, self.starts.day)
        following = date(year + 1, self.starts.month, self.starts.day)
        return first, following - timedelta(days=1)


PERIOD_KEYS = {
    "quarter": r"@\d{4}Q[1-4]",
    "month": r"@\d{6}",
    "week": r"@\d{4}W\d{2}",
    "day": r"@\d{8}",
}
HOSPITAL = "hospital"
HOSPITAL_KEY = r"[0-9A-Za-z._-]{1,24}"
Period = Literal["year", "quarter", "month", "week", "day", "life"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Something counted from visit to visit.  ``used`` grows; ``balance`` shrinks and never
    goes below zero.  ``period`` says when a used counter starts again at zero; ``by`` names a
    category (institution level, kind of care) or the ``hospital`` whose values are counted apart.
    A week begins on Monday."""

    name: str
    title: str
    owner: Literal["person", "household"]
    unit: Literal["fen", "days", "count"]
    kind: Literal["used", "balance"]
    period: Period
    by: str = ""

    def key(self, day: date, code: str = "") -> str:
        """The key under which usage of the period of ``day`` is kept, for ``code`` of ``by``.

        Raises ``ValueError`` when a code is missing, for its usage would never be found again.
        """
        if bool(self.by) != bool(code):
            raise ValueError(f"{self.name}: kept by {self.by or 'nothing'}, asked for {code!r}")
        kept = f"{self.name}@{code}" if self.by else self.name
        if self.period == "quarter":
            return f"{kept}@{day.year}Q{(day.month + 2) // 3}"
        if self.period == "month":
            return f"{kept}@{day.year}{day.month:02d}"
        if self.period == "week":
            year, week, _ = day.isocalendar()
            return f"{kept}@{year}W{week:02d}"
        if self.period == "day":
            return f"{kept}@{day.year}{day.month:02d}{day.day:02d}"
        return kept

    def fits(self, key: str, codes: Iterable[str]) -> bool:
        """Whether ``key`` is one that this counter can be kept under; ``codes`` are those of
        ``by``."""
        period = PERIOD_KEYS.get(self.period, "")
        if self.by == HOSPITAL:
            return bool(re.fullmatch(f"{self.name}@{HOSPITAL_KEY}{period}", key))
        kept = [f"{self.name}@{code}" for code in codes] if self.by else [self.name]
        return any(re.fullmatch(re.escape(each) + period, key) for each in kept)


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """Everyone below ``below`` completed years whom no earlier group took (``None``: the rest)."""

    code: str
    below: int | None
    article: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A reading of the text that the text itself does not settle."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class CoverRule:
    """Articles for costs outside the paid-up period."""

    article: str


# What the insurance is called, by the documents that founded it: 卫生部等《关于建立新型农村合作
# 医疗制度的意见》2003, 重庆 2007, 国发〔2007〕20号; the last is the national name since
# 国发〔2016〕3号 and stands where a title says none.
SCHEMES = (
    "新型农村合作医疗",
    "城乡居民合作医疗保险",
    "城镇居民基本医疗保险",
    "城乡居民基本医疗保险",
)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is said to a visit that no benefit is for."""

    name: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """The whole pack.  Compared and hashed by identity, so that it may key a cache.

    ``base_layer`` is what ``benefits`` pay; measures without benefits have an empty one."""

    area: Area
    title: str
    version: int
    source: str
    valid_from: date
    valid_to: date
    year: InsuranceYear
    vocabulary: Vocabulary
    cares: Mapping[str, Care]
    age_groups: tuple[AgeGroup, ...]
    counters: Mapping[str, Counter]
    cover: CoverRule
    bill: BillRules
    refusals: tuple[RefusalRule, ...]
    benefits: tuple[Benefit, ...]
    otherwise: Otherwise
    base_layer: BaseLayer
    layers: tuple[Layer, ...] = ()
    wallets: tuple[Wallet, ...] = ()
    premium: PremiumRules | None = None
    fund: FundRules | None = None
    prescriptions: PrescriptionLimits | None = None
    assistance: AidRules | None = None
    second: SecondRule | None = None
    deadlines: Mapping[str, Deadline]
    papers: tuple[PaperRule, ...] = ()
    filings: Mapping[str, FilingRule] = field(default_factory=dict)
    # Article → its own words, of those that the pack quotes (policies/terms/articles.py).
    texts: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()

    @property
    def scheme(self) -> str:
        """What papers call this insurance: the name in the title of the measures."""
        return next((name for name in SCHEMES if name in self.title), SCHEMES[-1])

    def covers(self, day: date) -> bool:
        """Whether these measures are in force on ``day``."""
        return self.valid_from <= day <= self.valid_to

    def benefit(self, code: str) -> Benefit:
        """The benefit with this code; an unknown one raises ``KeyError``."""
        for benefit in self.benefits:
            if benefit.code == code:
                return benefit
        raise KeyError(code)

    @property
    def layer_names(self) -> dict[str, str]:
        """Code → name of every layer, in the order in which they pay."""
        names = {self.base_layer.code: self.base_layer.name}
        return names | {layer.code: layer.name for layer in self.layers}

    def payer_of(self, layer: str, benefit: str) -> Payer:
        """Who pays ``layer`` of a claim under ``benefit``; unknown codes raise ``KeyError``."""
        if layer == self.base_layer.code:
            own = self.benefit(benefit).fund_pay_type
            payer = self.base_layer.payer
            return replace(payer, fund_pay_type=own) if own else payer
        for each in self.layers:
            if each.code == layer:
                return each.payer
        raise KeyError(layer)

    def age_group(self, age: int) -> str:
        """Code of the age group for someone of ``age`` completed years ("" without groups)."""
        for group in self.age_groups:
            if group.below is None or age < group.below:
                return group.code
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One applied rule, to be read aloud: ``article`` said ``parameter``, so before → after.

    ``unit`` is that of ``before`` and ``after``: ``fen``, or ``ratio`` in 1/10000.
    """

    code: str
    name: str
    article: str
    before: int
    after: int
    parameter: str
    sentence: str
    unit: Literal["fen", "ratio"] = "fen"
