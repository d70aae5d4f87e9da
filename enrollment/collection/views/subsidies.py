"""Subsidies: due, arrived, outstanding; as a page and as a workbook."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.audit import record_export
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, shows
from desk.downloads import purpose, workbook
from enrollment.collection.subsidies import claim_sheets, subsidy_rows, total_row
from enrollment.cover.views.places import campaign_years, page_campaign


@shows("enrollment.view_subsidies")
def subsidies(request: Request) -> HttpResponse:
    campaign = page_campaign(request)
    rows = subsidy_rows(campaign) if campaign else []
    context = {
        "campaign": campaign,
        "years": campaign_years(request),
        "rows": rows,
        "total": total_row(rows),
    }
    return render(request, "enrollment/collection/subsidies.html", context)


@acts("enrollment.view_subsidies")
def export(request: Request) -> HttpResponseBase:
    campaign = page_campaign(request)
    if campaign is None:
        raise Http404
    with refusals_as_messages(request):
        reason = purpose(request)
        sheets = claim_sheets(campaign)
        record_export(
            actor=request.user,
            what="subsidy_claim",
            rows=sum(len(list(sheet.rows)) for sheet in sheets),
            criteria={"year": campaign.year},
            reason=reason,
        )
        return workbook(sheets, f"subsidies-{campaign.year}")
    return redirect(f"{reverse('enrollment:subsidies')}?year={campaign.year}")
