"""Where Celery finds the room's tasks. Each stands in its sub-room, which names it."""

from enrollment.progress.tasks import take_progress_sheets
from enrollment.rosters.tasks import carry_on_registers, forget_old_registers, work_on_register
from enrollment.status_lists.tasks import carry_on_lists, work_on_list

__all__ = [
    "carry_on_lists",
    "carry_on_registers",
    "forget_old_registers",
    "take_progress_sheets",
    "work_on_list",
    "work_on_register",
]
