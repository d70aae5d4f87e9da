"""Asking for a what-if, and what a worker then computes."""

import hashlib
from datetime import date
from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.jobs import Tell, start
from lib.money import to_yuan
from policies.models import Pack
from policies.release import keep_trial
from reports.whatif.models import Simulation
from reports.whatif.run import read_policy, simulate


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
    # Two officers who ask for the same draft at once get the same row.
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
        after={"year": year, "name": simulation.name, "sha256": sha256},
    )
    start(simulation)
    return simulation


def compute(simulation: Simulation, tell: Tell, *, on: date) -> dict[str, Any]:
    """The columns of the finished what-if. Raises Refusal when it cannot be computed."""
    figures = simulate(
        area=simulation.area,
        year=simulation.year,
        source=simulation.source,
        name=simulation.name,
        on=on,
        progress=tell,
    )
    keep_trial(
        area=simulation.area,
        sha256=simulation.sha256,
        year=simulation.year,
        simulation=simulation.pk,
        totals=totals_of(figures),
    )
    return {"figures": figures}


def totals_of(figures: dict[str, Any]) -> dict[str, Any]:
    """What flows down to the gate of new measures (`policies.models.Trial`)."""
    total, persons, differences = (
        figures["total"],
        figures["gains"]["persons"],
        figures["differences"],
    )
    return {
        "claims": figures["claims"],
        "changed": differences["changed"],
        "unequal": figures["check"]["differing"],
        "before": to_yuan(total["before"]),
        "after": to_yuan(total["after"]),
        "better": persons["better"]["count"],
        "worse": persons["worse"]["count"],
        "differences": {
            "layers": figures["layers"],
            "tables": [
                {"title": table["title"], "rows": [row for row in table["rows"] if row["change"]]}
                for table in figures["tables"]
                if any(row["change"] for row in table["rows"])
            ],
            "claims": differences["rows"],
        },
    }
