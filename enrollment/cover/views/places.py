"""Which campaign and which place a page is about."""

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from enrollment.cover.models import Campaign


def current_campaign(request: Request) -> Campaign | None:
    """The latest that has begun in the user's county."""
    begun = Campaign.objects.begun(request.user.county_code, today())
    return begun.select_related("area").first()


def place_asked_for(request: Request, code: str) -> Division | None:
    """The place in the address, else the own one; 404 outside the scope."""
    own = request.user.division
    if own is None or not code.isdecimal() or code == own.code:
        return own
    place: Division = get_visible(Division.objects.all(), request.user, code=code)
    return place
