"""The opening list on the first page of each role that has a part in it, until it is done with."""

from datetime import date

from accounts.models import User
from accounts.roles import ADMINISTRATORS
from desk.worklist import Note, Work
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


def _told(user: User, day: date) -> str:
    """Which steps are his; how far they are, the page counts."""
    mine = list(dict.fromkeys(step.title for step in STEPS if user.role in step.roles))
    if not mine:
        return ""
    counties = moving().order_by("code")
    if user.role not in ADMINISTRATORS:
        counties = counties.filter(code=user.county_code)
    area = counties.first()
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
