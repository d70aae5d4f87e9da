"""Computing what-ifs in the background. A task carries only the row's id; the row is the job."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from accounts.clock import today
from reports.whatif import services
from reports.whatif.models import Simulation

logger = logging.getLogger("hezuo.reports")


@shared_task  # type: ignore[untyped-decorator]
def compute_simulation(simulation_id: int) -> bool:
    """Compute one what-if. Delivered twice or to two workers, it is still computed once."""
    return services.compute_simulation(simulation_id, on=today())


@shared_task  # type: ignore[untyped-decorator]
def compute_waiting_simulations() -> int:
    """Take up every what-if that waits, or that a worker left behind. Returns how many are done."""
    waiting = list(Simulation.objects.unfinished().order_by("pk").values_list("pk", flat=True))
    return sum(services.compute_simulation(pk, on=today()) for pk in waiting)


def hurry(simulation: Simulation) -> None:
    """Tell a worker at once. Without a broker the periodic task finds the row within seconds."""
    try:
        compute_simulation.delay(simulation.pk)
    except OperationalError:
        logger.warning("broker unreachable; the what-if waits for the periodic task")
