"""Codes that were sold twice become alerts once there is a settlement to tell of."""

from celery import shared_task

from gateway.traces.services import tell_leads as tell


@shared_task  # type: ignore[untyped-decorator]
def tell_leads() -> int:
    """Returns how many codes supervision was told of."""
    return tell()
