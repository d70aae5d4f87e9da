"""Who is covered when, for the rooms above."""

from collections.abc import Collection
from datetime import date

from accounts.errors import Refusal
from enrollment.models import Enrollment, Household, Person


def cover_on(person: Person, day: date) -> Enrollment | None:
    """The paid-up cover of the person on the day, or None."""
    return (
        Enrollment.objects.covering(day)
        .filter(person=person)
        .select_related("household", "pack")
        .first()
    )


def lock_cover(*, person_id: int, year: int) -> Enrollment:
    """The person's paid-up cover of the insurance year, locked; then the household, locked.

    Locks in this order: enrolment, household. Call it inside a transaction. `.person`,
    `.household` and `.pack` are loaded. Raises Refusal when there is no cover.
    """
    enrollment = (
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .active()
        .select_related("person", "pack")
        .filter(person=person_id, year=year)
        .first()
    )
    if enrollment is None:
        raise Refusal(f"此人没有 {year} 年度的有效参保，不能享受待遇，请核对参保登记", "person")
    enrollment.household = Household.objects.select_for_update(no_key=True).get(
        pk=enrollment.household_id
    )
    return enrollment


def years_before(person_ids: Collection[int], year: int) -> dict[int, int]:
    """Person id → years of cover in a row that end with `year - 1`; missing means none."""
    rows = Enrollment.objects.active().filter(person__in=person_ids, year=year - 1)
    return dict(rows.values_list("person_id", "consecutive_years"))


def consecutive_years(person: Person, year: int) -> int:
    """Years of cover in a row up to and including `year`, if the person enrols for it."""
    return years_before([person.pk], year).get(person.pk, 0) + 1
