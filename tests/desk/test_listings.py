"""Every list of the portal, one test over all: who opens it, what it costs, what leaves as a file.

A new list needs its line in ROWS: how a row of it is made.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from accounts.models import AuditLine, Division, User
from accounts.roles import DIVISION_ROLES, PERMISSIONS, may
from desk.listing import Listing
from tests.conftest import make_user
from tests.desk.conftest import County

MANY, PAGE = 12, 10  # more than a page
# Alone: 18 figures in a row also occur inside a random token of the page.
ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dX](?![0-9A-Za-z])")

# How row number n of each list is made.
ROWS: dict[str, Callable[[County, int], Any]] = {
    "accounts:users": County.user,
    "accounts:asked": County.asked_account,
    "accounts:letters": County.unopened_account,
    "accounts:access": County.unopened_account,
    "accounts:failures": County.failure,
    "accounts:divisions": County.division,
    "accounts:calendar": County.special_day,
    "accounts:audit": County.audit_line,
    "institutions:list": County.institution,
    "institutions:catalogue": County.catalogue_item,
    "institutions:eligibilities": County.eligibility,
    "institutions:points_list": County.points,
    "institutions:points_register": County.points,
    "institutions:point_appeals": County.point_appeal,
    "institutions:point_terms": County.point_terms,
    "supervision:assessments": County.assessment,
    "supervision:forms": County.form_adoption,
    "institutions:changes": County.registry_change,
    "institutions:bank_accounts": County.bank_account,
    "institutions:trust_bands": County.trust_bands,
    "institutions:trust_grades": County.trust_grade,
    "institutions:practice_places": County.practice_place,
    "institutions:renewals": County.running_agreement,
    "institutions:signings": County.signing,
    "institutions:agreement_steps": County.agreement_step,
    "institutions:mappings": County.mapping,
    "institutions:departments": County.department,
    "gateway:rules": County.interface_rule,
    "gateway:codes": County.sold_twice,
    "gateway:no_code": County.no_code_item,
    "gateway:unmapped": County.unmapped_line,
    "gateway:clients": County.client,
    "gateway:failures": County.failed_try,
    "gateway:own": County.client,
    "gateway:acceptances": County.client_elsewhere,
    "policies:list": County.new_pack,
    "funds:vouchers": County.voucher,
    "funds:drafts": County.voucher_draft,
    "funds:reviews": County.voucher,
    "enrollment:household_list": County.cover,
    "enrollment:expected_list": County.expected_child,
    "enrollment:collective": County.waiting,
    "enrollment:proposals": County.proposal,
    "enrollment:same_people": County.same_person,
    "enrollment:receipts": County.cover,
    "enrollment:remittances": County.remittance,
    "enrollment:books": County.receipt_book,
    "enrollment:day_closes": County.day_close,
    "enrollment:bank_lines": County.bank_line,
    "enrollment:sponsors": County.sponsor,
    "enrollment:refunds": County.refund,
    "enrollment:sheets": County.progress_sheet,
    "enrollment:checks": County.check_list,
    "claims:list": County.claim,
    "claims:visits": County.visit,
    "claims:review_queue": County.claim,
    "claims:refunds": County.patient_refund,
    "claims:carried_list": County.carried_file,
    "claims:carried_usage": County.carried_usage,
    "claims:bed_list": County.bed_file,
    "claims:old_list": County.old_file,
    "claims:old_settlements": County.old_settlement,
    "claims:old_claims": County.old_claim,
    "claims:old_claim_file_list": County.old_claim_file,
    "claims:recounts": County.recount,
    "claims:parallel": County.parallel_day,
    "claims:rules": County.review_rule,
    "claims:approval_queue": lambda county, at: county.claim(at, "reviewed"),
    "claims:recoveries": County.recovery,
    "claims:filings": County.filing,
    "claims:carried_filing_list": County.carried_filings,
    "claims:clearings": County.clearing,
    "claims:disputes": County.dispute,
    "claims:clearing_rules": County.clearing_rule,
    "claims:payment_methods": County.payment_method,
    "claims:prepayments": County.prepayment,
    "claims:deposit_returns": County.deposit_return,
    "claims:aids": County.aid,
    "claims:aid_cases": County.aid_case,
    "claims:seconds": County.second_run,
    "claims:dependents": County.dependent,
    "claims:supplements": County.supplement,
    "funds:payment_queue": County.order,
    "funds:payment_orders": County.order,
    "funds:payments_owed": County.order,
    "funds:payment_batches": County.batch,
    "funds:exports": County.ledger_export,
    "supervision:extracts": County.extract,
    "supervision:samples": County.sample,
    "supervision:publicity": County.publicity,
    "supervision:publicity_plan": County.publicity_measure,
    "reports:bulletins": County.bulletin,
    "supervision:full_checks": County.full_check,
    "supervision:sampling_rates": County.sampling_rate,
    "supervision:rule_versions": County.rule_version,
    "supervision:trial_hits": County.trial_hit,
    "supervision:library": County.library_point,
    "supervision:library_changes": County.library_change,
    "supervision:library_file_list": County.library_file,
    "funds:plans": County.funding_plan,
    "funds:return_files": County.return_file,
    "supervision:alerts": County.alert,
    "supervision:cases": County.case,
    "supervision:case_archives": County.case_archive,
    "supervision:complaints": County.complaint,
    "supervision:contacts": County.notice_contact,
    "supervision:objections": County.objection,
    "supervision:posted": County.posting,
    "supervision:public": County.village_of_its_own,
    "supervision:reviews": County.alert_review,
    "supervision:denials": County.visit_denial,
    "supervision:notices": County.notice,
    "supervision:checklists": lambda county, at: county.inspected.checklist(at),
    "supervision:interests": lambda county, at: county.inspected.interest(at),
    "supervision:sweeps": lambda county, at: county.inspected.sweep(at),
    "supervision:inspections": lambda county, at: county.inspected.inspection(at),
    "supervision:orders": lambda county, at: county.inspected.order(at),
    "supervision:handovers": lambda county, at: county.inspected.handover(at),
    "enrollment:register_list": County.roster,
    "enrollment:list_list": County.status_list,
    "enrollment:carried_list": County.carried_table,
    "enrollment:mendings": County.mending,
    "enrollment:tax_files": County.tax_file,
    "reports:account_use": County.account_use,
    "reports:claims": County.claim,
    "reports:covers": County.cover,
    "reports:list": County.report,
    "reports:postings": County.voucher,
    "reports:whatif_list": County.simulation,
}
# Tables that stand on a page beside its own list: where, under which key of the context, who looks,
# and how row number n is made.
BESIDE: dict[str, tuple[str, str, str, Callable[[County, int], Any]]] = {
    "policies.DRAFTS": ("policies:list", "drafts", "supervisor", County.draft),
    "enrollment.collection.ISSUED": (
        "enrollment:prepare", "books", "accountant", County.receipt_book,
    ),
    "enrollment.collection.MY_DAYS": ("enrollment:day", "days", "clerk_a", County.day_close),
    "enrollment.cover.FRESH": ("enrollment:certificates", "fresh", "clerk_a", County.cover),
}  # fmt: skip
# Those whose page speaks of one thing (a file, a fund, a village, a year's certificates): asked
# what they cost by the stories of that page.
OF_ONE_THING = {
    "claims.HOUSEHOLD",
    "claims.carried.BED_ROWS", "claims.carried.CARRIED_ROWS",
    "claims.carried.DIFFERENCES", "claims.carried.OLD_ROWS",
    "claims.clearing.CLAIMS",
    "claims.second.PAYMENTS",
    "claims.visits.BILL",
    "enrollment.collection.REMITTED",
    "enrollment.collection.STATEMENT_LINES", "enrollment.collection.TAX_ROWS",
    "enrollment.collection.USES", "enrollment.cover.HANDED", "enrollment.cover.WAITING",
    "enrollment.progress.MISSING", "enrollment.rosters.REGISTER_ROWS",
    "enrollment.status_lists.LIST_LINES", "enrollment.carried.CARRIED_ROWS",
    "claims.filings.CARRIED_ROWS",
    "claims.unpaid.OLD_CLAIM_LINES",
    "supervision.library.LIBRARY_HITS", "supervision.library.LIBRARY_ROWS",
    "funds.payments.TRANSFERS", "funds.payments.RETURN_FILE",
    "funds.reconciling.ACCOUNT_LINES", "supervision.sampling.ITEM_LIST",
}  # fmt: skip
# Of a voucher the debit and the credit.
MADE_AT_ONCE = {"reports:postings": 2}
# Lists that belong to no area.
EVERYWHERE = {
    "accounts:users",
    "accounts:asked",
    "accounts:letters",
    "accounts:access",
    "accounts:failures",
    "accounts:calendar",
    "gateway:clients",
    "gateway:failures",
}


def listings(resolver: Any = None, space: str = "") -> Iterator[tuple[str, Listing]]:
    """Every list by the name of its route."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from listings(entry, entry.namespace or space)
        elif isinstance(entry, URLPattern) and hasattr(entry.callback, "listing"):
            yield f"{space}:{entry.name}", entry.callback.listing


ALL = dict(listings())
EXPORTED = {name: one for name, one in ALL.items() if one.export}


def tables_without_a_route() -> dict[str, Listing]:
    """By room and name, e.g. claims.PAID."""
    routed = {id(listing) for listing in ALL.values()}
    return {
        f"{name.rpartition('.')[0]}.{key}": value
        for name, module in list(sys.modules.items())
        if name.endswith("listings") and not name.startswith("tests")
        for key, value in vars(module).items()
        if isinstance(value, Listing) and id(value) not in routed
    }


def over(lists: dict[str, Listing]) -> Any:
    return pytest.mark.parametrize("name", lists)


def test_every_list_says_how_a_row_of_it_is_made() -> None:
    unmade = sorted(set(ALL) - set(ROWS))
    assert not unmade, f"say in ROWS how row number n of these is made: {unmade}"
    assert not set(ROWS) - set(ALL), "in ROWS and no list"


@over(ALL)
def test_a_list_speaks_of_permissions_that_are(name: str) -> None:
    listing = ALL[name]
    asked = [listing.permission, listing.names, listing.export]
    asked += [column.permission for column in listing.columns]
    assert {one for one in asked if one} <= set(PERMISSIONS)
    if listing.export:  # who takes the file home may also look
        assert PERMISSIONS[listing.export] <= PERMISSIONS[listing.permission]


def export_url(name: str) -> str:
    space, _, route = name.partition(":")
    return reverse(f"{space}:export_{route}")


def reader(dazu: County, permission: str) -> User:
    """Somebody of the county who may: an officer rather than a clerk."""
    order = (
        "supervisor",
        "accountant",
        "reviewer",
        "approver",
        "cashier",
        "auditor",
        "clerk_a",
        "sysadmin",
        "secadmin",
        "hospital_clerk",
    )
    found = [getattr(dazu.cast, one) for one in order]
    return next(user for user in found if may(user.role, permission))


@over(ALL)
def test_its_routes_ask_for_what_it_says(name: str) -> None:
    """Who comes in then, role by role, is asked of every route (tests/accounts/test_matrix.py)."""
    assert resolve(reverse(name)).func.permission == ALL[name].permission
    if name in EXPORTED:
        assert resolve(export_url(name)).func.permission == ALL[name].export


@pytest.mark.django_db
@over(ALL)
def test_it_costs_the_same_for_many_rows(
    name: str, dazu: County, as_user: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(reader(dazu, ALL[name].permission))
    monkeypatch.setitem(vars(ALL[name]), "size", PAGE)
    url = reverse(name)
    ROWS[name](dazu, 1)
    client.get(url)  # what is read once and kept
    with CaptureQueriesContext(connection) as few:
        one = client.get(url).context["list"]
    for at in range(2, MANY + 1):
        ROWS[name](dazu, at)
    client.get(url)  # once a minute the session is written (accounts/sessions.py)
    with CaptureQueriesContext(connection) as many:
        response = client.get(url)
    shown = response.context["list"]
    more = (MANY - 1) * MADE_AT_ONCE.get(name, 1)
    assert (one.number >= 1, shown.number - one.number) == (True, more)
    assert len(many) == len(few), [query["sql"] for query in many.captured_queries]
    assert len(shown.lines) == min(shown.number, ALL[name].size)
    assert not ID.search(response.content.decode()), "numbers of people are masked"

    alone = {"HX-Request": "true", "HX-Target": ALL[name].key}
    for column in shown.columns:  # each title that offers it sorts, both ways, on the second page
        for path in (column.sort_path, f"-{column.sort_path}"):
            if column.sort_path:
                page = client.get(url, {"sort": path, "page": 2}, headers=alone)
                assert page.context["list"].sort == path
    part = client.get(url, headers=alone)
    assert part.content.decode().lstrip().startswith("<section"), "htmx gets the table alone"


@pytest.mark.django_db
@over({name: one for name, one in ALL.items() if name not in EVERYWHERE})
def test_another_county_sees_nothing_of_it(
    name: str, dazu: County, as_user: Callable[[User], Client]
) -> None:
    ROWS[name](dazu, 1)
    roles = PERMISSIONS[ALL[name].permission]
    role = next(iter(roles & DIVISION_ROLES or roles))
    stranger = make_user(
        "stranger", "秦外", role, Division.objects.get(code="500226"),
        institution_code="" if role in DIVISION_ROLES else "H50022600001",
    )  # fmt: skip
    table = as_user(stranger).get(reverse(name)).context.get("list")
    rows = list(table.page) if table else []
    assert all(getattr(row, "code", "").startswith("500226") for row in rows), rows


@pytest.mark.django_db
@over(EXPORTED)
def test_the_workbook_holds_the_rows_of_the_page(
    name: str, dazu: County, as_user: Callable[[User], Client]
) -> None:
    client = as_user(reader(dazu, ALL[name].export))
    for at in range(1, MANY + 1):
        ROWS[name](dazu, at)
    number = client.get(reverse(name)).context["list"].number
    response = client.post(export_url(name), {"reason": "年度审计"})
    assert response["Cache-Control"] == "no-store"
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).active
    header, *rows = sheet.iter_rows(values_only=True)
    written = [column.title for column in ALL[name].columns if column.where != "page"]
    assert (list(header), len(rows), sheet.freeze_panes) == (written, number, "A2")
    assert not ID.search(str(rows))
    line = AuditLine.objects.get(action="export")
    assert (line.reason, line.after["what"], line.after["rows"]) == (
        "年度审计",
        ALL[name].title,
        number,
    )


@pytest.mark.django_db
def test_beyond_what_is_counted_a_list_asks_to_be_narrowed(
    dazu: County, as_user: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four orders where three are counted: three stand on the page, without a sum or an order of
    one's own; where four are counted it is a list as any other. The workbook has its own most."""
    name, client = "funds:payment_orders", as_user(dazu.cast.accountant)
    for at in range(1, 5):
        ROWS[name](dazu, at)
    monkeypatch.setattr("desk.listing.MAX_COUNTED", 3)
    response = client.get(reverse(name), {"sort": "amount"})
    table = response.context["list"]
    assert (table.told, len(table.lines), table.totals) == ("超过 3 条", 3, [])
    assert (table.sort, [head.sorts for head in table.heads if head.sorts]) == ("", [])
    assert "缩小查询范围后显示笔数、合计" in response.content.decode()
    client.post(export_url(name), {"reason": "年度审计"})
    assert AuditLine.objects.get(action="export").after["rows"] == 4
    monkeypatch.setattr("desk.listing.MAX_ROWS", 3)
    refused = client.post(export_url(name), {"reason": "年度审计"}, follow=True)
    assert "超过 3 条，一次最多导出 3 条，请缩小查询范围" in refused.content.decode()
    monkeypatch.setattr("desk.listing.MAX_COUNTED", 4)
    table = client.get(reverse(name), {"sort": "amount"}).context["list"]
    assert (table.told, len(table.lines), table.sort) == ("共 4 条", 4, "amount")
    assert len(table.totals) == len(table.columns)


def test_every_second_table_is_asked_too() -> None:
    found = tables_without_a_route()
    unasked = sorted(set(found) - {*BESIDE, *OF_ONE_THING})
    assert not unasked, f"put these into BESIDE, or OF_ONE_THING as an import's rows: {unasked}"
    assert not {*BESIDE, *OF_ONE_THING} - set(found), "in BESIDE or OF_ONE_THING and no table"
    permissions = {listing.permission for listing in found.values()}
    assert permissions <= set(PERMISSIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", BESIDE)
def test_a_second_table_costs_the_same_for_many_rows(
    name: str, dazu: County, as_user: Callable[[User], Client]
) -> None:
    page, key, reader_of_it, make = BESIDE[name]
    client, url = as_user(getattr(dazu.cast, reader_of_it)), reverse(page)
    make(dazu, 1)
    client.get(url)  # what is read once and kept
    with CaptureQueriesContext(connection) as few:
        one = client.get(url).context[key]
    for at in range(2, MANY + 1):
        make(dazu, at)
    client.get(url)  # as above
    with CaptureQueriesContext(connection) as many:
        response = client.get(url)
    shown = response.context[key]
    more = (MANY - 1) * MADE_AT_ONCE.get(name, 1)
    assert (one.number >= 1, shown.number - one.number) == (True, more)
    assert len(many) == len(few), [query["sql"] for query in many.captured_queries]
    assert not ID.search(response.content.decode()), "numbers of people are masked"
