"""Where Celery finds the room's tasks; those of jobs come with the models."""

from desk.daily import do_daily_work
from desk.row_seals import seal_rows

__all__ = ["do_daily_work", "seal_rows"]
