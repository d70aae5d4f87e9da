"""Asking money back, deciding about it, taking it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.models import Settlement
from claims.recovery import services
from claims.recovery.brought import key_of as brought_key
from claims.recovery.forms import ProposalForm, ReceiptForm
from claims.recovery.instalments import by_layer
from claims.recovery.models import Recovery
from claims.recovery.receiving import end_without_money, receive
from claims.recovery.workflow import RECOVERIES
from claims.shares import layer_name
from desk.buttons import asked_step, take_asked
from desk.workflow import PORTAL, START, hands_told
from funds.payments.models import PaymentOrder
from lib.money import to_yuan, told
from policies.services import terms_of

# Decided by one button; money is taken on a form of its own.
DECISIONS = {
    step.event: step
    for step in RECOVERIES.steps
    if START not in step.sources
    and step.permission != PORTAL
    and not step.event.startswith("receive_")
}


def one_recovery(request: Request, pk: int) -> Recovery:
    """The debt when the user may see it, else 404."""
    rows = Recovery.objects.with_received().select_related(
        "settlement__visit__person",
        "settlement__pack",
        "division__parent",
        "household",
        "institution",
        "dependent__because_of",
        *RECOVERIES.hands,
    )
    return get_visible(rows, request.user, pk=pk)


@asks("claims.propose_recovery")
def propose(request: Request, pk: int) -> HttpResponse:
    """Ask a paid settlement's money back."""
    read = ("visit__person", "visit__institution", "pack")
    settlement = get_visible(Settlement.objects.paid(), request.user, *read, pk=pk)
    form = ProposalForm(settlement, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            found = services.propose(
                actor=request.user, settlement=settlement, proposal=form.proposal()
            )
            messages.success(request, f"已提出追回 {found.number}，待初审")
            return redirect("claims:recovery", found.pk)
    return proposing(request, settlement, form)


def proposing(request: Request, settlement: Settlement, form: ProposalForm) -> HttpResponse:
    """The page of the proposal, from the claim or from what supervision found."""
    context = {
        "claim": settlement,
        "visit": settlement.visit,
        "form": form,
        "nothing": "" if form.left else services.why_nothing(settlement),
    }
    return render(request, "claims/recovery/propose.html", context)


@shows("claims.view_recoveries")
def recovery(request: Request, pk: int) -> HttpResponse:
    return _shown(request, one_recovery(request, pk))


def _shown(
    request: Request, row: Recovery, receipt_form: ReceiptForm | None = None
) -> HttpResponse:
    terms = terms_of(row.settlement.pack)
    steps = RECOVERIES.open_to(row, request.user)
    parts: list[Any] = list(row.parts.all())
    came = by_layer(row)
    for part in parts:
        part.name = layer_name(part.layer, terms)
        part.back = to_yuan(came.get(part.layer, 0))
    form = receipt_form or ReceiptForm(
        _is_returned(row),
        initial={"amount": row.rest_amount, "received_on": today(), "payer_name": row.debtor_name},
    )
    context = {
        "recovery": row,
        "claim": row.settlement,
        "payment": services.payment_of(row),
        "visit": row.settlement.visit,
        "parts": parts,
        "receipts": list(row.receipts.select_related("received_by")),
        "decisions": [
            step for step in steps if step.event in DECISIONS and step.event != _unfit(row)
        ],
        "may_receive": any(step.event == "receive_part" for step in steps),
        "receipt_form": form,
        "given_back": PaymentOrder.objects.filter(key__startswith=f"{brought_key(row)}/"),
        "hands": _hands(row),
    }
    return render(request, "claims/recovery/recovery.html", context)


def _unfit(row: Recovery) -> str:
    """Which of the two approvals is not for a debt of this amount."""
    return "end_recovery" if row.amount else "approve_recovery"


def _is_returned(row: Recovery) -> bool:
    return services.order_at_the_fund(row.settlement, row.payment_key) is not None


def _hands(row: Recovery) -> list[tuple[str, str, Any]]:
    first = row.proposed_by.name if row.proposed_by else "系统重算"
    return [
        ("提出", first, row.proposed_at),
        *hands_told(
            ("初审", row.reviewed_by, row.reviewed_at),
            ("复核", row.approved_by, row.approved_at),
            ("收款", row.received_by, row.received_at),
            ("申请核销", row.waiver_asked_by, row.waiver_asked_at),
            ("批准核销", row.waived_by, row.waived_at),
        ),
    ]


@acts("claims.view_recoveries")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, RECOVERIES, event, DECISIONS)
    row = one_recovery(request, pk)
    take_asked(request, RECOVERIES, event, _decided, recovery=row)
    return redirect("claims:recovery", pk)


def _decided(*, event: str, recovery: Recovery, **facts: Any) -> Recovery:
    if event == "end_recovery":
        return end_without_money(actor=facts["actor"], recovery=recovery)
    return services.decide(event=event, recovery=recovery, **facts)


@acts("claims.receive_recovery")
def take(request: Request, pk: int) -> HttpResponse:
    """The cashier takes all of it or an instalment."""
    row = one_recovery(request, pk)
    form = ReceiptForm(_is_returned(row), request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with form.refusals():
            receipt = receive(
                actor=request.user,
                recovery=row,
                amount=data["amount"],
                on=data["received_on"],
                today=today(),
                way=data["way"],
                reference=data["reference"],
                payer_name=data["payer_name"],
                entry_key=data["entry_key"],
            )
            messages.success(
                request,
                f"已登记收回 {told(receipt.amount)} 元，收款单 {receipt.number}，"
                f"凭证号 {receipt.voucher_number}",
            )
            return redirect("claims:recovery", pk)
    return _shown(request, one_recovery(request, pk), form)
