"""What is theirs to see: the own covers, payments and settlements, and those of children.

Of children under fourteen (个人信息保护法 第三十一条: the parents agree for them) of the own
household. What other adults are ill of, were paid or paid is their own, also within a household. No
diagnosis stands here: screens are looked at over shoulders. What is being looked into is not told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from claims.models import Settlement
from claims.recovery.models import Recovery
from enrollment.models import Enrollment, Person
from institutions.models import Institution
from insured.benefits import Benefits, benefits_of
from lib.periods import age_on

CHILD = 14
# A letter of more than three pages nobody reads; the window prints the rest.
MAX_SHOWN = 30


@dataclass(frozen=True)
class Shown:
    """One page of somebody."""

    person: Person
    covers: Sequence[Enrollment]
    settlements: Sequence[Settlement]
    owed: Decimal
    children: Sequence[Person]
    institutions: Sequence[Institution]
    benefits: Benefits | None


def shown_to(person: Person, on: date) -> Shown:
    """Twelve statements at most, however much there is."""
    children = _children(person, on)
    seen = [person, *children]
    settlements = _settlements(seen)
    return Shown(
        person=person,
        covers=_covers(seen, on),
        settlements=settlements,
        owed=sum((one.fund_amount for one in settlements if _is_owed(one)), Decimal(0)),
        children=children,
        institutions=list(
            Institution.objects.contracted_on(on)
            .filter(division__code__startswith=person.household.division.county_code)
            .distinct()
            .order_by("level", "name")
        ),
        benefits=benefits_of(person, on),
    )


def _children(person: Person, on: date) -> list[Person]:
    """Of an adult's household; a child sees itself."""
    if person.birth_date is None or age_on(person.birth_date, on) < 18:
        return []
    members = Person.objects.filter(household=person.household_id, same_as=None, death_date=None)
    others = members.exclude(pk=person.pk).order_by("member_number")
    return [one for one in others if one.birth_date and age_on(one.birth_date, on) < CHILD]


def _covers(people: Sequence[Person], on: date) -> list[Enrollment]:
    """Of each year those in the order of the people: the own one first."""
    rows = Enrollment.objects.filter(person__in=people, year__gte=on.year - 2)
    read = rows.select_related("person", "receipt__book").order_by("-year", "person_id")
    return sorted(read, key=lambda one: (-one.year, people.index(one.person)))


def _settlements(people: Sequence[Person]) -> list[Settlement]:
    hidden = (Settlement.Status.DRAFT, Settlement.Status.WITHDRAWN)
    rows = Settlement.objects.filter(visit__person__in=people).exclude(status__in=hidden)
    read = rows.select_related("visit__person").prefetch_related(
        "steps", Prefetch("recoveries", Recovery.objects.decided().with_received(), "taken_back")
    )
    return list(read.order_by("-settled_on", "-pk")[:MAX_SHOWN])


def _is_owed(one: Settlement) -> bool:
    """On its way to the household."""
    waits = (Settlement.Status.SUBMITTED, Settlement.Status.REVIEWED, Settlement.Status.APPROVED)
    return one.pay_to == Settlement.PayTo.HOUSEHOLD and one.status in waits
