"""The list of statements, one statement of a month, its workbook."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.audit import record_export
from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import workbook
from desk.papers import page_print
from lib.periods import Month
from lib.tables.writing import Heading, Sheet
from reports.forms import MonthForm
from reports.papers import STATEMENT
from reports.services import refuse_unbegun
from reports.statements.asked import Asked, Statement, Told
from reports.statements.catalogue import STATEMENTS


def _form(request: Request) -> MonthForm:
    last = str(Month.of(today()).previous())
    return MonthForm({"month": request.GET.get("month", last)})


def _area(request: Request) -> Division:
    return get_visible(Division, request.user, code=request.user.county_code)


@shows("reports.view")
def list_statements(request: Request) -> HttpResponse:
    form = _form(request)
    month = form.cleaned_data["month"] if form.is_valid() else ""
    context = {"form": form, "month": month, "statements": STATEMENTS.values()}
    return render(request, "reports/statements.html", context)


def _statement(code: str) -> Statement:
    if code not in STATEMENTS:
        raise Http404
    return STATEMENTS[code]


@asks("reports.view")
def show_statement(request: Request, code: str) -> HttpResponse:
    statement, form = _statement(code), _form(request)
    context: dict[str, Any] = {"statement": statement, "form": form}
    if form.is_valid():
        asked = Asked(_area(request), form.cleaned_data["month"])
        context["asked"] = asked
        with form.refusals():
            told = _tell(statement, asked)
            context["told"] = told
            context["grids"] = [grid.for_user(request.user) for grid in told.grids]
            context |= page_print(request, STATEMENT, (statement, asked))
    return render(request, "reports/statement.html", context)


def _tell(statement: Statement, asked: Asked) -> Told:
    refuse_unbegun(asked.month, today())
    return statement.tell(asked)


@acts("reports.export")
def export_statement(request: Request, code: str) -> HttpResponseBase:
    statement, form = _statement(code), MonthForm(request.POST)
    if not form.is_valid():
        raise Http404
    asked = Asked(_area(request), form.cleaned_data["month"])
    sheets = sheets_of(statement, asked, _tell(statement, asked))
    record_export(
        actor=request.user,
        what=f"{asked.month} {statement.full_title}",
        rows=sum(len(list(sheet.rows)) for sheet in sheets),
        criteria={"statement": code, "month": str(asked.month)},
    )
    return workbook(sheets, f"statement-{asked.area.code}-{code}-{asked.month}")


def sheets_of(statement: Statement, asked: Asked, told: Told) -> list[Sheet]:
    """The tables, and what the head of the printed form says."""
    about = [
        ("报表", statement.full_title),
        ("编制单位", asked.area.name),
        ("报表月份", str(asked.month)),
        ("单位", statement.unit),
        ("口径", told.basis),
        *(("核对", words) for words, _ in told.checks),
    ]
    note = Sheet("说明", (Heading("项目", "text"), Heading("内容", width=60)), about)
    return [*(grid.sheet() for grid in told.grids), note]
