"""Failed tries are forgotten after a while."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from gateway.clients.models import FailedTry

# As of failed sign-ins (accounts/tasks.py): half a year at least.
KEPT_FOR = timedelta(days=184)


@shared_task  # type: ignore[untyped-decorator]
def forget_failures() -> int:
    """Messages of long ago that did not prove themselves. Returns how many."""
    deleted, _ = FailedTry.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted
