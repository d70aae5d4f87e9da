"""The rules with what became of what they found, and the runs over months."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from supervision.runs.forms import RunForm
from supervision.runs.models import MonthRun
from supervision.runs.services import request_run, standings
from supervision.thresholds.reading import begun

# A year of months; older runs nobody asks for on this page.
SHOWN = 12


@shows("supervision.view")
def rules(request: Request) -> HttpResponse:
    return _page(request, RunForm())


@acts("supervision.handle")
def run(request: Request) -> HttpResponse:
    form = RunForm(request.POST)
    if form.is_valid():
        with form.refusals():
            area = get_object_or_404(Division, code=request.user.county_code)
            request_run(actor=request.user, area=area, month=form.asked())
            messages.success(request, "已开始按月筛查；可以关闭本页，稍后再看结果")
            return redirect("supervision:rules")
    return _page(request, form)


def _page(request: Request, form: RunForm) -> HttpResponse:
    runs = MonthRun.objects.visible_to(request.user).select_related("requested_by")[:SHOWN]
    context = {
        "form": form,
        "may_run": request.user.may("supervision.handle"),
        "standings": standings(request.user),
        "runs": runs,
        "version": next(iter(begun(request.user.county_code, today())), None),
    }
    return render(request, "supervision/runs/rules.html", context)
