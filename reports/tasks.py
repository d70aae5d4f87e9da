"""Computing reports in the background. A task carries only the row's id; the row is the job."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from accounts.clock import today
from reports import services
from reports.models import MonthlyReport

logger = logging.getLogger("hezuo.reports")


@shared_task  # type: ignore[untyped-decorator]
def compute_report(report_id: int) -> bool:
    """Compute one report. Delivered twice or to two workers, it is still computed once."""
    return services.compute_report(report_id)


@shared_task  # type: ignore[untyped-decorator]
def compute_waiting_reports() -> int:
    """Take up every report that waits, or that a worker left behind. Returns how many are done."""
    waiting = MonthlyReport.objects.unfinished().order_by("requested_at", "pk")
    return sum(services.compute_report(pk) for pk in list(waiting.values_list("pk", flat=True)))


@shared_task  # type: ignore[untyped-decorator]
def request_last_month() -> int:
    """On the first of the month: ask for the reports of the month before."""
    return len(services.request_last_month(on=today()))


def hurry(report: MonthlyReport) -> None:
    """Tell a worker at once. Without a broker the periodic task finds the row within seconds."""
    try:
        compute_report.delay(report.pk)
    except OperationalError:
        logger.warning("broker unreachable; the report waits for the periodic task")


from reports.whatif.tasks import (  # noqa: E402, F401 - where Celery looks for tasks of the room
    compute_simulation,
    compute_waiting_simulations,
)
