"""Subsidies: due, arrived, outstanding; as a page and as a workbook."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record_export
from accounts.permissions import Request, require
from enrollment.collection.subsidies import claim_sheets, subsidy_rows, total_row
from enrollment.collection.views.campaigns import campaign_years, chosen_campaign
from lib.spreadsheets import workbook_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require("enrollment.view_subsidies")
@require_GET
def subsidies(request: Request) -> HttpResponse:
    campaign = chosen_campaign(request)
    rows = subsidy_rows(campaign) if campaign else []
    context = {
        "campaign": campaign,
        "years": campaign_years(request),
        "rows": rows,
        "total": total_row(rows),
    }
    return render(request, "enrollment/collection/subsidies.html", context)


@require("enrollment.view_subsidies")
@require_POST
def export(request: Request) -> HttpResponse:
    campaign = chosen_campaign(request)
    if campaign is None:
        raise Http404
    sheets = claim_sheets(campaign)
    record_export(
        actor=request.user,
        what="subsidy_claim",
        rows=sum(len(rows) - 1 for rows in sheets.values()),
        criteria={"year": campaign.year},
    )
    response = HttpResponse(workbook_bytes(sheets), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="subsidies-{campaign.year}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response
