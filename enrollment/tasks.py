"""Where Celery finds the room's tasks. Each stands in its sub-room, which names it."""

from enrollment.progress.tasks import compare_places, count_places, take_progress_sheets

__all__ = ["compare_places", "count_places", "take_progress_sheets"]
