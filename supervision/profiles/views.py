"""Institutions beside their peers: one measure of a level, all measures of one institution."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from institutions.models import Agreement, Institution, Level
from supervision.profiles.drawing import funnel
from supervision.profiles.forms import PeersForm, SpanForm, filled
from supervision.profiles.funnel import MIN_PEERS, Sums, Verdict, together
from supervision.profiles.measures import BY_CODE, MEASURES, told
from supervision.profiles.reading import Figure, Read, figures, profile, sums_of

VIEW = "supervision.profiles"
# In whose colour a verdict is written (desk.tones): what lies far below is looked at as well.
LIKE = {Verdict.FAR_ABOVE: "超限", Verdict.WITHIN: "正常", Verdict.FEW: "没有核对"}


def _names(request: Request) -> dict[int, str]:
    rows = Institution.objects.visible_to(request.user).order_by("code")
    return dict(rows.values_list("pk", "name"))


def _chart(read: Read, level: str, rows: list[Figure], names: dict[int, str], own: int) -> Any:
    measure = rows[0].measure
    pair = measure.top, measure.bottom
    kinds = ("stay", "visit") if measure.of == "all" else (measure.of,)
    sums = [pairs[pair] for (_, at, kind), pairs in read.items() if at == level and kind in kinds]
    peers = together(sums) if len(rows) >= MIN_PEERS else Sums()
    return funnel(measure, rows, peers, names, own)


@shows(VIEW)
def peers(request: Request) -> HttpResponse:
    """One measure of all institutions of a level, the highest first."""
    form = PeersForm(filled(request.GET))
    since, until = form.span()
    given = form.cleaned_data if form.is_valid() else {}
    level = given.get("level") or Level.TOWNSHIP
    measure = BY_CODE[given.get("measure") or MEASURES[0].code]
    names = _names(request)
    read = sums_of(names, since, until)
    rows = sorted(figures(read, level, measure), key=lambda one: -(one.value or 0))
    query = urlencode({"since": f"{since:%Y-%m}", "until": f"{until:%Y-%m}"})
    context = {
        "form": form,
        "since": since, "until": until, "level": Level(level).label, "measure": measure,
        "rows": [_told(one) | {"name": names[one.institution], "pk": one.institution}
                 for one in rows],
        "chart": _chart(read, level, rows, names, 0) if rows else "",
        "query": query,
    }  # fmt: skip
    return render(request, "supervision/profiles/peers.html", context)


def _told(one: Figure) -> dict[str, Any]:
    return {
        "n": one.n,
        "value": told(one.measure, one.value),
        "centre": told(one.measure, one.scaled("centre")),
        "near": _between(one, "low", "high"),
        "far": _between(one, "far_low", "far_high"),
        "verdict": one.verdict.value,
        "like": LIKE.get(one.verdict, "预警"),
    }


def _between(one: Figure, low: str, high: str) -> str:
    if one.around is None:
        return ""
    return f"{told(one.measure, one.scaled(low))} 至 {told(one.measure, one.scaled(high))}"


@shows(VIEW)
def one(request: Request, pk: int) -> HttpResponse:
    """All measures of an institution beside those of its level, with what its agreement says."""
    row = get_visible(Institution, request.user, "division", pk=pk)
    form = SpanForm(filled(request.GET))
    since, until = form.span()
    names = _names(request)
    read = sums_of(names, since, until)
    agreement = Agreement.objects.filter(
        institution=row, first_day__lte=until, last_day__gte=until
    ).first()
    terms = agreement.terms if agreement is not None else {}
    claims = {"institution": row.name, "since": since.isoformat(), "until": until.isoformat()}
    lines = []
    for figure in profile(read, row.pk, row.level):
        term = figure.measure.term
        agreed = terms.get(term.code) if term is not None else None
        value = figure.value
        lines.append(_told(figure) | {
            "name": figure.measure.name,
            "agreed": told(figure.measure, agreed),
            "is_over": agreed is not None and value is not None and value > agreed,
            "chart": _chart(read, row.level, figures(read, row.level, figure.measure), names,
                            row.pk),
        })  # fmt: skip
    context = {
        "row": row, "form": form,
        "since": since, "until": until, "lines": lines,
        "claims": f"{reverse('claims:list')}?{urlencode(claims)}",
    }  # fmt: skip
    return render(request, "supervision/profiles/one.html", context)
