"""The townships' quotas during the year, and how they are shared out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from claims.quotas.board import Row, rows_of
from claims.quotas.forms import AllotForm, YearForm
from claims.quotas.models import Allotment
from claims.quotas.services import Pool, pool_of, propose_allotment
from claims.quotas.workflow import ALLOTMENTS
from desk.buttons import decide_visible
from lib.divisions import lies_inside

SUMS = (
    "insured", "given", "moved_out", "moved_in", "quota", "used", "waiting", "overspend", "office",
    "of_institutions", "charged", "received",
)  # fmt: skip


def _area(request: Request) -> Division:
    return Division.objects.get(code=request.user.county_code)


@shows("claims.view_quotas")
def quotas(request: Request) -> HttpResponse:
    asked = YearForm({"year": request.GET.get("year") or today().year})
    year = asked.cleaned_data["year"] if asked.is_valid() else today().year
    return _page(request, asked, year, AllotForm(initial={"year": year}))


def _page(request: Request, asked: YearForm, year: int, form: AllotForm) -> HttpResponse:
    area = _area(request)
    # A township reads its own row; what the county shares out it does not.
    is_county = request.user.division_code == area.code
    allotment = Allotment.objects.in_force(area, year)
    proposal = Allotment.objects.open(area, year) if is_county else None
    rows: list[Row] = []
    pool, refused = None, ""
    try:
        rows = rows_of(area, year, allotment)
        pool = pool_of(area, year, today()) if is_county and proposal is None else None
    except Refusal as refusal:
        refused = refusal.message
    mine = [row for row in rows if lies_inside(row.township.code, request.user.division_code)]
    context: dict[str, Any] = {
        "form_year": asked,
        "year": year,
        "form": form,
        "allotment": allotment,
        "proposal": proposal,
        "proposed": proposal.quotas.select_related("township") if proposal else [],
        "moves": ALLOTMENTS.open_to(proposal, request.user) if proposal else [],
        "may_propose": request.user.may("claims.propose_allotment"),
        "pool": pool,
        "shared": _shared(pool),
        "refused": refused,
        "rows": mine,
        "totals": _totals(mine),
    }
    return render(request, "claims/quotas/quotas.html", context)


def _shared(pool: Pool | None) -> list[dict[str, Any]]:
    """What sharing out now would give each township."""
    if pool is None:
        return []
    quotas = pool.quotas()
    towns = Division.objects.filter(code__in=quotas).order_by("code")
    return [
        {"township": town, "insured": pool.insured[town.code], "amount": quotas[town.code]}
        for town in towns
    ]


def _totals(rows: Sequence[Row]) -> dict[str, Decimal]:
    found = {name: sum((getattr(row, name) for row in rows), Decimal(0)) for name in SUMS}
    if found["quota"]:
        found["share"] = found["used"] / found["quota"] * 100
    return found


@acts("claims.propose_allotment")
def allot(request: Request) -> HttpResponse:
    form = AllotForm(request.POST)
    if form.is_valid():
        with form.refusals():
            data = form.cleaned_data
            propose_allotment(actor=request.user, area=_area(request), on=today(), **data)
            messages.success(request, "额度分配已提出，由复核岗另一人同意后生效")
            return _back(data["year"])
    year = form.cleaned_data.get("year") or today().year
    return _page(request, YearForm({"year": year}), year, form)


@acts("claims.view_quotas")
def act(request: Request, pk: int, event: str) -> HttpResponse:
    return _back(decide_visible(request, ALLOTMENTS, event, pk).year)


def _back(year: int) -> HttpResponse:
    return redirect(f"{reverse('claims:quotas')}?year={year}")
