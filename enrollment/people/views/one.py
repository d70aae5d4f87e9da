"""The household or the member that a page is about, within the user's scope; 404 otherwise."""

from accounts.permissions import Request
from accounts.scoping import get_visible
from enrollment.people.models import Household, Person


def one_household(request: Request, pk: int) -> Household:
    return get_visible(Household.objects.with_place(), request.user, pk=pk)


def one_person(request: Request, pk: int) -> Person:
    return get_visible(Person.objects.with_place(), request.user, pk=pk)
