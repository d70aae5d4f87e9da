"""Which campaign and which place a page is about."""

from django.http import Http404

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from enrollment.cover.campaigns import NO_CAMPAIGN
from enrollment.cover.models import Campaign


def page_campaign(request: Request) -> Campaign | None:
    """The one of ?year=, else the latest that has begun; None when the county has none yet.

    An unknown year is 404.
    """
    campaigns = Campaign.objects.begun(request.user.county_code, today()).select_related("area")
    year = request.GET.get("year", "") or request.POST.get("year", "")
    if not year:
        return campaigns.first()
    is_year = year.isdecimal() and len(year) == 4
    campaign = campaigns.filter(year=int(year)).first() if is_year else None
    if campaign is None:
        raise Http404
    return campaign


def needed_campaign(request: Request) -> Campaign:
    """The page's campaign where nothing can be done without one. Raises Refusal."""
    campaign = page_campaign(request)
    if campaign is None:
        raise Refusal(NO_CAMPAIGN)
    return campaign


def campaign_years(request: Request) -> list[int]:
    """The years that a page may be asked for, latest first."""
    campaigns = Campaign.objects.begun(request.user.county_code, today())
    return list(campaigns.values_list("year", flat=True))


def place_asked_for(request: Request, code: str) -> Division | None:
    """The place in the address, else the own one; 404 outside the scope."""
    own = request.user.division
    if own is None or not code.isdecimal() or code == own.code:
        return own
    return get_visible(Division, request.user, code=code)
