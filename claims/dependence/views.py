"""One supplement: whom it goes to, who agrees to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.dependence import supplements
from claims.dependence.models import Supplement
from claims.dependence.workflow import SUPPLEMENTS
from claims.paying.forms import PayeeForm
from claims.shares import layer_name
from desk.workflow import hands_told
from funds.payments.services import order_of
from funds.payments.shown import corrected_payee
from lib.money import told
from policies.services import terms_of


def _one(request: Request, pk: int) -> Supplement:
    """The supplement when the user may see it, else 404."""
    return get_visible(
        Supplement,
        request.user,
        "settlement__visit__person",
        "settlement__division__parent",
        "settlement__pack",
        "dependent__because_of",
        "payee_person",
        "found_by",
        *SUPPLEMENTS.hands,
        pk=pk,
    )


@shows("claims.view")
def supplement(request: Request, pk: int) -> HttpResponse:
    """Why it is owed, by layer, to whom, and how far it is."""
    row = _one(request, pk)
    terms = terms_of(row.settlement.pack)
    parts: list[Any] = list(row.parts.all())
    for part in parts:
        part.name = layer_name(part.layer, terms)
    problem = supplements.supplement_problem(row, row.settlement, today())
    context = {
        "more": row,
        "claim": row.settlement,
        "parts": parts,
        "moves": {step.event for step in SUPPLEMENTS.open_to(row, request.user)},
        "obstacle": problem if row.status in Supplement.OPEN else "",
        "order": order_of(supplements.key_of(row))
        if request.user.may("funds.view_payments")
        else None,
        "corrected": corrected_payee(supplements.key_of(row)),
        "hands": _hands(row),
    }
    return render(request, "claims/dependence/supplement.html", context)


def _hands(row: Supplement) -> list[tuple[str, str, Any]]:
    return hands_told(
        ("引起变动", row.found_by, row.dependent.found_at),
        ("改收款人", row.named_by, row.named_at),
        ("复核", row.approved_by, row.approved_at),
        ("支付", row.paid_by, row.paid_at),
    )


@asks("claims.enter_paper")
def payee(request: Request, pk: int) -> HttpResponse:
    """Who gets it, where nobody is known or somebody else has to."""
    row = _one(request, pk)
    form = PayeeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            supplements.change_payee(actor=request.user, supplement=row, **form.named())
            messages.success(request, "已登记补付收款人，待复核")
            return redirect("claims:supplement", pk)
    return render(request, "claims/dependence/payee.html", {"more": row, "form": form})


@acts("claims.approve")
def approve(request: Request, pk: int) -> HttpResponse:
    row = _one(request, pk)
    with refusals_as_messages(request):
        done = supplements.approve_supplement(actor=request.user, supplement=row, on=today())
        messages.success(request, f"{done} {told(done.amount)} 元已复核，进入“待支付”")
    return redirect("claims:supplement", pk)
