"""Practitioners' eligibility: the list, putting one forward, looking, deciding."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from desk.listing import listing_page
from desk.workflow import START
from institutions.eligibility import decide_eligibility, propose_eligibility, refused_on, spans_of
from institutions.forms import EligibilityForm
from institutions.listings import ELIGIBILITIES
from institutions.models import Eligibility
from institutions.workflow import ELIGIBILITIES as WAY

VIEW = "institutions.view_eligibility"
ASKS = "institutions.propose_eligibility"


@shows(VIEW)
def eligibilities(request: Request) -> HttpResponse:
    context: dict[str, Any] = {}
    if request.user.may(ASKS):
        context["form"] = EligibilityForm(initial={"first_day": today()})
    return listing_page(request, ELIGIBILITIES, context)


@acts(ASKS)
def propose(request: Request) -> HttpResponse:
    form = EligibilityForm(request.POST)
    if form.is_valid():
        with form.refusals():
            row = propose_eligibility(actor=request.user, on=today(), **form.cleaned_data)
            messages.success(request, "已提出，待第二人审批")
            return redirect("institutions:eligibility", row.pk)
    return listing_page(request, ELIGIBILITIES, {"form": form})


@shows(VIEW)
def eligibility(request: Request, pk: int) -> HttpResponse:
    row = get_visible(
        Eligibility, request.user, "practitioner__institution", "proposed_by", "decided_by", pk=pk
    )
    code = row.practitioner.code
    others = row.practitioner.eligibilities.exclude(pk=pk).order_by("-pk")
    context = {
        "row": row,
        "state": Eligibility.State(row.state),
        "others": others.select_related("proposed_by", "decided_by"),
        "told": refused_on(spans_of([code]).get(code, []), today()),
        "steps": [one for one in WAY.open_to(row, request.user) if START not in one.sources],
    }
    return render(request, "institutions/eligibility.html", context)


@acts(VIEW)
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(Eligibility, request.user, pk=pk)
    decide_asked(request, WAY, event, decide_eligibility, row=row)
    return redirect("institutions:eligibility", pk)
