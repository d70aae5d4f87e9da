"""Asking for a probe of a draft, and the page of its findings with their pictures."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe

from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.probes.forms import MarkForm
from claims.probes.models import Intended, Probe
from claims.probes.services import (
    findings_with_marks,
    mark_finding,
    request_probe,
    unmark_finding,
)
from claims.probing import KINDS
from lib.charts import Curve, curve_chart
from lib.money import to_yuan, told
from policies.models import Draft, Pack


@acts("policies.simulate")
def probe_draft(request: Request, pk: int) -> HttpResponse:
    draft = get_visible(Draft, request.user, "base", "area", pk=pk, discarded_at=None)
    return redirect("claims:probe", pk=request_probe(actor=request.user, text=draft).pk)


@acts("policies.simulate")
def probe_pack(request: Request, pk: int) -> HttpResponse:
    pack = get_visible(Pack, request.user, "area", pk=pk)
    return redirect("claims:probe", pk=request_probe(actor=request.user, text=pack).pk)


@shows("policies.view_simulations")
def show(request: Request, pk: int) -> HttpResponse:
    probe = _probe(request, pk)
    if probe.figures is None:
        return render(request, "claims/probes/waiting.html", {"probe": probe})
    found = findings_with_marks(probe)
    open_ones = [each for each, mark in found if mark is None]
    groups = [
        (KINDS[kind], [(each, _drawn(each), _mark_form(each)) for each in members])
        for kind, members in groupby(open_ones, key=lambda each: str(each["kind"]))
    ]
    marked = [(each, _drawn(each), mark) for each, mark in found if mark is not None]
    counts = {name: f"{probe.figures[name]:,}" for name in ("situations", "settled")}
    context = {
        "probe": probe,
        "counts": counts,
        "groups": groups,
        "marked": marked,
        "found": len(found),
        "open": len(open_ones),
    }
    return render(request, "claims/probes/show.html", context)


def _mark_form(finding: dict[str, Any]) -> MarkForm:
    key = str(finding["key"])
    initial = {"finding": key, "article": finding["article"]}
    return MarkForm(initial=initial, auto_id=f"{key[:8]}_%s")


def _probe(request: Request, pk: int) -> Probe:
    rows = Probe.objects.defer("source")
    return get_visible(rows, request.user, "area", "requested_by", pk=pk)


@acts("policies.propose")
def mark(request: Request, pk: int) -> HttpResponse:
    """One finding is meant: reason and article."""
    probe = _probe(request, pk)
    form = MarkForm(request.POST)
    form.is_valid()
    given = {name: form.cleaned_data.get(name, "") for name in ("finding", "article", "reason")}
    with refusals_as_messages(request):
        mark_finding(actor=request.user, probe=probe, **given)
        messages.success(request, "已标明有意为之")
    return redirect("claims:probe", pk=pk)


@acts("policies.propose")
def unmark(request: Request, pk: int, mark: int) -> HttpResponse:
    probe = _probe(request, pk)
    rows = Intended.objects.standing(probe.area.code, probe.sha256)
    row = get_visible(rows, request.user, pk=mark)
    with refusals_as_messages(request):
        unmark_finding(actor=request.user, mark=row, reason=request.POST.get("reason", ""))
        messages.success(request, "已撤回，这一处重新列入待看")
    return redirect("claims:probe", pk=pk)


def _drawn(finding: dict[str, Any]) -> SafeString | None:
    """Amounts against cost, the example marked. Everything in it is escaped where it is drawn."""
    if not finding["curves"]:
        return None
    curves = [
        Curve(name, [(int(cost), int(amount)) for cost, amount in points])
        for name, points in finding["curves"].items()
    ]
    mark = int(finding["example"]["claims"][0][1])
    svg = curve_chart(
        finding["title"], curves, label=lambda fen: told(to_yuan(fen)), mark=mark, height=260
    )
    return mark_safe(svg)  # noqa: S308 - see docstring
