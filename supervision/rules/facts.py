"""What screening rules look at, and what they find. Plain values, no names of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from policies.terms import Terms
from policies.terms.bill import ConsentLimit
from supervision.rules.bounds import DEFAULT_BOUNDS, Bounds
from supervision.rules.points import Library


class Certainty(StrEnum):
    """How sure a hit is: a plain breach, or something an officer has to look into."""

    CERTAIN = "certain"
    SUSPECT = "suspect"


class Moment(StrEnum):
    """When a hospital asks before the money moves: at prescribing (事前), at settling (事中)."""

    BEFORE = "before"
    DURING = "during"


class Window(StrEnum):
    """Over what a rule looks (时间窗)."""

    VISIT = "visit"
    DAY = "day"
    DAYS = "days"
    MONTH = "month"
    YEARS = "years"

    @property
    def words(self) -> str:
        return WINDOW_WORDS[self]


WINDOW_WORDS = {
    Window.VISIT: "当次",
    Window.DAY: "自然日",
    Window.DAYS: "若干天",
    Window.MONTH: "自然月",
    Window.YEARS: "历年",
}


# Of a rule that judges by what is known at any time; the other moments stand in its card.
BOTH = frozenset(Moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """One settled claim. Amounts in fen; `institution` is a code, or a name where there is none.

    `starts` and `ends` are the days of admission and discharge (the same day for outpatients);
    `designated`: the institution had an agreement on the first of them, `here`: it is one of the
    area's. `bed`: days in a hospital bed; `counts_as_stay`: a hospital stay, which a delivery is
    not. `fund`: what the funds pay; `paper`: typed in from papers (手工报销). `sex` ("1" male, "2"
    female) and `born_on` are the register's, whatever the hospital says; "" and None: unknown.
    `aided`: somebody else pays the patient's premium (五保、低保 and the like).
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
    fund: int = 0
    paper: bool = False
    sex: str = ""
    born_on: date | None = None
    aided: bool = False
    # By which prices and prescriptions are limited; "" where it is `level`.
    price_level: str = ""

    @property
    def limits_by(self) -> str:
        return self.price_level or self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One finding on one settlement, in words for the officer who will check it.

    `lines`: places in `Known.charges` of what it is about, () where it is about the whole bill;
    `amount`: the fen in question of these. `points`: of the rule library, that it was found by.
    `beside`: settlements of the same person and institution that are one event with it.
    """

    rule: str
    certainty: Certainty
    settlement: int
    finding: str
    lines: tuple[int, ...] = ()
    amount: int = 0
    points: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of a bill. Amounts in fen; `limit`: payable at most for it, where there is one.

    `quantity`: in hundredths. `charged_on`: None where the bill does not tell, `charged_at` where
    not the hour; `days` that a medicine lasts (用药天数): as well. `antibiotic`: as the catalogue
    says. `code`: the national one, of the line or what the county agreed its own code to mean; ""
    where there is none.
    """

    name: str
    category: str
    quantity: int
    amount: int
    limit: int | None = None
    charged_on: date | None = None
    days: int | None = None
    antibiotic: bool = False
    code: str = ""
    charged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """One paper invoice that was handed in with a claim."""

    settlement: int
    person: int
    issuer: str
    number: str
    issued_on: date
    amount: int = 0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a new claim stands on.

    `covered`: its first day lies within a paid cover. `changed_on`: then whoever entered it had
    last changed the record of the patient or the household. `account`: fen from the household's
    account; `of_the_account`: the patient is of a household that shares it. `premium_status`: as
    what the premium was aided, "" where the person paid it whole; `statuses`: whose lists named
    the person when it was paid.
    """

    settlement: int
    covered: bool = True
    changed_on: date | None = None
    entered_on: date | None = None
    account: int = 0
    of_the_account: bool = True
    premium_status: str = ""
    premium_name: str = ""
    statuses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One medicine that one person bought in one month outside beds: `quantity` in hundredths,
    at so many `shops`; `settlement`: of the last purchase."""

    person: int
    month: date
    name: str
    quantity: int
    shops: int
    settlement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOf:
    """An institution's month that is over: sums in fen, and which claim has most of it."""

    institution_name: str
    level: str
    month: date
    total: int
    off_catalogue: int
    settlement: int


class Need(StrEnum):
    """What a rule can ask for besides the new claims: the fields of `Known`."""

    STAYS = "stays"
    VISITS = "visits"
    NEIGHBOURS = "neighbours"
    CROWDS = "crowds"
    TERMS = "terms"
    STANDINGS = "standings"
    SUPPLIES = "supplies"
    MONTHS = "months"
    LIMITS = "limits"
    OUTLIVED = "outlived"
    CHARGES = "charges"
    FAR = "far"
    INVOICES = "invoices"
    INJURIES = "injuries"
    WARDS = "wards"
    DENIED = "denied"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known around the new claims; only what a rule needs is filled in.

    `stays`: all stays of the persons of the new claims, these included; `visits`: all else of these
    persons. `neighbours`: all stays that share village, hospital and day of admission with one of
    them, these included; `crowds`: the same of what needs no bed. `terms`: settlement → its
    measures. `standings`: of the new claims. `supplies`: of the persons who bought something, in
    its month. `months`: of institutions, in the run over a month only. `limits`:
    settlement → the limit of its measures for what is outside the catalogue. `outlived`: all claims
    of the area that outlast their patient's life and carry no alert for it, gathered once a run.
    `far`: all claims from the hospitals elsewhere that the new ones name, these included;
    `charges`: settlement → lines of its bill, of the new claims and of those. `invoices`: all that
    the persons of the new claims handed in. `injuries`: those among the new claims. `wards`:
    institution → beds and stays, of those of the new stays whose beds are known. `denied`: visits
    that the persons of the new claims denied. `bounds`: the county's thresholds. `library`: the
    points of the rule library that speak of the codes of `charges`.
    """

    bounds: Bounds = DEFAULT_BOUNDS
    stays: Sequence[ClaimFacts] = ()
    visits: Sequence[ClaimFacts] = ()
    neighbours: Sequence[ClaimFacts] = ()
    crowds: Sequence[ClaimFacts] = ()
    terms: Mapping[int, Terms] = field(default_factory=dict)
    standings: Sequence[Standing] = ()
    supplies: Sequence[Supply] = ()
    months: Sequence[MonthOf] = ()
    limits: Mapping[int, ConsentLimit | None] = field(default_factory=dict)
    outlived: Sequence[ClaimFacts] = ()
    far: Sequence[ClaimFacts] = ()
    charges: Mapping[int, Sequence[Charge]] = field(default_factory=dict)
    invoices: Sequence[InvoiceFacts] = ()
    injuries: Sequence[Injury] = ()
    wards: Mapping[str, Ward] = field(default_factory=dict)
    denied: Sequence[Denied] = ()
    library: Library = field(default_factory=Library)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The card of a rule: code and title of the house's rule list, and where it comes from.

    `needs`: what `find` reads of `Known`; nothing for a rule on single claims. `moments`: at which
    it is asked of a bill that is not settled yet as well; none for a rule on paper bills.
    `certainty`: of its surest hit. `beds`: True for stays alone, False for all else alone.
    """

    code: str
    title: str
    source: str
    needs: frozenset[Need] = frozenset()
    moments: frozenset[Moment] = frozenset()
    certainty: Certainty = Certainty.SUSPECT
    window: Window = Window.VISIT
    beds: bool | None = None


def by_person(claims: Sequence[ClaimFacts]) -> Mapping[int, list[ClaimFacts]]:
    """Claims of each person, in order of admission."""
    found: dict[int, list[ClaimFacts]] = {}
    for claim in sorted(claims, key=lambda claim: (claim.starts, claim.ends, claim.settlement)):
        found.setdefault(claim.person, []).append(claim)
    return found
