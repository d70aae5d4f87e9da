"""Sheets that are due, whoever looks."""

import logging

from celery import shared_task

from accounts.clock import today
from enrollment.progress import tallies
from enrollment.progress.sheets import take_due_sheets

logger = logging.getLogger("hezuo.progress")


@shared_task  # type: ignore[untyped-decorator]
def take_progress_sheets() -> None:
    """Mornings: each open campaign gets the sheet of its last reporting day (周一、周四), once."""
    take_due_sheets(on=today())


@shared_task  # type: ignore[untyped-decorator]
def count_places() -> int:
    """Every minute: places where something changed are counted before somebody asks."""
    return tallies.refresh(today())


@shared_task  # type: ignore[untyped-decorator]
def compare_places() -> int:
    """Nightly: what is kept against the tables; what differs is logged and counted anew."""
    wrong = tallies.differences(today())
    if wrong:
        logger.error("tallies differ from the tables", extra={"divisions": wrong[:20]})
        tallies.recount(sorted({division for division, _ in wrong}))
    return len(wrong)
