"""Where Celery finds the room's tasks; those of jobs come with the models."""

from desk.daily import do_daily_work

__all__ = ["do_daily_work"]
