"""What waits in watching the campaign: lists in the villages, and who is missing in one's own."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.clock import today
from accounts.models import User
from accounts.roles import Role
from desk.worklist import Note, Trend, Work
from enrollment.collection.models import Receipt
from enrollment.cover.campaigns import latest_year
from enrollment.cover.models import Enrollment
from enrollment.cover.work import campaign_ends
from enrollment.people.models import Person
from enrollment.progress.models import CheckList


def _out(user: User) -> QuerySet[CheckList]:
    return CheckList.objects.visible_to(user).filter(returned_on=None)


def _missing(user: User) -> QuerySet[Person]:
    """Of one's own village."""
    year = latest_year(area_code=user.county_code, day=today())
    paid = Enrollment.objects.active().of_year(year).filter(person=OuterRef("pk"))
    return Person.objects.visible_to(user).present().filter(~Exists(paid))


def _receipts(user: User) -> QuerySet[Receipt]:
    return Receipt.objects.visible_to(user).valid()


_CADRE = frozenset({Role.VILLAGE_CADRE})
WORK = (
    Work(
        "核对表在村未交回",
        "enrollment.enroll",
        "enrollment:checks",
        _out,
        unit="份",
        since="printed_on",
        late=14,  # no norm
    ),
    Work(
        "本村还没有参保的人",
        "enrollment.progress",
        "enrollment:missing",
        _missing,
        unit="人",
        roles=_CADRE,
        is_momentary=True,  # of the latest campaign that has begun
    ),
)
NOTES = (Note("enrollment.progress", "enrollment:progress", campaign_ends),)
TRENDS = (Trend("近 14 天本村缴费（元）", "enrollment.progress", _receipts, "issued_on", "amount"),)
