"""用款计划: made from what is worked out, checked, sent, answered; what arrived beside it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step
from desk.seen import asked_seen
from desk.workflow import hands_told
from funds.models import ZERO, Book
from funds.plans import services
from funds.plans.forms import GrantForm, PlanForm, SendForm
from funds.plans.models import FundingPlan
from funds.plans.services import PlanItem
from funds.plans.workflow import PLANS
from funds.plans.working import arrived, needs
from funds.views import no_book, open_books
from lib.periods import Month

STEPS = ("check_plan", "send_plan_back", "refuse_plan", "adjust_plan", "withdraw_plan")


def _plan(request: Request, pk: int) -> FundingPlan:
    return get_visible(
        FundingPlan, request.user, "book__area", "made_by", "checked_by", "sent_by", pk=pk
    )


def _items(book: Book, request: Request) -> list[PlanItem]:
    return [PlanItem(one.title, one.basis, one.amount, one.amount) for one in needs(book, today())]


@asks("funds.plan")
def plan_new(request: Request) -> HttpResponse:
    """`?month=`: this month, or the next one."""
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    now = Month.of(today())
    months = [now, now.next()]
    asked = request.POST.get("month") or request.GET.get("month") or str(now)
    month = next((one for one in months if str(one) == asked), now)
    form = PlanForm(_items(book, request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            row = services.make_plan(
                actor=request.user, book=book, month=month, items=form.asked(), on=today()
            )
            messages.success(request, f"{row}已编制，待另一人审核")
            return redirect("funds:plan", pk=row.pk)
    context = {"books": books, "book": book, "form": form, "month": month, "months": months}
    return render(request, "funds/plans/edit.html", context)


@asks("funds.plan")
def plan_change(request: Request, pk: int) -> HttpResponse:
    row = _plan(request, pk)
    form = PlanForm(_kept(row), request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.change_plan(actor=request.user, plan=row, items=form.asked())
            messages.success(request, f"{row}已修改")
            return redirect("funds:plan", pk=row.pk)
    context = {"plan": row, "book": row.book, "form": form, "month": row.as_month}
    return render(request, "funds/plans/edit.html", context)


def _kept(row: FundingPlan) -> Sequence[PlanItem]:
    return [
        PlanItem(one.title, one.basis, one.worked_out, one.amount, one.note)
        for one in row.lines.all()
    ]


@shows("funds.view")
def plan(request: Request, pk: int) -> HttpResponse:
    return _shown(request, _plan(request, pk))


def _shown(request: Request, row: FundingPlan, **forms: Any) -> HttpResponse:
    came = arrived(row.book, row.as_month)
    lines = list(row.lines.all())
    context = {
        "plan": row,
        "lines": lines,
        "worked_out": sum((one.worked_out for one in lines), ZERO),
        "came": came,
        # Nothing is awaited before it is granted.
        "missing": None if row.granted is None else row.granted - came,
        "seen": services.seen_of(row),
        "send_form": SendForm(),
        "grant_form": GrantForm.of(row),
        "hands": hands_told(
            ("审核", row.checked_by, row.checked_at),
            ("报送", row.sent_by, row.sent_at),
        ),
    }
    return render(request, "funds/plans/plan.html", context | forms)


@acts("funds.plan")
def plan_send(request: Request, pk: int) -> HttpResponse:
    row, form = _plan(request, pk), SendForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.send_plan(actor=request.user, plan=row, **form.cleaned_data)
            messages.success(request, f"{row}已报送财政")
            return redirect("funds:plan", pk=pk)
    return _shown(request, row, send_form=form)


@acts("funds.plan")
def plan_grant(request: Request, pk: int) -> HttpResponse:
    row, form = _plan(request, pk), GrantForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.grant_plan(actor=request.user, plan=row, **form.cleaned_data)
            messages.success(request, f"{row}的财政批复已登记；到账后在“登记收支”记账")
            return redirect("funds:plan", pk=pk)
    return _shown(request, row, grant_form=form)


@acts("funds.view")
def plan_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = _plan(request, pk)
    asked_step(request, PLANS, event, STEPS)
    with refusals_as_messages(request):
        done = services.take_plan_step(
            actor=request.user, plan=row, event=event, reason=request.POST.get("reason", ""),
            seen=asked_seen(request),
        )  # fmt: skip
        messages.success(request, PLANS.told(done, event))
    return redirect("funds:plan", pk=pk)
