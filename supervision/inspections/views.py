"""Checklists, interests, sweeps and their visits, as the county plans and follows them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step, decide_visible, take_asked
from desk.decisions import Asked
from desk.listing import listing_page
from desk.ticks import ticked_ids
from desk.workflow import START
from supervision.inspections import services
from supervision.inspections.answering import fills, standing
from supervision.inspections.coverage import coverage
from supervision.inspections.forms import (
    ChecklistForm,
    HandOverForm,
    InterestForm,
    OrderForm,
    SweepForm,
    TeamForm,
    inspectors,
)
from supervision.inspections.items import BAD
from supervision.inspections.listings import CHECKLIST_LIST, INTERESTS
from supervision.inspections.models import (
    Checklist,
    Inspection,
    Interest,
    Sweep,
    SweepPlace,
)
from supervision.inspections.workflow import CHECKLISTS, FILLS, INSPECTIONS, PLANS, SWEEPS

VIEW = "supervision.view_inspections"
GOES = "supervision.inspect"
KNOWS = "supervision.view_interests"


@shows("supervision.view_sweeps")
def checklists(request: Request) -> HttpResponse:
    form = ChecklistForm(initial={"first_day": today()}) if request.user.may(PLANS) else None
    return listing_page(request, CHECKLIST_LIST, {"form": form})


@acts(PLANS)
def propose_checklist(request: Request) -> HttpResponse:
    form = ChecklistForm(request.POST)
    if form.is_valid():
        with form.refusals():
            data = form.cleaned_data
            asked = Asked(request.user, today(), data["evidence"], data["reason"])
            row = services.propose_checklist(
                asked=asked,
                area=_county(request),
                name=data["name"],
                first_day=data["first_day"],
            )
            messages.success(request, "已提出，待第二人审批")
            return redirect("supervision:checklist", row.pk)
    return listing_page(request, CHECKLIST_LIST, {"form": form})


def _county(request: Request) -> Division:
    """The pooling area of who plans."""
    return Division.objects.get(code=request.user.county_code)


@shows("supervision.view_sweeps")
def checklist(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Checklist, request.user, "proposed_by", "decided_by", pk=pk)
    steps = [one for one in CHECKLISTS.open_to(row, request.user) if START not in one.sources]
    context = {"row": row, "item_list": row.item_list, "steps": steps}
    return render(request, "supervision/inspections/checklist.html", context)


@acts("supervision.view_sweeps")
def decide_checklist(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, CHECKLISTS, event, pk)
    return redirect("supervision:checklist", pk)


@shows("supervision.view_interests")
def interests(request: Request) -> HttpResponse:
    form = InterestForm(request.user) if request.user.may(GOES) else None
    return listing_page(request, INTERESTS, {"form": form})


@acts(GOES)
def declare(request: Request) -> HttpResponse:
    form = InterestForm(request.user, request.POST)
    if form.is_valid():
        with form.refusals():
            row = services.declare_interest(actor=request.user, **form.cleaned_data)
            messages.success(request, "已登记，安排检查时回避")
            return redirect("supervision:interest", row.pk)
    return listing_page(request, INTERESTS, {"form": form})


@shows("supervision.view_interests")
def interest(request: Request, pk: int) -> HttpResponse:
    row = get_visible(
        Interest, request.user, "person", "institution", "declared_by", "ended_by", pk=pk
    )
    return render(request, "supervision/inspections/interest.html", {"row": row})


@acts(PLANS)
def end_interest(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Interest, request.user, pk=pk)
    with refusals_as_messages(request, "已撤销声明"):
        services.end_interest(
            actor=request.user, interest=row, reason=request.POST.get("reason", "")
        )
    return redirect("supervision:interest", pk)


@asks(PLANS)
def sweep_new(request: Request) -> HttpResponse:
    form = SweepForm(request.user, today(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            sweep = services.plan_sweep(
                actor=request.user,
                area=_county(request),
                plan=form.typed(services.Plan),
                institutions=form.institutions(),
            )
            messages.success(request, f"已制定“{sweep}”，共 {sweep.places.count()} 家机构")
            return redirect("supervision:sweep", sweep.pk)
    return render(request, "supervision/inspections/sweep_new.html", {"form": form})


def _sweep(request: Request, pk: int) -> Sweep:
    return get_visible(Sweep, request.user, "checklist", "planned_by", "closed_by", "area", pk=pk)


@shows("supervision.view_sweeps")
def sweep(request: Request, pk: int) -> HttpResponse:
    return _show_sweep(request, _sweep(request, pk))


def _show_sweep(request: Request, row: Sweep, form: TeamForm | None = None) -> HttpResponse:
    reached = coverage(row)
    may_plan = request.user.may(PLANS)
    if form is None and may_plan and row.status == Sweep.Status.ON_SITE:
        form = TeamForm(inspectors(row.area.code), initial={"due_on": row.visits_until})
    context = {
        "row": row,
        "reached": reached,
        "form": form,
        "may_leave_out": may_plan and row.status in Sweep.OPEN,
        "steps": [one for one in SWEEPS.open_to(row, request.user) if START not in one.sources],
    }
    return render(request, "supervision/inspections/sweep.html", context)


SWEEP_STEPS = frozenset(step.event for step in SWEEPS.steps if START not in step.sources)


@acts("supervision.view_sweeps")
def move_sweep(request: Request, pk: int, event: str) -> HttpResponse:
    asked_step(request, SWEEPS, event, SWEEP_STEPS)
    take_asked(request, SWEEPS, event, services.move_sweep, sweep=_sweep(request, pk))
    return redirect("supervision:sweep", pk)


@acts(PLANS)
def arrange(request: Request, pk: int) -> HttpResponse:
    row = _sweep(request, pk)
    form = TeamForm(inspectors(row.area.code), request.POST)
    wanted = ticked_ids(request.POST.getlist("places"))
    places = list(row.places.filter(pk__in=wanted))
    if form.is_valid():
        with form.refusals():
            done = services.arrange_visits(
                actor=request.user,
                places=places,
                members=form.team(),
                due_on=form.cleaned_data["due_on"],
            )
            messages.success(request, f"已安排 {len(done)} 家")
            return redirect("supervision:sweep", pk)
    return _show_sweep(request, row, form)


@acts(PLANS)
def leave_out(request: Request, pk: int) -> HttpResponse:
    place = get_visible(SweepPlace, request.user, pk=pk)
    with refusals_as_messages(request, "已写明免检原因"):
        services.leave_out(actor=request.user, place=place, reason=request.POST.get("reason", ""))
    return redirect("supervision:sweep", place.sweep_id)


def one_inspection(request: Request, pk: int) -> Inspection:
    return get_visible(
        Inspection,
        request.user,
        "place__institution__division__parent",
        "place__sweep__checklist",
        "arranged_by",
        "opened_by",
        "finished_by",
        "of_order",
        "order",
        pk=pk,
    )


@shows(VIEW)
def inspection(request: Request, pk: int) -> HttpResponse:
    return show_inspection(request, one_inspection(request, pk))


def show_inspection(
    request: Request,
    row: Inspection,
    order_form: OrderForm | None = None,
    handover_form: HandOverForm | None = None,
) -> HttpResponse:
    now = standing(row)
    lines = [(item, now.get(item.code)) for item in row.items]
    found = [one for one in lines if one[1] is not None and one[1].verdict == BAD]
    is_done = row.status == Inspection.Status.DONE
    goes = request.user.may(GOES) and is_done and row.kind != Inspection.Kind.SELF
    may_order = goes and row.kind == Inspection.Kind.VISIT and found and not hasattr(row, "order")
    context: dict[str, Any] = {
        "row": row,
        "lines": lines,
        "found": found,
        "answered": len(now),
        "photos": row.photos.filter(reply=None),
        "team": row.team.select_related("user__division"),
        "order": getattr(row, "order", None),
        # Whom it is about does not read who else looks into it.
        "handovers": row.handovers.prefetch_related("cases") if request.user.may(KNOWS) else [],
        "may_fill": row.status in Inspection.UNFINISHED
        and request.user.may(FILLS)
        and not fills(row, request.user),
        "order_form": (order_form or OrderForm()) if may_order else None,
        "handover_form": (handover_form or HandOverForm()) if goes else None,
        "may_cancel": not INSPECTIONS.problem(row, "cancel_inspection", request.user),
    }
    return render(request, "supervision/inspections/inspection.html", context)


@acts(PLANS)
def cancel(request: Request, pk: int) -> HttpResponse:
    row = one_inspection(request, pk)
    with refusals_as_messages(request, "已取消这项检查"):
        services.cancel_inspection(
            actor=request.user, inspection=row, reason=request.POST.get("reason", "")
        )
    return redirect("supervision:inspection", pk)
