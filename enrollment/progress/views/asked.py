"""What an address of this room asks for: a kept sheet, a village."""

from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from enrollment.cover.models import Campaign
from enrollment.cover.views.places import needed_campaign, place_asked_for
from enrollment.progress.models import ProgressSheet
from enrollment.progress.sheets import Sheet, read_sheet

VILLAGES = (Division.Level.VILLAGE, Division.Level.GROUP)


def one_sheet(request: Request, pk: int) -> tuple[Sheet, bool]:
    """The kept sheet, by township for the county unless villages are asked for."""
    county = request.user.county_code
    sheet = get_visible(ProgressSheet, request.user, "campaign", "area", "taken_by", pk=pk)
    wide = request.user.division_code == county and request.GET.get("by") != "village"
    return read_sheet(sheet=sheet, user=request.user, by_township=wide), wide


def village_asked_for(request: Request) -> tuple[Division, Campaign]:
    """The village in the address and the campaign. Raises Refusal."""
    asked = request.POST.get("under") or request.GET.get("under", "")
    under = place_asked_for(request, asked)
    campaign = needed_campaign(request)
    if under is None or under.level not in VILLAGES:
        raise Refusal("名单按村（组）打印和导出，请先点开一个村")
    return under, campaign
