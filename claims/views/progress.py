"""Moving claims along: the buttons on a claim."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, acts
from claims import services
from claims.forms import DenialForm, ReturnForm
from claims.models import Settlement
from claims.paper_intake.checklist import paper_names
from claims.services import Cut
from claims.views.listing import cut_forms_of, one_claim, show_claim
from claims.workflow import SETTLEMENTS
from desk.buttons import asked_step
from desk.reasons import ReasonForm
from desk.seen import asked_seen
from lib.money import told
from policies.services import terms_of

RETURNS = {"returned", "rejected"}  # those that may name the papers that are missing
REFUSALS = ("refused", "denied")
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
    "reopened": services.reopen,
    "sent_back": services.send_back,
    "stopped": services.stop,
    "unclosed": services.unclose,
}
QUEUES = {"claims.review": "claims:review_queue", "claims.approve": "claims:approval_queue"}


def _done(event: str, settlement: Settlement) -> str:
    """What an approval was: one of several leaves the claim where it is, for the next person."""
    waits = event == "approved" and settlement.status == Settlement.Status.REVIEWED
    return "agreed" if waits else event


@acts("claims.view")
def act(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow. Wrong role 403, out of scope 404, refused beside the reason."""
    step = asked_step(request, SETTLEMENTS, event, ACTS)
    settlement = one_claim(request, pk)
    form = ReasonForm(request.POST)
    if event in RETURNS:
        form = ReturnForm(paper_names(terms_of(settlement.pack)), request.POST)
    form.is_valid()
    given: dict[str, Any] = {"actor": request.user, "settlement": settlement}
    if event == "submitted":
        given["on"] = today()
    if step.reason:
        given["reason"] = form.cleaned_data.get("reason", "")
    if event in ("reviewed", "approved"):
        given["seen"] = asked_seen(request)
    if event in RETURNS:
        given["missing"] = form.cleaned_data.get("missing", [])
    try:
        done = ACTS[event](**given)
    except Refusal as refusal:
        form.refuse(refusal)
        return show_claim(request, one_claim(request, pk), reason_form=form)
    messages.success(request, SETTLEMENTS.told(done, _done(event, done)))
    if step.permission in QUEUES:  # on to the next one
        return redirect(QUEUES[step.permission])
    return redirect("claims:claim", done.pk)


@acts("claims.view")
def refuse(request: Request, pk: int) -> HttpResponse:
    """Nothing is paid for this claim, on this article (不予支付)."""
    settlement = one_claim(request, pk)
    if not any(request.user.may(SETTLEMENTS.by_event[event].permission) for event in REFUSALS):
        raise PermissionDenied
    form = DenialForm(services.denial_reasons(settlement), request.POST)
    if form.is_valid():
        with form.refusals():
            done = services.refuse(actor=request.user, settlement=settlement, **form.cleaned_data)
            messages.success(request, f"结算单 {done.number} 已决定不予支付，请打印告知书送达")
            return redirect("claims:claim", done.pk)
    return show_claim(request, one_claim(request, pk), denial_form=form)


@acts("claims.review")
def cut(request: Request, pk: int) -> HttpResponse:
    """The reviewer allows less of some lines; the claim is settled anew."""
    settlement = one_claim(request, pk)
    rows = list(settlement.bill_lines())
    forms = dict(
        zip([row.line_number for row in rows], cut_forms_of(rows, request.POST), strict=True)
    )
    reason_form = ReasonForm({})
    if all([form.is_valid() for form in forms.values()]):
        cuts = {number: Cut(**form.cleaned_data) for number, form in forms.items() if form.is_cut}
        with reason_form.refusals(cuts=forms):
            done = services.cut_and_review(
                actor=request.user,
                settlement=settlement,
                cuts=cuts,
                on=today(),
                seen=asked_seen(request),
            )
            messages.success(
                request,
                f"已核减并重新结算：新结算单 {done.number}，基金支付 {told(done.fund_amount)} 元"
                f"（原 {told(settlement.fund_amount)} 元）",
            )
            return redirect("claims:claim", done.pk)
    return show_claim(request, one_claim(request, pk), reason_form, list(forms.values()))


@acts("claims.review")
def cut_tried(request: Request, pk: int) -> HttpResponse:
    """What the claim would come to with the cuts as they are typed: settled and undone again."""
    settlement = one_claim(request, pk)
    rows = list(settlement.bill_lines())
    forms = zip([row.line_number for row in rows], cut_forms_of(rows, request.POST), strict=True)
    cuts = {
        number: Cut(**form.cleaned_data)
        for number, form in forms
        if form.is_valid() and form.is_cut
    }
    context: dict[str, Any] = {"claim": settlement}
    try:
        context["tried"] = services.try_cut(
            actor=request.user, settlement=settlement, cuts=cuts, on=today()
        )
    except Refusal as refusal:
        context["refusal"] = str(refusal)
    return render(request, "claims/_tried.html", context)
