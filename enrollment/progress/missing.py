"""村不漏户、户不漏人: who is registered or was enrolled last year, and is not enrolled yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Left

from accounts.models import Division
from enrollment.cover.models import Campaign, Enrollment
from enrollment.people.models import Household, Person
from enrollment.progress.figures import due_people


@dataclass(frozen=True)
class MissingMember:
    person: Person
    was_enrolled: bool
    is_pending: bool

    @property
    def state(self) -> str:
        if self.is_pending:
            return "已登记待缴费"
        return "上年参保未续" if self.was_enrolled else "在册未参保"


@dataclass
class MissingHousehold:
    """A household with members who are not enrolled; `is_whole`: nobody of it is (漏户)."""

    household: Household
    is_whole: bool
    head: str = ""
    members: list[MissingMember] = field(default_factory=list)


@dataclass(frozen=True)
class MissingCount:
    """How many are missing at a place. `households`: with nobody enrolled; `part_households`:
    with somebody left out."""

    code: str
    name: str
    households: int
    part_households: int
    people: int
    were_enrolled: int
    pending: int


def _cover(year: int, *statuses: str) -> Exists:
    rows = Enrollment.objects.filter(person=OuterRef("pk"), year=year, status__in=statuses)
    return Exists(rows)


def missing_people(*, code: str, campaign: Campaign) -> Any:
    """Who should be enrolled, is not, and lives where the division code starts with `code`.

    `was_enrolled`, `is_pending` and `others_enrolled` (somebody else of the household is) are
    annotated. Ask only for a `code` that was fetched in the user's scope.
    """
    active, year = Enrollment.Status.ACTIVE, campaign.year
    # Of the household as it is now: the cover of one who died or left enrols nobody of it.
    others = Enrollment.objects.active().of_year(year).filter(person__in=due_people())
    return (
        due_people()
        .filter(household__division__code__startswith=code)
        .filter(~_cover(year, active))
        .annotate(
            was_enrolled=_cover(year - 1, active),
            is_pending=_cover(year, Enrollment.Status.PENDING),
            others_enrolled=Exists(others.filter(person__household=OuterRef("household"))),
        )
    )


def missing_counts(*, under: Division, campaign: Campaign, length: int) -> list[MissingCount]:
    """Numbers for the places below `under`, whose codes have `length` digits."""
    rows = (
        missing_people(code=under.code, campaign=campaign)
        .order_by()
        .values(place=Left("household__division__code", length))
        .annotate(
            people=Count("pk"),
            were_enrolled=Count("pk", filter=Q(was_enrolled=True)),
            pending=Count("pk", filter=Q(is_pending=True)),
            households=Count("household", distinct=True, filter=Q(others_enrolled=False)),
            part_households=Count("household", distinct=True, filter=Q(others_enrolled=True)),
        )
        .order_by("place")
    )
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    names = dict(
        Division.objects.filter(code__in=[row["place"] for row in found]).values_list(
            "code", "name"
        )
    )
    counts = []
    for row in found:
        place = row.pop("place")
        counts.append(MissingCount(code=place, name=names.get(place, place), **row))
    return counts


def missing_households(*, code: str, campaign: Campaign) -> list[MissingHousehold]:
    """The households of a village or group with who is missing in each, in two statements."""
    people = (
        missing_people(code=code, campaign=campaign)
        .select_related("household__division__parent")
        .order_by("household__division__code", "household__number", "member_number")
    )
    found: dict[int, MissingHousehold] = {}
    for person in people:
        row = found.get(person.household_id)
        if row is None:
            whole = not person.others_enrolled
            row = found[person.household_id] = MissingHousehold(person.household, whole)
        row.members.append(MissingMember(person, person.was_enrolled, person.is_pending))
    heads = Person.objects.living().filter(
        household__in=list(found), relationship=Person.Relationship.HEAD
    )
    for household, name in heads.values_list("household", "name"):
        found[household].head = name
    return list(found.values())


def total_missing(rows: Iterable[MissingHousehold]) -> dict[str, int]:
    """Households, those left out as a whole, and people."""
    rows = list(rows)
    return {
        "households": len(rows),
        "whole": sum(row.is_whole for row in rows),
        "people": sum(len(row.members) for row in rows),
        "were_enrolled": sum(member.was_enrolled for row in rows for member in row.members),
    }
