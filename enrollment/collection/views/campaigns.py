"""Which campaign a page is about: the one asked for, or the latest that has begun."""

from django.http import Http404

from accounts.clock import today
from accounts.permissions import Request
from enrollment.cover.models import Campaign


def chosen_campaign(request: Request) -> Campaign | None:
    """By ?year=; None when the area has none yet. An unknown year is 404."""
    campaigns = Campaign.objects.begun(request.user.county_code, today()).select_related("area")
    year = request.GET.get("year", "") or request.POST.get("year", "")
    if not year:
        return campaigns.first()
    campaign = campaigns.filter(year=int(year)).first() if year.isdecimal() else None
    if campaign is None:
        raise Http404
    return campaign


def campaign_years(request: Request) -> list[int]:
    campaigns = Campaign.objects.begun(request.user.county_code, today())
    return list(campaigns.values_list("year", flat=True))
