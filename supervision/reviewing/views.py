"""A review on its page; the institution's answer."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm, say_refused
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step, take_asked
from desk.reasons import ReasonField
from desk.workflow import START, hands_told
from supervision.cases.delivering import unprinted
from supervision.cases.delivery_models import Delivery
from supervision.cases.forms import DeliveryForm
from supervision.cases.parties import place_told
from supervision.grouping import event_of, stake_of, titles_of
from supervision.reviewing import services, serving
from supervision.reviewing.models import AlertReview
from supervision.reviewing.workflow import FIRST, REVIEWS
from supervision.words.services import words_of

VIEW = "supervision.view_reviews"
BUTTONS = {
    step.event
    for step in REVIEWS.steps
    if START not in step.sources
    and step.event not in {"appeal_alert", "enter_appeal", "serve_review"}
}


class AppealForm(PlainForm):
    """What the institution says, and what it has to show."""

    appeal = ReasonField(
        label="申诉理由",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = ReasonField(
        label="申诉材料",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 40}),
        help_text="如 病历首页、知情同意书复印件 2 份，随申诉送交",
    )


def one_review(request: Request, pk: int) -> AlertReview:
    return get_visible(
        AlertReview,
        request.user,
        "alert__division__parent",
        "alert__settlement__visit__institution__division__parent",
        "alert__settlement__visit__person",
        *REVIEWS.hands,
        pk=pk,
    )


@shows(VIEW)
def review(request: Request, pk: int) -> HttpResponse:
    row = one_review(request, pk)
    is_inside = not request.user.institution_code
    fitting = services.fitting(row, today())
    open_now = [one for one in REVIEWS.open_to(row, request.user) if one.event in fitting]
    events = {one.event for one in open_now}
    event = event_of(row.alert)
    context = {
        "review": row,
        "alert": row.alert,
        "event": event,
        "stake": stake_of(one.settlement for one in event),
        "found": titles_of([one.rule for one in event]) if is_inside else "疑点审核",
        "settlement": row.alert.settlement,
        "visit": row.alert.settlement.visit,
        "is_inside": is_inside,
        "is_late": bool(row.due_on and row.due_on < today()),
        "fitting": fitting,
        "steps": [one for one in open_now if one.event in BUTTONS],
        "may_appeal": "appeal_alert" in events,
        "may_enter": "enter_appeal" in events,
        "may_serve": "serve_review" in events,
        # The institution reads what it was told once the notice was served.
        "shows_told": is_inside or not row.waits_for_service,
        "service": serving.delivery_of(row),
        "days": serving.appeal_days(row, today()),
        "words": (words := words_of(row)),
        "hands": _hands(row, "代录机构答复" if words else "申诉") if is_inside else [],
    }
    return render(request, "supervision/reviewing/review.html", context)


def _hands(row: AlertReview, answer: str) -> object:
    return hands_told(
        ("初审", row.first_by, row.first_at),
        ("复审", row.second_by, row.second_at),
        (answer, row.appealed_by, row.appealed_at),
        ("核实", row.verified_by, row.verified_at),
        ("处理", row.decided_by, row.decided_at),
    )


@acts(VIEW)
def step(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, REVIEWS, event, BUTTONS)
    service = serving.open_notice if event == "open_notice" else services.step_review
    take_asked(request, REVIEWS, event, service, row=one_review(request, pk))
    return redirect("supervision:review", pk)


@asks(FIRST)
def serve(request: Request, pk: int) -> HttpResponse:
    """How the printed notice reached the institution."""
    row = one_review(request, pk)
    wrong = REVIEWS.problem(row, "serve_review", request.user)
    wrong = wrong or services.unfit(row, "serve_review", today())
    if wrong := wrong or unprinted(row, Delivery.Document.ALERT):
        say_refused(request, Refusal(wrong))
        return redirect("supervision:review", pk)
    institution = row.alert.settlement.visit.institution
    place = place_told(institution.division) if institution else ""
    first = {"served_on": today(), "server": request.user.name, "place": place}
    form = DeliveryForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            served = form.said()
            done = serving.serve_review(actor=request.user, row=row, on=today(), **served)
            messages.success(request, f"已登记送达，机构可以在 {done.due_on} 以前申诉")
            return redirect("supervision:review", pk)
    settlement = row.alert.settlement
    context = {"review": row, "form": form, "visit": settlement.visit, "settlement": settlement,
               "days": serving.appeal_days(row, today())}  # fmt: skip
    return render(request, "supervision/reviewing/serve.html", context)


@asks("supervision.appeal_alert")
def appeal(request: Request, pk: int) -> HttpResponse:
    row = one_review(request, pk)
    if row.waits_for_service:
        say_refused(request, Refusal(services.SIGN_FIRST))
        return redirect("supervision:review", pk)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.appeal_alert(actor=request.user, row=row, on=today(), **form.cleaned_data)
            messages.success(request, "申诉已提交，等待核实")
            return redirect("supervision:review", pk)
    event = event_of(row.alert)
    bills = {one.settlement.pk: one.settlement for one in event}
    context = {
        "review": row,
        "form": form,
        "settlement": row.alert.settlement,
        "bills": len(bills),
        "stake": stake_of(bills.values()),
    }
    return render(request, "supervision/reviewing/appeal.html", context)
