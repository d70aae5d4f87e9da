"""The page of report analysis, its workbook, and the names that analyses are given."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.listing import export_listing, listing_page
from reports.analysis.answer import MIN_PERSONS, Answer, answer
from reports.analysis.asked import Asked
from reports.analysis.drawing import MAX_BARS, chart, is_cut
from reports.analysis.forms import AnalysisForm, NameForm
from reports.analysis.models import NamedView
from reports.analysis.naming import keep_view, remove_view, rename_view
from reports.analysis.table import listing_of, title_of
from reports.indicators import BASES
from reports.services import one_view_of_the_data


def _area(request: Request) -> Division:
    """The county of who looks: a township does not see its row, and need not."""
    return Division.objects.get(code=request.user.county_code)


def _answered(request: Request, form: AnalysisForm) -> tuple[Asked, Answer] | None:
    """None where the form says what is wrong."""
    if form.errors:
        return None
    asked = form.analysis(_area(request))
    with form.refusals(), one_view_of_the_data():
        return asked, answer(asked)
    return None


@shows("reports.analyse")
def show(request: Request) -> HttpResponse:
    form = AnalysisForm(request.GET, user=request.user)
    form.focus()
    return _page(request, form, NameForm())


def _page(request: Request, form: AnalysisForm, naming: NameForm) -> HttpResponse:
    found = _answered(request, form)
    views = NamedView.objects.visible_to(request.user).select_related("owner")
    beside = {"form": form, "naming": naming, "views": views}
    if found is None:
        return render(request, "reports/analysis.html", beside)
    asked, told = found
    listing = listing_of(asked, told, form)
    context = {
        **beside,
        "asked": asked,
        "answer": told,
        "title": title_of(asked),
        "chart": chart(asked, told.rows),
        "drawn": MAX_BARS if is_cut(asked, told.rows) else 0,
        "basis": BASES[asked.measure.indicator.basis],
        "fewest": MIN_PERSONS,
    }
    return listing_page(request, listing, context)


@acts("reports.export")
def export(request: Request) -> HttpResponseBase:
    form = AnalysisForm(request.GET, user=request.user)
    found = _answered(request, form)
    if found is None:
        raise Http404
    return export_listing(request, listing_of(*found, form), "analysis")


@acts("reports.analyse")
def keep(request: Request) -> HttpResponse:
    """Give the analysis that the address asks for a name; what is wrong is told on its page."""
    form, naming = AnalysisForm(request.GET, user=request.user), NameForm(request.POST)
    if naming.is_valid() and not form.errors:
        with naming.refusals():
            view = keep_view(
                actor=request.user, area=_area(request), query=form.query, **naming.cleaned_data
            )
            messages.success(request, f"已保存视图“{view}”")
            return redirect(view.address)
    return _page(request, form, naming)


def _own(request: Request, pk: int) -> NamedView:
    """What others share is theirs to change."""
    return get_visible(NamedView.objects.filter(owner=request.user), request.user, pk=pk)


@acts("reports.analyse")
def rename(request: Request, pk: int) -> HttpResponse:
    view, naming = _own(request, pk), NameForm(request.POST)
    with refusals_as_messages(request, "已改名"):
        name = naming.cleaned_data["name"] if naming.is_valid() else ""
        rename_view(actor=request.user, view=view, name=name)
    return redirect("reports:analysis")


@acts("reports.analyse")
def remove(request: Request, pk: int) -> HttpResponse:
    view = _own(request, pk)
    with refusals_as_messages(request, f"已删除视图“{view}”"):
        remove_view(actor=request.user, view=view)
    return redirect("reports:analysis")
