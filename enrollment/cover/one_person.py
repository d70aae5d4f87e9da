"""What covers say of people (people/rooms.py): how they follow when two records become one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from accounts.models import User
from enrollment.cover.models import Enrollment
from enrollment.cover.proposal_models import Proposal
from enrollment.cover.reassessing import assess_pending
from enrollment.people.models import Person
from enrollment.people.rooms import OWN, STAYS, Unless
from lib.money import told

FOLLOWS = {
    "enrollment.Enrollment.person": OWN,  # collection: of a year that both paid one cover ends
    "enrollment.ExpectedChild.mother": Unless(("working_name",)),
    "enrollment.ExpectedChild.child": STAYS,
    "enrollment.Proposal.person": STAYS,
}


def lock(ids: Sequence[int]) -> None:
    """The covers of these people, in the order of the key: before households, as claims do.

    Not those that wait for payment: windows take them with the household in hand.
    """
    covers = Enrollment.objects.select_for_update(no_key=True).filter(person__in=ids)
    covers = covers.exclude(status=Enrollment.Status.PENDING).order_by("pk")
    list(covers.values_list("pk", flat=True))


def status_taken(actor: User, people: Sequence[int], on: date) -> None:
    """A status came with a corrected name or number: what waits is charged by it."""
    assess_pending(actor, people, on)


def joining_problem(kept: Person, given_up: Person) -> str:
    """Proposals about either record are decided first."""
    waiting = Proposal.objects.waiting().filter(person__in=[kept.pk, given_up.pk]).first()
    return f"{waiting}还在审批，请先办结" if waiting else ""


def shown(person: Person, user: User) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Covers by year, with what was paid."""
    rows = person.enrollments.select_related("pack", "receipt").order_by("-year", "-pk")
    return [
        (
            "参保和缴费",
            [
                (
                    f"{row.year} 年度 {row.tier_name}",
                    f"{row.get_status_display()}，个人缴费 {told(row.personal_amount)} 元"
                    + (f"，收据 {row.receipt.full_number}" if row.receipt else ""),
                )
                for row in rows
            ],
        )
    ]
