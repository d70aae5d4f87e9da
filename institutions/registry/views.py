"""Putting a change forward, its page, deciding."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_visible
from desk.workflow import START
from institutions.models import Institution
from institutions.registry.columns import CHOICES, text_of, told, told_becomes, told_was
from institutions.registry.forms import ChangeForm
from institutions.registry.models import RegistryChange
from institutions.registry.services import decide_change, propose_change
from institutions.registry.workflow import CHANGES


@asks("institutions.propose_registry_change")
def new(request: Request, pk: int) -> HttpResponse:
    place = get_visible(Institution, request.user, "division", pk=pk)
    form = ChangeForm(request.POST or None, initial={"first_day": today()})
    if form.is_valid():
        with form.refusals():
            row = propose_change(
                actor=request.user, institution=place, on=today(), **form.cleaned_data
            )
            messages.success(request, "已提出，待第二人审批")
            return redirect("institutions:change", row.pk)
    context = {
        "place": place,
        "form": form,
        "now": [
            (one.label, told(one, text_of(one, place)), "、".join(CHOICES.get(one, {}).values()))
            for one in RegistryChange.Column
        ],
    }
    return render(request, "institutions/registry/new.html", context)


@shows("institutions.view")
def change(request: Request, pk: int) -> HttpResponse:
    row = get_visible(
        RegistryChange, request.user, "institution__division", "proposed_by", "decided_by", pk=pk
    )
    steps = [one for one in CHANGES.open_to(row, request.user) if START not in one.sources]
    context = {"row": row, "steps": steps, "was": told_was(row), "becomes": told_becomes(row)}
    return render(request, "institutions/registry/change.html", context)


@acts("institutions.view")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, CHANGES, event, pk, decide_change)
    return redirect("institutions:change", pk)
