"""Trials of the second compensation, the decision about one, and a withdrawal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.second import services
from claims.second.forms import GrantForm, RunForm
from claims.second.listings import PAYMENTS, RUNS
from claims.second.models import SecondGrant, SecondPayment, SecondRun
from claims.second.workflow import GRANTS
from desk.buttons import decide_asked
from desk.jobs import Job
from desk.listing import listing_page
from desk.ticks import ticked_ids


@acts("claims.propose_second")
def try_out(request: Request) -> HttpResponse:
    """Start a trial of a year."""
    form = RunForm(request.POST)
    if form.is_valid():
        with form.refusals():
            area = Division.objects.get(code=request.user.county_code)
            run = services.start_run(actor=request.user, area=area, **form.cleaned_data)
            return redirect("claims:second", run.pk)
    return listing_page(request, RUNS, {"run_form": form})


@shows("claims.view_second")
def run(request: Request, pk: int) -> HttpResponse:
    return _shown(request, _one(request, pk))


def _one(request: Request, pk: int) -> SecondRun:
    return get_visible(
        SecondRun,
        request.user,
        "area",
        "pack",
        "requested_by",
        "grant__proposed_by",
        "grant__decided_by",
        "grant__orders",
        pk=pk,
    )


def _shown(request: Request, row: SecondRun, form: GrantForm | None = None) -> HttpResponse:
    grant: SecondGrant | None = getattr(row, "grant", None)
    may = request.user.may("claims.propose_second") and grant is None
    context = {
        "run": row,
        "grant": grant,
        "orders": getattr(grant, "orders", None),
        "steps": GRANTS.open_to(grant, request.user) if grant else [],
        "grant_form": (form or GrantForm()) if may and row.status == Job.Status.DONE else None,
        "may_withdraw": request.user.may("claims.decide_second") and hasattr(grant, "orders"),
    }
    return listing_page(request, PAYMENTS, context, run=row)


@acts("claims.propose_second")
def propose(request: Request, pk: int) -> HttpResponse:
    """Ask that the list be paid."""
    row, form = _one(request, pk), GrantForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.propose_grant(actor=request.user, run=row, on=today(), **form.cleaned_data)
            messages.success(request, f"{row}已提请支付，由复核岗另一人决定")
            return redirect("claims:second", pk)
    return _shown(request, _one(request, pk), form)


@acts("claims.view_second")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    """Agree, refuse, take back."""
    grant = get_visible(SecondGrant, request.user, "run__area", run=pk)
    decide_asked(request, GRANTS, event, services.decide_grant, grant=grant)
    return redirect("claims:second", pk)


@acts("claims.decide_second")
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Call one person's payment off, by the number on the list."""
    row = _one(request, pk)
    chosen = ticked_ids([request.POST.get("number", "").strip()])
    payment = get_visible(SecondPayment, request.user, run=row, pk__in=chosen)
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        done = services.withdraw_payment(actor=request.user, payment=payment, reason=reason)
        messages.success(request, f"{done}已撤回")
    return redirect("claims:second", pk)
