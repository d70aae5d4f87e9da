"""Pages of the comparisons: each kind with its latest one, and a new one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from moving.beginning.views import area_of
from moving.totals import services
from moving.totals.forms import MAX_TYPED, TotalsForm
from moving.totals.kinds import BY_KEY, KINDS
from moving.totals.models import Comparison
from moving.totals.workflow import COMPARISONS


@shows("moving.view_totals")
def totals(request: Request) -> HttpResponse:
    rows = list(Comparison.objects.of_area(area_of(request)).order_by("-pk"))
    latest: dict[str, Comparison] = {}
    for one in rows:
        if one.status in (Comparison.Status.PROPOSED, Comparison.Status.APPROVED):
            latest.setdefault(one.kind, one)
    context: dict[str, Any] = {
        "kinds": [
            {
                "kind": kind,
                "row": (row := latest.get(kind.key)),
                "steps": COMPARISONS.open_to(row, request.user) if row else [],
            }
            for kind in KINDS
        ],
        "rows": [(one, BY_KEY[one.kind]) for one in rows],
    }
    return render(request, "moving/totals.html", context)


@asks("moving.compare")
def new(request: Request) -> HttpResponse:
    """`?kind=`: of which kind the totals are typed."""
    kind = request.GET.get("kind", "")
    what, area = BY_KEY.get(kind), area_of(request)
    if what is None:
        raise Http404
    places = what.places(area)
    if len(places) > MAX_TYPED:
        messages.error(request, f"有 {len(places)} 处，请用表格读入")
        return redirect("moving:totals")
    form = TotalsForm(what, places, request.POST or None)
    if request.method == "POST" and form.is_valid():
        lines = form.lines()
        ours = what.ours(area, today())
        for line in lines:
            wrong = services.faults(what, services.filled(what, line, ours))
            for column, words in wrong.items():
                name = {"their_amount": "amount"}.get(column, column)
                form.add_error(f"{name}-{line.place.code}", words)
        if form.is_valid():
            with form.refusals():
                services.compare(
                    actor=request.user,
                    area=area,
                    kind=kind,
                    lines=lines,
                    evidence=form.cleaned_data["evidence"],
                    reason=form.cleaned_data["reason"],
                    on=today(),
                )
                messages.success(request, "移交核对表已提出，由另一人签认")
                return redirect("moving:totals")
    context = {"kind": what, "form": form, "rows": form.rows(what.ours(area, today()))}
    return render(request, "moving/totals_new.html", context)


@acts("moving.view_totals")
def totals_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(Comparison, request.user, "area", pk=pk)
    decide_asked(request, COMPARISONS, event, services.decide_comparison, row=row)
    return redirect("moving:totals")
