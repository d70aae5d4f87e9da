"""Real rows of 大足 asked for by the people of another county, township and hospital."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import start_of
from accounts.models import Division, User
from accounts.roles import DIVISION_ROLES, Role, may
from claims.models import Settlement
from claims.unpaid.models import OldClaim, OldClaimFile
from desk.models import Paper
from enrollment.carried.mending_models import CarriedMending
from enrollment.models import Person, Receipt, Remittance
from funds.budget.services import lines_of, propose_budget
from funds.drafts.services import make_draft
from funds.handing_out.services import ask_export
from funds.models import Book, PaymentBatch, PaymentOrder, Period, Transfer, Voucher
from funds.opening.models import Opening
from funds.payments.services import tell_return
from funds.plans.services import PlanItem, make_plan
from funds.reconciling.models import LineMatch
from funds.reconciling.services import make_adjustment
from funds.services import EventLine
from funds.switching.models import ChartSwitch
from gateway.rules.models import InterfaceRule
from institutions.models import (
    Agreement,
    AgreementStep,
    BankAccount,
    CatalogueItem,
    CodeMapping,
    Eligibility,
    Institution,
    PracticePlace,
    Practitioner,
    RegistryChange,
    Signing,
)
from institutions.points.models import PointAppeal, PointRecord, PointTerms
from institutions.trust.models import TrustBands, TrustGrade
from lib.periods import Month
from moving.models import Comparison, MovedIn
from policies.drafts import start_draft
from policies.models import Pack
from reports.bulletins.models import Bulletin
from reports.models import MonthlyReport, NamedView
from supervision.assessment.models import Assessment, FormAdoption
from supervision.cases.archive_models import CaseArchive
from supervision.cases.models import CaseClaim, CasePause, Evidence
from supervision.cases.scan_models import EvidenceScan
from supervision.cases.services import Clue, open_clue
from supervision.complaints.services import Told, take_complaint
from supervision.extracts.services import Asked, ask_extract
from supervision.library.models import LibraryFile
from supervision.models import (
    Alert,
    AlertReview,
    PublicityMeasure,
    PublicityTask,
    Sample,
    SampleItem,
    SampleList,
    SampleStratum,
    SamplingRate,
)
from supervision.photos import keep_photo
from supervision.public.services import Hung, Said, put_up, take_objection
from supervision.thresholds.cards import InForce
from supervision.thresholds.models import RuleVersion
from supervision.words.models import PartyWord, WordScan
from tests.accounts.test_matrix import ROUTES
from tests.claims.conftest import TODAY, line
from tests.conftest import make_user
from tests.desk.conftest import BANDS
from tests.gateway.programs import a_client
from tests.paying import pay
from tests.supervision.inspections.conftest import picture
from tests.supervision.inspections.rows import Rows
from tests.supervision.library_rows import a_change

pytestmark = pytest.mark.django_db
PARAMETER = re.compile(r"<\w+:\w+>")
COUNTY_ROLES = [role for role in Role if role in DIVISION_ROLES - {Role.VILLAGE_CADRE}]


@pytest.fixture
def rows(
    cast: SimpleNamespace,
    county: Division,
    hospital: Institution,
    village_a: Division,
    pack: Pack,
    book: Book,
    wang: Person,
    counter: Callable[..., Settlement],
    agree: Callable[[Settlement], Settlement],
    settings: Any,
    tmp_path: Path,
) -> dict[str, Any]:
    """A row of every kind, by the beginning of its routes."""
    claim = agree(counter(wang, line("X01", "100", "10")))
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    alert = Alert.objects.create(
        rule="R1", certainty="suspect", settlement=claim, division=village_a, finding="测试"
    )
    receipt = Receipt.objects.get()
    remittance = Remittance.objects.create(
        township=Division.objects.get(code=village_a.township_code),
        campaign=receipt.campaign,
        clerk=cast.clerk_a,
        slip_number="S1",
        slip_date=date(2025, 10, 21),
        receipt_count=1,
        amount=Decimal(120),
    )
    note = tell_return(
        actor=cast.accountant, transfer=Transfer.objects.get(), on=TODAY, reason="户名不符",
        evidence="回单 0001", today=TODAY,
    )  # fmt: skip
    draft = make_draft(
        actor=cast.accountant, book=book, event="interest_received", on=TODAY, today=TODAY,
        document="回单 0002", key="other:1", lines=[EventLine(Decimal(5), purpose="fiscal")],
    )  # fmt: skip
    plan = make_plan(
        actor=cast.accountant, book=book, month=Month.of(TODAY), on=TODAY,
        items=[PlanItem("应付款项", "应付未付", Decimal(5), Decimal(5))],
    )  # fmt: skip
    budget = propose_budget(
        actor=cast.accountant, book=book, year=2026, evidence="会议纪要", reason="年初编报",
        amounts={lines_of(book)[1][0].account: Decimal(5)}, on=TODAY,
    )  # fmt: skip
    switch = ChartSwitch.objects.create(
        book=book, year=2026, before="2008", after="2026", evidence="会议纪要", reason="改用",
        proposed_by=cast.accountant, proposed_on=TODAY,
    )  # fmt: skip
    opening = Opening.objects.create(
        book=book, on=TODAY, total=Decimal(5), evidence="余额表", reason="启用",
        proposed_by=cast.accountant, proposed_on=TODAY,
    )  # fmt: skip
    ended = MovedIn.objects.create(
        area=county, evidence="会议纪要", reason="启用", proposed_by=cast.accountant,
        proposed_on=TODAY,
    )  # fmt: skip
    compared = Comparison.objects.create(
        area=county, kind="households", theirs=1, ours=1, differing=0, evidence="合计表",
        reason="启用", proposed_by=cast.accountant, proposed_on=TODAY,
    )  # fmt: skip
    bank = book.accounts.get(code="1004")
    match = LineMatch.objects.create(
        account=bank, how="hand", amount=Decimal(5), matched_by=cast.accountant
    )
    adjustment = make_adjustment(
        actor=cast.accountant, account=bank, month=Month(2026, 2), balance=Decimal(5), on=TODAY
    )
    report = MonthlyReport.objects.create(area=county, year=2026, month=2)
    span = Asked(area=county, since=TODAY, until=TODAY, institutions=(), form="xlsx")
    extract = ask_extract(actor=cast.auditor, asked=span, reason="飞行检查")
    library = a_change(county, cast.supervisor, 1)
    library_file = LibraryFile.objects.create(
        area=county, first_day=TODAY, requested_by=cast.supervisor, uploaded_on=TODAY,
        file_name="1.csv", sha256="0" * 64,
    )  # fmt: skip
    view = NamedView.objects.create(area=county, owner=cast.auditor, name="各乡镇", query="by=care")
    cover = claim.visit.enrollment
    files = OldClaimFile.objects.create(
        area=county, kind="claims", as_of=TODAY, requested_by=cast.reviewer, uploaded_on=TODAY,
        file_name="1.xlsx", sha256="0" * 64,
    )  # fmt: skip
    old_claim = OldClaim.objects.create(
        file=files, area=county, number="BX1", person=wang, cover=cover, division=village_a,
        policy_year=2026, care="inpatient", institution_name="市医院", starts=TODAY, ends=TODAY,
        invoices=["1"], total_amount=5,
    )  # fmt: skip
    mending = CarriedMending.objects.create(
        cover=cover, division=village_a, evidence="清单", reason="重复", proposed_by=cast.reviewer,
        proposed_on=TODAY,
    )  # fmt: skip
    sample = Sample.objects.create(
        area=county, first_on=TODAY, last_on=TODAY, digest="a", secret="b", sealed_on=TODAY,
        usual=10, raised=20, large_from=5000,
    )  # fmt: skip
    Sample.objects.filter(pk=sample.pk).update(status="drawn", seed="b", drawn_by=cast.supervisor)
    SampleList.objects.create(sample=sample, text="", sha256="")
    stratum = SampleStratum.objects.create(
        sample=sample, institution_name="医院", risk="usual", size=1, drawn=1, fund_amount=1
    )
    examined = SampleItem.objects.create(
        sample=sample, stratum=stratum, settlement=claim, position=1, fund_amount=1
    )
    rate = SamplingRate.objects.create(
        area=county, usual=10, raised=20, large_from=1, evidence="文号", reason="加强抽查",
        proposed_by=cast.supervisor, proposed_on=TODAY,
    )  # fmt: skip
    bulletin = Bulletin.objects.create(
        area=county, period="2026年3月", first_on=TODAY, last_on=TODAY, facts={},
        drafted_by=cast.supervisor,
    )  # fmt: skip
    told = PublicityMeasure.objects.create(
        area=county, year=2026, what="缴费政策", form="leaflet", reach="villages", charged="医保办",
        due_on=TODAY, planned_by=cast.supervisor,
    )  # fmt: skip
    publicity = PublicityTask.objects.create(measure=told, division=village_a)
    version = RuleVersion.objects.create(
        area=county, first_day=TODAY, content=InForce().values, evidence="文号", reason="误报较多",
        proposed_by=cast.supervisor, proposed_on=TODAY,
    )  # fmt: skip
    doctor = Practitioner.objects.create(
        code="D500225000001", name="韩永康", institution=claim.visit.institution
    )
    eligibility = Eligibility.objects.create(
        practitioner=doctor, state="ended", first_day=TODAY, evidence="文号", reason="记 12 分",
        proposed_by=cast.supervisor, proposed_on=TODAY,
    )  # fmt: skip
    points = PointRecord.objects.create(
        practitioner=doctor, ground="agreement", degree="main", points=3, handled_paper="处理",
        handled_on=TODAY, evidence="文号", reason="负有责任", proposed_by=cast.supervisor,
        proposed_on=TODAY,
    )  # fmt: skip
    appeal = PointAppeal.objects.create(
        record=points, kind="appeal", asked_back=1, reason="有误", lodged_by=cast.hospital_clerk,
        lodged_on=TODAY,
    )  # fmt: skip
    point_terms = PointTerms.objects.create(
        area=county, reminded_from=6, months_nine=2, months_ten=4, months_eleven=6,
        days_to_appeal=10, max_course=2, evidence="文号", reason="施行",
        proposed_by=cast.supervisor, proposed_on=TODAY,
    )  # fmt: skip
    case = open_clue(
        actor=cast.supervisor,
        area=county,
        clue=Clue(source="alert", told="核实属实", institution=hospital, alert=alert),
        on=TODAY,
    )
    paused = CasePause.objects.create(
        case=case, kind="expert", first_day=TODAY, paper="委托书", paper_on=TODAY,
        added_by=cast.supervisor,
    )  # fmt: skip
    part = CaseClaim.objects.create(case=case, settlement=claim, amount=5, added_by=cast.supervisor)
    # Of a case of its own: to what is put away nothing is added.
    other_case = open_clue(
        actor=cast.supervisor, area=county, on=TODAY,
        clue=Clue(source="handed", told="已结的线索", institution=hospital),
    )  # fmt: skip
    put_away = CaseArchive.objects.create(
        case=other_case, number="医保稽卷〔2026〕1号", retention="forever", archived_on=TODAY,
        archived_by=cast.supervisor,
    )  # fmt: skip
    complaint = take_complaint(
        actor=cast.supervisor,
        area=county,
        said=Told(channel="phone", about="药店", told="串换药品"),
        on=TODAY,
    )
    notice = Paper.objects.create(
        kind="supervision.notice", subject_type="accounts.division", subject_id=str(village_a.pk),
        edition="2026-02 1 0.00", facts="{}", division_code=village_a.code, fingerprint="0" * 64,
        printed_by=cast.cadre_a, printed_at=start_of(TODAY),
    )  # fmt: skip
    hung = put_up(
        actor=cast.cadre_a, paper=notice, on=TODAY,
        hung=Hung(where="公示栏", put_up_by="刘大娘", put_up_on=TODAY),
    )  # fmt: skip
    objection = take_objection(
        actor=cast.cadre_a, paper=notice, on=TODAY, said=Said(told="金额不对", due_on=TODAY)
    )
    adoption = FormAdoption.objects.create(
        area=county, form="hospital", first_year=2026, days_to_appeal=10, evidence="文号",
        reason="考核", proposed_by=cast.supervisor, proposed_on=TODAY,
    )  # fmt: skip
    assert claim.visit.institution is not None
    assessed = Assessment.objects.create(
        institution=claim.visit.institution, year=2026, adoption=adoption,
        opened_by=cast.supervisor,
    )  # fmt: skip
    decision = {
        "evidence": "文号", "reason": "续签", "proposed_by": cast.supervisor,
        "proposed_on": TODAY,
    }  # fmt: skip
    agreement = Agreement.objects.get(institution=hospital)
    signing = Signing.objects.create(
        institution=hospital, number="XY1", first_day=TODAY, last_day=TODAY, **decision
    )
    step = AgreementStep.objects.create(
        agreement=agreement, state="ended", first_day=TODAY, **decision
    )
    change = RegistryChange.objects.create(
        institution=hospital, column="beds", becomes="5", first_day=TODAY, **decision
    )
    account = BankAccount.objects.create(
        institution=hospital, holder="医院", bank="农行", account="6228480000000001",
        first_day=TODAY, **decision,
    )  # fmt: skip
    practice = PracticePlace.objects.create(
        practitioner=doctor, institution=hospital, first_day=TODAY, last_day=TODAY, **decision
    )
    bands = TrustBands.objects.create(area=county, first_year=2026, **BANDS, **decision)
    trust = TrustGrade.objects.create(
        institution=hospital, year=2025, bands=bands, score=85, grade="B", **decision
    )
    mapping = CodeMapping.objects.create(
        institution=hospital, own_code="YP001", own_name="阿莫西林", kind="101", code="X01",
        first_day=TODAY, proposed_by=cast.hospital_clerk,
    )  # fmt: skip
    listed = CatalogueItem.objects.create(
        area=county, catalogue="drug", code="Y01", name="阿莫西林", initials="amxl",
        category="western_drug", payment_class="A", unit="盒", first_day=TODAY,
    )  # fmt: skip
    inspected = Rows(county, village_a, cast.supervisor, cast.reviewer)
    review = AlertReview.objects.create(
        alert=alert, proposed="confirm_alert", opinion="没有同意书", told="没有同意书",
        status="told", due_on=TODAY, first_by=cast.supervisor, second_by=cast.approver,
    )  # fmt: skip
    word = PartyWord.objects.create(
        review=review, division=alert.division, kind="answer", received_on=TODAY, words="有同意书",
        brought_by="何大夫", way="brought", entered_by=cast.supervisor,
    )  # fmt: skip
    settings.SCANS_ROOT = str(tmp_path / "scans")
    page = WordScan(word=word, added_by=cast.supervisor)
    keep_photo(page, picture(), at="scans", pdf=True)
    piece = Evidence.objects.create(
        case=case, kind="written", title="病历 1 份", origin="病案室", obtained_on=TODAY,
        added_by=cast.supervisor,
    )  # fmt: skip
    piece_page = EvidenceScan(evidence=piece, added_by=cast.supervisor)
    keep_photo(piece_page, picture(), at="scans", pdf=True)
    return {
        "claims/": claim.pk,
        "institutions/changes/": change.pk,
        "institutions/accounts/": account.pk,
        "institutions/practice/": practice.pk,
        "institutions/catalogue/items/": listed.pk,
        "institutions/mappings/": mapping.pk,
        "institutions/trust/": trust.pk,
        "institutions/trust/bands/": bands.pk,
        "institutions/": hospital.pk,
        "supervision/profiles/": hospital.pk,
        "institutions/agreements/": agreement.pk,
        "institutions/agreements/signings/": signing.pk,
        "institutions/agreements/steps/": step.pk,
        "institutions/eligibility/": eligibility.pk,
        "institutions/points/": points.pk,
        "institutions/points/appeals/": appeal.pk,
        "institutions/points/register/": doctor.pk,
        "institutions/points/terms/": point_terms.pk,
        "enrollment/mendings/": mending.pk,
        "enrollment/mendings/cover/": cover.pk,
        "claims/unpaid/": old_claim.pk,
        "claims/unpaid/files/": files.pk,
        "enrollment/": wang.household_id,
        "enrollment/people/": wang.pk,
        "enrollment/receipts/": receipt.pk,
        "moving/person/": wang.pk,
        "enrollment/remittances/": remittance.pk,
        "enrollment/remittances/hand-in/": receipt.campaign_id,
        "funds/books/": book.pk,
        "funds/drafts/": draft.pk,
        "funds/exports/": ask_export(actor=cast.auditor, book=book, reason="年审").pk,
        "funds/limits/": 1,  # there is none
        "funds/budget/": budget.pk,
        "funds/charts/": switch.pk,
        "funds/opening/": opening.pk,
        "funds/plans/": plan.pk,
        "funds/reconciling/": bank.pk,
        "funds/reconciling/adjustments/": adjustment.pk,
        "funds/reconciling/matches/": match.pk,
        "funds/reconciling/statements/": 1,  # there is none
        "funds/periods/": Period.objects.get(book=book, month=3).pk,
        "funds/payments/batches/": PaymentBatch.objects.get().pk,
        "funds/payments/notes/": note.pk,
        "funds/payments/orders/": PaymentOrder.objects.get().pk,
        "funds/payments/transfers/": Transfer.objects.get().pk,
        "funds/payments/returns/": 1,  # there is none
        "funds/reserves/": "none",
        "funds/reviews/": Voucher.objects.get(event="claim_paid").pk,
        "funds/vouchers/": Voucher.objects.get(event="claim_paid").pk,
        "gateway/acceptance/": hospital.pk,
        "gateway/own/": a_client(cast.secadmin, hospital).client.pk,
        "gateway/openapi/": "none",  # nobody's: the same for all who may read it
        "gateway/rules/": InterfaceRule.objects.create(
            area=county,
            evidence="纪要",
            reason="规范编码",
            proposed_by=cast.supervisor,
            proposed_on=TODAY,
        ).pk,
        "moving/beginning/": ended.pk,
        "moving/totals/": compared.pk,
        "policies/": pack.pk,
        "policies/drafts/": start_draft(actor=cast.supervisor, pack=pack).pk,
        "reports/": report.pk,
        "reports/analysis/views/": view.pk,
        "supervision/": alert.pk,
        "supervision/reviews/": review.pk,
        "reports/bulletins/": bulletin.pk,
        "supervision/publicity/": publicity.pk,
        "supervision/publicity/plan/": county.code,
        "supervision/publicity/photos/": 1,  # there is none
        "supervision/words/scans/": page.pk,
        "supervision/posted/": hung.paper_id,
        "supervision/posted/photos/": 1,  # there is none
        "supervision/objections/": objection.pk,
        "supervision/public/contacts/": village_a.township_code,
        "supervision/public/": village_a.code,
        "supervision/complaints/": complaint.pk,
        "supervision/complaints/rewards/": 1,  # there is none
        "supervision/cases/": case.pk,
        "supervision/cases/archives/": put_away.pk,
        "supervision/cases/evidence/": piece.pk,
        "supervision/cases/evidence/scans/": piece_page.pk,
        "supervision/cases/of/": alert.pk,
        "supervision/cases/handed/": inspected.handover(5).pk,
        "supervision/cases/parts/": part.pk,
        "supervision/cases/pauses/": paused.pk,
        "supervision/cases/recover/": part.pk,
        "supervision/assessments/": assessed.pk,
        "supervision/assessments/forms/": adoption.pk,
        "supervision/extracts/": extract.pk,
        "supervision/library/changes/": library.pk,
        "supervision/library/files/": library_file.pk,
        "supervision/library/kinds/": "none",  # nobody's: each county switches its own
        "supervision/library/points/": library.point.pk,
        "supervision/notices/": village_a.code,
        "supervision/rules/versions/": version.pk,
        "supervision/samples/": sample.pk,
        "supervision/samples/items/": examined.pk,
        "supervision/samples/rates/": rate.pk,
        "supervision/checklists/": inspected.checklist(1).pk,
        "supervision/interests/": inspected.interest(1).pk,
        "supervision/sweeps/": inspected.sweep(1).pk,
        "supervision/sweep-places/": inspected.place(2).pk,
        "supervision/inspections/": inspected.inspection(3).pk,
        "supervision/inspections/orders/": inspected.order(4).pk,
        "supervision/inspections/handovers/": inspected.handover(6).pk,
        "supervision/inspections/archive/": hospital.pk,
        "supervision/inspections/photos/": 1,  # there is none
        "supervision/visits/": 1,  # there is none
    }


def asked_for(rows: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Every route with a parameter: its path with the row that its longest prefix names."""
    found = []
    for route, view in ROUTES:
        if not PARAMETER.search(route) or view.permission is None:
            continue
        # The security administrator's accounts, of people and of programs, have no scope.
        if route.startswith(("accounts/", "gateway/clients/")):
            continue
        if "<int:at>" in route:  # a place among the room's blank tables, no row of anybody's
            continue
        prefixes = [one for one in rows if route.startswith(one)]
        assert prefixes, (
            f"give `rows` the key of one that {route} is about, by the route's beginning"
        )
        prefix = max(prefixes, key=len)
        path = PARAMETER.sub(str(rows[prefix]), route.replace("<str:month>", "2026-02"))
        if prefix == "supervision/notices/":
            path = f"supervision/notices/{rows[prefix]}/2026-03"
        for kind, span in (("enrolled", "2026"), ("subsidies", "2026-q1")):
            if route.startswith(f"supervision/public/{kind}/"):
                path = f"supervision/public/{kind}/{rows[prefix]}/{span}"
        found.append((route, f"/{path}", view))
    return found


def assert_closed(user: User, rows: dict[str, Any], known: frozenset[str] = frozenset()) -> int:
    """Nothing of these rows is shown or done: 404 where the role may, 403 where it may not."""
    client, tried = Client(), 0
    client.force_login(user)
    for route, path, view in asked_for(rows):
        if route in known or not may(user.role, view.permission):
            continue  # who may not at all is for the matrix test
        for method in ("get", "head", "post"):
            headers = {"HTTP_HX_REQUEST": "true"} if tried % 2 else {}
            status = getattr(client, method)(path, **headers).status_code
            assert status in {403, 404, 405}, (user.role, method, path, status)
            tried += 1
    return tried


# Handing in looks for the clerk's own unremitted receipts of a campaign of the own county, and
# shows its form again when there are none.
COUNTY_S = frozenset({"policies/<int:pk>", "institutions/catalogue/items/<int:pk>"})
OWN_ONLY = frozenset({"enrollment/remittances/hand-in/<int:pk>"})


def test_another_county_gets_nothing_of_ours(
    rows: dict[str, Any], other_county: Division, hospital: Institution
) -> None:
    tried = 0
    for role in COUNTY_ROLES:
        tried += assert_closed(
            make_user(f"far_{role}", "外县人", role, other_county), rows, OWN_ONLY
        )
    assert tried > 500


def test_another_township_gets_nothing_of_ours(
    rows: dict[str, Any], cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """The measures and the catalogues are the county's: everybody in it may read them."""
    for kept in ("words/scans", "cases/evidence/scans"):
        scan = f"/supervision/{kept}/{rows[f'supervision/{kept}/']}"
        for path in (scan, f"{scan}/small"):  # there is something that others might have got
            assert as_user(cast.supervisor).get(path).status_code == 200
    assert assert_closed(cast.clerk_b, rows, OWN_ONLY | COUNTY_S)


def test_another_village_and_another_hospital_get_nothing_of_ours(
    rows: dict[str, Any], village_b: Division, township_hospital: Institution
) -> None:
    cadre = make_user("cadre_b", "李二", Role.VILLAGE_CADRE, village_b)
    assert assert_closed(cadre, rows)
    code = township_hospital.code
    clerk = make_user("other_hospital", "何医", Role.INSTITUTION_CLERK, institution_code=code)
    assert assert_closed(clerk, rows, COUNTY_S)


def test_a_hospital_elsewhere_finds_no_patient_of_ours(
    rows: dict[str, Any], wang: Person, other_county: Division
) -> None:
    Institution.objects.create(
        code="H50022600001", name="荣昌县人民医院", level="county", division=other_county
    )
    clerk = make_user("far", "远方", Role.INSTITUTION_CLERK, institution_code="H50022600001")
    client = Client()
    client.force_login(clerk)
    page = client.post(
        "/claims/enter/counter", {"action": "find", "resident_id": wang.resident_id}, follow=True
    )
    assert "王建国" not in page.content.decode()


def test_lists_and_searches_of_others_stay_empty(
    rows: dict[str, Any], wang: Person, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    for user in (cast.clerk_b, cast.other_officer):
        client = as_user(user)
        for text in (wang.name, wang.resident_id, "x"):
            for path, name in (("/claims/", "person"), ("/enrollment/", "text")):
                page = client.post(path, {name: text}).content.decode()
                assert "王建国" not in page.replace(f'value="{text}"', ""), (user.role, path, text)
        for path in ("/claims/", "/enrollment/", "/claims/?number=5002252026"):
            assert "桥亭村" not in client.get(path).content.decode()


def test_paying_a_claim_of_another_county_is_not_found(
    rows: dict[str, Any], other_county: Division, as_user: Callable[[User], Client]
) -> None:
    accountant = as_user(make_user("far_accountant", "远账", Role.ACCOUNTANT, other_county))
    order = PaymentOrder.objects.get()
    url = reverse("funds:make_batch")
    assert accountant.post(url, {"orders": [str(order.pk)]}).status_code == 404
