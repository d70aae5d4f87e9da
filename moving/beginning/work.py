"""The opening list on the first page of each role that has a part in it, until it is done with."""

from datetime import date

from django.db import connection

from accounts.models import Division, User
from accounts.roles import ADMINISTRATORS
from desk.worklist import Note, Where, Work
from moving.beginning.models import MovedIn, MovedInQuerySet
from moving.beginning.services import moving
from moving.beginning.steps import STEPS
from moving.totals.models import Comparison, ComparisonQuerySet


def _waiting(user: User) -> MovedInQuerySet:
    rows = MovedIn.objects.visible_to(user).filter(status=MovedIn.Status.PROPOSED)
    return rows.exclude(proposed_by=user)


def _unsigned(user: User) -> ComparisonQuerySet:
    rows = Comparison.objects.visible_to(user).filter(status=Comparison.Status.PROPOSED)
    return rows.exclude(proposed_by=user)


# Whose county has moved in has moved in for ever: asked no more. By database, key and county.
_OVER: set[tuple[str, int, str]] = set()


def _county(user: User) -> Division | None:
    """The county that is moving in, of an administrator any; asked once for a page."""
    known = user.__dict__
    if "_moving_in" not in known:
        known["_moving_in"] = _asked(user)
    found: Division | None = known["_moving_in"]
    return found


def _asked(user: User) -> Division | None:
    counties = moving().order_by("code")
    if user.role in ADMINISTRATORS:
        return counties.first()
    who = (str(connection.settings_dict["NAME"]), user.pk, user.county_code)
    if who in _OVER:
        return None
    area = counties.filter(code=user.county_code).first()
    if area is None and Division.objects.filter(code=user.county_code).exists():
        _OVER.add(who)
    return area


def _is_moving(user: User) -> bool:
    return _county(user) is not None


def _told(user: User, day: date) -> str:
    """Which steps are his; how far they are, the page counts."""
    mine = list(dict.fromkeys(step.title for step in STEPS if user.role in step.roles))
    if not mine:
        return ""
    area = _county(user)
    if area is None:
        return ""
    return f"{area.name}正在启用，您经办：{'、'.join(mine)}——办到哪里，打开启用清单"


WORK = (
    Work(
        "移交核对待签认",
        "moving.agree",
        "moving:totals",
        _unsigned,
        unit="份",
        since="proposed_on",
        late=5,  # no norm: a working week
        is_rare=True,
    ),
    Work(
        "启用办结待同意",
        "moving.agree",
        "moving:beginning",
        _waiting,
        unit="份",
        since="proposed_on",
        is_rare=True,
    ),
)
NOTES = (Note("accounts.view_beginning", "moving:beginning", _told),)
# The group 年中启用 of the menu: until the county has moved in.
WHERE = tuple(
    Where(route, _is_moving)
    for route in (
        "moving:beginning", "moving:totals", "enrollment:carried_list",
        "claims:carried_filing_list", "claims:carried_list", "claims:carried_usage",
        "claims:old_list", "claims:old_settlements", "claims:old_claim_file_list",
        "claims:bed_list", "claims:recounts", "claims:parallel",
    )
)  # fmt: skip
