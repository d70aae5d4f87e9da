"""Rules on the fund itself and on institutions: data for accounting and supervision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.terms.conditions import Condition
from policies.terms.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts by receiver in 1/10000, summing to 10000."""

    parts: Mapping[str, int]
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """One reserve: ``ratio`` of income is set aside until the balance exceeds ``stop_ratio``
    of the fund's total (``None``: without end)."""

    code: str
    name: str
    ratio: int
    stop_ratio: int | None
    article: str


@dataclass(frozen=True, slots=True)
class SurplusLimit:
    """A surplus of more than ``most`` of the year's funds (1/10000) is beyond what is allowed; from
    ``warn`` on it is coming near.  ``None``: nobody is warned before."""

    most: int
    warn: int | None
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FundRules:
    """``overspend`` by pool (township, county): who bears it; ``beyond_reserve`` bears what the
    reserve cannot; ``surplus``: where the year's surplus goes.  ``refill_article``: what was taken
    out of a reserve is put back ("" not).  ``surplus_limits``: of a year (``annual``) and of all
    years (``cumulative``)."""

    reserves: tuple[Reserve, ...]
    refill_article: str
    overspend: Mapping[str, Shares]
    beyond_reserve: Shares
    surplus: Shares
    quota_article: str
    surplus_limits: Mapping[str, SurplusLimit]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriptionLimits:
    """Limits on one outpatient prescription.  ``amounts`` fen by level; the others are counts."""

    amounts: Table
    max_drugs: int
    max_antibiotics: int
    max_days: int
    max_days_chronic: int
    article: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """``days`` that a person or an institution has for something."""

    name: str
    days: int
    article: str


@dataclass(frozen=True, slots=True)
class PaperRule:
    """A paper that a claim from elsewhere has to bring where ``condition`` holds; ``original``: a
    copy of it is not enough."""

    code: str
    name: str
    original: bool
    article: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class FilingRule:
    """What a filing of this kind gives a visit: ``code`` of the dimension ("fact" or "referral"; ""
    nothing).  ``required``: whoever states it without a filing has to name a document.
    ``held_months``: so long a choice stays as it is; 0: it may change at any time."""

    kind: str
    dimension: str
    code: str
    required: bool
    article: str
    held_months: int = 0
