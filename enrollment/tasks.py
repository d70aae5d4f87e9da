"""Where Celery finds the room's tasks. Each stands in its sub-room, which names it."""

from enrollment.progress.tasks import take_progress_sheets

__all__ = ["take_progress_sheets"]
