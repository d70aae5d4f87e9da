"""Numbers as they were borne on a day: what is on paper belongs to one person, one household.

A split, a marriage or a move gives new numbers, and the old ones are never given again
(`register.LAST_NUMBER`). Covers keep the household where they began, so a number is never put
together from a cover's household and its person's place in another one.
"""

from collections.abc import Iterable
from datetime import date

from enrollment.people.models import FormerCertificate, Household, Person, RegisterEvent

Borne = dict[tuple[int, date], str]


def certificates_on(asked: Iterable[tuple[Person, date]]) -> Borne:
    """(Person id, day) → certificate number (户 16 + 成员 2) borne when the day ended.

    One statement. Wants the person's `household` loaded.
    """
    numbers = {(person.pk, day): person.certificate_number for person, day in asked}
    changes = FormerCertificate.objects.filter(person__in={pk for pk, _ in numbers})
    # The latest first, so that the earliest change after the day has the last word.
    for pk, number, changed_on in changes.order_by("-id").values_list(
        "person", "number", "event__recorded_on"
    ):
        _say_earlier(numbers, pk, changed_on, number)
    return numbers


def household_numbers_on(
    asked: Iterable[tuple[Household, date]],
) -> Borne:
    """(Household id, day) → number that the household bore when the day ended. One statement."""
    numbers = {(household.pk, day): household.number for household, day in asked}
    changes = RegisterEvent.objects.filter(household__in={pk for pk, _ in numbers})
    for pk, before, changed_on in changes.order_by("-id").values_list(
        "household", "before", "recorded_on"
    ):
        former = (before.get(f"household:{pk}") or {}).get("number")
        if former:
            _say_earlier(numbers, pk, changed_on, former)
    return numbers


def _say_earlier(numbers: Borne, pk: int, changed_on: date, former: str) -> None:
    """Whoever is asked about on a day before the change bore the former number."""
    for key in numbers:
        if key[0] == pk and key[1] < changed_on:
            numbers[key] = former
