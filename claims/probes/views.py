"""Asking for a probe of a draft, and the page of its findings with their pictures."""

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe

from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.probes.models import Probe
from claims.probes.services import request_probe
from claims.probing import KINDS
from lib.charts import Curve, curve_chart
from lib.money import to_yuan, told
from policies.models import Draft


@acts("policies.simulate")
def probe_draft(request: Request, pk: int) -> HttpResponse:
    drafts = Draft.objects.filter(discarded_at=None).select_related("base", "area")
    draft: Draft = get_visible(drafts, request.user, pk=pk)
    return redirect("claims:probe", pk=request_probe(actor=request.user, draft=draft).pk)


@shows("policies.view_simulations")
def show(request: Request, pk: int) -> HttpResponse:
    rows = Probe.objects.select_related("area", "requested_by").defer("source")
    probe: Probe = get_visible(rows, request.user, pk=pk)
    if probe.figures is None:
        return render(request, "claims/probes/waiting.html", {"probe": probe})
    found = probe.figures["findings"]
    groups = [
        (KINDS[kind], [(each, _drawn(each)) for each in members])
        for kind, members in groupby(found, key=lambda each: str(each["kind"]))
    ]
    counts = {name: f"{probe.figures[name]:,}" for name in ("situations", "settled")}
    context = {"probe": probe, "counts": counts, "groups": groups, "found": len(found)}
    return render(request, "claims/probes/show.html", context)


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
