"""Asking for a what-if, and computing it exactly once with its progress in sight."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from policies.models import Pack
from reports.whatif.models import Simulation
from reports.whatif.run import read_policy, simulate

# First number of the advisory locks of this table; the second is the row.
LOCK = 0x51AB
Status = Simulation.Status


@transaction.atomic
def request_simulation(
    *, actor: User, area: Division, year: int, source: str, name: str, pack: Pack | None = None
) -> Simulation:
    """Put a text on a year in line and return its row, which is also the job.

    The same text on the same year that still waits is returned as it is. Raises Refusal when the
    text is no policy pack or the area is no county.
    """
    if area.level != Division.Level.COUNTY:
        raise Refusal("试算按统筹区（县）进行，请由县级人员申请", "year")
    read_policy(source, name)
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)
    waiting = Simulation.objects.unfinished().filter(area=area, year=year, sha256=sha256).first()
    if waiting is not None:
        return waiting
    simulation = Simulation.objects.create(
        area=area,
        year=year,
        name=name[:120],
        pack=pack,
        source=source,
        sha256=sha256,
        requested_by=actor,
    )
    record(
        actor=actor,
        action="policies.simulate",
        subject=simulation,
        division_code=area.code,
        after={"year": year, "name": simulation.name, "sha256": sha256},
    )
    return simulation


def compute_simulation(simulation_id: int, *, on: date) -> bool:
    """Compute a waiting what-if and keep its figures. True when this call did it.

    Any number of workers may try as often as they like: who holds the advisory lock of the row is
    at work. The lock lives as long as the worker's connection, so a row left behind by a dead
    worker is simply taken up again, while the row itself stays free to show the progress. A Refusal
    makes it FAILED in words; so does a fault, which is also raised; a lost connection leaves it to
    the next attempt.
    """
    with _only_one(simulation_id) as mine:
        if not mine:
            return False
        simulation = (
            Simulation.objects.unfinished().select_related("area").filter(pk=simulation_id).first()
        )
        if simulation is None:
            return False
        return _compute(simulation, on)


def _compute(simulation: Simulation, on: date) -> bool:
    row = Simulation.objects.filter(pk=simulation.pk).unfinished()
    row.update(status=Status.COMPUTING, started_at=timezone.now(), progress=0, stage="开始")

    def progress(percent: int, stage: str) -> None:
        row.update(progress=percent, stage=stage)

    try:
        figures = simulate(
            area=simulation.area,
            year=simulation.year,
            source=simulation.source,
            name=simulation.name,
            on=on,
            progress=progress,
        )
    except Refusal as refusal:
        return _fail(simulation, refusal.message)
    except (InterfaceError, OperationalError):
        raise
    except Exception:
        _fail(simulation, "计算时出现程序错误，已记入系统日志，请联系系统管理员")
        raise
    done = row.update(
        status=Status.DONE, figures=figures, progress=100, stage="", computed_at=timezone.now()
    )
    return bool(done)


def _fail(simulation: Simulation, why: str) -> bool:
    row = Simulation.objects.filter(pk=simulation.pk).unfinished()
    return bool(row.update(status=Status.FAILED, failure=why, stage="", computed_at=timezone.now()))


@contextmanager
def _only_one(simulation_id: int) -> Iterator[bool]:
    """Whether nobody else is at work on the row; held until the block ends or the worker dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, simulation_id])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, simulation_id])
