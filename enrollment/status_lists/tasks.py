"""Lists' work that outlives a request. Tasks carry ids only; the rows say what is to be done."""

from celery import shared_task

from accounts.clock import today
from enrollment.status_lists.applying import apply_list
from enrollment.status_lists.checking import check_list
from enrollment.status_lists.models import StatusList


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
