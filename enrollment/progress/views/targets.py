"""Targets and cadres of a campaign: typed, and the pages of the table that sets them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks
from desk.master_pages import MasterPages
from enrollment.cover.views.places import needed_campaign, page_campaign, place_asked_for
from enrollment.progress.figures import special_codes
from enrollment.progress.forms import SpecialForm, TargetForm
from enrollment.progress.resources import TargetResource
from enrollment.progress.targets import (
    places_with_targets,
    set_special_targets,
    set_targets,
    targets_of,
)


def _asked_for(request: Request) -> Division | None:
    """A township or village; the county's officer starts with the first township."""
    data = request.POST if request.method == "POST" else request.GET
    place = place_asked_for(request, data.get("under", ""))
    if place is not None and place.level == Division.Level.COUNTY:
        return Division.objects.visible_to(request.user).townships().order_by("code").first()
    return place


def _page(request: Request, **extra: Any) -> HttpResponse:
    under, campaign = _asked_for(request), page_campaign(request)
    if under is None or campaign is None:
        return render(request, "enrollment/cover/no_campaign.html", {"title": "任务与责任人"})
    level = Division.Level.VILLAGE
    if under.level == Division.Level.VILLAGE:
        level = Division.Level.GROUP
    places = list(places_with_targets(request.user).filter(parent=under, level=level))
    known = targets_of(campaign, places)
    rows = []
    for place in places:
        row = known.get(place.pk)
        initial = {}
        if row is not None:
            initial = {
                name: getattr(row, name) or ""
                for name in ("people", "stationed_cadre", "village_cadre")
            }
        data = request.POST if extra.get("bound") else None
        form = TargetForm(data, prefix=f"p{place.pk}", initial=initial)
        rows.append({"place": place, "form": form, "phone": row.phone if row else ""})
    context = {
        "under": under,
        "campaign": campaign,
        "rows": rows,
        "towns": Division.objects.visible_to(request.user).townships().order_by("code"),
        "special_form": SpecialForm(ratios=special_codes(campaign)),
        "in_village": under.level == Division.Level.VILLAGE,
    }
    return render(request, "enrollment/progress/targets.html", context | extra)


def _back(under: Division) -> HttpResponse:
    return redirect(f"{reverse('enrollment:targets')}?under={under.code}")


@asks("enrollment.set_targets")
def targets(request: Request) -> HttpResponse:
    under, campaign = _asked_for(request), page_campaign(request)
    if request.method == "GET" or under is None or campaign is None:
        return _page(request)
    entries = []
    right = True
    for place in places_with_targets(request.user).filter(parent=under):
        form = TargetForm(request.POST, prefix=f"p{place.pk}")
        if f"p{place.pk}-people" not in request.POST:
            continue
        if form.is_valid():
            entries.append(form.entry(place))
        else:
            right = False
    if not right:
        messages.error(request, "有几格填得不对，请改正后再保存；没有写入任何内容")
        return _page(request, bound=True)
    with refusals_as_messages(request):
        changed = set_targets(actor=request.user, campaign=campaign, entries=entries)
        messages.success(request, f"已保存，{changed} 处有改动")
        return _back(under)
    return _page(request, bound=True)


TARGET_PAGES = MasterPages(
    TargetResource, "enrollment", "watch/targets/file", "targets_file", "enrollment:targets"
)


@acts("enrollment.prepare")
def special_targets(request: Request) -> HttpResponse:
    form = SpecialForm(request.POST, ratios={})
    if form.is_valid():
        with form.refusals():
            set_special_targets(
                actor=request.user, campaign=needed_campaign(request), ratios=form.ratios()
            )
            messages.success(request, "特殊人群目标已保存")
            return redirect("enrollment:targets")
    return _page(request, special_form=form)
