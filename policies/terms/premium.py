"""What a person pays for a year of cover, and who adds what.  Amounts are fen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.terms.conditions import Condition
from policies.terms.tables import Table


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of any year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """缴费期 and 缴存期限.  ``year_offset`` -1: in the calendar year before the insurance year;
    ``closes_offset`` likewise for the end (a window may run over New Year)."""

    opens: MonthDay
    closes: MonthDay
    opens_offset: int
    closes_offset: int
    article: str
    remit_by: MonthDay | None = None
    remit_offset: int = -1
    remit_article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyRow:
    """Who gets how much: ``amount`` fen, of which ``toward_premium`` lowers what is paid and
    the rest goes to the ``credit`` balance.  ``shares`` are fen by payer, summing to amount."""

    condition: Condition
    amount: int
    toward_premium: int
    shares: Mapping[str, int]
    article: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """One subsidy; the first row that fits a person counts, none means nothing."""

    code: str
    name: str
    rows: tuple[SubsidyRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptOnly:
    """只开票不收现金: ``payer`` pays the personal part for people who fit."""

    condition: Condition
    payer: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Money put on a balance counter for each insured person (门诊账户划入)."""

    counter: str
    amounts: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """等待期 of those who enrol late or after a gap, in months.

    ``fixed`` months; ``per_gap_year`` more for every year of the gap from year ``from_year`` on,
    less ``per_repaired_year`` for every missed year paid afterwards; after a gap of at least
    ``long_gap`` years never under ``long_gap_least``.  ``resumes``: instead of counting months,
    cover after a gap starts on this day of the insurance year.  ``exempt`` people do not wait.
    ``newborn_days``: enrolled within so many days of birth, one is covered from birth.
    """

    article: str
    fixed: int
    per_gap_year: int
    from_year: int
    per_repaired_year: int
    long_gap: int
    long_gap_least: int
    resumes: MonthDay | None
    exempt: Condition | None
    newborn_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Aims and rewards of a year's collection: ``target`` in 1/10000 of those who should enrol;
    ``rewards`` from the highest rate down, (at least this rate, fen per enrolled person);
    ``lost_book`` fen for a lost receipt book; ``report_days`` 1 (Monday) to 7."""

    target: int
    rewards: tuple[tuple[int, int], ...]
    lost_book: int
    report_days: tuple[int, ...]
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumRules:
    """Everything about paying in.  ``tier_lock_years`` 0: the tier may change every year."""

    standards: Table
    window: Window
    subsidies: tuple[Subsidy, ...] = ()
    receipt_only: tuple[ReceiptOnly, ...] = ()
    grants: tuple[Grant, ...] = ()
    same_tier_article: str = ""
    tier_lock_years: int = 0
    tier_lock_article: str = ""
    credit_counter: str | None = None
    waiting: Waiting | None = None
    campaign: Campaign | None = None
