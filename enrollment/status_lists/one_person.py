"""When two records of one person become one: how lines of lists follow (people/rooms.py)."""

from enrollment.people.models import Person
from enrollment.people.rooms import STAYS
from enrollment.status_lists.models import ListLine, StatusList

FOLLOWS = {"enrollment.ListLine.person": STAYS}


def joining_problem(kept: Person, given_up: Person) -> str:
    """A list that was compared and not yet applied would write on the record that ends."""
    open_lists = StatusList.objects.filter(
        status__in=[StatusList.Status.CHECKED, StatusList.Status.APPLYING]
    )
    line = (
        ListLine.objects.filter(person=given_up, list__in=open_lists).select_related("list").first()
    )
    return f"部门名单“{line.list}”还没有更新，请先更新或放弃" if line else ""
