"""What a clerk hands in: the facts of the visit, the lines of the bill, paper invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from claims.models import Settlement
from enrollment.models import Person
from institutions.models import Institution


@dataclass(frozen=True, kw_only=True)
class VisitFacts:
    """The visit as the papers tell it. Codes are those of the pack in force on `starts`.

    `babies`: born in this stay, for benefits per baby. `answers`: code → what was answered to the
    questions of the kind of care, a code for a choice.
    """

    care: str
    starts: date
    ends: date
    diagnosis: str
    diagnosis_code: str = ""
    referral: str = "none"
    diseases: frozenset[str] = frozenset()
    procedures: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    babies: int = 1
    # Id of the visit, a stay settled before, that this one was referred from.
    referred_from: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """The hospital on a paper bill. `level` and `place` are codes of the pack."""

    name: str
    level: str
    place: str


@dataclass(frozen=True, kw_only=True)
class CounterLine:
    """One line of an institution's bill, by catalogue code; `amount` in yuan as printed.

    `origin`: a code of policies.terms.ORIGINS where the catalogue does not tell it.
    `self_pay`: what the bill shows as paid first (yuan), where the measures go by that.
    """

    code: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    origin: str = ""
    self_pay: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """One line or subtotal of a paper bill, sorted by the clerk; `amount` in yuan.

    `quantity`: None for a subtotal. `origin`: a code of policies.terms.ORIGINS, "" when not told.
    `self_pay`: as at the counter.
    """

    name: str
    category: str
    bill_class: str
    amount: Decimal
    quantity: Decimal | None = None
    origin: str = ""
    self_pay: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class PaperInvoice:
    number: str
    issuer: str
    issued_on: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CounterEntry:
    """A visit at the actor's own institution.

    `consent_signed`: the patient or the family signed for items outside the catalogue. `replaces`:
    the actor's own draft or withdrawn claim that this entry corrects; a draft is discarded. `key`:
    of the page it was typed on, which enters one visit however often it is sent.
    """

    institution: Institution
    person: Person
    visit: VisitFacts
    lines: Sequence[CounterLine]
    consent_signed: bool = False
    replaces: Settlement | None = None
    key: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PaperEntry:
    """A visit elsewhere that the household paid for, with its invoices.

    `extension_approved`: coming late because of a long journey was accepted. `replaces`: as at the
    counter.
    """

    person: Person
    hospital: Hospital
    visit: VisitFacts
    lines: Sequence[PaperLine]
    invoices: Sequence[PaperInvoice]
    extension_approved: bool = False
    replaces: Settlement | None = None


Entry = CounterEntry | PaperEntry
