"""Pages of the rule library: a point with what it found, the kinds, and changes to be decided."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_visible
from desk.listing import listing_page
from supervision.library.figures import kind_figures
from supervision.library.forms import AgesForm, PointForm, SwitchForm
from supervision.library.listings import LIBRARY_HITS, found_by
from supervision.library.models import LibraryChange, LibraryPoint
from supervision.library.reading import ages_of, kinds_off
from supervision.library.rows import KIND_NAMES
from supervision.library.services import (
    decide_change,
    propose_ages,
    propose_point,
    propose_switch_of_kind,
    propose_switch_of_point,
)
from supervision.library.workflow import CHANGES
from supervision.rules.points import Kind

PROPOSE = "supervision.propose_library_change"


@shows("supervision.view_library")
def point(request: Request, pk: int) -> HttpResponse:
    row = get_visible(LibraryPoint, request.user, "area", "file", pk=pk)
    waiting = row.changes.filter(status=LibraryChange.Status.PROPOSED).first()
    changes = row.changes.select_related("proposed_by", "decided_by").order_by("-pk")
    context = {
        "point": row,
        "changes": changes,
        "waiting": waiting,
        "kind_is_off": row.kind in kinds_off(row.area.code),
    }
    return listing_page(request, LIBRARY_HITS, context, rows=found_by(request.user, row))


@shows("supervision.view_library")
def kinds(request: Request) -> HttpResponse:
    context = {"kinds": kind_figures(request.user), "ages": ages_of(request.user.county_code)}
    return render(request, "supervision/library/kinds.html", context)


@asks(PROPOSE)
def switch_point(request: Request, pk: int) -> HttpResponse:
    row = get_visible(LibraryPoint, request.user, "area", pk=pk)
    heading = f"{'停用' if row.is_on else '启用'} {row}"

    def propose(form: Any) -> LibraryChange:
        return propose_switch_of_point(
            actor=request.user, point=row, on=today(), **form.cleaned_data
        )

    return _proposing(request, SwitchForm(request.POST or None), heading, propose)


@asks(PROPOSE)
def switch_kind(request: Request, kind: str) -> HttpResponse:
    if kind not in Kind.__members__.values():
        raise Http404
    chosen = Kind(kind)
    area = _area(request)
    heading = f"{'启用' if chosen in kinds_off(area.code) else '停用'}整类：{KIND_NAMES[chosen]}"

    def propose(form: Any) -> LibraryChange:
        return propose_switch_of_kind(
            actor=request.user, area=area, kind=chosen, on=today(), **form.cleaned_data
        )

    return _proposing(request, SwitchForm(request.POST or None), heading, propose)


@asks(PROPOSE)
def ages(request: Request) -> HttpResponse:
    area = _area(request)

    def propose(form: Any) -> LibraryChange:
        said = form.cleaned_data
        return propose_ages(
            actor=request.user, area=area, ages=form.ages, on=today(),
            evidence=said["evidence"], reason=said["reason"],
        )  # fmt: skip

    form = AgesForm(request.POST or None, initial=asdict(ages_of(area.code)))
    return _proposing(request, form, "规定年龄段", propose)


@asks(PROPOSE)
def add(request: Request) -> HttpResponse:
    area = _area(request)

    def propose(form: Any) -> LibraryChange:
        said = form.cleaned_data
        return propose_point(
            actor=request.user, area=area, cells=form.cells, on=today(),
            evidence=said["evidence"], reason=said["reason"],
        )  # fmt: skip

    return _proposing(request, PointForm(request.POST or None), "增加本县知识点", propose)


@shows("supervision.view_library")
def change(request: Request, pk: int) -> HttpResponse:
    related = ("area", "point", "proposed_by", "decided_by")
    row = get_visible(LibraryChange, request.user, *related, pk=pk)
    context = {"row": row, "steps": CHANGES.open_to(row, request.user), "content": _told(row)}
    return render(request, "supervision/library/change.html", context)


@acts("supervision.view_library")
def act(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, CHANGES, event, pk, decide_change)
    return redirect("supervision:library_change", pk)


def _area(request: Request) -> Division:
    return Division.objects.get(code=request.user.county_code)


def _proposing(
    request: Request, form: PlainForm, heading: str, propose: Callable[[Any], LibraryChange]
) -> HttpResponse:
    """One form, one service, and then the page of what was put forward."""
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            row = propose(form)
            messages.success(request, "已提出，由复核岗另一人决定后生效")
            return redirect("supervision:library_change", row.pk)
    return render(request, "supervision/library/propose.html", {"form": form, "heading": heading})


# What the columns of a change's content are called.
CONTENT = {
    "code": "项目编码", "name": "项目名称", "text": "限定", "value": "限定值", "window": "时间范围",
    "pair_code": "被包含项目编码", "pair_name": "被包含项目", "ground": "依据",
    "child_years": "儿童不满（周岁）", "newborn_days": "新生儿以内（天）",
    "infant_years": "婴幼儿不满（周岁）", "working_from": "就业年龄满（周岁）",
    "working_until": "就业年龄不满（周岁）",
}  # fmt: skip


def _told(row: LibraryChange) -> list[tuple[str, Any]]:
    told = ((title, row.content.get(name)) for name, title in CONTENT.items())
    return [(title, value) for title, value in told if value]
