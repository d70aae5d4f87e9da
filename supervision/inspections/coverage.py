"""How far a sweep has come: each of its institutions, and what was arranged there."""

from dataclasses import dataclass
from typing import Any

from supervision.inspections.models import (
    Inspection,
    Sweep,
    SweepPlace,
)


@dataclass(frozen=True)
class Covered:
    """One institution of a sweep with what was arranged there, cancelled visits aside."""

    place: SweepPlace
    visits: list[Inspection]
    visited: int
    to_mend: int
    rounds: int

    @property
    def is_left_out(self) -> bool:
        return self.place.left_out_at is not None

    @property
    def is_covered(self) -> bool:
        return self.is_left_out or self.visited >= self.rounds

    @property
    def waits(self) -> bool:
        """A team is on its way."""
        return any(
            one.status in Inspection.UNFINISHED and one.kind == Inspection.Kind.VISIT
            for one in self.visits
        )

    @property
    def may_be_arranged(self) -> bool:
        return not self.is_covered and not self.waits


@dataclass(frozen=True)
class Coverage:
    """The whole sweep; who is left out for a reason is not asked for."""

    places: list[Covered]

    @property
    def asked(self) -> int:
        return sum(not one.is_left_out for one in self.places)

    @property
    def covered(self) -> int:
        return sum(one.is_covered and not one.is_left_out for one in self.places)

    @property
    def percent(self) -> int:
        return self.covered * 100 // self.asked if self.asked else 100


def coverage(sweep: Sweep) -> Coverage:
    """Two statements, however many institutions; who is missing stands first."""
    visits: dict[int, list[Inspection]] = {}
    rows = Inspection.objects.filter(place__sweep=sweep).exclude(status=Inspection.Status.CANCELLED)
    for row in rows.order_by("pk"):
        visits.setdefault(row.place_id, []).append(row)
    counted: Any = sweep.places.with_progress().select_related("institution__division__parent")
    places = [
        Covered(one, visits.get(one.pk, []), one.visited, one.to_mend, sweep.rounds)
        for one in counted
    ]
    return Coverage(sorted(places, key=lambda one: one.is_covered))
