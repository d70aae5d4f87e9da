"""Periodic work of the room. Tasks carry no data; what is to be done stands in the database."""

from celery import shared_task

from accounts.clock import today
from claims.services.claim_free import mark_claim_free

YEARS_BACK = 2  # how long claims of a finished year may still come in or be withdrawn


@shared_task  # type: ignore[untyped-decorator]
def mark_claim_free_years() -> int:
    """Nightly: the finished years that claims may still change. Returns how many marks changed."""
    day = today()
    return sum(mark_claim_free(year=day.year - back, on=day) for back in range(YEARS_BACK + 1))
