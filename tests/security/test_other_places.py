"""Real rows of 大足 asked for by the people of another county, township and hospital."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Division, User
from accounts.roles import DIVISION_ROLES, Role, may
from claims.models import Settlement
from claims.unpaid.models import OldClaim, OldClaimFile
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
from institutions.models import Eligibility, Institution, Practitioner
from lib.periods import Month
from moving.models import Comparison, MovedIn
from policies.drafts import start_draft
from policies.models import Pack
from reports.models import MonthlyReport, NamedView
from supervision.extracts.services import Asked, ask_extract
from supervision.models import Alert
from tests.accounts.test_matrix import ROUTES
from tests.claims.conftest import TODAY, line
from tests.conftest import make_user
from tests.gateway.programs import a_client
from tests.paying import pay

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
    doctor = Practitioner.objects.create(
        code="D500225000001", name="韩永康", institution=claim.visit.institution
    )
    eligibility = Eligibility.objects.create(
        practitioner=doctor, state="ended", first_day=TODAY, evidence="文号", reason="记 12 分",
        proposed_by=cast.supervisor, proposed_on=TODAY,
    )  # fmt: skip
    return {
        "claims/": claim.pk,
        "institutions/eligibility/": eligibility.pk,
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
        "supervision/extracts/": extract.pk,
        "supervision/notices/": village_a.code,
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


def test_another_township_gets_nothing_of_ours(rows: dict[str, Any], cast: SimpleNamespace) -> None:
    """The measures are the county's: everybody in it may read them."""
    assert assert_closed(cast.clerk_b, rows, OWN_ONLY | {"policies/<int:pk>"})


def test_another_village_and_another_hospital_get_nothing_of_ours(
    rows: dict[str, Any], village_b: Division, township_hospital: Institution
) -> None:
    cadre = make_user("cadre_b", "李二", Role.VILLAGE_CADRE, village_b)
    assert assert_closed(cadre, rows)
    code = township_hospital.code
    clerk = make_user("other_hospital", "何医", Role.INSTITUTION_CLERK, institution_code=code)
    assert assert_closed(clerk, rows, frozenset({"policies/<int:pk>"}))


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
