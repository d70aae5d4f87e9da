"""What has to be put right: issuing, answering, checking; and handing over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step, take_asked
from supervision.cases.models import Case
from supervision.cases.workflow import WORK
from supervision.inspections import rectifying, services
from supervision.inspections.forms import (
    HandOverForm,
    OrderForm,
    ReplyForm,
    TeamForm,
    inspectors,
    read_all,
)
from supervision.inspections.models import (
    Inspection,
)
from supervision.inspections.order_models import (
    HandOver,
    Order,
)
from supervision.inspections.views import GOES, KNOWS, VIEW, one_inspection, show_inspection
from supervision.inspections.workflow import ORDERS, PLANS
from supervision.words.services import words_of

CHECKS = "supervision.verify_rectification"
REPLIES = "supervision.rectify"


@acts(GOES)
def issue(request: Request, pk: int) -> HttpResponse:
    row = one_inspection(request, pk)
    form = OrderForm(request.POST)
    if form.is_valid():
        with form.refusals():
            order = rectifying.issue_order(
                actor=request.user, inspection=row, on=today(), **form.cleaned_data
            )
            messages.success(request, f"已下达{order}，期限 {order.due_on:%Y-%m-%d}")
            return redirect("supervision:order", order.pk)
    return show_inspection(request, row, order_form=form)


def one_order(request: Request, pk: int) -> Order:
    return get_visible(
        Order,
        request.user,
        "inspection__place__institution__division",
        "inspection__place__sweep",
        "issued_by",
        "verified_by",
        pk=pk,
    )


@shows(VIEW)
def order(request: Request, pk: int) -> HttpResponse:
    return _show(request, one_order(request, pk))


def _show(
    request: Request,
    row: Order,
    reply_form: ReplyForm | None = None,
    team_form: TeamForm | None = None,
) -> HttpResponse:
    open_ones = {step.event for step in ORDERS.open_to(row, request.user)}
    # A second look that is still to come is no announcement either.
    again = list(
        row.visits_again.visible_to(request.user).exclude(status=Inspection.Status.CANCELLED)
    )
    waits = any(one.status in Inspection.UNFINISHED for one in again)
    is_answered = row.status == Order.Status.ANSWERED
    if team_form is None and is_answered and not waits and request.user.may(PLANS):
        people = inspectors(row.institution.division.county_code)
        team_form = TeamForm(people, initial={"due_on": row.due_on})
    context = {
        "row": row,
        "lines": (lines := row.lines.all()),
        "before": row.inspection.photos.filter(reply=None, item__in=[one.item for one in lines]),
        "replies": row.replies.select_related("replied_by", "checked_by").prefetch_related(
            "photos"
        ),
        "again": again,
        "words": words_of(row),
        "may_enter": "enter_reply" in open_ones,
        "reply_form": (reply_form or ReplyForm()) if "answer_order" in open_ones else None,
        "team_form": team_form,
        "steps": [
            one
            for one in ORDERS.steps
            if one.event in open_ones & {"verify_order", "send_order_back"}
        ],
        "is_late": row.status != Order.Status.VERIFIED and row.due_on < today(),
    }
    return render(request, "supervision/inspections/order.html", context)


@acts(REPLIES)
def reply(request: Request, pk: int) -> HttpResponse:
    row = one_order(request, pk)
    form = ReplyForm(request.POST, request.FILES)
    if form.is_valid():
        with form.refusals():
            rectifying.answer_order(
                actor=request.user,
                order=row,
                text=form.cleaned_data["text"],
                photos=read_all(form.cleaned_data["photos"]),
            )
            messages.success(request, "已回复，待核验")
            return redirect("supervision:order", pk)
    return _show(request, row, reply_form=form)


@acts(CHECKS)
def check(request: Request, pk: int, event: str) -> HttpResponse:
    asked_step(request, ORDERS, event, {"verify_order", "send_order_back"})
    row = one_order(request, pk)
    take_asked(request, ORDERS, event, rectifying.check_reply, order=row)
    return redirect("supervision:order", pk)


@acts(PLANS)
def look_again(request: Request, pk: int) -> HttpResponse:
    row = one_order(request, pk)
    form = TeamForm(inspectors(row.institution.division.county_code), request.POST)
    if form.is_valid():
        with form.refusals():
            services.arrange_second_look(
                actor=request.user,
                order=row,
                members=form.team(),
                due_on=form.cleaned_data["due_on"],
            )
            messages.success(request, "已安排复查")
            return redirect("supervision:order", pk)
    return _show(request, row, team_form=form)


@acts(GOES)
def hand_over(request: Request, pk: int) -> HttpResponse:
    row = one_inspection(request, pk)
    form = HandOverForm(request.POST)
    if form.is_valid():
        with form.refusals():
            done = rectifying.hand_over(
                actor=request.user, inspection=row, on=today(), **form.cleaned_data
            )
            messages.success(request, f"已移送，{done}")
            return redirect("supervision:handover", done.pk)
    return show_inspection(request, row, handover_form=form)


def one_handover(request: Request, pk: int) -> HandOver:
    return get_visible(
        HandOver,
        request.user,
        "inspection__place__institution__division",
        "inspection__place__sweep",
        "handed_by",
        "told_by",
        pk=pk,
    )


@shows(KNOWS)
def handover(request: Request, pk: int) -> HttpResponse:
    row = one_handover(request, pk)
    cases = list(row.cases.order_by("pk"))
    context = {
        "row": row,
        "cases": cases,
        "may_open_case": row.to == HandOver.To.CASE
        and request.user.may(WORK)
        and all(case.status in Case.CAME_TO_NOTHING for case in cases),
    }
    return render(request, "supervision/inspections/handover.html", context)


@acts(GOES)
def tell_result(request: Request, pk: int) -> HttpResponse:
    row = one_handover(request, pk)
    with refusals_as_messages(request, "已登记办理结果"):
        rectifying.tell_result(
            actor=request.user, handover=row, result=request.POST.get("reason", "")
        )
    return redirect("supervision:handover", pk)
