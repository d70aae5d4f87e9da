"""Seeding: the county is drawn township by township and written in one transaction.

First the places, staff, hospitals, measures and the book; then every township with its people,
cover, visits and bills, while only columns of the settlements are kept; then the ledger; last the
settlements, with the vouchers that paid them. Whatever goes wrong, nothing stays.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.models import (
    BillLine,
    Invoice,
    Settlement,
    SettlementFund,
    SettlementStep,
    UsageEntry,
    Visit,
)
from claims.services.drawn import recount
from claims.shares import purpose_of
from demo.bookkeeping import Bookkeeping
from demo.claim_rows import SettlementRows
from demo.cover import Cover
from demo.families import families_of
from demo.foundation import Foundation, lay_foundation
from demo.loading import Table, analyze, check_references, lock_tables
from demo.numbers import IdNumbers
from demo.oversight import oversee
from demo.payments import fill_batches, seal_reviews
from demo.places import COUNTY_CODE, Township, lay_out
from demo.plan import Plan
from demo.providers import Providers, providers_of
from demo.register import Register
from demo.settling import Settled, Settling
from demo.staff import staff_of
from demo.visits import trips_of
from desk.jobs import run
from enrollment.models import (
    Enrollment,
    Household,
    IdentityStatus,
    Person,
    Receipt,
    ReceiptBook,
    Remittance,
)
from funds.models import Posting, Voucher
from funds.payments.models import PaymentOrder, PaymentPart, Transfer
from lib.periods import Month
from reports.bulletins.services import draft_bulletin, step_bulletin
from reports.services import request_report

LOADED: tuple[type[models.Model], ...] = (
    Household, Person, IdentityStatus, ReceiptBook, Receipt, Enrollment, Remittance,
    Visit, Invoice, BillLine, Settlement, SettlementFund, SettlementStep,
    UsageEntry,
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How much was written."""

    townships: int
    households: int
    people: int
    enrollments: int
    claims: int
    bill_lines: int
    vouchers: int


def is_empty() -> bool:
    """Whether nobody lives or works here yet: the only database a county is made in."""
    return not any(model.objects.exists() for model in (Household, Division, User))


def _bulletin(foundation: Foundation, month: Month, plan: Plan) -> None:
    """The month before has its report and its bulletin, issued."""
    if month.year != plan.year:
        return
    report = request_report(actor=None, area=foundation.county, month=month, on=plan.last_day)
    run("reports.monthlyreport", report.pk, plan.last_day)
    row = draft_bulletin(
        actor=foundation.users["jianguan"], area=foundation.county, month=month, quarter=False,
        words="集中缴费期已经开始，请各乡镇对照参保率逐村动员。", on=plan.last_day,
    )  # fmt: skip
    approver = foundation.officer(Role.APPROVER)
    step_bulletin(actor=approver, row=row, event="issue_bulletin", on=plan.last_day)


@transaction.atomic
def seed(plan: Plan) -> Outcome:
    """Make the county. Raises Refusal in production and when there is anything in its way."""
    if settings.PRODUCTION:
        raise Refusal("生产环境不允许生成演示数据（HEZUO_ENV=production）")
    lock_tables(LOADED)
    if not is_empty():
        raise Refusal("库中已有数据，演示县只能生成在空库中")
    townships = lay_out(plan)
    providers = providers_of(townships)
    staff = staff_of(plan, townships, providers)
    foundation = lay_foundation(plan, townships, providers, staff)
    outcome = _Making(plan, townships, providers, foundation).run()
    oversee(plan, foundation)
    last_month = Month.of(plan.last_day).previous()
    if last_month.year == plan.year:  # the worker computes it; before February there is none
        request_report(actor=None, area=foundation.county, month=last_month, on=plan.last_day)
        _bulletin(foundation, last_month.previous(), plan)
    record(
        actor=None,
        action="demo.seed",
        subject=foundation.county,
        division_code=COUNTY_CODE,
        after={
            "persons": plan.persons,
            "year": plan.year,
            "seed": plan.seed,
            "through": str(plan.through),
        },
    )
    analyze([*LOADED, Division, Voucher, Posting, PaymentOrder, PaymentPart, Transfer])
    return outcome


class _Making:
    """The part of seeding that goes township by township."""

    def __init__(
        self,
        plan: Plan,
        townships: Sequence[Township],
        providers: Providers,
        foundation: Foundation,
    ) -> None:
        self.plan = plan
        self.townships = townships
        self.providers = providers
        self.foundation = foundation
        self.register = Register(plan, foundation)
        self.cover = Cover(plan, foundation, self.register)
        self.settling = Settling(plan, foundation, self.cover)
        self.rows = SettlementRows(plan, foundation)

    def run(self) -> Outcome:
        claims = self._count_claims()
        total = sum(counts.total() for counts in claims.values())
        first_visit = self.settling.visits.reserve(total)
        first_settlement = self.rows.table.reserve(total)
        visits = _first_ids(claims, first_visit)
        settlements = _first_ids(claims, first_settlement)
        settled = self._write_townships(visits, settlements)
        terms = self.foundation.terms
        books = Bookkeeping(self.plan, self.foundation)
        books.run(self.cover.takings, self.cover.subsidies, settled)
        self.cover.finish_remittances(books.vouchers)
        self.rows.write(settled, first_visit - first_settlement, books.payments)
        for table in self._tables():
            table.finish()
        fill_batches(self.foundation, {code: purpose_of(code, terms) for code in terms.cares})
        seal_reviews()
        recount(COUNTY_CODE)
        return Outcome(
            townships=len(self.townships),
            households=self.register.households.count,
            people=self.register.people.count,
            enrollments=self.cover.enrollments.count,
            claims=self.rows.table.count,
            bill_lines=self.settling.lines.count,
            vouchers=Voucher.objects.filter(book=self.foundation.book).count(),
        )

    def _tables(self) -> list[Table]:
        return [
            *self.register.tables,
            *self.cover.tables,
            *self.settling.tables,
            self.rows.table,
            self.rows.funds,
        ]

    def _count_claims(self) -> Mapping[int, Counter[int]]:
        """Township index → day (ordinal) → claims. Draws everybody once, and keeps nobody."""
        numbers = IdNumbers()
        found: dict[int, Counter[int]] = {}
        for township in self.townships:
            families = families_of(self.plan, township, numbers)
            trips = trips_of(self.plan, township, families, self.providers)
            found[township.index] = Counter(trip.settled_on.toordinal() for trip in trips)
        return found

    def _write_townships(
        self,
        visits: Mapping[int, Mapping[int, int]],
        settlements: Mapping[int, Mapping[int, int]],
    ) -> list[Settled]:
        numbers = IdNumbers()
        kept = []
        for township in self.townships:
            families = families_of(self.plan, township, numbers)
            for family in families:
                self.register.write(family)
            self.cover.write(township, families)
            trips = trips_of(self.plan, township, families, self.providers)
            at = township.index
            done = self.settling.settle(township, trips, visits[at], settlements[at])
            if done is not None:
                kept.append(done)
            for table in self._tables():
                table.flush()
            check_references(to_come=(Settlement, Remittance))
        return kept


def _first_ids(claims: Mapping[int, Counter[int]], first: int) -> Mapping[int, Mapping[int, int]]:
    """Township → day → first id, so that ids run through the county day by day."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for day in sorted({day for counts in claims.values() for day in counts}):
        for township, counts in claims.items():
            if counts[day]:
                found[township][day] = first
                first += counts[day]
    return {township: found[township] for township in claims}
