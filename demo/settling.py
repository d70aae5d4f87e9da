"""Bills, settlements and usage of a township's visits: judged by the engine, in batch.

Visits, lines, steps and usage are written at once; what the settlement rows need is kept as columns
until the ledger has given the payments their vouchers. Ids run through the county in order of the
day of settlement: the newest claims have the highest numbers, as if they had come one by one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from claims.adjudication import (
    BillItem,
    Case,
    Cases,
    Decision,
    Member,
    adjudicate,
    bill_from_lines,
)
from claims.adjudication import Visit as EngineVisit
from claims.models import BillLine, Invoice, SettlementStep, UsageEntry, Visit
from claims.shares import purpose_of
from demo.bills import BillMaker, Line
from demo.catalogue import catalogue
from demo.cover import Cover
from demo.families import MALE, Family
from demo.foundation import Foundation
from demo.loading import Table, stamp, yuan
from demo.places import Township
from demo.plan import Plan
from demo.visits import Trip
from enrollment.cover.premiums import cover

PAYDAY = 15  # the county pays on the 15th for the month before
REVIEW_AFTER, APPROVE_AFTER = 4, 10
AMOUNTS = (
    "total",
    "borne",
    "over_limit",
    "first_self_pay",
    "in_scope",
    "deductible",
    "ratio",
    "fund_pay",
    "hospital_part",
    "personal",
    "account",
    "credit",
    "cash",
)


@dataclass
class Settled:
    """One township's settlements, one position per claim in order of settlement."""

    township: Township
    first_ids: Mapping[int, int]  # day (ordinal) → id of its first settlement here
    days: NDArray[np.int64]
    divisions: NDArray[np.int64]
    clerks: NDArray[np.int64]
    tier2: NDArray[np.bool_]
    paper: NDArray[np.bool_]
    purposes: list[str]
    institutions: list[str]  # code, "" where none is known
    benefit: NDArray[np.int16]
    refusals: list[tuple[str, str]]  # code and sentence
    payees: list["Payee"]
    amounts: dict[str, NDArray[np.int64]]
    layers: dict[str, NDArray[np.int64]]  # by code, in the order in which they pay

    def __len__(self) -> int:
        return len(self.days)

    @cached_property
    def payable(self) -> NDArray[np.int64]:
        """What leaves the fund for each claim, as Settlement.payable_amount says it."""
        return self.amounts["fund_pay"] + self.amounts["account"] + self.amounts["credit"]


@dataclass(frozen=True)
class Payee:
    """Who is paid: the institution, or the head of the household into the household's account."""

    name: str
    relation: str
    person: int | None = None
    account: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a claim has come, and when; days that have not come are None."""

    status: str
    reviewed_on: date | None
    approved_on: date | None
    paid_on: date | None


def progress_of(settled_on: date, last_day: date, *, payable: bool = True) -> Progress:
    """Reviewed within days, approved within ten, paid on the 15th of the next month; what nothing
    is to be paid for is closed by its approval.

    What the last days left waiting fills the queues of reviewer, approver and cashier.
    """
    found = _progress(settled_on, last_day)
    if not payable and found.approved_on is not None:
        return Progress("nothing", found.reviewed_on, found.approved_on, None)
    return found


def _progress(settled_on: date, last_day: date) -> Progress:
    following = (settled_on.replace(day=1) + timedelta(days=32)).replace(day=PAYDAY)
    if following <= last_day:
        return Progress(
            "paid", settled_on + timedelta(days=2), settled_on + timedelta(days=5), following
        )
    waited = (last_day - settled_on).days
    if waited > APPROVE_AFTER:
        day = settled_on
        return Progress("approved", day + timedelta(days=2), day + timedelta(days=5), None)
    if waited > REVIEW_AFTER:
        return Progress("reviewed", settled_on + timedelta(days=2), None, None)
    return Progress("submitted", None, None, None)


class Settling:
    """Settles township by township."""

    def __init__(self, plan: Plan, foundation: Foundation, enrolled: Cover) -> None:
        self.plan = plan
        self.foundation = foundation
        self.terms = foundation.terms
        self.cover = cover(self.terms, year=plan.year)
        self.divisions = {code: row.pk for code, row in foundation.divisions.items()}
        self.visits = Table(
            Visit,
            *("person", "household", "enrollment", "division", "institution"),
            *("institution_name", "level", "place", "source", "care", "bed", "counts_as_stay"),
            *("consent_signed", "referral", "starts", "ends", "diagnosis_code", "diagnosis"),
            *("diseases", "procedures", "facts", "reasons", "entered_by", "entered_at"),
            after=[enrolled.enrollments],
        )
        self.invoices = Table(
            Invoice, "visit", "issuer", "number", "issued_on", "amount", after=[self.visits]
        )
        self.lines = Table(
            BillLine,
            *("visit", "line_number", "item", "item_code", "item_name", "category"),
            *("bill_class", "quantity", "unit_price", "amount", "limit_amount"),
            "approved_amount",
            after=[self.visits],
        )
        self.steps = Table(
            SettlementStep,
            *("settlement", "position", "code", "name", "article", "before_amount"),
            *("after_amount", "parameter", "sentence"),
        )
        self.usage = Table(
            UsageEntry, "settlement", "person", "household", "policy_year", "counter", "amount"
        )
        self.tables = (self.visits, self.invoices, self.lines, self.steps, self.usage)
        self._refusals: dict[tuple[str, str], tuple[str, str]] = {}

    def settle(
        self,
        township: Township,
        trips: Sequence[Trip],
        first_visits: Mapping[int, int],
        first_settlements: Mapping[int, int],
    ) -> Settled | None:
        """Write the township's visits; None when it has none.

        `first_…`: day (ordinal) → the first id that was set aside for the day and township.
        """
        if not trips:
            return None
        maker = BillMaker(self.plan.chance("bills", township.index), catalogue())
        visit_ids, ids = list(_ids(trips, first_visits)), list(_ids(trips, first_settlements))
        clerks = [self._clerk(township, trip) for trip in trips]
        cases = []
        for trip, visit_id, number, clerk in zip(trips, visit_ids, ids, clerks, strict=True):
            lines = self._bill(maker, trip)
            self._visit(trip, visit_id, clerk)
            self._lines(lines, visit_id)
            if trip.paper:
                self._invoice(maker, trip, lines, visit_id)
            cases.append(self._case(trip, lines, number))
        families = {trip.family.row_id: trip.family for trip in trips}
        decisions = adjudicate(
            Cases.from_cases(cases, self.terms),
            self.terms,
            _balances(families.values()),
            keep_steps=True,
        )
        refusals = []
        for at, (trip, number) in enumerate(zip(trips, ids, strict=True)):
            decision = decisions.one(at)
            self._steps(decision, number)
            self._usage(decision, trip, number)
            refusals.append(self._refusal(decision))
        return Settled(
            township=township,
            first_ids=first_settlements,
            days=np.array([trip.settled_on.toordinal() for trip in trips]),
            divisions=np.array([self.divisions[trip.family.group_code] for trip in trips]),
            clerks=np.array(clerks),
            tier2=np.array([trip.family.tier == "tier2" for trip in trips]),
            paper=np.array([trip.paper for trip in trips]),
            purposes=[purpose_of(trip.care, self.terms) for trip in trips],
            institutions=[_code(trip) for trip in trips],
            benefit=decisions.benefit.astype(np.int16),
            refusals=refusals,
            payees=[_payee(trip) for trip in trips],
            amounts={name: getattr(decisions, name) for name in AMOUNTS}
            | {"own": decisions.full_self_pay - decisions.borne},
            layers=decisions.layers,
        )

    # -- rows ----------------------------------------------------------------------------------

    def _bill(self, maker: BillMaker, trip: Trip) -> list[Line]:
        if trip.paper:
            return maker.paper_bill(trip.illness, trip.level, trip.target)
        days = max(1, (trip.ends - trip.starts).days)
        return maker.bill(trip.illness, trip.level, days, trip.target)

    def _clerk(self, township: Township, trip: Trip) -> int:
        staff = self.foundation.staff
        worker = staff.clerks[township.index]
        if not trip.paper:
            assert trip.provider is not None
            worker = staff.counters[trip.provider.code]
        return self.foundation.users[worker.username].pk

    def _visit(self, trip: Trip, visit_id: int, clerk: int) -> None:
        # As when a clerk enters it: only the county's own institutions are more than a name.
        institution = None
        if trip.provider is not None and not trip.provider.is_outside:
            institution = self.foundation.institutions[trip.provider.position].pk
        illness = trip.illness
        self.visits.add(
            trip.resident.row_id,
            trip.family.row_id,
            trip.resident.cover_id,
            self.divisions[trip.family.group_code],
            institution,
            trip.provider_name,
            trip.level,
            trip.place,
            "paper" if trip.paper else "counter",
            trip.care,
            self.terms.cares[trip.care].bed,
            self.terms.cares[trip.care].counts_as_stay,
            not trip.paper,
            trip.referral,
            trip.starts,
            trip.ends,
            illness.code,
            illness.name,
            [illness.disease] if illness.disease else [],
            [],
            sorted(trip.facts),
            sorted(trip.reasons),
            clerk,
            stamp(trip.settled_on, visit_id * 7),
            row_id=visit_id,
        )

    def _lines(self, lines: Sequence[Line], visit_id: int) -> None:
        for number, line in enumerate(lines, start=1):
            item, amount = line.item, yuan(line.amount)
            self.lines.add(
                visit_id,
                number,
                None if item is None else self.foundation.items[item.position].pk,
                "" if item is None else item.code,
                line.name,
                line.category,
                line.bill_class,
                line.quantity,
                yuan(line.unit_price),
                amount,
                None if line.limit is None else yuan(line.limit),
                amount,
            )

    def _invoice(self, maker: BillMaker, trip: Trip, lines: Sequence[Line], visit_id: int) -> None:
        amount = yuan(sum(line.amount for line in lines))
        number = f"{trip.ends:%y%m%d}{maker.chance.randrange(10**9):09d}"
        self.invoices.add(visit_id, trip.provider_name, number, trip.ends, amount)

    def _case(self, trip: Trip, lines: Sequence[Line], settlement_id: int) -> Case:
        resident, family = trip.resident, trip.family
        return Case(
            member=Member(
                person=f"P{resident.row_id}",
                household=f"H{family.row_id}",
                birth_date=resident.birth_date,
                sex="male" if resident.sex == MALE else "female",
                tier=family.tier,
                residence=resident.residence,
                statuses=frozenset(resident.statuses),
                consecutive_years=resident.years,
                cover_from=self.cover[0],
                cover_to=self.cover[1],
            ),
            visit=EngineVisit(
                key=str(settlement_id),
                care=trip.care,
                level=trip.level,
                place=trip.place,
                referral=trip.referral,
                starts=trip.starts,
                ends=trip.ends,
                diseases=frozenset({trip.illness.disease} - {""}),
                facts=frozenset(trip.facts),
                reasons=frozenset(trip.reasons),
                answerable=trip.place == "local" and "non_contracted" not in trip.facts,
            ),
            bill=bill_from_lines(
                [
                    BillItem(bill_class=line.bill_class, amount=line.amount, limit=line.limit)
                    for line in lines
                ],
                self.terms,
            ),
        )

    def _steps(self, decision: Decision, number: int) -> None:
        for position, step in enumerate(decision.steps, start=1):
            self.steps.add(
                number,
                position,
                step.code,
                step.name,
                step.article,
                yuan(step.before),
                yuan(step.after),
                step.parameter,
                step.sentence,
            )

    def _usage(self, decision: Decision, trip: Trip, number: int) -> None:
        for change in decision.changes:
            of_person = change.owner == "person"
            self.usage.add(
                number,
                trip.resident.row_id if of_person else None,
                None if of_person else trip.family.row_id,
                self.plan.year,
                change.counter,
                change.delta,
            )

    def _refusal(self, decision: Decision) -> tuple[str, str]:
        """Code and sentence, "" twice when the claim is paid; few different ones are kept."""
        if decision.refusal is None:
            return ("", "")
        found = (decision.refusal.code, decision.refusal.sentence)
        return self._refusals.setdefault(found, found)


def _payee(trip: Trip) -> Payee:
    if not trip.paper:
        return Payee(trip.provider_name, "institution")
    head = trip.family.members[0]
    # Who had none opened one when the first invoice was handed in.
    account = trip.family.bank_account or f"6200{trip.family.number[-15:]}"
    return Payee(head.name, "self" if head is trip.resident else "head", head.row_id, account)


def _code(trip: Trip) -> str:
    """The institution's code; "" outside the county, where it is only a name."""
    return trip.provider.code if trip.provider and not trip.provider.is_outside else ""


def _ids(trips: Sequence[Trip], first_ids: Mapping[int, int]) -> Iterator[int]:
    """Ids of the trips, which come in order of their day."""
    given: dict[int, int] = {}
    for trip in trips:
        day = trip.settled_on.toordinal()
        used = given.get(day, 0)
        given[day] = used + 1
        yield first_ids[day] + used


def _balances(families: Iterable[Family]) -> dict[str, dict[str, int]]:
    """What the accounts hold on the first day of the year, by the engine's owner keys."""
    found: dict[str, dict[str, int]] = {}
    for family in families:
        found[f"H{family.row_id}"] = {"household_account": family.account}
        for resident in family.members:
            if resident.credit:
                found[f"P{resident.row_id}"] = {"credit": resident.credit}
    return found
