"""What screening rules look at, and what they find. Plain values, no names of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policies.terms.bill import ConsentLimit


class Certainty(StrEnum):
    """How sure a hit is: a plain breach, or something an officer has to look into."""

    CERTAIN = "certain"
    SUSPECT = "suspect"


class Moment(StrEnum):
    """When a hospital asks before the money moves: at prescribing (事前), at settling (事中)."""

    BEFORE = "before"
    DURING = "during"


# Of a rule that judges by what is known at any time; the other moments stand in its card.
BOTH = frozenset(Moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """One settled claim. Amounts in fen; `institution` is a code, or a name where there is none.

    `starts` and `ends` are the days of admission and discharge (the same day for outpatients);
    `designated`: the institution had an agreement on the first of them, `here`: it is one of the
    area's. `bed`: days in a hospital bed; `counts_as_stay`: a hospital stay, which a delivery is
    not.
    """

    settlement: int
    number: str
    person: int
    village: str
    institution: str
    institution_name: str
    designated: bool
    level: str
    care: str
    bed: bool
    counts_as_stay: bool
    starts: date
    ends: date
    diagnosis: str
    total: int
    off_catalogue: int
    here: bool = True
    death_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One finding on one settlement, in words for the officer who will check it.

    `lines`: places in `Known.charges` of what it is about, () where it is about the whole bill;
    `amount`: the fen in question of these.
    """

    rule: str
    certainty: Certainty
    settlement: int
    finding: str
    lines: tuple[int, ...] = ()
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of a bill. Amounts in fen; `limit`: payable at most for it, where there is one.

    `quantity`: in hundredths. `charged_on`: None where the bill does not tell.
    """

    name: str
    category: str
    quantity: int
    amount: int
    limit: int | None = None
    charged_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """One paper invoice that was handed in with a claim."""

    settlement: int
    person: int
    issuer: str
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Injury:
    """A stay for an injury that the fund pays. `liable`: what the approved filing of the accident
    says (claims.filings), "" where there is none."""

    settlement: int
    diagnosis: str
    liable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """An institution's beds and the stays around the new ones, `ends` None while in the bed."""

    beds: int
    stays: Sequence[tuple[date, date | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A visit of which its patient says that they were never there, unless that was dismissed.

    `institution`: as of the claims. `ends`: None while in the bed. `settlement`: of which it was
    told, None of a visit that was not settled. `told`: where that stands, and how it ended.
    """

    person: int
    institution: str
    starts: date
    ends: date | None
    settlement: int | None
    told: str


class Need(StrEnum):
    """What a rule can ask for besides the new claims: the fields of `Known`."""

    STAYS = "stays"
    NEIGHBOURS = "neighbours"
    LIMITS = "limits"
    OUTLIVED = "outlived"
    CHARGES = "charges"
    FAR = "far"
    INVOICES = "invoices"
    INJURIES = "injuries"
    WARDS = "wards"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known around the new claims; only what a rule needs is filled in.

    `stays`: all stays of the persons of the new claims, these included. `neighbours`: all stays
    that share village, hospital and day of admission with one of them, these included. `limits`:
    settlement → the limit of its measures for what is outside the catalogue. `outlived`: all claims
    of the area that outlast their patient's life and carry no alert for it, gathered once a run.
    `far`: all claims from the hospitals elsewhere that the new ones name, these included;
    `charges`: settlement → lines of its bill, of the new claims and of those. `invoices`: all that
    the persons of the new claims handed in. `injuries`: those among the new claims. `wards`:
    institution → beds and stays, of those of the new stays whose beds are known. `denied`: visits
    that the persons of the new claims denied.
    """

    stays: Sequence[ClaimFacts] = ()
    neighbours: Sequence[ClaimFacts] = ()
    limits: Mapping[int, ConsentLimit | None] = field(default_factory=dict)
    outlived: Sequence[ClaimFacts] = ()
    far: Sequence[ClaimFacts] = ()
    charges: Mapping[int, Sequence[Charge]] = field(default_factory=dict)
    invoices: Sequence[InvoiceFacts] = ()
    injuries: Sequence[Injury] = ()
    wards: Mapping[str, Ward] = field(default_factory=dict)
    denied: Sequence[Denied] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The card of a rule: code and title of the house's rule list, and where it comes from.

    `needs`: what `find` reads of `Known`; nothing for a rule on single claims. `moments`: at which
    it is asked of a bill that is not settled yet as well; none for a rule on paper bills.
    """

    code: str
    title: str
    source: str
    needs: frozenset[Need] = frozenset()
    moments: frozenset[Moment] = frozenset()


def by_person(claims: Sequence[ClaimFacts]) -> Mapping[int, list[ClaimFacts]]:
    """Claims of each person, in order of admission."""
    found: dict[int, list[ClaimFacts]] = {}
    for claim in sorted(claims, key=lambda claim: (claim.starts, claim.ends, claim.settlement)):
        found.setdefault(claim.person, []).append(claim)
    return found
