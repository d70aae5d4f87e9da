"""Monthly reports: the list with requests, the page with figures and charts, the workbook."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import workbook
from desk.listing import listing_page
from desk.papers import page_print
from funds.models import Book
from lib.periods import Month
from reports.differences import differences
from reports.drawing import drawings
from reports.exports import export_report
from reports.figures import fingerprint
from reports.forms import MonthForm
from reports.listings import REPORTS
from reports.models import MonthlyReport
from reports.papers import MONTH_REPORT
from reports.scorecard import headline
from reports.services import late_claims, late_vouchers, request_report
from reports.showing import sections


@shows("reports.view")
def list_reports(request: Request) -> HttpResponse:
    form = MonthForm(initial={"month": str(Month.of(today()).previous())})
    return _list(request, form)


def _list(request: Request, form: MonthForm) -> HttpResponse:
    return listing_page(request, REPORTS, {"form": form})


@acts("reports.compute")
def request_month(request: Request) -> HttpResponse:
    form = MonthForm(request.POST)
    if form.is_valid():
        area = get_visible(Division, request.user, code=request.user.county_code)
        with form.refusals():
            report = request_report(
                actor=request.user, area=area, month=form.cleaned_data["month"], on=today()
            )
            messages.success(request, f"已申请编制“{report}”，算好后会显示在表中")
            return redirect("reports:list")
    return _list(request, form)


def _report(request: Request, pk: int) -> MonthlyReport:
    return get_visible(MonthlyReport, request.user, "area", pk=pk)


@asks("reports.view")
def show(request: Request, pk: int) -> HttpResponse:
    report = _report(request, pk)
    figures = report.figures
    if report.status != MonthlyReport.Status.DONE or figures is None:
        return render(request, "reports/waiting.html", {"report": report})
    context = {
        "report": report,
        "grids": {key: grid.for_user(request.user) for key, grid in sections(figures).items()},
        "figures": figures,
        "charts": drawings(figures),
        "headline": headline(figures["indicators"]),
        "is_whole": fingerprint(figures) == report.sha256,
        "editions": MonthlyReport.objects.visible_to(request.user).beside(report),
        "book": Book.objects.visible_to(request.user).of_residents(report.area).first(),
    }
    context |= page_print(request, MONTH_REPORT, report)
    return render(request, "reports/show.html", context)


@acts("reports.export")
def export(request: Request, pk: int) -> HttpResponseBase:
    report = _report(request, pk)
    if report.status != MonthlyReport.Status.DONE:
        raise Http404
    name = f"fund-report-{report.area.code}-{report.as_month}-{report.edition}"
    return workbook(export_report(actor=request.user, report=report), name)


MAX_LATE = 50  # rows of a page; the lists themselves show all


@shows("reports.view")
def show_differences(request: Request, pk: int) -> HttpResponse:
    """This edition beside another of the same month, and what came in after it was computed."""
    report = _report(request, pk)
    if report.figures is None:
        return render(request, "reports/waiting.html", {"report": report})
    editions = list(MonthlyReport.objects.visible_to(request.user).beside(report))
    asked = request.GET.get("with", "")
    if asked:
        other = next((one for one in editions if str(one.pk) == asked), None)
        if other is None:
            raise Http404
    else:
        earlier = [one for one in editions if one.edition < report.edition]
        other = next(iter(earlier or editions), None)
    context: dict[str, Any] = {
        "report": report,
        "other": other,
        "editions": editions,
        "is_whole": fingerprint(report.figures) == report.sha256,
        "late": late_vouchers(report)[:MAX_LATE],
        "late_claims": late_claims(report)[:MAX_LATE],
    }
    if other is not None:
        first, second = sorted((report, other), key=lambda one: one.edition)
        context |= {"first": first, "second": second}
        context["rows"] = differences(first.figures or {}, second.figures or {})
    return render(request, "reports/differences.html", context)


@acts("reports.compute")
def recompute(request: Request, pk: int) -> HttpResponse:
    """Compute the month anew beside what is kept, to be compared."""
    report = _report(request, pk)
    with refusals_as_messages(request):
        again = request_report(
            actor=request.user, area=report.area, month=report.as_month, on=today()
        )
        return redirect("reports:differences", pk=again.pk)
    return redirect("reports:show", pk=pk)
