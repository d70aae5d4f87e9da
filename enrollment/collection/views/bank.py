"""对账: the campaign's money side by side, the bank's statement, every difference by name."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.import_pages import ImportPages, UploadForm, one_step
from enrollment.collection.bank_listings import STATEMENT_LINES
from enrollment.collection.days import overnight
from enrollment.collection.forms import BookLineForm, StatementForm
from enrollment.collection.models import Receipt, Remittance
from enrollment.collection.reconciling import channel_rows, sponsor_totals, town_rows
from enrollment.collection.settled import Kind, named_by, with_keys
from enrollment.collection.statements import link_line, outcome, reconcile
from enrollment.cover.views.places import campaign_years, page_campaign
from funds.banking.models import BankLine, BankStatement
from funds.banking.statements import LAYOUT, STATEMENTS, book_line, offset_lines
from lib.tables.layout import Layout

LISTED = 200  # differences on the page; the rest after these are dealt with


def _area(request: Request) -> Division:
    return get_visible(Division, request.user, code=request.user.county_code)


def _page(request: Request, form: UploadForm) -> HttpResponse:
    area, campaign = _area(request), page_campaign(request)
    found = outcome(area, today())
    statements = BankStatement.objects.visible_to(request.user)
    context = {
        "campaign": campaign,
        "years": campaign_years(request),
        "rows": channel_rows(campaign) if campaign else [],
        "sponsors": sponsor_totals(campaign) if campaign else None,
        "towns": town_rows(campaign) if campaign else [],
        "held": overnight(Receipt.objects.visible_to(request.user).unremitted(), today()),
        "matches": len(found.matches),
        "differences": found.differences[:LISTED],
        "difference_count": len(found.differences),
        "statements": statements.defer("content").select_related("requested_by")[:5],
        "form": form,
        "blanks": STATEMENT_PAGES.offered,
    }
    return render(request, "enrollment/collection/reconciliation.html", context)


@shows("enrollment.view_reconciliation")
def reconciliation(request: Request) -> HttpResponse:
    return _page(request, StatementForm())


class _Statements(ImportPages[BankStatement]):
    """Sent from 资金对账, where the lines are explained; a page of its own tells how it went."""

    importing = STATEMENTS
    room = "enrollment"
    paths = one_step("treasury/statements", "statement", listed=False)
    view, load = "enrollment.view_reconciliation", "enrollment.reconcile"
    form = StatementForm
    blanks: Mapping[str, Layout] = {"银行流水": LAYOUT}
    judged = STATEMENT_LINES
    related = ("area",)
    known = "这份流水已经导入过，没有重复记录"

    def about(self, request: Request, form: UploadForm) -> dict[str, Any]:
        return {"area": _area(request)}

    def listed(self, request: Request, form: UploadForm, **more: Any) -> HttpResponse:
        return _page(request, form)

    def lines(self, request: Request, upload: BankStatement, verdict: str) -> QuerySet[Any]:
        return BankLine.objects.filter(statement=upload).order_by("booked_on", "pk")


STATEMENT_PAGES = _Statements()


@acts("enrollment.reconcile")
def run(request: Request) -> HttpResponse:
    """Settle what matches."""
    done = reconcile(actor=request.user, area=_area(request), on=today())
    messages.success(request, f"已核对入账 {done.settled} 笔")
    for problem in done.refused:
        messages.error(request, problem)
    return redirect("enrollment:reconciliation")


def _detail(request: Request, line: BankLine, form: BookLineForm) -> HttpResponse:
    waiting = Remittance.objects.visible_to(request.user).filter(amount=line.amount)
    waiting = waiting.exclude(status=Remittance.Status.RETURNED)
    remittances = (
        with_keys(Kind.REMITTANCE, waiting)
        .exclude(Exists(BankLine.objects.filter(settles=OuterRef("settle_key"))))
        .select_related("township", "clerk")
        .order_by("-slip_date")
    )
    context = {
        "line": line,
        "form": form,
        **_settled(line),
        "remittances": remittances[:20],
        "others": BankLine.objects.visible_to(request.user)
        .open()
        .filter(amount=-line.amount)
        .order_by("-booked_on")[:20],
    }
    return render(request, "enrollment/collection/bank_line.html", context)


def _settled(line: BankLine) -> dict[str, Remittance | Receipt | None]:
    """The paper behind the line, as long as it is one that has a page or a number to show."""
    kind, pk = named_by(line.settles) if line.settles else ("", 0)
    if kind == Kind.REMITTANCE:
        return {"remittance": Remittance.objects.filter(pk=pk).first()}
    if kind == Kind.RECEIPT:
        return {"receipt": Receipt.objects.select_related("book").filter(pk=pk).first()}
    return {}


def _line(request: Request, pk: int) -> BankLine:
    return get_visible(BankLine, request.user, "settled_by", "offset", pk=pk)


@shows("enrollment.view_reconciliation")
def line_detail(request: Request, pk: int) -> HttpResponse:
    return _detail(request, _line(request, pk), BookLineForm(initial={"year": today().year}))


@acts("enrollment.reconcile")
def line_book(request: Request, pk: int) -> HttpResponse:
    line = _line(request, pk)
    form = BookLineForm(request.POST)
    if form.is_valid():
        with form.refusals():
            done = book_line(actor=request.user, line=line, on=today(), **form.cleaned_data)
            messages.success(request, f"流水 {done.serial} 已入账，凭证 {done.voucher_number}")
            return redirect("enrollment:reconciliation")
    return _detail(request, line, form)


def _settle(request: Request, pk: int, work: Callable[[], object]) -> HttpResponse:
    with refusals_as_messages(request):
        work()
        messages.success(request, "已核对")
        return redirect("enrollment:reconciliation")
    return redirect("enrollment:bank_line", pk=pk)


@acts("enrollment.reconcile")
def line_link(request: Request, pk: int, remittance: int) -> HttpResponse:
    line = _line(request, pk)
    row = get_visible(Remittance, request.user, pk=remittance)
    return _settle(
        request,
        pk,
        lambda: link_line(actor=request.user, line=line, remittance=row, on=today()),
    )


@acts("enrollment.reconcile")
def line_offset(request: Request, pk: int, other: int) -> HttpResponse:
    line, second = _line(request, pk), _line(request, other)
    return _settle(
        request,
        pk,
        lambda: offset_lines(actor=request.user, line=line, other=second, on=today()),
    )
