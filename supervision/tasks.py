"""Periodic screening. Tasks carry no data; what is still to do stands in the database."""

from celery import shared_task

from accounts.clock import today
from accounts.models import Division
from supervision.sampling.services import seal_seeds
from supervision.services import screen_new_claims as screen


@shared_task  # type: ignore[untyped-decorator]
def screen_new_claims() -> int:
    """Screen every area until nothing new is left. Returns how many settlements were looked at."""
    total = 0
    for area in Division.objects.filter(level=Division.Level.COUNTY):
        while looked_at := screen(area=area):
            total += looked_at
    return total


def seal_samples() -> int:
    """The seeds of the months' samples (settings.DAILY)."""
    return seal_seeds(today())
