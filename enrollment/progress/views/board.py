"""The board, the kept sheets, who is missing, and the reward report."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from desk.downloads import purpose, workbook
from desk.listing import Table
from desk.papers import page_print
from enrollment.cover.models import Campaign
from enrollment.cover.views.places import needed_campaign, page_campaign, place_asked_for
from enrollment.progress.figures import BELOW, board
from enrollment.progress.listings import MISSING, people_of
from enrollment.progress.missing import missing_counts, missing_households, total_missing
from enrollment.progress.papers import REWARDS
from enrollment.progress.rewards import reward_report
from enrollment.progress.sheets import take_sheet
from enrollment.progress.views.asked import VILLAGES, one_sheet, village_asked_for
from enrollment.progress.workbooks import missing_sheet, reward_sheet, sheet_of

F = TypeVar("F")


def _nothing(request: Request, title: str) -> HttpResponse:
    """Before the first campaign there is nothing to watch."""
    return render(request, "enrollment/cover/no_campaign.html", {"title": title})


def _figures(request: Request, figures: Callable[..., F]) -> tuple[Division, Campaign, F] | None:
    """The place in the address, the campaign and today's figures of both; None without them."""
    under = place_asked_for(request, request.GET.get("under", ""))
    campaign = page_campaign(request)
    if under is not None and campaign is not None:
        with refusals_as_messages(request):
            return under, campaign, figures(under=under, campaign=campaign, day=today())
    return None


@shows("enrollment.progress")
def progress_board(request: Request) -> HttpResponse:
    """From the user's own division down, a level at a time."""
    asked = _figures(request, board)
    if asked is None:
        return _nothing(request, "筹资进度")
    under, campaign, shown = asked
    context = {
        "under": under,
        "campaign": campaign,
        "board": shown,
        "total": shown.total,
        "day": today(),
        "deeper": under.level in {Division.Level.COUNTY, Division.Level.TOWNSHIP},
        "in_village": under.level in VILLAGES,
        "up": _up(request, under),
    }
    return render(request, "enrollment/progress/board.html", context)


def _up(request: Request, under: Division) -> Division | None:
    """The place above, as long as the user may see it."""
    if under.code == request.user.division_code:
        return None
    return under.parent


@acts("enrollment.prepare")
def sheet_new(request: Request) -> HttpResponse:
    with refusals_as_messages(request):
        sheet = take_sheet(actor=request.user, campaign=needed_campaign(request), on=today())
        messages.success(request, f"{sheet.day:%Y-%m-%d} 进度表已生成并留存")
        return redirect("enrollment:sheet", pk=sheet.pk)
    return redirect("enrollment:sheets")


@acts("enrollment.progress")
def sheet_workbook(request: Request, pk: int) -> HttpResponseBase:
    shown, wide = one_sheet(request, pk)
    record_export(
        actor=request.user,
        what="progress_sheet",
        rows=len(shown.rows),
        criteria={"sheet": pk, "by_township": wide},
    )
    return workbook([sheet_of(shown)], f"progress-{shown.sheet.day:%Y%m%d}")


@shows("enrollment.progress")
def missing(request: Request) -> HttpResponse:
    """How many are missing where; at a village, who."""
    under = place_asked_for(request, request.GET.get("under", ""))
    campaign = page_campaign(request)
    if under is None or campaign is None:
        return _nothing(request, "未参保名单")
    context: dict[str, Any] = {"under": under, "campaign": campaign, "up": _up(request, under)}
    if under.level not in VILLAGES:
        length = BELOW[under.level]
        context["counts"] = missing_counts(under=under, campaign=campaign, length=length)
    else:
        found = missing_households(code=under.code, campaign=campaign)
        context["total"] = total_missing(found)
        context["people"] = Table(MISSING, request, people_of(found))
    return render(request, "enrollment/progress/missing.html", context)


def _exported(request: Request, what: str, rows: int, under: Division, campaign: Campaign) -> None:
    """Raises Refusal without a purpose."""
    criteria = {"division": under.code, "year": campaign.year}
    reason = purpose(request)
    record_export(actor=request.user, what=what, rows=rows, criteria=criteria, reason=reason)


@acts("enrollment.progress")
def missing_workbook(request: Request) -> HttpResponseBase:
    with refusals_as_messages(request):
        under, campaign = village_asked_for(request)
        found = missing_sheet(missing_households(code=under.code, campaign=campaign))
        _exported(request, "missing_households", len(list(found.rows)), under, campaign)
        return workbook([found], f"missing-{under.code}-{campaign.year}")
    return redirect("enrollment:missing")


@asks("enrollment.progress")
def rewards(request: Request) -> HttpResponse:
    asked = _figures(request, reward_report)
    if asked is None:
        return _nothing(request, "奖励测算")
    under, campaign, report = asked
    context = {"under": under, "campaign": campaign, "report": report, "day": today()}
    context["towns"] = Division.objects.visible_to(request.user).townships().order_by("code")
    context |= page_print(request, REWARDS, under)
    return render(request, "enrollment/progress/rewards.html", context)


@acts("enrollment.progress")
def rewards_workbook(request: Request) -> HttpResponseBase:
    under = place_asked_for(request, request.POST.get("under", ""))
    with refusals_as_messages(request):
        campaign = needed_campaign(request)
        if under is None:
            raise Refusal("请先选择地点")
        report = reward_report(under=under, campaign=campaign, day=today())
        _exported(request, "reward_report", len(report.rows), under, campaign)
        return workbook([reward_sheet(report)], f"rewards-{under.code}-{campaign.year}")
    return redirect("enrollment:rewards")
