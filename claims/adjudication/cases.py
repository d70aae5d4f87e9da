"""What goes into the engine and what comes out, for one claim.

All amounts are whole fen, all ratios are in 1/10000, all dates are passed in.  The columnar
form of the same facts (one array per field, for a county's year) is in ``columns.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policies.terms import Step

__all__ = ["Bill", "Case", "Decision", "Member", "Refusal", "Step", "UsageChange", "Visit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The insured person as the insurance year knows them.

    ``person`` and ``household`` are opaque keys: they say whose usage counts together.
    ``cover_from``/``cover_to`` bound the days on which costs may be paid (waiting period and
    lapse already applied by whoever enrolled the person); ``None`` means no bound.
    """

    person: str
    household: str
    birth_date: date
    tier: str
    sex: str = ""
    residence: str = ""
    statuses: frozenset[str] = frozenset()
    consecutive_years: int = 1
    claim_free_years: int = 0
    cover_from: date | None = None
    cover_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay or one outpatient visit.

    ``facts`` are things the clerk or the institution ticks (emergency, approvals, proofs);
    ``reasons`` are exclusion reasons that an officer has established.  Both use the codes that
    the policy pack declares.  ``starts`` is the day of admission or of the visit.
    ``prior_deductible`` is the deductible (fen) borne in the stay that this one was referred
    from; packs that credit it say so.  ``hospital`` is an opaque key that says which visits were
    in the same hospital; one that is not ``answerable`` has no agreement with the county, which
    can point nothing out to it.  ``deductible_level`` is the level by which the deductible is borne
    where the hospital has another one for it than its own (起付线级别), "" where it has not.
    """

    key: str
    care: str
    level: str
    starts: date
    ends: date
    place: str = "local"
    referral: str = "none"
    diseases: frozenset[str] = frozenset()
    procedures: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    babies: int = 1
    prior_deductible: int = 0
    hospital: str = ""
    answerable: bool = True
    deductible_level: str = ""

    @property
    def days(self) -> int:
        """Days in care; a stay that begins and ends on one day counts as one."""
        return max(1, (self.ends - self.starts).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Fen by bill class of the pack.

    ``over_limit`` is the part of a class above price limits; ``own_amount`` the part of a class
    whose lines carry a first-self-pay share of their own, and ``own_self_pay`` what those lines
    leave to the patient.  ``bill_from_lines`` in ``billing.py`` works all three out.
    ``observed`` is how much of it comes from an emergency observation that was merged.
    ``cut_institution`` and ``cut_patient``: what a reviewer did not allow, by who bears it.  It is
    part of the bill beside ``amounts`` and of no class: a medicine given in excess does not become
    one outside the catalogue.
    """

    amounts: Mapping[str, int]
    over_limit: Mapping[str, int] = field(default_factory=dict)
    own_amount: Mapping[str, int] = field(default_factory=dict)
    own_self_pay: Mapping[str, int] = field(default_factory=dict)
    observed: int = 0
    cut_institution: int = 0
    cut_patient: int = 0

    @property
    def total(self) -> int:
        return sum(self.amounts.values()) + self.cut_institution + self.cut_patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One claim: who, what happened, what it cost."""

    member: Member
    visit: Visit
    bill: Bill


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the fund pays nothing, with the article that says so."""

    code: str
    article: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageChange:
    """One counter that this decision moves.  ``owner`` is ``person`` or ``household``."""

    counter: str
    owner: str
    unit: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One settled claim.  Every field is fen unless it says otherwise.

    total     = full_self_pay + over_limit + first_self_pay + in_scope
    fund_pay  = sum of ``layers``
    personal  = total - fund_pay - hospital_part + beyond
    cash      = personal - account - credit

    ``full_self_pay`` is all of the bill that is wholly outside the scope; of it the institution
    bears ``borne`` (unsigned, above the consent limit, cut), the patient the rest.  Together with
    what is above a package's price ``borne`` makes ``hospital_part``.
    ``beyond``: of a grant that is paid whatever the cost was, what is more than the bill.
    """

    key: str
    benefit: str
    refusal: Refusal | None
    total: int
    full_self_pay: int
    borne: int = 0
    over_limit: int
    first_self_pay: int
    in_scope: int
    deductible: int
    ratio: int
    layers: Mapping[str, int]
    fund_pay: int
    hospital_part: int
    beyond: int = 0
    personal: int
    account: int
    credit: int
    cash: int
    changes: tuple[UsageChange, ...]
    steps: tuple[Step, ...]
    # What it was decided from, as `wire.write_case` writes it, where the caller keeps that.
    written: tuple[Mapping[str, Any], ...] = ()

    def usage_after(self, used: Mapping[str, int]) -> dict[str, int]:
        """``used`` with this decision's changes applied; ``used`` itself is left alone."""
        after = dict(used)
        after.update({change.counter: change.after for change in self.changes})
        return after
