"""The opening list on the first page of each role that has a part in it, until it is done with."""

from datetime import date

from accounts.models import User
from accounts.roles import ADMINISTRATORS
from desk.worklist import Note, Work
from moving.beginning.models import MovedIn, MovedInQuerySet
from moving.beginning.services import moving
from moving.beginning.steps import STEPS


def _waiting(user: User) -> MovedInQuerySet:
    rows = MovedIn.objects.visible_to(user).filter(status=MovedIn.Status.PROPOSED)
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
    return f"{area.name}正在启用，您的步骤：{'、'.join(mine)}——打开启用清单"


WORK = (
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
