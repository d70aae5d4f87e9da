"""Work of every day: the first sweep after its hour does it, or the first in which the portal runs.

A beat that was down at the hour, or was made anew, remembers nothing; so the database does. A job
that fails has not run and is tried by the next sweep.
"""

import logging
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.clock import today
from desk.locks import only_one
from desk.models import DailyRun

logger = logging.getLogger("hezuo.daily")


@shared_task  # type: ignore[untyped-decorator]
def do_daily_work() -> list[str]:
    """What `settings.DAILY` names and nobody has done today; returns which were done."""
    return do_due(timezone.localtime())


def do_due(now: datetime) -> list[str]:
    """One that goes wrong is logged and holds no other up."""
    done = []
    for name, begins in settings.DAILY.items():
        if now.time() < begins:
            continue
        try:
            if _once(name):
                done.append(name)
        except Exception:
            logger.exception("%s went wrong", name)
    return done


def _once(name: str) -> bool:
    # The jobs are of a whole schema, not of an area.
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
    with only_one(schema, f"daily {name}") as mine:
        if not mine or DailyRun.objects.filter(name=name, day__gte=today()).exists():
            return False
        day = today()
        import_string(name)()
        DailyRun.objects.update_or_create(name=name, defaults={"day": day})
        return True
