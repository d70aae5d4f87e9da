"""Work that outlives a request. Tasks carry ids only; the rows say what is to be done."""

from celery import shared_task

from accounts.clock import today
from enrollment.lists.applying import apply_list
from enrollment.lists.checking import check_list
from enrollment.lists.models import StatusList
from enrollment.registers.confirming import apply_register
from enrollment.registers.models import RegisterImport
from enrollment.registers.services import forget_registers
from enrollment.registers.staging import check_register
from enrollment.watch.sheets import take_due_sheets


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


@shared_task  # type: ignore[untyped-decorator]
def take_progress_sheets() -> None:
    """Mornings: on reporting days (周一、周四) each open campaign gets its progress sheet, once."""
    take_due_sheets(on=today())


@shared_task  # type: ignore[untyped-decorator]
def work_on_list(list_id: int) -> None:
    """Compare what waits and write what is confirmed; nothing to do is fine."""
    check_list(list_id=list_id, on=today())
    apply_list(list_id=list_id)


@shared_task  # type: ignore[untyped-decorator]
def carry_on_lists() -> None:
    """Periodic: lists whose message was lost or whose worker died."""
    for list_id in StatusList.objects.unfinished().values_list("pk", flat=True):
        work_on_list(list_id)
