"""Periodic work of the room."""

from celery import shared_task

from accounts.clock import today
from reports import services


@shared_task  # type: ignore[untyped-decorator]
def request_last_month() -> int:
    """Each day: ask for the reports of last month that nobody has asked for."""
    return len(services.request_last_month(on=today()))
