"""One alert with its handling."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from supervision.forms import ConclusionForm
from supervision.models import Alert
from supervision.rules import RULES
from supervision.services import handle_alert
from supervision.workflow import ALERTS

HANDLING = [step for step in ALERTS.steps if step.source == Alert.Status.OPEN]


@shows("supervision.view")
def alert(request: Request, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    return _alert(request, found, ConclusionForm(ALERTS.open_to(found, request.user)))


@acts("supervision.handle")
def handle(request: Request, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    form = ConclusionForm(HANDLING, request.POST)
    if form.is_valid():
        with form.refusals():
            handle_alert(
                actor=request.user,
                alert=found,
                event=form.cleaned_data["event"],
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, "核查结论已保存")
            return redirect("supervision:alerts")
    return _alert(request, found, form)


def _visible(request: Request, pk: int) -> Alert:
    rows = Alert.objects.select_related(
        "settlement__visit__person", "division__parent", "handled_by"
    )
    found: Alert = get_visible(rows, request.user, pk=pk)
    return found


def _alert(request: Request, found: Alert, form: ConclusionForm) -> HttpResponse:
    others = Alert.objects.visible_to(request.user).filter(settlement=found.settlement_id)
    context = {
        "alert": found,
        "settlement": found.settlement,
        "visit": found.settlement.visit,
        "rule": RULES.get(found.rule),
        "others": others.exclude(pk=found.pk),
        "form": form,
    }
    return render(request, "supervision/alert.html", context)
