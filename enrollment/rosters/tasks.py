"""Rosters' work that outlives a request. Tasks carry ids only; the rows say what is to be done."""

from celery import shared_task

from accounts.clock import today
from enrollment.rosters.confirming import apply_register
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.services import forget_registers
from enrollment.rosters.staging import check_register


@shared_task  # type: ignore[untyped-decorator]
def work_on_register(register_id: int) -> None:
    """Check what waits and write what is confirmed; nothing to do is fine."""
    check_register(register_id=register_id, on=today())
    apply_register(register_id=register_id)


@shared_task  # type: ignore[untyped-decorator]
def carry_on_registers() -> None:
    """Periodic: registers whose message was lost or whose worker died."""
    for register_id in RegisterImport.objects.unfinished().values_list("pk", flat=True):
        work_on_register(register_id)


@shared_task  # type: ignore[untyped-decorator]
def forget_old_registers() -> None:
    """Nightly: files and staged rows are not kept longer than they are needed."""
    forget_registers(on=today())
