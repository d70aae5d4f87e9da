"""A what-if on a county's year: seconds to read, to compute, and the ratio to one NumPy pass.

    DATABASE_URL=postgres://…/empty_database python bench/whatif.py --claims 860000

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner.
It seeds a small demo county, copies its people and claims until there are as many as asked (new
people, new households, same bills), and then tries the county's own measures with the county
hospital's ratio raised by five points, and by six: the first reads everything, the next draft finds
what the year was settled from. Figures go to standard output. A second run on the same database
finds the claims there and only measures.
"""

import argparse
import os
import resource
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402
from copies import backend_seconds, copies_for, copy_rows  # noqa: E402
from django.db import models, transaction  # noqa: E402

from accounts.models import Division  # noqa: E402
from claims.adjudication import adjudicate  # noqa: E402
from claims.models import (  # noqa: E402
    BillLine,
    Settlement,
    SettlementFund,
    UsageEntry,
    Visit,
)
from enrollment.models import Enrollment, Household, IdentityStatus, Person  # noqa: E402
from policies.models import Pack  # noqa: E402
from policies.services import terms_of  # noqa: E402
from reports.whatif.columns import Codes, Year  # noqa: E402
from reports.whatif.loading import load_year  # noqa: E402
from reports.whatif.models import KeptYear  # noqa: E402
from reports.whatif.run import simulate  # noqa: E402
from reports.whatif.together import one_moment  # noqa: E402

YEAR = 2026
COPIED: tuple[type[models.Model], ...] = (
    Household, Person, IdentityStatus, Enrollment, Visit, BillLine, Settlement, SettlementFund,
    UsageEntry,
)  # fmt: skip


def fill(claims: int) -> None:
    """Seed a county, then copy its people and claims of the year."""
    copies = copies_for(claims, YEAR)
    if copies < 1:
        return
    started = time.perf_counter()
    of_year = f"policy_year = {YEAR}"
    copy_rows(COPIED, copies, {Settlement: of_year, UsageEntry: of_year})
    print(f"copied {copies} times in {time.perf_counter() - started:.0f} s")


def one_pass(year: Year, repeats: int = 5) -> float:
    """Seconds of one pass of NumPy over the columns that adjudication reads: each summed once."""
    columns = [year.starts, year.days, year.age, year.years, year.person, year.household]
    columns += [*year.categories.values(), *year.flags.values(), *year.approved, *year.over]
    started = time.perf_counter()
    for _ in range(repeats):
        for column in columns:
            np.sum(column)
    return (time.perf_counter() - started) / repeats


def read_cpu(area: Division) -> tuple[float, float]:
    """CPU seconds of reading on one connection, in the database and here: what a busy machine
    cannot blur."""
    terms = terms_of(Pack.objects.adopted().get())
    with transaction.atomic(), one_moment() as begin:
        started = backend_seconds(), time.process_time()
        load_year(area=area, year=YEAR, codes=Codes.of(terms), begin=begin)
        return backend_seconds() - started[0], time.process_time() - started[1]


def draft(area: Division, source: str, points: int) -> None:
    """A whole what-if with so many points at the county hospital."""
    change = "{{when: {{level: county, age_group: adult}}, ratio: {}%}}".format
    started, cpu = time.perf_counter(), time.process_time()
    figures = simulate(
        area=area, year=YEAR, source=source.replace(change(50), change(points)), name="draft",
        on=date(YEAR, 12, 31), progress=lambda percent, stage: None,
    )  # fmt: skip
    print(
        f"{points} points: whole what-if {time.perf_counter() - started:.2f} s, of which Python"
        f" {time.process_time() - cpu:.2f} s of CPU, stages {figures['seconds']}"
    )
    worse = figures["gains"]["persons"]["worse"]["count"]
    print(f"  the fund pays {figures['total']['change']} fen more; worse off: {worse} persons")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--claims", type=int, default=100_000)
    options = parser.parse_args()
    fill(options.claims)
    KeptYear.objects.all().delete()  # the first draft of a year
    area, pack = Division.objects.get(code="500225"), Pack.objects.adopted().get()
    terms = terms_of(pack)
    started = time.perf_counter()
    with one_moment() as begin:
        year = load_year(area=area, year=YEAR, codes=Codes.of(terms), begin=begin)
    load = time.perf_counter() - started
    cases, opening = year.cases(terms), year.opening(terms)
    started = time.perf_counter()
    decisions = adjudicate(cases, terms, opening)
    compute = time.perf_counter() - started
    bare = one_pass(year)
    wrong = int((decisions.fund_pay != year.settled["fund"]).sum())
    print(f"claims {len(year)}, persons {len(year.persons)}, lines {BillLine.objects.count()}")
    print(f"read {load:.2f} s, compute one pack {compute:.2f} s, one NumPy pass {bare:.4f} s,")
    print(f"ratio of computing to one pass {compute / bare:.1f}, differing from paid {wrong}")
    print(
        "CPU seconds of reading on one core: database {:.2f}, Python {:.2f}".format(*read_cpu(area))
    )
    del year, cases, opening, decisions  # the memory that is told is that of one what-if
    for points in (55, 56):
        draft(area, pack.source, points)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if wrong:
        raise SystemExit("the measures in force do not reproduce what was paid")


if __name__ == "__main__":
    main()
