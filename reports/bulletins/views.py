"""Pages of the bulletins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from lib.periods import Month
from reports.bulletins.forms import BulletinForm
from reports.bulletins.models import Bulletin
from reports.bulletins.services import draft_bulletin, step_bulletin
from reports.bulletins.workflow import BULLETINS, DRAFT

VIEW = "reports.view_bulletins"


@asks(DRAFT)
def new(request: Request) -> HttpResponse:
    last = str(Month.of(today()).previous())
    form = BulletinForm(request.POST or None, initial={"month": last})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            area = get_visible(Division, request.user, code=request.user.county_code)
            row = draft_bulletin(actor=request.user, area=area, on=today(), **form.cleaned_data)
            messages.success(request, f"{row}已拟稿，由另一人签发")
            return redirect("reports:bulletin", row.pk)
    return render(request, "reports/bulletins/new.html", {"form": form})


@shows(VIEW)
def bulletin(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Bulletin, request.user, "area", *BULLETINS.hands, pk=pk)
    context = {"row": row, "facts": row.facts, "steps": BULLETINS.open_to(row, request.user)}
    return render(request, "reports/bulletins/show.html", context)


@acts(VIEW)
def step(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(Bulletin, request.user, "area", pk=pk)
    decide_asked(request, BULLETINS, event, step_bulletin, row=row)
    return redirect("reports:bulletin", pk)
