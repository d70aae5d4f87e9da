"""Noting what was wrong with a message."""

from datetime import datetime, timedelta

from django.db.models import Case, F, Value, When

from gateway.acceptance.models import Fault
from gateway.clients.models import Client

# As long as a test may last; older ones are not counted on.
KEPT = timedelta(days=92)


def note_fault(client: Client, infno: str, told: str, at: datetime) -> None:
    """Keeps it in the place of the one before."""
    fresh = When(at__lt=at - KEPT, then=Value(1))
    changed = {"told": told, "at": at, "number": Case(fresh, default=F("number") + 1)}
    rows = Fault.objects.filter(client=client, infno=infno)
    if not rows.update(**changed):
        new = Fault(client=client, infno=infno, told=told, at=at)
        # Two at once: the other one's words do as well.
        Fault.objects.bulk_create([new], ignore_conflicts=True)
