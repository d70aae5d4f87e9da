"""Periodic work of the room."""

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from accounts.models import SignInFailure

# The Cybersecurity Law, article 21 (3): logs of such events are kept for six months at least.
KEPT_FOR = timedelta(days=184)


@shared_task  # type: ignore[untyped-decorator]
def clean_up() -> int:
    """Sessions that have ended go, and failed sign-ins of long ago. Returns how many of these."""
    call_command("clearsessions")
    deleted, _ = SignInFailure.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted
