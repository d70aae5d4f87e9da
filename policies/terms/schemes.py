"""How an amount becomes a payment: deductible, ratio, bonuses, floor and caps.

The same scheme serves the basic benefit and every layer above it.  Units: fen, 1/10000, days.
Everything a county may have meant differently is a named field, never a habit of the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from policies.terms.conditions import ALWAYS, Condition
from policies.terms.payers import Payer
from policies.terms.tables import Table

Combine = Literal["first", "all"]
Stacking = Literal["sum", "highest"]
FloorBase = Literal["total", "in_scope", "payable", "total_less_deductible"]
# What of the patient's burden a layer may leave out of what it looks at.
LEFT_OUT = frozenset({"unreferred", "deductible"})
LayerBase = Literal["in_scope_rest", "compliant_rest", "outside_rest", "personal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """``step`` more for every ``every`` years from year ``start`` on, at most ``ceiling``.

    The years are those insured without a break, those without a claim, or those of age.
    """

    field: Literal["years", "claim_free", "age"]
    start: int
    every: int
    step: int
    ceiling: int
    article: str

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self.field})


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """``amount`` fen more for every one after the first: listed ``diseases`` that the patient has,
    babies born, or days in care; at most ``ceiling`` in all (``None``: without end)."""

    of: Literal["disease", "baby", "day"]
    amount: int
    ceiling: int | None = None
    diseases: frozenset[str] = frozenset()

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({"babies"} if self.of == "baby" else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """What is paid, in whole ``unit`` fen.  A payment is never rounded past what may be paid."""

    unit: int
    way: Literal["half_up", "down", "up"]
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductibleChange:
    """One change to the deductible: times ``factor``, set to ``amount``, or ``minus`` so much
    (per earlier stay when ``per_visit``), never under ``least``."""

    name: str
    article: str
    condition: Condition
    factor: int | None = None
    amount: int | None = None
    minus: int | None = None
    per_visit: bool = False
    least: int = 0

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({"visit"} if self.per_visit else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class BillShare:
    """A deductible that is a share of the bill, between two amounts: of what the scheme counts
    (``in_scope``), or of the ``total``."""

    base: Literal["in_scope", "total"]
    ratio: int
    least: int
    most: int | None
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """No more than ``limits`` of a counter in its period; the last step may be partial."""

    counter: str
    limits: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Deductible:
    """起付线.  ``counter`` makes it one deductible per period, shared by all who name it;
    without a counter every visit pays it anew.  ``credit_prior`` takes off what the stay that
    this one was referred from has already borne."""

    amounts: Table
    article: str
    changes: tuple[DeductibleChange, ...] = ()
    combine: Combine = "all"
    share: BillShare | None = None
    counter: str | None = None
    ceiling: Ceiling | None = None
    credit_prior: Condition | None = None

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({"prior_deductible"} if self.credit_prior is not None else ())


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of the amount up to ``up_to`` fen (``None``: without end)."""

    up_to: int | None
    ratios: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """报销比例.  ``marginal``: each part of the amount by its own segment's ratio; otherwise the
    whole amount by the ratio of the segment that it ends in.  ``gross``: segment bounds are
    counted from the first fen, deductible included; otherwise from after the deductible."""

    segments: tuple[Segment, ...]
    marginal: bool = True
    gross: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonus:
    """Points on top of the ratio, by a table or by years, for all or for some bill classes."""

    code: str
    name: str
    article: str
    condition: Condition = ALWAYS
    points: Table | None = None
    growth: Growth | None = None
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreferred:
    """What going without a referral costs: ``points`` off the ratio, a ``factor`` on it, or
    first ``self_pay`` of the in-scope amount.  (The fourth form, refusal, is a refusal rule.)"""

    form: Literal["points", "factor", "self_pay"]
    values: Table
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """保底: at least ``ratios`` of ``base``, or at least ``amounts`` fen (exactly one).
    ``payable`` is in-scope less the deductible."""

    base: FloorBase
    ratios: Table | None = None
    amounts: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """封顶.  ``on`` payment or eligible amount.  With a ``counter`` it holds over the counter's
    period and everyone who shares it; without one it holds per visit, or per day of it.
    ``condition`` limits whom it binds.  ``further`` adds to the limit.  ``carried`` names a balance
    counter with last period's unused limit."""

    code: str
    name: str
    on: Literal["payment", "eligible"]
    limits: Table
    condition: Condition = ALWAYS
    counter: str | None = None
    per_day: bool = False
    growths: tuple[Growth, ...] = ()
    growth_ceiling: int | None = None
    further: Further | None = None
    carried: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Bill classes that are paid beside the main amount by a ratio of their own.

    ``after_deductible``: what the main amount was too small to bear of the deductible is borne
    here; otherwise the stream is paid from its first fen.
    """

    code: str
    name: str
    classes: frozenset[str]
    ratios: Table
    after_deductible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """From an amount to a payment, in the order of the fields."""

    ratio: Ratio
    unreferred: Unreferred | None = None
    deductible: Deductible | None = None
    bonuses: tuple[Bonus, ...] = ()
    stacking: Stacking = "sum"
    ratio_ceiling: Table | None = None
    streams: tuple[Stream, ...] = ()
    floor: Floor | None = None
    caps: tuple[Cap, ...] = ()
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysLimit:
    """Days in a period that may be paid; a stay beyond them is paid for its share of days."""

    condition: Condition
    limit: int
    counter: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """定额.  ``amounts`` fen per visit, day or baby, and ``further`` ones; never more than ``base``
    was, unless that is ``none``: a grant whatever the cost was.  Of a layer, ``base`` is what the
    layer counts, and an amount that stands for a sum of the period is paid once in it."""

    amounts: Table
    per: Literal["visit", "day", "baby"]
    base: Literal["total", "in_scope", "none"]
    further: Further | None = None
    caps: tuple[Cap, ...] = ()
    rounding: Rounding | None = None

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({"babies"} if self.per == "baby" else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """单病种定额、床日定额: the price agreed for the whole treatment or for a day.  The fund pays
    ``ratios`` of the smaller of price and bill; what the bill has above the price is borne by the
    institution."""

    prices: Table
    ratios: Table
    per: Literal["visit", "day"] = "visit"
    caps: tuple[Cap, ...] = ()
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee paid up to a fixed amount per visit (一般诊疗费), outside deductible and caps: its
    bill class is taken out of the main amount."""

    code: str
    name: str
    bill_class: str
    amounts: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """兜底: pay what is missing for the layers together to reach ``ratios`` of ``base``."""

    base: Literal["total", "in_scope", "compliant"]
    ratios: Table
    caps: tuple[Cap, ...] = ()
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """One kind of benefit: which visits it is for and how it pays them (exactly one of
    ``scheme``, ``flat`` and ``package``).  ``wallet`` is a balance counter that pays for it;
    ``visits`` counters of the visits it settles: the first numbers them (``visit``), one kept by
    hospital numbers those in the same hospital; ``fees`` are paid beside all this.
    ``fund_pay_type``: national code of the fund where it is another than the base layer's."""

    code: str
    name: str
    article: str
    condition: Condition
    scheme: Scheme | None = None
    flat: Flat | None = None
    package: Package | None = None
    days_limit: DaysLimit | None = None
    fees: tuple[Fee, ...] = ()
    wallet: str | None = None
    visits: tuple[str, ...] = ()
    fund_pay_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A payment on top of the base layer (大病, 救助, 再救助), borne by ``payer``.

    ``base`` is what it looks at: the in-scope amount not yet paid by earlier layers
    (``in_scope_rest``), that and the first-self-pay part (``compliant_rest``), what is outside the
    scope (``outside_rest``: self-pay and above limits), or the whole personal part; ``without``
    what the base layer left to the patient by its deductible or for want of a referral.  With
    ``accumulates`` the amounts of the period are added up and each visit gets the difference that
    it makes; deductible, segments and fixed amounts then count over the period.
    A layer pays by ``scheme``, ``flat`` or ``top_up``, exactly one.
    """

    code: str
    name: str
    article: str
    condition: Condition
    payer: Payer
    base: LayerBase
    without: frozenset[str] = frozenset()
    scheme: Scheme | None = None
    flat: Flat | None = None
    top_up: TopUp | None = None
    accumulates: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A balance that pays the patient's own part: household account or same-year credit."""

    code: Literal["account", "credit"]
    name: str
    article: str
    counter: str
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRule:
    """When nothing is paid, and which article says so.  ``visits``: the counter that numbers the
    visits for it, where that is not the first of the benefit."""

    code: str
    name: str
    article: str
    condition: Condition
    visits: str | None = None
