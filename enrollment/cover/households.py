"""Households by the cover of a year."""

from django.db.models import Exists, OuterRef

from enrollment.cover.models import Enrollment
from enrollment.people.models import HouseholdQuerySet, Person

Status = Enrollment.Status


def _with(year: int, *statuses: str) -> Exists:
    # By the person: who has moved in since is covered all the same.
    rows = Enrollment.objects.filter(
        person__household=OuterRef("pk"), year=year, status__in=statuses
    )
    return Exists(rows)


def enrolled(households: HouseholdQuerySet, year: int) -> HouseholdQuerySet:
    """At least one member has paid-up cover."""
    return households.filter(_with(year, Status.ACTIVE))


def awaiting_payment(households: HouseholdQuerySet, year: int) -> HouseholdQuerySet:
    """At least one member is entered and has not paid."""
    return households.filter(_with(year, Status.PENDING))


def missing(households: HouseholdQuerySet, year: int) -> HouseholdQuerySet:
    """Somebody lives here and nobody is enrolled, paid or not (村不漏户)."""
    present = Person.objects.present().filter(household=OuterRef("pk"))
    standing = households.standing().filter(Exists(present))
    return standing.exclude(_with(year, Status.ACTIVE, Status.PENDING))
