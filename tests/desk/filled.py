"""A county in which every page that the portal has can be opened."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.audit import record
from accounts.roles import Role
from claims.assistance.models import AidApplication, AidCase
from claims.deciding.models import Batch, BatchClaim, Denial, Screened
from claims.dependence.models import Supplement
from claims.filings.models import Filing
from claims.probes.models import Probe
from claims.probes.services import request_probe
from claims.probing import COARSE, probe
from claims.refunds.models import PatientRefund
from claims.second.models import SecondRun
from claims.services.deciding import denial_reasons, refuse
from claims.services.drawn import recount
from desk.jobs import run
from desk.papers import print_paper
from enrollment.cover.certificates import issue_certificates
from enrollment.models import Enrollment, Household, IdentityStatus, Person, Receipt
from enrollment.people.lifecycle import record_departure
from enrollment.people.models import RegisterEvent
from enrollment.people.same import approve_same, propose_same
from enrollment.progress.checks import print_check_list, receive_check_list
from enrollment.progress.sheets import take_sheet
from funds.drafts.services import make_draft
from funds.models import Voucher
from funds.opening.models import Opening, OpeningLine
from funds.opening.services import decide_opening, propose_opening
from funds.reconciling.models import AccountStatement, Adjustment
from funds.reconciling.services import make_adjustment
from funds.reconciling.statements import STATEMENTS
from funds.services import EventLine, open_book
from funds.switching.models import ChartSwitch
from lib.periods import Month
from moving.models import Comparison
from moving.on_request.papers import ASKED
from policies.drafts import start_draft
from reports.services import request_report
from reports.whatif.services import request_simulation
from supervision.cases.keeping import add_evidence
from supervision.cases.models import Case, CaseClaim, CasePause
from supervision.cases.papers import DOCUMENTS
from supervision.cases.services import decide_clue
from supervision.complaints.models import Complaint
from supervision.inspections.models import Inspection
from supervision.models import Alert, AlertReview, Order
from supervision.words.papers import ALERT_NOTICE
from tests.conftest import make_user
from tests.desk.conftest import APRIL, County
from tests.desk.test_worklist import fill
from tests.funds.conftest import through_all_hands
from tests.supervision.cases.rows import served_case

OCTOBER = date(2025, 10, 20)


def fill_everything(county: County) -> list[str]:
    """Rows for every list, what no list shows, and jobs that came to their end; the addresses of
    pages that only a form leads to."""
    fill(county, 1, 3, "policies:list")  # a pack without a text has no page
    county.notice(3)
    _refused(county)
    _registered(county)
    _printed(county)
    _computed(county)
    _decided(county)
    _reconciled(county)
    ChartSwitch.objects.create(
        book=county.book(), year=2026, before="2008", after="2026", evidence="会议纪要",
        reason="改用", proposed_by=county.cast.accountant, proposed_on=APRIL,
    )  # fmt: skip
    _opened(county)
    Comparison.objects.create(
        area=county.area, kind="accounts", theirs=1, ours=1, their_amount=Decimal("5.00"),
        our_amount=Decimal("5.00"), differing=0, evidence="合计表", reason="启用",
        proposed_by=county.cast.reviewer, proposed_on=APRIL,
    )  # fmt: skip
    recount(county.area.code)
    return [*_behind_forms(county), *_supervised(county)]


def _opened(county: County) -> None:
    """The book of medical assistance begins with what the old one ended with, and was corrected."""
    cast = county.cast
    book = open_book(
        actor=cast.accountant, area=county.area, first_month=Month(2026, 4), fund_type="assistance"
    )
    for amount in ("800.00", "900.00"):
        row = propose_opening(
            actor=cast.accountant, book=book, evidence="余额表", reason="启用", on=APRIL,
            corrects=amount == "900.00",
            lines=[
                OpeningLine(account="1003", debit=Decimal(amount)),
                OpeningLine(account="3001", credit=Decimal(amount)),
            ],
        )  # fmt: skip
        if amount == "800.00":
            decide_opening(actor=cast.approver, opening=row, event="approve_opening", on=APRIL)


def _refused(county: County) -> None:
    """A claim of which nothing is paid, and one whose cut the hospital gives back."""
    cut = county.claim(4, "reviewed")
    PatientRefund.objects.create(settlement=cut, amount=Decimal("300.00"))
    claim = county.claim(5)
    recount(county.area.code)
    code = next(iter(denial_reasons(claim)))
    refuse(actor=county.cast.reviewer, settlement=claim, code=code, words="复印件与原件不符")


def _registered(county: County) -> None:
    """Two records that became one, somebody who left, a status that was granted."""
    cast = county.cast
    home, other = (county.register.household(county.village) for _ in range(2))
    born = date(2024, 6, 1)
    head = county.register.person("杨大山", home)
    county.register.person("杨老汉", other)
    kept = county.register.person("杨小雨", other, born=born)
    twice = county.register.person("杨小雨", home, born=born, covered=False)
    Person.objects.filter(pk=twice.pk).update(
        sex=kept.sex, number_kind="passport", resident_id_index="twice"
    )
    asked = propose_same(
        actor=cast.clerk_a, kept=kept, given_up=Person.objects.get(pk=twice.pk), on=APRIL,
        evidence="户口簿第 3 页", reason="登记了两次",
    )  # fmt: skip
    approve_same(actor=cast.approver, same=asked, on=APRIL)
    IdentityStatus.objects.create(
        person=head, code="dibao", first_day=date(2026, 1, 1), source="民政局"
    )
    son = county.register.person("杨小明", home, covered=False)
    record_departure(
        actor=cast.clerk_a, person=son, effective_on=APRIL, on=APRIL, reason="随子女外迁"
    )


def _decided(county: County) -> None:
    """A claim that waits, was looked at, and stands in a batch."""
    claim = county.claim(91, "reviewed")
    Screened.objects.create(settlement=claim)
    rule, approver = county.review_rule(91), county.cast.approver
    batch = Batch.objects.create(area=county.area, rule=rule, seed="5eed", drawn_by=approver)
    BatchClaim.objects.create(batch=batch, settlement=claim)


def _printed(county: County) -> None:
    cast, campaign = county.cast, county.register.campaign
    homes = list(Household.objects.filter(pk__in=Receipt.objects.values("household"))[:2])
    issue_certificates(actor=cast.clerk_a, campaign=campaign, households=homes, on=APRIL)
    take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    village = homes[0].division
    printed = print_check_list(actor=cast.clerk_a, campaign=campaign, division=village, on=APRIL)
    receive_check_list(actor=cast.clerk_a, check_list=printed, checked_by="杨大山", on=APRIL)
    draft = make_draft(
        actor=cast.accountant, book=county.book(), event="interest_received", today=APRIL,
        on=date(2026, 3, 31), document="回单 0331", key="pages",
        lines=[EventLine(amount=Decimal("12.34"), purpose="fiscal")],
    )  # fmt: skip
    through_all_hands(draft, cast)
    county.voucher_draft(1)


def _computed(county: County) -> None:
    """A month report, a what-if, and a draft with what was found in it."""
    supervisor = county.cast.supervisor
    recount(county.area.code)
    report = request_report(actor=supervisor, area=county.area, month=Month(2026, 3), on=APRIL)
    run("reports.monthlyreport", report.pk, APRIL)
    tried = request_simulation(
        actor=supervisor, area=county.area, year=2026, source=county.pack.source, name="试算"
    )
    run("reports.simulation", tried.pk, APRIL)
    with pytest.MonkeyPatch.context() as patch:  # a few thousand claims in place of millions
        patch.setattr("claims.probes.models.probe", lambda terms, tell: probe(terms, COARSE, tell))
        draft = start_draft(actor=supervisor, pack=county.pack)
        probed = request_probe(actor=supervisor, text=draft)
        run("claims.probe", probed.pk, APRIL)


def _reconciled(county: County) -> None:
    """A statement of the expenditure account, and its adjustment table of March."""
    accountant = county.cast.accountant
    account = county.book().accounts.select_related("book__area").get(code="1004")
    upload, _ = STATEMENTS.upload(
        actor=accountant, file_name="支出户.csv", on=APRIL, account=account,
        content="交易日期,交易流水号,金额\n2026-03-31,S1,12.34\n".encode(),
    )  # fmt: skip
    run("funds.accountstatement", upload.pk, APRIL)
    make_adjustment(
        actor=accountant, account=account, month=Month(2026, 3), balance=Decimal("12.34"), on=APRIL
    )


def _behind_forms(county: County) -> list[str]:
    """What a search or a choice finds, the receipts of a village's cash, what a probe found."""
    event = RegisterEvent.objects.get(kind="departure")
    paid = Enrollment.objects.filter(receipt__isnull=False).earliest("pk")
    granted = IdentityStatus.objects.filter(code="dibao").latest("pk")
    one, other = Person.objects.filter(name="王建国").order_by("pk")[:2]
    receipts = Receipt.objects.filter(issued_by=county.cast.clerk_a).order_by("pk")
    first, last = receipts.first(), receipts.last()
    found = Alert.objects.create(
        rule="A01", certainty="certain", settlement=county.claim(9, "paid"),
        division=county.village, finding="死亡后的就诊", status="confirmed",
        handled_by=county.cast.supervisor, conclusion="死亡在前",
    )  # fmt: skip
    paper = county.claim(10, source="paper")
    recount(county.area.code)
    assert first and last
    for hand in (county.cast.reviewer, county.cast.auditor):
        record(actor=hand, action=ASKED, subject=one, reason="本人要求查阅")
    return [
        reverse("moving:one_person_paper", args=[one.pk]),
        reverse("claims:papers", args=[paper.pk]),
        reverse("funds:account_statement_file", args=[AccountStatement.objects.get().pk]),
        f"{reverse('funds:opening')}?book={Opening.objects.latest('pk').book_id}",
        f"{reverse('funds:propose_opening')}?book={Opening.objects.latest('pk').book_id}",
        reverse("funds:load_opening"),
        reverse("funds:opening_paper", args=[Opening.objects.latest("pk").pk]),
        f"{reverse('moving:totals_new')}?kind=accounts",
        reverse("funds:adjustment_paper", args=[Adjustment.objects.get().pk]),
        reverse("funds:correct", args=[Voucher.objects.latest("pk").pk]),
        reverse("funds:reverse", args=[Voucher.objects.exclude(draft=None).latest("pk").pk]),
        reverse("accounts:find"),
        reverse("claims:denial_notice", args=[Denial.objects.get().settlement_id]),
        reverse("claims:filing_end", args=[Filing.objects.latest("pk").pk]),
        reverse("claims:aid_new", args=[AidCase.objects.latest("pk").person_id]),
        reverse("claims:aid_payee", args=[AidApplication.objects.latest("pk").pk]),
        reverse("claims:seconds"),
        reverse("claims:second", args=[SecondRun.objects.latest("pk").pk]),
        reverse("claims:second_notice", args=[SecondRun.objects.latest("pk").pk]),
        reverse("claims:supplement_payee", args=[Supplement.objects.latest("pk").pk]),
        reverse("claims:recovery_new", args=[found.settlement_id]),
        reverse("supervision:recover", args=[found.pk]),
        reverse("claims:refund", args=[PatientRefund.objects.earliest("pk").pk]),
        reverse("enrollment:change_undo", args=[event.household_id, event.pk]),
        reverse("enrollment:propose_ending", args=[granted.person_id]),
        reverse("enrollment:refund_new", args=[paid.pk]),
        reverse("enrollment:same_new", args=[one.pk, other.pk]),
        reverse("enrollment:receipt_run", args=[first.pk, last.pk]),
        reverse("enrollment:mend_cover", args=[paper.visit.enrollment_id]),
        reverse("enrollment:mend_account", args=[one.household_id]),
        reverse("claims:batch", args=[Batch.objects.get().pk]),
        reverse("claims:probe", args=[Probe.objects.get().pk]),
    ]


def _declined(county: County) -> Case:
    """A clue that came to nothing, to be put away."""
    row = county.case(93)
    return decide_clue(
        actor=county.cast.approver, row=row, event="decline_clue", on=APRIL, reason="查无实据"
    )


def _supervised(county: County) -> list[str]:
    """A served case with its papers and what is to be recovered, a reward, a record of a visit."""
    cast = county.cast
    team = [make_user(f"supervisor{at}", name, Role.SUPERVISOR, county.area)
            for at, name in ((2, "罗明亮"), (3, "邓守信"))]  # fmt: skip
    claim = county.claim(92, "paid")
    recount(county.area.code)
    unserved = county.alert_review(93)
    AlertReview.objects.filter(pk=unserved.pk).update(due_on=None)
    unserved.refresh_from_db()
    print_paper(ALERT_NOTICE, unserved, actor=cast.approver, on=APRIL)
    pause = CasePause.objects.create(
        case=county.case(95), kind=CasePause.Kind.TEST, first_day=APRIL, paper="委托书 1 号",
        paper_on=APRIL, added_by=cast.supervisor,
    )  # fmt: skip
    case = served_case(county.case(92), claim, [cast.supervisor, *team], cast.approver)
    held = add_evidence(
        actor=cast.supervisor, case=county.case(95), kind="site", title="现场照片 2 张",
        origin="病案室", obtained_on=APRIL, on=APRIL,
    )  # fmt: skip
    return [
        *(reverse(f"supervision:case_{name}", args=[case.pk]) for name, *_ in DOCUMENTS),
        reverse("supervision:case_recover", args=[CaseClaim.objects.get(case=case).pk]),
        reverse(
            "supervision:case_ask",
            args=[Case.objects.filter(status="clue").earliest("pk").pk, "ask_filing"],
        ),
        reverse("supervision:case_word", args=[case.pk]),
        reverse("supervision:evidence_scans", args=[held.pk]),
        reverse("supervision:case_archiving", args=[_declined(county).pk]),
        *(
            reverse(f"supervision:review_{page}", args=[AlertReview.objects.latest("pk").pk])
            for page in ("word", "notice", "delivery")
        ),
        reverse("supervision:case_pause_end", args=[pause.pk]),
        reverse("supervision:review_serve", args=[unserved.pk]),
        reverse("supervision:review_appeal", args=[county.alert_review(94).pk]),
        reverse("supervision:order_word", args=[Order.objects.latest("pk").pk]),
        reverse("supervision:complaint_reward", args=[Complaint.objects.latest("pk").pk]),
        reverse("supervision:public_subsidies", args=[county.area.code, "2026-q1"]),
        reverse("supervision:public_payments", args=[county.area.code, "2026-03"]),
        reverse("supervision:inspection_record", args=[Inspection.objects.latest("pk").pk]),
    ]
