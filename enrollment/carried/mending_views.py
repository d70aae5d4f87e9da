"""Pages of what was carried in and is found wrong."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_visible
from desk.reasons import reason_field
from enrollment.carried.mending import (
    decide_mending,
    opening_of,
    propose_account_mending,
    propose_cover_mending,
)
from enrollment.carried.mending_models import CarriedMending
from enrollment.carried.workflow import MENDINGS
from enrollment.cover.models import Enrollment
from enrollment.people.models import Household


class MendingForm(PlainForm):
    evidence = forms.CharField(
        label="更正的依据", max_length=100, widget=forms.TextInput(attrs={"autofocus": True})
    )
    reason = reason_field("原因")


class AccountMendingForm(MendingForm):
    amount = forms.DecimalField(
        label="更正为（元）", max_digits=12, decimal_places=2, min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    field_order = ("amount", "evidence", "reason")


@asks("enrollment.propose_mending")
def of_cover(request: Request, pk: int) -> HttpResponse:
    cover = get_visible(Enrollment, request.user, "person", "division", "household", pk=pk)
    form = MendingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            done = propose_cover_mending(
                actor=request.user, cover=cover, on=today(), **form.cleaned_data
            )
            return _asked(request, done)
    told = f"{cover.person.name} {cover.year} 年度参保"
    return _page(request, form, told, cover.household_id)


@asks("enrollment.propose_mending")
def of_account(request: Request, pk: int) -> HttpResponse:
    household = get_visible(Household, request.user, pk=pk)
    form = AccountMendingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            done = propose_account_mending(
                actor=request.user, household=household, on=today(), **form.cleaned_data
            )
            return _asked(request, done)
    now = opening_of(household)
    return _page(request, form, f"{household} 家庭账户", household.pk, was=now)


def _page(
    request: Request, form: MendingForm, told: str, household: int, **more: Any
) -> HttpResponse:
    context = {"form": form, "told": told, "household": household, **more}
    return render(request, "enrollment/carried/mend.html", context)


def _asked(request: Request, row: CarriedMending) -> HttpResponse:
    messages.success(request, f"{row}已提出，由另一人审批")
    return redirect("enrollment:mending", row.pk)


@shows("enrollment.view_carried")
def show(request: Request, pk: int) -> HttpResponse:
    row = get_visible(
        CarriedMending, request.user, "cover__person", "household", "division__parent",
        "proposed_by", "decided_by", pk=pk,
    )  # fmt: skip
    context = {"row": row, "steps": MENDINGS.open_to(row, request.user)}
    return render(request, "enrollment/carried/mending.html", context)


@acts("enrollment.view_carried")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, MENDINGS, event, pk, decide_mending)
    return redirect("enrollment:mending", pk)
