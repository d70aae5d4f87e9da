"""What screening found by the library, and what it could not judge, kept beside the alerts."""

from collections.abc import Iterable, Mapping
from datetime import date

from supervision.library.models import LibraryGap, LibraryHit
from supervision.rules.facts import Hit
from supervision.rules.points import Kind, Missing


def note_library(
    hits: Iterable[Hit], gaps: Mapping[tuple[int, Kind, Missing], int], *, on: date
) -> None:
    """Which points an alert names, and how many were not judged for what; two statements at most.
    What is there already stays: two runs at once find the same."""
    found = [
        LibraryHit(point_id=point, settlement_id=hit.settlement)
        for hit in hits
        for point in hit.points
    ]
    if found:
        LibraryHit.objects.bulk_create(found, ignore_conflicts=True)
    missed = [
        LibraryGap(settlement_id=settlement, kind=kind, missing=missing, points=number, noted_on=on)
        for (settlement, kind, missing), number in sorted(gaps.items())
    ]
    if missed:
        LibraryGap.objects.bulk_create(missed, ignore_conflicts=True)
