"""Agreements: signing one or a year's of all, the page of one, what is done to it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from desk.listing import listing_page
from desk.ticks import ticked_ids
from desk.workflow import START
from institutions.agreements.forms import RenewalForm, SigningForm, StepForm
from institutions.agreements.listings import RENEWALS, SIGNINGS
from institutions.agreements.models import AgreementStep, Signing
from institutions.agreements.services import (
    approve_signings,
    decide_signing,
    decide_step,
    propose_renewals,
    propose_signing,
    propose_step,
)
from institutions.agreements.terms import shown
from institutions.agreements.workflow import ASKS, DECIDES
from institutions.agreements.workflow import SIGNINGS as SIGNING_WAY
from institutions.agreements.workflow import STEPS as STEP_WAY
from institutions.models import Agreement, Institution

VIEW = "institutions.view"


def _year(year: int) -> dict[str, date]:
    return {"first_day": date(year, 1, 1), "last_day": date(year, 12, 31)}


# -- signing --------------------------------------------------------------------------------------


@asks(ASKS)
def sign(request: Request, pk: int) -> HttpResponse:
    """A new agreement of one institution, with the terms of its last one to begin with."""
    place = get_visible(Institution, request.user, "division", pk=pk)
    last = place.agreements.order_by("-first_day").first()
    terms = last.terms if last is not None else {}
    year = today().year + (1 if last is not None and last.last_day > today() else 0)
    form = SigningForm(request.POST or None, terms=terms, initial=_year(year))
    if form.is_valid():
        with form.refusals():
            row = propose_signing(actor=request.user, institution=place, on=today(), **form.asked())
            messages.success(request, f"{row} 已提出，待第二人审批")
            return redirect("institutions:signing", row.pk)
    context = {"place": place, "form": form}
    return render(request, "institutions/agreements/sign.html", context)


@shows(VIEW)
def signing(request: Request, pk: int) -> HttpResponse:
    row = get_visible(
        Signing, request.user, "institution__division", "proposed_by", "decided_by", pk=pk
    )
    before = row.institution.agreements.filter(first_day__lt=row.first_day)
    last = before.order_by("-first_day").first()
    context = {
        "row": row,
        "agreement": Agreement.objects.filter(signing=row).first(),
        "last": last,
        "last_terms": shown(last.terms) if last is not None else [],
        "steps": [one for one in SIGNING_WAY.open_to(row, request.user)
                  if START not in one.sources],
    }  # fmt: skip
    return render(request, "institutions/agreements/signing.html", context)


@acts(VIEW)
def signing_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(Signing, request.user, "institution", pk=pk)
    decide_asked(request, SIGNING_WAY, event, decide_signing, row=row)
    return redirect("institutions:signing", pk)


@acts(DECIDES)
def approve(request: Request) -> HttpResponse:
    """Several at once, as a year's renewals are."""
    ids = set(ticked_ids(request.POST.getlist("signings")))
    if Signing.objects.ticked(request.user, ids).count() != len(ids):
        raise Http404
    with refusals_as_messages(request):
        done = approve_signings(actor=request.user, signings=ids, on=today())
        messages.success(request, f"已同意 {len(done)} 份协议")
    return redirect("institutions:signings")


@shows(VIEW)
def signings(request: Request) -> HttpResponse:
    return listing_page(request, SIGNINGS)


# -- a year's renewals ----------------------------------------------------------------------------


def _renewal_form(data: Any = None) -> RenewalForm:
    year = today().year + 1
    initial = _year(year) | {"series": f"XY{year}-", "reason": f"{year} 年度续签"}
    return RenewalForm(data, initial=initial)


@shows(ASKS)
def renewals(request: Request) -> HttpResponse:
    return listing_page(request, RENEWALS, {"renewal": _renewal_form()})


@acts(ASKS)
def renew(request: Request) -> HttpResponse:
    ids = set(ticked_ids(request.POST.getlist("agreements")))
    if Agreement.objects.visible_to(request.user).filter(pk__in=ids).count() != len(ids):
        raise Http404
    form = _renewal_form(request.POST)
    if form.is_valid():
        with form.refusals():
            done = propose_renewals(
                actor=request.user, agreements=ids, on=today(), **form.cleaned_data
            )
            messages.success(request, f"已提出续签 {len(done)} 份协议，待第二人审批")
            return redirect("institutions:signings")
    return listing_page(request, RENEWALS, {"renewal": form})


# -- one agreement --------------------------------------------------------------------------------


def _agreement_page(request: Request, pk: int, form: StepForm | None = None) -> HttpResponse:
    rows = Agreement.objects.with_steps().select_related("institution__division", "signing")
    row = get_visible(rows, request.user, pk=pk)
    on = today()
    if form is None and request.user.may(ASKS) and row.last_day >= on:
        form = StepForm(initial={"first_day": max(on, row.first_day)})
    own = AgreementStep.objects.visible_to(request.user).filter(agreement=row)
    steps = own.select_related("proposed_by", "decided_by").order_by("-pk")
    waiting = next((one for one in steps if one.status == AgreementStep.Status.PROPOSED), None)
    context = {
        "row": row,
        "standing": row.institution.standing_of(row, on),
        "terms": shown(row.terms),
        "done": steps,
        "waiting": waiting,
        "steps": [one for one in STEP_WAY.open_to(waiting, request.user)
                  if START not in one.sources] if waiting else [],
        "form": None if waiting else form,
    }  # fmt: skip
    return render(request, "institutions/agreements/agreement.html", context)


@shows(VIEW)
def agreement(request: Request, pk: int) -> HttpResponse:
    return _agreement_page(request, pk)


@acts(ASKS)
def step(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Agreement, request.user, "institution", pk=pk)
    form = StepForm(request.POST)
    if form.is_valid():
        with form.refusals():
            propose_step(actor=request.user, agreement=row, on=today(), **form.cleaned_data)
            messages.success(request, "已提出，待第二人审批")
            return redirect("institutions:agreement", pk)
    return _agreement_page(request, pk, form)


@acts(VIEW)
def step_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(AgreementStep, request.user, "agreement", pk=pk)
    decide_asked(request, STEP_WAY, event, decide_step, row=row)
    return redirect("institutions:agreement", row.agreement_id)
