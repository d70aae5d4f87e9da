"""From the last day of the demo's year through the next spring, as the desks do it day by day: the
year is closed, what it left is paid and shared out, and the new year's first claims come in.

Where `demo.county` writes rows in bulk, everything here goes through the services of the pages.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.entries import (
    CounterEntry,
    CounterLine,
    Hospital,
    PaperEntry,
    PaperInvoice,
    PaperLine,
    VisitFacts,
)
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, propose
from claims.services import enter, withdraw
from demo.bills import BillMaker
from demo.bookkeeping import INTEREST_RATE, TRANCHES
from demo.catalogue import catalogue
from demo.illnesses import illnesses, wheel
from demo.office import EXPENDITURE, FISCAL, Office
from demo.places import COUNTY_CODE
from enrollment.collection.models import Refund
from enrollment.collection.refunds import grant_refund, pay_refund, request_refund
from enrollment.models import Enrollment
from enrollment.people.models import Person
from funds.balances import balance_of
from funds.drafts.services import make_reversal
from funds.services import EventLine
from institutions.models import Institution, Level
from lib.money import half_up, split, to_fen, to_yuan
from lib.periods import Month, age_on

SHARES = {"county": "county_amount", "city": "city_amount", "central": "central_amount"}
DOCUMENTS = {"county": "县级", "city": "市级", "central": "中央"}


@dataclass
class Came:
    """How much the spring brought. `left`: what was refused to somebody, in words."""

    claims: int = 0
    late: int = 0
    refused: int = 0
    recovered: int = 0
    left: list[str] = field(default_factory=list)


def go_on(year: int, *, claims: int, seed: int = 1) -> Came:
    """Close `year` of the demo county that was seeded through its last day, and go on to the
    closing of March. `claims`: how many the spring brings."""
    area = Division.objects.get(code=COUNTY_CODE)
    spring = _Spring(Office.of(area), year, Random(f"{seed}/spring"))  # noqa: S311 - a demo
    spring.run(-(-claims // 3))
    spring.came.left = spring.office.left
    return spring.came


class _Spring:
    def __init__(self, office: Office, year: int, chance: Random) -> None:
        self.office = office
        self.old, self.new = year, year + 1
        self.chance = chance
        self.bills = BillMaker(chance, catalogue())
        self.clerks = {
            user.institution_code: user for user in User.objects.filter(role=Role.INSTITUTION_CLERK)
        }
        self.came = Came()

    def run(self, claims: int) -> None:
        """Everything in the order of the calendar. `claims`: of a month."""
        office, old, new = self.office, self.old, self.new

        def on(month: int, day: int) -> date:
            return date(new, month, day)

        year_end = date(old, 12, 31)
        self.refund(date(old, 12, 28))
        self.pay_back(date(old, 12, 28))
        self.refund(date(old, 12, 30))
        self.donation(date(old, 12, 30), on(1, 3))
        office.share_out(old, year_end)
        office.by_law("reserve_drawn", old, year_end)
        office.by_law("advance_recognised", new, on(1, 4))
        office.close(Month(old, 12), on(1, 6))
        office.agree(self._waiting())
        office.fund(on(1, 10))
        self.pay_back(on(1, 12))
        office.pay(on(1, 15), returned=1)
        self.late_papers(on(1, 20), max(2, claims // 5))
        self.month(Month(new, 1), claims)
        self.subsidy("county", on(1, 25))
        office.close(Month(new, 1), on(2, 5))
        office.agree(self._waiting())
        office.fund(on(2, 10))
        office.pay(on(2, 15), returned=1)
        self.year_shared(on(2, 18))
        self.recover(old, on(2, 20))
        self.recover(new, on(2, 21))
        self.month(Month(new, 2), claims)
        self.subsidy("city", on(2, 26))
        office.close(Month(new, 2), on(3, 5))
        office.agree(self._waiting())
        office.share_out(new, on(3, 8))
        self.year_shared(on(3, 9))
        office.fund(on(3, 10))
        office.pay(on(3, 15))
        self.subsidy("central", on(3, 20))
        self.interest(on(3, 21))
        self.month(Month(new, 3), claims)
        office.by_law("reserve_drawn", new, on(3, 31))
        office.close(Month(new, 3), on(4, 5))

    def _waiting(self) -> list[Settlement]:
        status = Settlement.Status
        rows = Settlement.objects.filter(status__in=(status.SUBMITTED, status.REVIEWED))
        return list(rows.order_by("pk"))

    def year_shared(self, on: date) -> None:
        """What the measures ask of the year that is over, once its claims are paid; asked again it
        books what has changed."""
        self.office.by_law("accounts_carried", self.old, on)
        self.office.by_law("accounts_released", self.old, on)
        self.office.by_law("surplus_reserved", self.old, on)
        self.office.by_law("overspend_charged", self.old, on)

    # -- money that comes in ---------------------------------------------------------------------

    def subsidy(self, level: str, on: date) -> None:
        """The first part of what this level owes for the year's covers."""
        covers = Enrollment.objects.active().of_year(self.new)
        due: dict[str, int] = {}
        for tier, amount in covers.values_list("tier", SHARES[level]):
            due[tier] = due.get(tier, 0) + to_fen(amount)
        parts = [tenths for _, _, tenths in TRANCHES[level]]
        lines = [
            EventLine(
                to_yuan(split(fen, parts)[0]),
                tier=tier,
                policy_year=self.new,
                funding_level=level,
            )
            for tier, fen in sorted(due.items())
            if fen
        ]
        document = f"财社〔{self.new}〕1号 {DOCUMENTS[level]}补助"
        self.office.by_hand("subsidy_received", on, document, lines)

    def donation(self, on: date, taken_back_on: date) -> None:
        """Booked by mistake in the last days of the year; the red letter, made when the new year
        has begun, bears one of them too: a year that is over takes none back."""
        wrong = self.office.by_hand(
            "other_received", on, f"捐赠票据 {on:%Y%m%d}", [EventLine(Decimal("88.88"))]
        )
        draft = make_reversal(
            actor=self.office.accountant, voucher=wrong, on=on, today=taken_back_on,
            reason="款项不是捐给本基金的",
        )  # fmt: skip
        self.office.enter(draft, taken_back_on)

    def refund(self, on: date) -> None:
        """Granted: a premium of the new year, to somebody who was insured elsewhere before it."""
        covers = (
            Enrollment.objects.active()
            .of_year(self.new)
            .filter(personal_amount__gt=0, drawn_claims=0, receipt__remittance__status="confirmed")
        )
        cover = covers.order_by("-pk").first()
        assert cover is not None
        asked = request_refund(
            actor=self.office.clerk_of(cover.division.code), enrollment=cover,
            ground=Refund.Ground.ELSEWHERE, ground_date=date(self.old, 12, 20),
            evidence="职工医保参保证明 12 号", payee="", on=on,
        )  # fmt: skip
        grant_refund(actor=self.office.accountant, refund=asked, on=on)

    def pay_back(self, on: date) -> None:
        """What was granted, as far as the expenditure account reaches; the rest waits for more."""
        for refund in Refund.objects.filter(status=Refund.Status.GRANTED).order_by("pk"):
            if refund.amount <= balance_of(self.office.book, EXPENDITURE, on):
                pay_refund(actor=self.office.one(Role.CASHIER), refund=refund, on=on, today=on)

    def interest(self, on: date) -> None:
        fen = half_up(to_fen(balance_of(self.office.book, FISCAL, on)) * INTEREST_RATE, 40_000)
        line = EventLine(to_yuan(fen), policy_year=self.new, purpose="fiscal")
        self.office.by_hand("interest_received", on, f"银行利息单 {on:%Y%m%d}", [line])

    # -- claims ----------------------------------------------------------------------------------

    def month(self, month: Month, claims: int) -> None:
        """So many claims at the counters, spread over the month; the last is taken back."""
        covers = list(
            Enrollment.objects.active()
            .of_year(self.new)
            .filter(cover_first_day__lte=month.first, person__death_date=None)
            .select_related("person", "division")
            .order_by("pk")
        )
        days = sorted(self.chance.randint(2, 28) for _ in range(claims))
        last: Settlement | None = None
        for day in days:
            cover = self.chance.choice(covers)
            on = date(month.year, month.month, day)
            entered = self._counter(cover, on)
            self.came.claims += entered is not None
            last = entered or last
        if last is not None:
            assert last.entered_by is not None
            withdraw(actor=last.entered_by, settlement=last, reason="项目录错，重新录入")

    def _counter(self, cover: Enrollment, on: date) -> Settlement | None:
        hospital = self._hospital(cover)
        in_bed = self.chance.random() < 0.25
        starts = on
        if in_bed:
            starts = max(on - timedelta(days=self.chance.randint(2, 9)), date(on.year, 1, 1))
        person = cover.person
        kind = "stay" if in_bed else "clinic"
        ill = wheel(kind, person.sex, age_on(person.birth_date, on))
        if ill is None:
            return None
        illness = ill.spin(self.chance)
        if illness.fact or illness.disease:
            return None
        target = 150_000 if in_bed else 3_000
        bill = self.bills.bill(illness, hospital.level, max(1, (on - starts).days), target)
        lines = [
            CounterLine(
                code=one.item.code,
                quantity=Decimal(one.quantity),
                unit_price=to_yuan(one.unit_price),
                amount=to_yuan(one.amount),
            )
            for one in bill
            if one.item is not None
        ]
        visit = VisitFacts(
            care=illness.care,
            starts=starts,
            ends=on,
            diagnosis=illness.name,
            diagnosis_code=illness.code,
            alike_reason="另一次就诊",
        )
        return self._enter(
            CounterEntry(
                institution=hospital, person=person, visit=visit, lines=lines, consent_signed=True
            ),
            self.clerks[hospital.code],
            on,
        )

    def _hospital(self, cover: Enrollment) -> Institution:
        """The township's own, or one of the county's."""
        rows = Institution.objects.filter(code__in=self.clerks).order_by("code")
        if self.chance.random() < 0.7:
            own = rows.filter(division__code=cover.division.code[:9]).first()
            if own is not None:
                return own
        first = rows.filter(level=Level.COUNTY).first()
        assert first is not None
        return first

    def _enter(self, entry: CounterEntry | PaperEntry, actor: User, on: date) -> Settlement | None:
        try:
            return enter(entry, actor=actor, on=on, submit_now=True)
        except Refusal as refusal:
            self.came.refused += 1
            self.office.left.append(f"{on} 录入：{refusal.message}")
            return None

    def late_papers(self, on: date, count: int) -> None:
        """Stays of the old year outside the county, handed in within their thirty days."""
        covers = (
            Enrollment.objects.active()
            .of_year(self.old)
            .filter(person__death_date=None)
            .select_related("person__household", "division")
        )
        ends = date(self.old, 12, 29)
        for cover in self.chance.sample(list(covers.order_by("pk")), count):
            amount = Decimal(self.chance.randint(1_500, 6_000))
            entered = self._enter(
                self._paper(cover.person, ends, amount),
                self.office.clerk_of(cover.division.code),
                on,
            )
            self.came.late += entered is not None

    def _paper(self, person: Person, ends: date, amount: Decimal) -> PaperEntry:
        name = "巴渝市立综合医院"
        return PaperEntry(
            person=person,
            hospital=Hospital(name=name, level="city", place="outside"),
            visit=VisitFacts(
                care=illnesses()["stay"][0].care,
                starts=ends - timedelta(days=6),
                ends=ends,
                diagnosis="胆囊结石",
                diagnosis_code="K80.2",
                referral="referred",
                filing_document="转诊审批表",
                alike_reason="另一次就诊",
            ),
            lines=[PaperLine(name="住院费用", category="other", bill_class="in_scope",
                             amount=amount)],
            invoices=[PaperInvoice(number=f"S{person.pk:08d}", issuer=name, issued_on=ends,
                                   amount=amount)],
        )  # fmt: skip

    # -- what comes back -------------------------------------------------------------------------

    def recover(self, paid_in: int, on: date) -> None:
        """One stay and one outpatient visit that were paid in this year: asked back by three hands,
        and brought to the cashier."""
        paid = Settlement.objects.paid().filter(paid_on__year=paid_in, fund_amount__gt=0)
        for is_stay in (True, False):
            rows = paid.filter(visit__counts_as_stay=is_stay).order_by("-pk")
            self.came.recovered += any(self._recovered(row, on) for row in rows[:20])

    def _recovered(self, claim: Settlement, on: date) -> bool:
        office = self.office
        is_institution = claim.pay_to == Settlement.PayTo.INSTITUTION
        proposal = Proposal(
            reason=Recovery.Reason.FALSE_INVOICE,
            facts="抽查发现票据不实",
            debtor="institution" if is_institution else "household",
        )
        try:
            row = propose(actor=office.one(Role.SUPERVISOR), settlement=claim, proposal=proposal)
            for who, event in (
                (Role.REVIEWER, "review_recovery"),
                (Role.APPROVER, "approve_recovery"),
            ):
                row = decide(actor=office.one(who), recovery=row, event=event, on=on)
            receive(
                actor=office.one(Role.CASHIER), recovery=row, amount=row.amount, on=on, today=on,
                reference=f"BK{on:%Y%m%d}{claim.pk:06d}",
            )  # fmt: skip
        except Refusal as refusal:
            office.left.append(f"追回 {claim.number}：{refusal.message}")
            return False
        return True
