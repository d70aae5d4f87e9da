"""The progress board of a county: counted from the tables, and read from the tallies, in one run.

    DATABASE_URL=postgres://…/own_database python bench/board.py --people 1000000

Needs the environment of the portal (docs/operations.md) and a database of its own; an empty one is
filled as by bench/search.py. First everything is counted once, as after an upgrade. Then both ways
are timed in turn: the sums over the tables that every look took before, and the board; between two
looks one person dies, so that a place is counted anew. Figures go to standard output, in ms.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import search  # sets Django up
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.models import Division
from enrollment.models import Campaign, Person
from enrollment.progress.figures import board
from enrollment.progress.tallies import COUNTED, differences, refresh


def timed(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def from_tables() -> None:
    """Everything that the board shows of registers, covers and receipts, summed anew."""
    places = list(Division.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"places": places})
        cursor.fetchall()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--tries", type=int, default=7)
    options = parser.parse_args()
    settings.TODAY = search.DAY
    call_command("migrate", verbosity=0)
    if not Person.objects.exists():
        search.fill(options.people)
    print(f"{Person.objects.count()} people")
    print(f"counted once {timed(lambda: refresh(search.DAY)):.0f} ms")
    campaign = Campaign.objects.get()
    county = campaign.area
    tables, tallies = [], []
    for person in Person.objects.present().order_by("-pk")[: options.tries]:
        Person.objects.filter(pk=person.pk).update(death_date=search.DAY)
        tables.append(timed(from_tables))
        tallies.append(timed(lambda: board(under=county, campaign=campaign, day=search.DAY)))
        Person.objects.filter(pk=person.pk).update(death_date=None)
    for name, spent in (("from the tables", tables), ("from tallies", tallies)):
        spent.sort()
        print(f"{name:<16} p50 {spent[len(spent) // 2]:8.1f} ms, worst {spent[-1]:8.1f} ms")
    print(f"places that differ: {len(differences(search.DAY))}")


if __name__ == "__main__":
    main()
