"""What computing the old settlements anew found: asked for, read by cause, signed by two."""

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.carried.forms import RecountForm
from claims.carried.listings import DIFFERENCES, PARALLEL, RECOUNTS
from claims.carried.models import Recount
from claims.carried.old_services import ask_recount, sign_recount
from desk.listing import export_listing, listing_page

# Days of the trend: the two weeks in which both systems run.
TREND = 14


@shows("claims.view_carried")
def recounts(request: Request) -> HttpResponse:
    return _recounts(request, RecountForm())


def _recounts(request: Request, form: RecountForm) -> HttpResponse:
    return listing_page(request, RECOUNTS, {"form": form})


@acts("claims.load_carried")
def ask(request: Request) -> HttpResponse:
    form = RecountForm(request.POST)
    if form.is_valid():
        area = get_visible(Division, request.user, code=request.user.county_code)
        with form.refusals():
            row = ask_recount(actor=request.user, area=area, year=form.cleaned_data["year"])
            return redirect("claims:recount", row.pk)
    return _recounts(request, form)


def found(request: Request, pk: int) -> Recount:
    rows = Recount.objects.select_related("area", "requested_by", "read_by", "signed_by")
    return get_visible(rows, request.user, pk=pk)


@shows("claims.view_carried")
def show(request: Request, pk: int) -> HttpResponse:
    return listing_page(request, DIFFERENCES, _context(found(request, pk)), pk=pk)


@acts("claims.view_carried")
@sensitive_post_parameters("person")
def export(request: Request, pk: int) -> HttpResponseBase:
    found(request, pk)
    return export_listing(request, DIFFERENCES, f"recount-{pk}", pk=pk)


def _context(row: Recount) -> dict[str, Any]:
    groups = row.differences.order_by().values("cause", "cause_name")
    summed = groups.annotate(number=Count("pk"), amount=Sum("fund_amount")).order_by("-number")
    return {"recount": row, "groups": list(summed)}


@acts("claims.sign_recount")
def sign(request: Request, pk: int) -> HttpResponse:
    with refusals_as_messages(request, "已签字"):
        sign_recount(actor=request.user, recount=found(request, pk))
    return redirect("claims:recount", pk)


@shows("claims.view_carried")
def parallel(request: Request) -> HttpResponse:
    done = Recount.objects.visible_to(request.user).exclude(day=None)
    days = done.filter(status=Recount.Status.DONE).order_by("-day", "-pk")[:TREND]
    trend = [
        (one.day, one.differing, one.claims, round(1000 * one.differing / one.claims) / 10)
        for one in reversed(days)
        if one.claims
    ]
    return listing_page(request, PARALLEL, {"trend": trend})
