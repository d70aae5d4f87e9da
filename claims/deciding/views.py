"""Rules for reviewing, and batches of clean small claims."""

from collections.abc import Sequence
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.deciding.batches import approve_batch, draw_batch
from claims.deciding.forms import RuleForm
from claims.deciding.models import Batch, ReviewRule
from claims.deciding.services import propose_rules
from claims.deciding.workflow import RULES
from claims.models import Settlement
from desk.buttons import decide_visible
from lib.money import told


def _area(request: Request) -> Division:
    return Division.objects.get(code=request.user.county_code)


@asks("claims.propose_rules")
def rule_new(request: Request) -> HttpResponse:
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            rule = propose_rules(
                actor=request.user, area=_area(request), on=today(), **form.cleaned_data
            )
            messages.success(request, f"{rule}已提出，由复核岗另一人决定后生效")
            return redirect("claims:rule", rule.pk)
    return render(request, "claims/deciding/rule_new.html", {"form": form})


@shows("claims.view_rules")
def rule(request: Request, pk: int) -> HttpResponse:
    row = get_visible(ReviewRule, request.user, "area", "proposed_by", "decided_by", pk=pk)
    context = {"row": row, "steps": RULES.open_to(row, request.user)}
    return render(request, "claims/deciding/rule.html", context)


@acts("claims.view_rules")
def rule_act(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, RULES, event, pk)
    return redirect("claims:rule", pk)


@acts("claims.approve")
def batch_draw(request: Request) -> HttpResponse:
    with refusals_as_messages(request):
        batch = draw_batch(actor=request.user, area=_area(request))
        return redirect("claims:batch", batch.pk)
    return redirect("claims:approval_queue")


@shows("claims.approve")
def batch(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Batch, request.user, "rule", pk=pk)
    claims = list(
        row.claims.select_related(
            "settlement__visit__person", "settlement__division__parent"
        ).order_by("-drawn", "pk")
    )
    together = [
        one.settlement for one in claims if not one.drawn and one.settlement.status == "reviewed"
    ]
    context = {
        "batch": row,
        "claims": claims,
        "count": len(together),
        "amount": told(_payable(together)),
    }
    return render(request, "claims/deciding/batch.html", context)


def _payable(claims: Sequence[Settlement]) -> Decimal:
    """What will leave the fund for these, balances held for the patients included."""
    return sum((one.payable_amount for one in claims), Decimal(0))


@acts("claims.approve")
def batch_approve(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Batch, request.user, pk=pk)
    with refusals_as_messages(request):
        passed = approve_batch(actor=request.user, batch=row)
        amount = _payable(passed)
        messages.success(request, f"批量复核通过 {len(passed)} 笔，合计支付 {told(amount)} 元")
        return redirect("claims:approval_queue")
    return redirect("claims:batch", pk)
