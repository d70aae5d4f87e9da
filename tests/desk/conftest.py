"""One row of each kind, for the lists that show them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import record
from accounts.clock import start_of
from accounts.models import Division, SignInFailure, User
from accounts.roles import Role
from claims.assistance.models import AidApplication, AidCase
from claims.carried.models import (
    BedFile,
    CarriedFile,
    CarriedUsage,
    OldFile,
    OldSettlement,
    Recount,
)
from claims.clearing.models import (
    Clearing,
    ClearingClaim,
    ClearingRule,
    Deduction,
    DepositReturn,
    PaymentMethod,
    Prepayment,
)
from claims.deciding.models import ReviewRule
from claims.dependence.models import Dependent, Supplement
from claims.filings.models import CarriedFilings, Filing
from claims.models import BillLine, Settlement, UsageEntry, Visit
from claims.recovery.models import Recovery, RecoveryPart, RecoveryReceipt
from claims.refunds.models import PatientRefund
from claims.second.models import SecondPayment, SecondRun
from claims.services.drawn import recount
from claims.unpaid.models import OldClaim, OldClaimFile
from claims.visits.models import BillBatch
from desk import navigation
from desk.models import Paper, SpecialDay
from enrollment.carried.mending_models import CarriedMending
from enrollment.carried.models import CarriedTable
from enrollment.cover.campaigns import open_campaign
from enrollment.models import (
    Campaign,
    CheckList,
    DayClose,
    Enrollment,
    ExpectedChild,
    Person,
    ProgressSheet,
    Proposal,
    ReceiptBook,
    Refund,
    Remittance,
    SamePerson,
    SponsorFund,
    TaxFile,
)
from enrollment.rosters.models import RegisterImport
from enrollment.status_lists.models import StatusList
from funds.banking.models import BankLine, BankStatement
from funds.drafts.services import make_draft
from funds.handing_out.models import LedgerExport
from funds.models import Book
from funds.payments.models import PaymentBatch, PaymentOrder, PaymentReturn
from funds.payments.services import Part, Payee, make_batch, order_payment
from funds.plans.services import PlanItem, make_plan
from funds.services import EventLine, open_book, post_event
from gateway.clients.models import FailedTry
from gateway.rules.models import InterfaceRule
from gateway.traces.models import DrugSale, NoCodeItem, TraceCode
from institutions.models import (
    Agreement,
    AgreementStep,
    BankAccount,
    CatalogueItem,
    CodeMapping,
    Department,
    Eligibility,
    Institution,
    Level,
    PracticePlace,
    Practitioner,
    RegistryChange,
    Signing,
)
from institutions.points.models import PointAppeal, PointRecord, PointTerms
from institutions.trust.models import TrustBands, TrustGrade
from lib.periods import Month
from policies.models import Draft, Pack
from reports.bulletins.models import Bulletin
from reports.models import MonthlyReport
from reports.whatif.models import Simulation
from supervision.assessment.models import Assessment, FormAdoption
from supervision.cases.archive_models import ArchiveLine, CaseArchive
from supervision.cases.services import Clue, open_clue
from supervision.complaints.models import Complaint, Reward
from supervision.complaints.services import Told, take_complaint
from supervision.library.models import LibraryChange, LibraryFile, LibraryPoint
from supervision.models import (
    Alert,
    AlertReview,
    Case,
    Extract,
    NoticeContact,
    Objection,
    Posting,
    PublicityMeasure,
    PublicityTask,
    Sample,
    SampleItem,
    SampleList,
    SampleStratum,
    SamplingRate,
    VisitDenial,
)
from supervision.public.services import Hung, Said, put_up, set_contact, take_objection
from supervision.thresholds.cards import InForce
from supervision.thresholds.models import RuleTrial, RuleVersion, TrialHit
from tests.claims.conftest import Register
from tests.claims.deciding.conftest import rules
from tests.claims.second.conftest import with_second
from tests.conftest import make_division, make_user, past_the_guards
from tests.gateway.programs import a_client
from tests.paying import provide
from tests.supervision.conftest import register, settled  # noqa: F401 - fixtures of the rows below
from tests.supervision.inspections.rows import Rows
from tests.supervision.library_rows import a_change, a_point

BANDS = {
    "a_from": 90, "b_from": 80, "c_from": 70, "a_most": 0, "b_most": 3, "c_most": 8,
    "prepaid_a": 100, "prepaid_b": 80, "prepaid_c": 50, "prepaid_d": 0,
}  # fmt: skip
APRIL = date(2026, 4, 2)


class County:
    """Dazu on 2 April 2026. Each method adds the row number `at` (1, 2, …) of one kind."""

    def __init__(
        self,
        cast: SimpleNamespace,
        area: Division,
        people: Register,
        stay: Callable[..., Settlement],
        pack: Pack,
    ) -> None:
        self.cast, self.area, self.register, self.settled = cast, area, people, stay
        self.pack = pack
        self.village = Division.objects.get(code="500225101201")

    def user(self, at: int) -> User:
        return make_user(f"clerk_{at:03d}", "谭明芳", Role.TOWNSHIP_CLERK, self.area)

    def asked_account(self, n: int) -> None:
        """From the administrator's table, without a role yet."""
        User.objects.create(
            username=f"asked_{n}",
            name=f"新人{n}",
            role=Role.AUDIT_ADMIN,
            is_active=False,
            asked_role=Role.TOWNSHIP_CLERK,
            asked_place="500225101",
        )

    def unopened_account(self, n: int) -> None:
        # Two lists have such rows.
        User.objects.get_or_create(
            username=f"unopened_{n}",
            defaults={
                "name": f"新人{n}",
                "role": Role.TOWNSHIP_CLERK,
                "division": self.cast.clerk_a.division,
                "must_change_password": True,
            },
        )

    def failure(self, at: int) -> SignInFailure:
        return SignInFailure.objects.create(username="clerk_a", origin=f"10.0.0.{at}")

    def division(self, at: int) -> Division:
        return make_division(f"500225101{400 + at}", f"第{at}村", self.village.parent)

    def audit_line(self, at: int) -> None:
        record(actor=self.cast.clerk_a, action="accounts.sign_in", subject=self.cast.clerk_a)

    def institution(self, at: int) -> Institution:
        return Institution.objects.create(
            code=f"H500225{20_000 + at}", name=f"村卫生室{at}", level=Level.VILLAGE,
            division=self.village,
        )  # fmt: skip

    def client(self, at: int) -> None:
        """Of the county hospital."""
        hospital = Institution.objects.get(code=self.cast.hospital_clerk.institution_code)
        a_client(self.cast.secadmin, hospital, name=f"窗口 {at}", addresses=[f"10.20.1.{at}"])

    def client_elsewhere(self, at: int) -> None:
        """Of an institution that has none yet."""
        a_client(self.cast.secadmin, self.institution(500 + at))

    def failed_try(self, at: int) -> None:
        FailedTry.objects.create(access_key="?", origin=f"10.0.0.{at}", why="unknown")

    def catalogue_item(self, at: int) -> CatalogueItem:
        return CatalogueItem.objects.create(
            area=self.area, catalogue="drug", code=f"Z{at:04d}", name=f"药品{at}", initials="yp",
            category="western_drug", payment_class="A", unit="盒", first_day=date(2025, 1, 1),
        )  # fmt: skip

    def mapping(self, at: int) -> CodeMapping:
        return CodeMapping.objects.create(
            institution=self._hospital(), own_code=f"YP{at:04d}", own_name="阿莫西林", kind="101",
            code="X01", first_day=date(2026, 3, 1), proposed_by=self.cast.hospital_clerk,
            details=[["规格", "0.25g"], ["包装", "24粒/盒"]],
        )  # fmt: skip

    def _hospital(self) -> Institution:
        return Institution.objects.get(code=self.cast.hospital_clerk.institution_code)

    def department(self, at: int) -> Department:
        return Department.objects.create(
            institution=self._hospital(), code=f"NK{at:02d}", name=f"内科{at}", caty="A03",
            starts_at=timezone.now(), beds=40, insured_beds=36, head="赵国强",
            sent_by=self.cast.hospital_clerk,
        )  # fmt: skip

    def interface_rule(self, at: int) -> InterfaceRule:
        return InterfaceRule.objects.create(
            area=self.area, status="withdrawn", mapped_from=APRIL, evidence=f"纪要 {at}",
            reason="规范编码", proposed_by=self.cast.supervisor, proposed_on=APRIL,
        )  # fmt: skip

    def no_code_item(self, at: int) -> NoCodeItem:
        return NoCodeItem.objects.create(
            area=self.area, code=f"W{at:04d}", name=f"无码药{at}", first_day=date(2026, 1, 1)
        )

    def sold_twice(self, at: int) -> TraceCode:
        """A box, once for cash and once with a visit."""
        facts: dict[str, Any] = {
            "institution": self._hospital(), "code": "X01", "own_code": "YP1",
            "name": "阿莫西林胶囊", "is_prescribed": True, "is_split": False, "quantity": 1,
            "price": 13, "document": f"D{at}", "sold_at": timezone.now(),
            "recorded_by": self.cast.hospital_clerk,
        }  # fmt: skip
        code: dict[str, Any] = {
            "area": self.area, "code": f"81{at:018d}", "position": 0, "units": 1,
        }  # fmt: skip
        sale = DrugSale.objects.create(**facts)
        first = TraceCode.objects.create(sale=sale, is_first=True, **code)
        sale = DrugSale.objects.create(visit=self.visit(at), **facts)
        return TraceCode.objects.create(sale=sale, is_first=False, again_of=first, **code)

    def unmapped_line(self, at: int) -> BillLine:
        """3.00 of what the hospital calls YP…, and nobody knows as that."""
        visit = self.visit(at)
        return BillLine.objects.create(
            visit=visit, batch=visit.batches.get(), line_number=3, part=None, item_code="X01",
            item_name="阿莫西林胶囊", category="western_drug", bill_class="in_scope",
            quantity=1, unit_price=3, amount=3, approved_amount=3, own_code=f"YP{at:04d}",
            charged_on=date(2026, 3, 3),
        )  # fmt: skip

    def new_pack(self, at: int) -> Pack:
        return Pack.objects.create(
            area=self.area, name=self.pack.name, version=self.pack.version + at,
            first_day=date(2030, 1, 1) + timedelta(days=at), last_day=date(2040, 12, 31),
            source="", sha256=f"{at:064d}", proposed_by=self.cast.supervisor,
        )  # fmt: skip

    def draft(self, at: int) -> Draft:
        return Draft.objects.create(
            area=self.area, base=self.pack, source=self.pack.source,
            created_by=self.cast.supervisor, changed_by=self.cast.supervisor,
        )  # fmt: skip

    def book(self) -> Book:
        if found := Book.objects.filter(area=self.area).first():
            return found
        return open_book(actor=self.cast.accountant, area=self.area, first_month=Month(2026, 1))

    def voucher(self, at: int) -> None:
        self.book()
        post_event(
            event="interest_received", area=self.area, on=date(2026, 3, 2), key=f"list:{at}",
            source="测试", actor=self.cast.accountant,
            lines=[EventLine(amount=Decimal("15.00"), purpose="fiscal")],
        )  # fmt: skip

    def voucher_draft(self, at: int) -> None:
        make_draft(
            actor=self.cast.accountant, book=self.book(), event="interest_received",
            on=date(2026, 3, 2), today=date(2026, 3, 2), document=f"回单 {at}", key=f"draft:{at}",
            lines=[EventLine(amount=Decimal("15.00"), purpose="fiscal")],
        )  # fmt: skip

    def funding_plan(self, at: int) -> None:
        month = Month(2026, 4)
        for _ in range(at):
            month = month.next()
        make_plan(
            actor=self.cast.accountant, book=self.book(), month=month, on=APRIL,
            items=[PlanItem("应付款项", "应付未付", Decimal("15.00"), Decimal("15.00"))],
        )  # fmt: skip

    def claim(self, at: int, status: str = "submitted", **facts: Any) -> Settlement:
        """A stay of somebody of his own, with the hands that its state needs."""
        person = self.register.person("王建国", self.register.household(self.village))
        hands: dict[str, Any] = {"submitted_at": "2026-03-20T02:00:00Z"}
        if status in {"reviewed", "approved", "paid"}:
            hands["reviewed_by"] = self.cast.reviewer
        if status in {"approved", "paid"}:
            hands["approved_by"] = self.cast.approver
        if status == "paid":
            hands |= {"paid_by": self.cast.cashier, "paid_on": date(2026, 3, 20)}
        return self.settled(person, 1, 9, status=status, **hands, **facts)

    def account_use(self, at: int) -> UsageEntry:
        """A claim of which the household's account paid 20.00."""
        claim = self.claim(at)
        return UsageEntry.objects.create(
            settlement=claim, household=claim.visit.household, policy_year=2026,
            counter="household_account", amount=-20_00,
        )  # fmt: skip

    def visit(self, at: int) -> Visit:
        """Somebody in the county hospital, with two days' charges."""
        person = self.register.person("王建国", self.register.household(self.village))
        place = Institution.objects.get(code=self.cast.hospital_clerk.institution_code)
        visit = Visit.objects.create(
            status="open", is_registered=True, person=person, household=person.household,
            enrollment=Enrollment.objects.get(person=person, year=2026), division=self.village,
            institution=place, institution_name=place.name, level=place.level, place="local",
            source="counter", care="inpatient", bed=True, counts_as_stay=True,
            starts=date(2026, 3, 1), entered_by=self.cast.hospital_clerk,
            admission_number=f"ZY{at:04d}",
        )  # fmt: skip
        batch = BillBatch.objects.create(
            visit=visit, number="1", received_by=self.cast.hospital_clerk
        )
        for line in (1, 2):
            BillLine.objects.create(
                visit=visit, batch=batch, line_number=line, part=None, item_code="X01",
                item_name="阿莫西林胶囊", category="western_drug", bill_class="in_scope",
                quantity=1, unit_price=300, amount=300, approved_amount=300,
                charged_on=date(2026, 3, line),
            )  # fmt: skip
        return visit

    def dependent(self, at: int) -> Dependent:
        """A paid claim that is computed anew because another one fell."""
        return Dependent.objects.create(
            settlement=self.claim(at, "paid"), because_of=self.claim(at), division=self.village,
            reason="已撤回", old_amount=Decimal("690.00"), new_amount=Decimal("590.00"),
            deductible_amount=Decimal("200.00"), layers={"basic": [69000, 59000]},
            counters=[
                {"key": "annual_paid", "title": "年累计报销额", "unit": "fen", "old": 1, "new": 0}
            ],
        )  # fmt: skip

    def supplement(self, at: int) -> Supplement:
        dependent = self.dependent(at)
        return Supplement.objects.create(
            dependent=dependent, settlement=dependent.settlement, amount=Decimal("10.00")
        )

    def filing(self, at: int) -> Filing:
        person = self.register.person("王建国", self.register.household(self.village))
        return Filing.objects.create(
            number=f"5002252026B{at:06d}", person=person, division=self.village, kind="referral",
            about="冠心病", starts=APRIL, evidence=f"审批表 {at}", reason="冠心病",
            proposed_by=self.cast.clerk_a, proposed_on=APRIL,
        )  # fmt: skip

    def recovery(self, at: int) -> Recovery:
        """Decided; 4.00 of 10.00 came back."""
        claim = self.claim(at, "paid")
        row = Recovery.objects.create(
            number=f"5002252026Z{at:06d}", settlement=claim, division=self.village,
            reason="invoice", facts="发票虚假", source="review", debtor="household",
            household=claim.visit.household, debtor_name="王建国", amount=Decimal("10.00"),
            status="approved", proposed_by=self.cast.supervisor, reviewed_by=self.cast.reviewer,
            approved_by=self.cast.approver, approved_at="2026-03-21T02:00:00Z",
        )  # fmt: skip
        RecoveryPart.objects.create(
            recovery=row, layer="basic", book="resident", booked_as="inpatient",
            amount=row.amount,
        )  # fmt: skip
        RecoveryReceipt.objects.create(
            recovery=row, number=f"5002252026S{at:06d}", way="bank", reference=f"L{at}",
            payer_name="王建国", amount=Decimal("4.00"), received_on=APRIL,
            received_by=self.cast.cashier, voucher_number=f"2026-04-{at:04d}",
        )  # fmt: skip
        recount(self.area.code)
        return row

    def clearing(self, at: int) -> Clearing:
        """One claim of 15.00 in a month of its own."""
        claim = self.claim(at, "approved")
        number = Clearing.objects.count() + 1
        row = Clearing.objects.create(
            number=f"5002252026Q{number:05d}", area=self.area, institution=self._hospital(),
            month=date(1900 + number, 1, 1), claims_count=1, claimed_amount=Decimal("15.00"),
            paid_amount=Decimal("15.00"), declared_by=self.cast.hospital_clerk, declared_on=APRIL,
            pay_by=date(2026, 5, 8),
        )  # fmt: skip
        ClearingClaim.objects.create(clearing=row, settlement=claim, amount=Decimal("15.00"))
        return row

    def dispute(self, at: int) -> Deduction:
        return Deduction.objects.create(
            claim=self.clearing(at).claims.get(), code="over_price", words="超标准收费",
            amount=Decimal("5.00"), status="disputed", found_by=self.cast.reviewer,
            dispute="已批准", disputed_by=self.cast.hospital_clerk,
        )  # fmt: skip

    def _decided(self, **facts: Any) -> dict[str, Any]:
        return facts | {
            "area": self.area, "status": "refused", "evidence": "大医保〔2026〕3号",
            "reason": "测试", "proposed_by": self.cast.supervisor, "proposed_on": APRIL,
            "decided_by": self.cast.approver, "decided_on": APRIL,
        }  # fmt: skip

    def eligibility(self, at: int) -> Eligibility:
        """Of a doctor of his own, refused."""
        who = Practitioner.objects.create(
            code=f"D50011100{at:04d}", name="韩永康", institution=self._hospital()
        )
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        return Eligibility.objects.create(
            practitioner=who, state="ended", first_day=date(2026, 4, 1), **facts
        )

    def points(self, at: int) -> PointRecord:
        """Of a doctor of his own, given in April."""
        number = Practitioner.objects.count()
        who = Practitioner.objects.create(
            code=f"D50011200{number:04d}", name="韩永康", institution=self._hospital()
        )
        facts = {k: v for k, v in self._decided().items() if k not in ("area", "status")}
        return PointRecord.objects.create(
            practitioner=who, ground="agreement", degree="main", points=3, status="approved",
            handled_paper="大医保罚〔2026〕1号", handled_on=date(2026, 4, 1), appeal_by=APRIL,
            **facts,
        )  # fmt: skip

    def point_appeal(self, at: int) -> PointAppeal:
        return PointAppeal.objects.create(
            record=self.points(at), kind="appeal", asked_back=1, reason="有误",
            lodged_by=self.cast.hospital_clerk, lodged_on=APRIL,
        )  # fmt: skip

    def point_terms(self, at: int) -> PointTerms:
        return PointTerms.objects.create(
            reminded_from=6, months_nine=2, months_ten=4, months_eleven=6, days_to_appeal=10,
            max_course=2, **self._decided(),
        )  # fmt: skip

    def form_adoption(self, at: int) -> FormAdoption:
        return FormAdoption.objects.create(
            form="hospital", first_year=2026, days_to_appeal=10, **self._decided()
        )

    def assessment(self, at: int) -> Assessment:
        """Of a year of its own, begun."""
        return Assessment.objects.create(
            institution=self._hospital(), year=1900 + at, adoption=self.form_adoption(at),
            opened_by=self.cast.supervisor,
        )  # fmt: skip

    def registry_change(self, at: int) -> RegistryChange:
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        return RegistryChange.objects.create(
            institution=self._hospital(), column="beds", was="", becomes=str(at),
            first_day=date(2026, 4, 1), **facts,
        )  # fmt: skip

    def bank_account(self, at: int) -> BankAccount:
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        return BankAccount.objects.create(
            institution=self._hospital(), holder="大足县人民医院", bank="农业银行大足支行",
            account=f"62284800{at:08d}", first_day=date(2026, 4, 1), **facts,
        )  # fmt: skip

    def trust_bands(self, at: int) -> TrustBands:
        return TrustBands.objects.create(first_year=2026, **BANDS, **self._decided())

    def trust_grade(self, at: int) -> TrustGrade:
        """Of a year of its own, refused."""
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        return TrustGrade.objects.create(
            institution=self._hospital(), year=1900 + at, bands=self.trust_bands(at), score=85,
            grade="B", **facts,
        )  # fmt: skip

    def practice_place(self, at: int) -> PracticePlace:
        """Of a doctor of his own, refused."""
        number = Practitioner.objects.count()
        who = Practitioner.objects.create(
            code=f"D50011300{number:04d}", name="韩永康", institution=self._hospital()
        )
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        return PracticePlace.objects.create(
            practitioner=who, institution=self._hospital(), first_day=date(2026, 4, 1),
            last_day=date(2026, 12, 31), **facts,
        )  # fmt: skip

    def running_agreement(self, at: int) -> Agreement:
        """Of an institution of its own, until the year's end."""
        return Agreement.objects.create(
            institution=self.institution(700 + at), number=f"DZ-{at}",
            first_day=date(2026, 1, 1), last_day=date(2026, 12, 31),
        )  # fmt: skip

    def signing(self, at: int) -> Signing:
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        return Signing.objects.create(
            institution=self._hospital(), number=f"XY{at}", first_day=date(2027, 1, 1),
            last_day=date(2027, 12, 31), **facts,
        )  # fmt: skip

    def agreement_step(self, at: int) -> AgreementStep:
        facts = {k: v for k, v in self._decided().items() if k != "area"}
        agreement = Agreement.objects.get(institution=self._hospital())
        return AgreementStep.objects.create(
            agreement=agreement, state="ended", first_day=date(2026, 5, 1), **facts
        )

    def clearing_rule(self, at: int) -> ClearingRule:
        facts = {"first_month": date(1900 + at, 1, 1), "deposit_percent": 10, "days_to_answer": 5}
        return ClearingRule.objects.create(**self._decided(**facts))

    def payment_method(self, at: int) -> PaymentMethod:
        facts = {"institution": self._hospital(), "care": "inpatient", "care_name": "住院"}
        return PaymentMethod.objects.create(
            **self._decided(way="item", first_month=date(1900 + at, 1, 1), **facts)
        )

    def prepayment(self, at: int) -> Prepayment:
        facts = {"institution": self._hospital(), "year": 1900 + at, "amount": Decimal(5)}
        return Prepayment.objects.create(**self._decided(seen={}, **facts))

    def deposit_return(self, at: int) -> DepositReturn:
        facts = {"institution": self._hospital(), "year": 1900 + at, "amount": Decimal(5)}
        return DepositReturn.objects.create(**self._decided(score=95, kept_amount=5, **facts))

    def _hospital(self) -> Institution:
        return Institution.objects.filter(code=self.cast.hospital_clerk.institution_code).get()

    def aid(self, at: int) -> AidApplication:
        """Made public today, of somebody of his own."""
        person = self.register.person("王建国", self.register.household(self.village))
        return AidApplication.objects.create(
            number=f"JZ5002252026{at:05d}", person=person, cover=person.enrollments.get(),
            division=self.village, policy_year=2026, kind="inpatient_aid", kind_name="住院救助",
            held="dibao", held_name="低保对象", held_source="民政局", article="第二十四条",
            care=["inpatient"], booked_as="inpatient", own_amount=Decimal("2600.00"),
            amount=Decimal("1820.00"), steps=["按70%救助"], status="published", facts="无劳力",
            payee="王建国", account="6217003760001234567", applied_by=self.cast.clerk_a,
            applied_on=date(2026, 3, 20), reviewed_by=self.cast.reviewer,
            reviewed_at="2026-03-21T02:00:00Z", public_from=APRIL, public_to=APRIL,
        )  # fmt: skip

    def aid_case(self, at: int) -> AidCase:
        person = self.register.person("王建国", self.register.household(self.village))
        return AidCase.objects.create(
            person=person, division=self.village, policy_year=2026, level="普通",
            own_amount=Decimal("6100.00"), is_listed=True, found_on=APRIL,
        )  # fmt: skip

    def second_run(self, at: int) -> SecondRun:
        """Tried out by measures that know a second compensation; one person on its list."""
        pack = Pack.objects.filter(name="二次补偿").first() or Pack.objects.create(
            area=self.area,
            name="二次补偿",
            version=1,
            first_day=date(2050, 1, 1),
            last_day=date(2050, 12, 31),
            source=with_second(),
            sha256=f"{at:064d}",
            proposed_by=self.cast.supervisor,
        )
        sums = {"due_amount": Decimal("320.00"), "amount": Decimal("320.00")}
        run = SecondRun.objects.create(
            area=self.area,
            year=2026,
            pack=pack,
            requested_by=self.cast.reviewer,
            status="done",
            number_of=1,
            finished_at=timezone.now(),
            **sums,
        )
        person = self.register.person("王建国", self.register.household(self.village))
        SecondPayment.objects.create(
            run=run,
            person=person,
            cover=person.enrollments.get(),
            division=self.village,
            own_amount=Decimal("2600.00"),
            payee="王建国",
            account="6217003760001234567",
            **sums,
        )
        return run

    def order(self, at: int) -> PaymentOrder:
        return order_payment(
            actor=self.cast.approver, area=self.area, division=self.village,
            township=self.village.parent, key=f"list:{at}", event="claim_paid",
            source=f"测试 {at}", payee=Payee(name="王建国", account="6217003760001234567"),
            parts=[Part(amount=Decimal("15.00"), purpose="other")], on=date(2026, 3, 20),
        )  # fmt: skip

    def batch(self, at: int) -> PaymentBatch:
        self.book()
        provide(self.area)
        return make_batch(actor=self.cast.accountant, orders=[self.order(at)], on=APRIL)

    def return_file(self, at: int) -> PaymentReturn:
        return PaymentReturn.objects.create(
            area=self.area, file_name=f"{at}.xlsx", sha256=f"{at:064d}", status="done",
            uploaded_on=APRIL, requested_by=self.cast.accountant,
        )  # fmt: skip

    def ledger_export(self, at: int) -> LedgerExport:
        return LedgerExport.objects.create(
            book=self.book(), reason="年度审计", status="done", percent=100, sha256=f"{at:064x}",
            finished_at=timezone.now(), postings=at, size=at, requested_by=self.cast.auditor,
        )  # fmt: skip

    def extract(self, at: int) -> Extract:
        return Extract.objects.create(
            area=self.area, since=date(2026, 1, 1), until=date(2026, 3, 31), form="xlsx",
            reason="飞行检查", status="done", percent=100, sha256=f"{at:064x}", size=at,
            finished_at=timezone.now(), counts={"setl_d": at}, requested_by=self.cast.supervisor,
        )  # fmt: skip

    def sample(self, at: int) -> Sample:
        """Of month number at, with one settlement to be examined."""
        first = date(2025 + at // 12, at % 12 + 1, 1)
        row = Sample.objects.create(
            area=self.area, first_on=first, last_on=first + timedelta(days=27), digest=f"{at:064x}",
            secret="ab" * 32, sealed_on=first, usual=10, raised=20, large_from=5000,
        )  # fmt: skip
        Sample.objects.filter(pk=row.pk).update(
            status="drawn", seed="ab" * 32, drawn_by=self.cast.supervisor
        )
        self.sample_item(row, self.claim(at))
        SampleList.objects.create(sample=row, text="", sha256="")
        return row

    def bulletin(self, at: int) -> Bulletin:
        first = date(2000 + at // 12, at % 12 + 1, 1)
        return Bulletin.objects.create(
            area=self.area, period=Month.of(first).words, first_on=first, last_on=first,
            facts={}, drafted_by=self.cast.supervisor,
        )  # fmt: skip

    def publicity_measure(self, at: int) -> PublicityMeasure:
        return PublicityMeasure.objects.create(
            area=self.area, year=2026, what=f"缴费政策 {at}", form="leaflet", reach="villages",
            charged="各乡镇医保办", due_on=date(2026, 11, 30), planned_by=self.cast.supervisor,
        )  # fmt: skip

    def publicity(self, at: int) -> PublicityTask:
        return PublicityTask.objects.create(
            measure=self.publicity_measure(900 + at), division=self.village
        )

    def full_check(self, at: int) -> Sample:
        """Of quarter number at, with nothing to be checked yet."""
        first = date(2000 + at // 4, at % 4 * 3 + 1, 1)
        return Sample.objects.create(
            area=self.area, span="quarter", first_on=first, last_on=first + timedelta(days=88),
            digest=f"{at:064x}", secret="ab" * 32, sealed_on=first, usual=0, raised=100,
            large_from=20000, full_doubts=3,
        )  # fmt: skip

    def sample_item(self, sample: Sample, claim: Settlement) -> SampleItem:
        stratum = SampleStratum.objects.create(
            sample=sample, institution_name="大足县人民医院", risk="usual", size=9, drawn=1,
            fund_amount=90,
        )  # fmt: skip
        return SampleItem.objects.create(
            sample=sample, stratum=stratum, settlement=claim, position=1, fund_amount=9
        )

    def sampling_rate(self, at: int) -> SamplingRate:
        row = SamplingRate.objects.create(
            area=self.area, usual=10, raised=20, large_from=at, evidence="纪要", reason="加强抽查",
            proposed_by=self.cast.supervisor, proposed_on=date(2026, 3, 2),
        )  # fmt: skip
        SamplingRate.objects.filter(pk=row.pk).update(status="withdrawn")
        return row

    def rule_version(self, at: int) -> RuleVersion:
        row = RuleVersion.objects.create(
            area=self.area, first_day=date(2026, 3, 2), content=InForce().values,
            evidence=f"纪要 {at}", reason="误报较多", proposed_by=self.cast.supervisor,
            proposed_on=date(2026, 3, 2),
        )  # fmt: skip
        RuleVersion.objects.filter(pk=row.pk).update(status="withdrawn")
        return row

    def trial_hit(self, at: int) -> TrialHit:
        trial = RuleTrial.objects.first() or RuleTrial.objects.create(
            version=self.rule_version(at), first_month=date(2026, 2, 1),
            last_month=date(2026, 2, 1), month=date(2026, 2, 1), status="done",
        )  # fmt: skip
        return TrialHit.objects.create(
            trial=trial, rule="A05", settlement=self.claim(at), finding="12 天后再入院",
            is_now=False, is_proposed=True,
        )  # fmt: skip

    def patient_refund(self, at: int) -> PatientRefund:
        claim = self.claim(at, "reviewed")
        return PatientRefund.objects.create(settlement=claim, amount=Decimal("12.34"))

    def review_rule(self, at: int) -> ReviewRule:
        return rules(self.cast, second_above=Decimal(20000), batch_up_to=Decimal(200))

    def alert_review(self, at: int) -> AlertReview:
        alert = self.alert(at)
        return AlertReview.objects.create(
            alert=alert, proposed="confirm_alert", opinion="没有同意书", told="没有同意书",
            status="told", due_on=APRIL, first_by=self.cast.supervisor,
            second_by=self.cast.approver,
        )  # fmt: skip

    def complaint(self, at: int) -> Complaint:
        said = Told(channel="phone", about=f"药店{at}", told="串换药品")
        row = take_complaint(actor=self.cast.supervisor, area=self.area, said=said, on=APRIL)
        Reward.objects.create(
            complaint=row, found_amount=5000, percent=5, amount=250, evidence="审批表",
            reason="属实", proposed_by=self.cast.supervisor, proposed_on=APRIL,
        )  # fmt: skip
        return row

    def village_of_its_own(self, at: int) -> Division:
        """One place more that puts up notices."""
        return make_division(f"500225101{400 + at}", f"第{at}村", self.village.parent)

    def notice_contact(self, at: int) -> NoticeContact:
        town = make_division(f"500225{200 + at}", f"第{at}镇", self.area)
        return set_contact(
            actor=self.cast.supervisor, place=town, office=f"第{at}镇医保办", phone="023-43722345"
        )

    def notice_paper(self, at: int) -> Paper:
        return Paper.objects.create(
            kind="supervision.notice", subject_type="accounts.division",
            subject_id=str(self.village.pk), edition=f"2026-02 {at} 0.00", facts="{}",
            division_code=self.village.code, fingerprint="0" * 64,
            printed_by=self.cast.cadre_a, printed_at=start_of(APRIL),
        )  # fmt: skip

    def posting(self, at: int) -> Posting:
        hung = Hung(where=f"公示栏{at}", put_up_by="刘大娘", put_up_on=APRIL)
        paper = self.notice_paper(at)
        return put_up(actor=self.cast.cadre_a, paper=paper, hung=hung, on=APRIL)

    def objection(self, at: int) -> Objection:
        said = Said(told=f"第 {at} 条金额不对", due_on=APRIL)
        paper = self.notice_paper(1000 + at)
        return take_objection(actor=self.cast.cadre_a, paper=paper, said=said, on=APRIL)

    def case(self, at: int) -> Case:
        clue = Clue(source="handed", told=f"移送线索 {at}", institution=self._hospital())
        return open_clue(actor=self.cast.supervisor, area=self.area, clue=clue, on=APRIL)

    def case_archive(self, at: int) -> CaseArchive:
        archive = CaseArchive.objects.create(
            case=self.case(at), number=f"医保稽卷〔2026〕{at}号", retention="forever",
            archived_on=APRIL, archived_by=self.cast.supervisor,
        )  # fmt: skip
        ArchiveLine.objects.create(
            archive=archive, place=1, source="casenote:1", title="线索核查记录", dated_on=APRIL,
            pages=2, digest="0" * 64,
        )  # fmt: skip
        return archive

    def alert(self, at: int) -> Alert:
        return Alert.objects.create(
            rule="A11", certainty="suspect", settlement=self.claim(at), division=self.village,
            finding="目录外费用占比高",
        )  # fmt: skip

    def library_point(self, at: int) -> LibraryPoint:
        return a_point(self.area, at)

    def library_change(self, at: int) -> LibraryChange:
        return a_change(self.area, self.cast.supervisor, at)

    def library_file(self, at: int) -> LibraryFile:
        return LibraryFile.objects.create(
            area=self.area, first_day=APRIL, **self.upload(at, self.cast.supervisor)
        )

    def visit_denial(self, at: int) -> VisitDenial:
        return VisitDenial.objects.create(
            visit=self.visit(at), division=self.village, told="本人到窗口说明",
            evidence=f"询问笔录{at}号", told_by=self.cast.clerk_a,
        )  # fmt: skip

    @property
    def inspected(self) -> Rows:
        """Rows of inspections."""
        return Rows(self.area, self.village, self.cast.supervisor, self.cast.reviewer)

    def special_day(self, at: int) -> SpecialDay:
        day = date(2026, 1, 1) + timedelta(days=at)
        return SpecialDay.objects.create(day=day, kind="off", name="放假")

    def notice(self, at: int) -> None:
        """A village of its own with one payment of March."""
        self.village = make_division(f"500225101{400 + at}", f"第{at}村", self.village.parent)
        self.claim(at, "paid")

    def cover(self, at: int) -> Enrollment:
        """A household of one person with a receipt."""
        person = self.register.person("王建国", self.register.household(self.village))
        return Enrollment.objects.get(person=person)

    def waiting(self, at: int) -> Enrollment:
        """A household that has still to pay."""
        row = self.cover(at)
        past_the_guards(Enrollment.objects.filter(pk=row.pk), status="pending", receipt=None)
        return row

    def receipt_book(self, at: int) -> ReceiptBook:
        return ReceiptBook.objects.create(
            code=f"K{at:04d}", township=self.village.parent, clerk=self.cast.clerk_a, year=2026,
            first_number=1, last_number=50, next_number=1,
        )  # fmt: skip

    def remittance(self, at: int) -> Remittance:
        return Remittance.objects.create(
            township=self.village.parent, campaign=self.register.campaign, clerk=self.cast.clerk_a,
            slip_number=f"J{at:04d}", slip_date=APRIL, receipt_count=1, amount=Decimal("120.00"),
        )  # fmt: skip

    def day_close(self, at: int) -> DayClose:
        nothing = dict.fromkeys(
            ("opening", "cash", "bank", "sponsored", "voided", "remitted", "closing", "counted"), 0
        )
        counts = dict.fromkeys(
            ("cash_receipts", "bank_receipts", "free_receipts", "void_receipts"), 0
        )
        return DayClose.objects.create(
            clerk=self.cast.clerk_a, township=self.village.parent,
            day=date(2026, 1, 1) + timedelta(days=at), **nothing, **counts,
        )  # fmt: skip

    def bank_line(self, at: int) -> BankLine:
        statement, _ = BankStatement.objects.get_or_create(
            area=self.area, file_name="duizhang.xlsx", sha256="a" * 64, status="done",
            uploaded_on=APRIL, requested_by=self.cast.accountant,
        )  # fmt: skip
        return BankLine.objects.create(
            area=self.area, statement=statement, serial=f"L{at:04d}", booked_on=APRIL,
            amount=Decimal("120.00"), summary="缴存",
        )  # fmt: skip

    def sponsor(self, at: int) -> SponsorFund:
        return SponsorFund.objects.create(
            campaign=self.register.campaign, name=f"第{at}位乡贤", kind="donor",
            division=self.village, purpose="资助本村老人", recorded_by=self.cast.accountant,
        )  # fmt: skip

    def refund(self, at: int) -> Refund:
        return Refund.objects.create(
            enrollment=self.cover(at), ground="double", ground_date=date(2025, 11, 1),
            evidence="缴费凭证", amount=Decimal("120.00"), payee="王建国",
            requested_by=self.cast.clerk_a, requested_on=date(2025, 11, 2),
        )  # fmt: skip

    def progress_sheet(self, at: int) -> ProgressSheet:
        return ProgressSheet.objects.create(
            area=self.area, campaign=self.register.campaign,
            day=date(2025, 10, 1) + timedelta(days=at), taken_by=self.cast.accountant,
        )  # fmt: skip

    def check_list(self, at: int) -> CheckList:
        return CheckList.objects.create(
            campaign=self.register.campaign, division=self.village,
            printed_by=self.cast.clerk_a, printed_on=APRIL,
        )  # fmt: skip

    def expected_child(self, at: int) -> ExpectedChild:
        mother = self.cover(at).person
        return ExpectedChild.objects.create(
            household=mother.household, mother=mother, campaign=self.register.campaign,
            working_name="王宝宝", due_on=date(2026, 5, 1),
            entered_by=self.cast.clerk_a, entered_on=APRIL,
        )  # fmt: skip

    def proposal(self, at: int) -> Proposal:
        return Proposal.objects.create(
            person=self.cover(at).person, kind="status", code="dibao", evidence="低保证 5 号",
            document_number="区民〔2026〕5 号", issuer="区民政局", issued_on=APRIL,
            proposed_by=self.cast.clerk_a, proposed_on=APRIL,
        )  # fmt: skip

    def same_person(self, at: int) -> SamePerson:
        kept = self.cover(at).person
        given_up = Person.objects.create(
            household=kept.household, member_number=99, relationship="8", name=kept.name,
            pinyin=kept.pinyin, initials=kept.initials, sex=kept.sex, birth_date=kept.birth_date,
            resident_id=f"R{at:09d}", resident_id_index=f"same{at}", number_kind="passport",
        )  # fmt: skip
        return SamePerson.objects.create(
            kept=kept, given_up=given_up, evidence="户口簿第 3 页", reason="登记了两次",
            proposed_by=self.cast.clerk_a, proposed_on=APRIL,
        )  # fmt: skip

    def report(self, at: int) -> MonthlyReport:
        month = 12 * 2000 + at
        return MonthlyReport.objects.create(
            area=self.area, year=month // 12, month=month % 12 + 1, edition=1,
            requested_by=self.cast.supervisor, status="failed", failure="账套没有打开",
        )  # fmt: skip

    def simulation(self, at: int) -> Simulation:
        return Simulation.objects.create(
            area=self.area, year=2026, name=f"草稿{at}", source="", sha256="",
            requested_by=self.cast.supervisor, status="failed", failure="没有结算单",
        )  # fmt: skip

    def roster(self, at: int) -> RegisterImport:
        return RegisterImport.objects.create(
            township=Division.objects.get(code="500225101"), campaign=self.campaign(),
            status="done", confirmed_at=timezone.now(), **self.upload(at, self.cast.clerk_a),
        )  # fmt: skip

    def carried_table(self, at: int) -> CarriedTable:
        return CarriedTable.objects.create(
            area=self.area, kind="covers", as_of=APRIL, status="checked",
            **self.upload(at, self.cast.reviewer),
        )  # fmt: skip

    def mending(self, at: int) -> CarriedMending:
        cover = self.cover(at)
        return CarriedMending.objects.create(
            cover=cover, division=cover.division, evidence="原系统参保清单", reason="重复转入",
            proposed_by=self.cast.reviewer, proposed_on=APRIL,
        )  # fmt: skip

    def carried_filings(self, at: int) -> CarriedFilings:
        return CarriedFilings.objects.create(
            area=self.area, kind="filings", as_of=APRIL, status="checked",
            **self.upload(at, self.cast.reviewer),
        )  # fmt: skip

    def status_list(self, at: int) -> StatusList:
        return StatusList.objects.create(
            area=self.area, kind="disabled", month=date(2026, 4, 1), effective_on=APRIL,
            **self.upload(at, self.cast.reviewer),
        )  # fmt: skip

    def carried_file(self, at: int) -> CarriedFile:
        return CarriedFile.objects.create(
            area=self.area, system="县新农合信息系统", document="交接单", counted_to=APRIL,
            policy_year=2026, **self.upload(at, self.cast.reviewer),
        )  # fmt: skip

    def bed_file(self, at: int) -> BedFile:
        return BedFile.objects.create(
            area=self.area, institution=self._hospital(),
            **self.upload(at, self.cast.hospital_clerk),
        )  # fmt: skip

    def old_file(self, at: int) -> OldFile:
        return OldFile.objects.create(
            area=self.area, kind="history", system="县新农合信息系统", upto=APRIL,
            **self.upload(at, self.cast.reviewer),
        )  # fmt: skip

    def old_settlement(self, at: int) -> OldSettlement:
        cover = self.cover(at)
        return OldSettlement.objects.create(
            file=self.old_file(1000 + at), area=self.area, number=f"JS{at}", person=cover.person,
            cover=cover, division=cover.division, policy_year=2026, care="inpatient",
            institution_name="大足县人民医院", starts=APRIL, ends=APRIL, settled_on=APRIL,
            total_amount=100, fund_amount=50,
        )  # fmt: skip

    def old_claim_file(self, at: int) -> OldClaimFile:
        return OldClaimFile.objects.create(
            area=self.area, kind="claims", as_of=APRIL, status="checked",
            **self.upload(at, self.cast.reviewer),
        )  # fmt: skip

    def old_claim(self, at: int) -> OldClaim:
        cover = self.cover(at)
        return OldClaim.objects.create(
            file=self.old_claim_file(1000 + at), area=self.area, number=f"BX{at}",
            person=cover.person, cover=cover, division=cover.division, policy_year=2026,
            care="inpatient", institution_name="重庆市第三人民医院", starts=APRIL, ends=APRIL,
            invoices=[f"08{at}"], total_amount=100, approved_amount=50, approved_on=APRIL,
            status="owed",
        )  # fmt: skip

    def recount(self, at: int, day: date | None = None) -> Recount:
        return Recount.objects.create(
            area=self.area, policy_year=2026, day=day, requested_by=self.cast.reviewer,
            status="done",
        )  # fmt: skip

    def parallel_day(self, at: int) -> Recount:
        return self.recount(at, APRIL + timedelta(days=at))

    def carried_usage(self, at: int) -> CarriedUsage:
        cover = self.cover(at)
        usage = CarriedUsage.objects.create(
            file=self.carried_file(1000 + at), person=cover.person, household=cover.household,
            division=cover.division, policy_year=2026, counted_to=APRIL,
        )  # fmt: skip
        usage.amounts.create(
            person=cover.person, policy_year=2026, counter="annual_paid", title="年累计报销额",
            amount=100, shown="1.00 元",
        )  # fmt: skip
        return usage

    def tax_file(self, at: int) -> TaxFile:
        return TaxFile.objects.create(
            area=self.area, campaign=self.campaign(), status="done",
            **self.upload(at, self.cast.accountant),
        )  # fmt: skip

    def campaign(self) -> Campaign:
        found = Campaign.objects.filter(area=self.area, year=2026).first()
        return found or open_campaign(actor=self.cast.accountant, area=self.area, year=2026)

    def upload(self, at: int, by: User) -> dict[str, Any]:
        return {
            "requested_by": by, "uploaded_on": APRIL, "file_name": f"{at}.xlsx",
            "sha256": f"{at:064d}",
        }  # fmt: skip


@pytest.fixture
def dazu(
    settings: Any,
    cast: SimpleNamespace,
    county: Division,
    register: Register,  # noqa: F811
    settled: Callable[..., Settlement],  # noqa: F811
    pack: Pack,
) -> Iterator[County]:
    settings.TODAY = APRIL
    yield County(cast, county, register, settled, pack)
    recount(county.code)  # claims written past the services are told to their covers


@pytest.fixture
def menu_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The menu's numbers depend on the user and the day (test_worklist.py); nothing that is kept
    changes while pages are read. Asked for each page they were a sixth of Django's share."""
    monkeypatch.setattr(navigation, "counts", cache(navigation.counts))
