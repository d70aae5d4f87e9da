"""Certificates: for whom, on paper, into whose hands."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from desk.listing import Table
from desk.reasons import ReasonForm
from desk.ticks import ticked_ids
from enrollment.cover.certificates import (
    hand_out,
    issue_certificates,
    new_households,
    reissue_certificate,
)
from enrollment.cover.forms import HandOutForm
from enrollment.cover.listings import FRESH, HANDED, WAITING
from enrollment.cover.models import Certificate
from enrollment.cover.views.places import needed_campaign, page_campaign, place_asked_for
from enrollment.people.models import Household
from enrollment.people.views.one import one_household


def _place(request: Request) -> Division | None:
    data = request.POST if request.method == "POST" else request.GET
    return place_asked_for(request, data.get("under", ""))


def _page(request: Request, **extra: Any) -> HttpResponse:
    """Who is to get one, what waits to be handed out, and what was handed out."""
    under, campaign = _place(request), page_campaign(request)
    if under is None or campaign is None:
        return render(request, "enrollment/cover/no_campaign.html", {"title": "医疗证"})
    certificates = (
        Certificate.objects.visible_to(request.user)
        .filter(household__division__code__startswith=under.code, campaign=campaign)
        .select_related("household__division__parent", "issued_by", "handed_by")
    )
    fresh = new_households(user=request.user, campaign=campaign).within(under.code)
    handed = certificates.exclude(handed_on=None).order_by("-handed_on", "household__number")
    context = {
        "under": under,
        "campaign": campaign,
        "villages": Division.objects.visible_to(request.user).villages().order_by("code"),
        "fresh": Table(FRESH, request, fresh.select_related("division__parent")),
        "waiting": Table(WAITING, request, certificates.waiting()),
        "handed": Table(HANDED, request, handed),
        "hand_out_form": HandOutForm(),
    }
    return render(request, "enrollment/cover/certificates.html", context | extra)


def _back(under: Division | None) -> HttpResponse:
    query = f"?under={under.code}" if under else ""
    return redirect(reverse("enrollment:certificates") + query)


def _ticked(request: Request) -> list[int]:
    return ticked_ids(request.POST.getlist("pick"))[:1000]


@shows("enrollment.certify")
def certificates(request: Request) -> HttpResponse:
    return _page(request)


@acts("enrollment.certify")
def certificate_issue(request: Request) -> HttpResponse:
    under = _place(request)
    picked = Household.objects.ticked(request.user, _ticked(request))
    with refusals_as_messages(request):
        rows = issue_certificates(
            actor=request.user,
            campaign=needed_campaign(request),
            households=list(picked),
            on=today(),
        )
        messages.success(request, f"已制证 {len(rows)} 本，请打印后发放")
    return _back(under)


@acts("enrollment.certify")
def certificate_hand_out(request: Request) -> HttpResponse:
    under = _place(request)
    picked = Certificate.objects.ticked(request.user, _ticked(request))
    form = HandOutForm(request.POST)
    if not form.is_valid():
        return _page(request, hand_out_form=form)
    with refusals_as_messages(request):
        count = hand_out(
            actor=request.user,
            certificates=list(picked),
            receiver=form.cleaned_data["receiver"],
            on=today(),
        )
        messages.success(request, f"已登记发放 {count} 本")
    return _back(under)


@asks("enrollment.certify")
def certificate_reissue(request: Request, pk: int) -> HttpResponse:
    """`pk`: the household."""
    household = one_household(request, pk)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            row = reissue_certificate(
                actor=request.user,
                campaign=needed_campaign(request),
                household=household,
                reason=form.cleaned_data["reason"],
                on=today(),
            )
            messages.success(request, f"已补发（第 {row.issue} 次），请打印")
            return redirect("enrollment:certificate_paper", pk=row.pk)
    context = {
        "form": form,
        "household": household,
        "issued": household.certificates.select_related("issued_by").order_by("issue"),
    }
    return render(request, "enrollment/cover/certificate_reissue.html", context)
