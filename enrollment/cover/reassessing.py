"""What waits for payment follows the register: another status, another premium."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from accounts.audit import record, snapshot
from accounts.models import User
from enrollment.cover.assessing import as_payer, assess_person
from enrollment.cover.models import Enrollment
from enrollment.people.register import statuses_on
from policies.services import terms_of

TOLD = ("personal_amount", "premium_amount", "premium_status")


def assess_pending(actor: User | None, people: Collection[int], on: date) -> int:
    """Charge what these people owe by the statuses of the day. Returns how many rows changed.

    Paid cover stays as it is, and so does what is still owed for a campaign that is over: its
    premium was that of its days. Inside a transaction. Raises Refusal where the measures say
    nothing.
    """
    open_ones = Q(campaign__last_day__gte=on) | Q(late_entry__isnull=False)
    rows = list(
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .filter(open_ones, person__in=people, status=Enrollment.Status.PENDING)
        .select_related("person", "pack", "division")
        .order_by("pk")
    )
    statuses = statuses_on({row.person_id for row in rows}, on)
    changed = 0
    for row in rows:
        terms = terms_of(row.pack)
        payer = as_payer(row.person, tier=row.tier, statuses=statuses[row.person_id], terms=terms)
        columns = assess_person(payer, terms, year=row.year).columns()
        if all(getattr(row, name) == value for name, value in columns.items()):
            continue
        before = snapshot(row, TOLD)
        for name, value in columns.items():
            setattr(row, name, value)
        row.save(update_fields=list(columns))
        changed += 1
        record(
            actor=actor,
            action="enrollment.assess_anew",
            subject=row,
            division_code=row.division.code,
            before=before,
            after=snapshot(row, TOLD),
        )
    return changed
