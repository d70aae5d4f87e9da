"""What a clerk hands in: the facts of the visit, the lines of the bill, paper invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from claims.models import Settlement
from enrollment.models import Person
from institutions.models import Institution


@dataclass(frozen=True, kw_only=True)
class VisitFacts:
    """The visit as the papers tell it. Codes are those of the pack in force on `starts`.

    `babies`: born in this stay, for benefits per baby. `answers`: code → what was answered to the
    questions of the kind of care, a code for a choice. `ends`, `diagnosis`: may be unknown of a
    registration. `alike_reason`: why it is another visit than one that it looks like.
    """

    care: str
    starts: date
    ends: date | None
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
    # Name and number of what was approved on paper, where no filing of the day is found.
    filing_document: str = ""
    alike_reason: str = ""


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
    `supply_days`: how many days a medicine lasts. `number`, `charged_on`: the sender's number of
    the line and the day of the charge. `doctor_code`: who ordered it (国家医保医师代码),
    `own_code`: what the institution calls the item. All as far as the bill tells them.
    """

    code: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    origin: str = ""
    self_pay: Decimal | None = None
    supply_days: int | None = None
    number: str = ""
    charged_on: date | None = None
    doctor_code: str = ""
    own_code: str = ""
    # The hospital says that a limited item (限制使用) was used within its limits.
    is_approved: bool = True
    # The sender's number of an earlier line of which so much is taken back (退费).
    takes_back: str = ""

    def columns(self) -> dict[str, Any]:
        """As a bill keeps it, before anything of the amount is cut."""
        return {
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "amount": self.amount,
            "approved_amount": self.amount,
            "self_pay_amount": self.self_pay,
            "supply_days": self.supply_days,
            "doctor_code": self.doctor_code,
            "own_code": self.own_code,
        }


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

    `extension_approved`: coming late because of a long journey was accepted, for `late_reason`.
    `replaces`: as at the counter.
    """

    person: Person
    hospital: Hospital
    visit: VisitFacts
    lines: Sequence[PaperLine]
    invoices: Sequence[PaperInvoice]
    extension_approved: bool = False
    late_reason: str = ""
    replaces: Settlement | None = None


Entry = CounterEntry | PaperEntry


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A visit at the actor's own institution that begins (入院登记、门诊挂号).

    `admission_number`: the institution's own. `consent_signed`, `key`: as at the counter.
    """

    institution: Institution
    person: Person
    visit: VisitFacts
    admission_number: str = ""
    consent_signed: bool = False
    key: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Charges:
    """Lines of a bill that arrive together. `number`: the sender's of the batch, "": ours."""

    lines: Sequence[CounterLine]
    number: str = ""
