"""Moving claims along: the buttons on a claim, and paying."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, acts, asks
from claims import services
from claims.forms import PayForm
from claims.listings import PAID, PAYMENT
from claims.models import Settlement
from claims.services import Cut
from claims.views.listing import cut_forms_of, one_claim, show_claim
from claims.workflow import SETTLEMENTS
from desk.listing import Table, listing_page
from desk.reasons import ReasonForm
from desk.ticks import ticked_ids
from lib.money import told

Act = Callable[..., Settlement]
# The service of each button. Submitting needs the day, sending back needs a reason.
ACTS: dict[str, Act] = {
    "submitted": services.submit,
    "discarded": services.discard,
    "withdrawn": services.withdraw,
    "reviewed": services.review,
    "returned": services.return_to_clerk,
    "approved": services.approve,
    "rejected": services.reject,
    "stopped": services.stop,
}
QUEUES = {"claims.review": "claims:review_queue", "claims.approve": "claims:approval_queue"}


@acts("claims.view")
def act(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow. Wrong role 403, out of scope 404, refused beside the reason."""
    step = SETTLEMENTS.by_event.get(event)
    if step is None or event not in ACTS:
        raise Http404
    if not request.user.may(step.permission):
        raise PermissionDenied
    settlement = one_claim(request, pk)
    form = ReasonForm(request.POST)
    form.is_valid()
    given: dict[str, Any] = {"actor": request.user, "settlement": settlement}
    if event == "submitted":
        given["on"] = today()
    if step.reason:
        given["reason"] = form.cleaned_data.get("reason", "")
    try:
        done = ACTS[event](**given)
    except Refusal as refusal:
        form.refuse(refusal)
        return show_claim(request, one_claim(request, pk), reason_form=form)
    messages.success(request, SETTLEMENTS.told(done, event))
    if step.permission in QUEUES:  # on to the next one
        return redirect(QUEUES[step.permission])
    return redirect("claims:claim", done.pk)


@acts("claims.review")
def cut(request: Request, pk: int) -> HttpResponse:
    """The reviewer allows less of some lines; the claim is settled anew."""
    settlement = one_claim(request, pk)
    rows = list(settlement.visit.lines.all())
    forms = dict(
        zip([row.line_number for row in rows], cut_forms_of(rows, request.POST), strict=True)
    )
    reason_form = ReasonForm({})
    if all([form.is_valid() for form in forms.values()]):
        cuts = {
            number: Cut(form.cleaned_data["approved_amount"], form.cleaned_data["reason"])
            for number, form in forms.items()
            if form.is_cut
        }
        with reason_form.refusals(cuts=forms):
            done = services.cut_and_review(
                actor=request.user, settlement=settlement, cuts=cuts, on=today()
            )
            messages.success(
                request,
                f"已核减并重新结算：新结算单 {done.number}，基金支付 {told(done.fund_amount)} 元"
                f"（原 {told(settlement.fund_amount)} 元）",
            )
            return redirect("claims:claim", done.pk)
    return show_claim(request, one_claim(request, pk), reason_form, list(forms.values()))


@asks("claims.pay")
def payment_queue(request: Request) -> HttpResponse:
    """Approved claims to tick and pay, and what this cashier paid last with its vouchers."""
    form = PayForm([], initial={"paid_on": today()})
    if request.method == "POST":
        form = PayForm(_visible_ids(request), request.POST)
        if form.is_valid() and _pay(request, form):
            return redirect("claims:payment_queue")
    context = {"form": form, "paid": Table(PAID, request)}
    return listing_page(request, PAYMENT, context)


def _visible_ids(request: Request) -> list[int]:
    """The ticked ids; one that the cashier may not see is 404 like everywhere."""
    ids = set(ticked_ids(request.POST.getlist("settlements")))
    seen = Settlement.objects.visible_to(request.user).filter(pk__in=ids)
    found = list(seen.values_list("pk", flat=True))
    if len(found) != len(ids):
        raise Http404
    return found


def _pay(request: Request, form: PayForm) -> bool:
    data = form.cleaned_data
    chosen = Settlement.objects.visible_to(request.user).filter(pk__in=data["settlements"])
    try:
        paid = services.pay(
            actor=request.user, settlements=list(chosen), on=data["paid_on"], today=today()
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    labels = [one.voucher_number for one in paid if one.voucher_number]
    amount = sum((one.payable_amount for one in paid), start=0)
    shown = f"已支付 {len(paid)} 笔，合计 {told(amount)} 元"
    if labels:
        shown += f"，凭证号 {labels[0]}" + (f" 至 {labels[-1]}" if len(labels) > 1 else "")
    messages.success(request, shown)
    return True
