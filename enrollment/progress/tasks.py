"""Sheets that are due, whoever looks."""

from celery import shared_task

from accounts.clock import today
from enrollment.progress.sheets import take_due_sheets


@shared_task  # type: ignore[untyped-decorator]
def take_progress_sheets() -> None:
    """Mornings: on reporting days (周一、周四) each open campaign gets its progress sheet, once."""
    take_due_sheets(on=today())
