"""The one place that knows what day it is. Views and tasks ask; everything below is told."""

from datetime import date, datetime, time

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """The local date, or the date that HEZUO_TODAY sets for rehearsals and tests."""
    return settings.TODAY or timezone.localdate()


def start_of(day: date) -> datetime:
    """The day's first moment, local time."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
