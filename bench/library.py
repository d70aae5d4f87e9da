"""The published rule library taken whole, and a bill of 300 lines judged by all of it.

    DATABASE_URL=postgres://…/own_database python bench/library.py FILE --bills 50

Needs the environment of the portal (docs/operations.md) and a database of its own with the demo
county; FILE is the table of the published batches. Sends and confirms it as the county's supervisor
(or finds it there), sends it once more, then judges bills whose lines all bear codes of the
library: reading the points of the bill and judging them, in milliseconds. Ends with an error when a
row is refused, the second sending would change something, or the slowest bill takes more than
`--most`.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from accounts.clock import today  # noqa: E402
from accounts.models import Division, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from desk.jobs import run  # noqa: E402
from supervision.library.importing import LIBRARY_FILES  # noqa: E402
from supervision.library.models import LibraryFile, LibraryPoint  # noqa: E402
from supervision.library.reading import library_of  # noqa: E402
from supervision.rules.facts import Charge, ClaimFacts, Known  # noqa: E402
from supervision.rules.library import find, gaps  # noqa: E402
from supervision.rules.points import Kind  # noqa: E402

T = TypeVar("T")
FIRST_DAY = date(2025, 1, 1)
STARTS, DAYS = date(2026, 3, 1), 20


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", type=Path)
    asked.add_argument("--bills", type=int, default=50)
    asked.add_argument("--lines", type=int, default=300)
    asked.add_argument("--most", type=float, default=50, help="milliseconds of the slowest bill")
    given = asked.parse_args()
    supervisor = User.objects.filter(role=Role.SUPERVISOR, is_active=True).earliest("pk")
    content = given.file.read_bytes()
    take(supervisor, content)
    again = sent(supervisor, content + b"\n")
    print(f"once more: {again.same_count} the same, {again.new_count} new")
    if again.new_count or again.changed_count or again.refused_count:
        sys.exit("the same rows would change something")
    slowest = judge(supervisor, given.bills, given.lines)
    if slowest > given.most:
        sys.exit(f"{slowest:.1f} ms is more than {given.most} ms")


def take(supervisor: User, content: bytes) -> None:
    """Print what became of the rows, and how long it took."""
    began = time.perf_counter()
    file = sent(supervisor, content)
    checked = time.perf_counter()
    if file.may_be_confirmed and file.new_count:
        LIBRARY_FILES.confirm(actor=supervisor, upload=file, sha256=file.sha256, on=today())
        worked(file)
    written = time.perf_counter()
    print(
        f"{file.get_status_display()}: {file.new_count} new, {file.changed_count} changed, "
        f"{file.same_count} the same, {file.refused_count} refused; "
        f"checked in {checked - began:.1f} s, written in {written - checked:.1f} s"
    )
    if file.refused_count:
        sys.exit("rows were refused")


def sent(supervisor: User, content: bytes) -> LibraryFile:
    file, _ = LIBRARY_FILES.upload(
        actor=supervisor, file_name="rules.csv", content=content, on=today(), first_day=FIRST_DAY
    )
    return worked(file)


def worked(file: LibraryFile) -> LibraryFile:
    """Here where no worker takes it up."""
    file.refresh_from_db()
    if file.is_unfinished:
        run("supervision.libraryfile", file.pk, today())
    file.refresh_from_db()
    return file


def judge(supervisor: User, bills: int, lines: int) -> float:
    """Milliseconds of the slowest bill."""
    area = Division.objects.get(code=supervisor.county_code)
    codes = sorted(set(LibraryPoint.objects.filter(area=area).values_list("code", flat=True)))
    dice = random.Random(8)
    took: dict[str, list[float]] = {"reading": [], "judging": [], "both": []}
    hits = missed = 0
    one_bill(area, *bill(dice, codes, lines))  # what is read once and kept
    for _ in range(bills):
        found, open_, reading, judging = one_bill(area, *bill(dice, codes, lines))
        hits, missed = hits + found, missed + open_
        for name, value in zip(took, (reading, judging, reading + judging), strict=True):
            took[name].append(value)
    print(f"{bills} bills of {lines} lines: {hits} hits, {missed} points not judged")
    for name, values in took.items():
        print(f"{name}: p50 {statistics.median(values):.1f} ms, slowest {max(values):.1f} ms")
    return max(took["both"])


def one_bill(
    area: Division, claim: ClaimFacts, charges: list[Charge]
) -> tuple[int, int, float, float]:
    """Hits, points that were not judged, milliseconds of reading and of judging."""
    codes = {one.code for one in charges}
    library, reading = timed(lambda: library_of(area.code, codes))
    known = Known(charges={claim.settlement: charges}, library=library)
    found, judging = timed(lambda: [hit for kind in Kind for hit in find(kind, [claim], known)])
    return len(found), sum(gaps([claim], known).values()), reading, judging


def bill(dice: random.Random, codes: list[str], lines: int) -> tuple[ClaimFacts, list[Charge]]:
    """Twenty days in the county hospital, every line an item of the library."""
    charges = [
        Charge(
            name=code, category="", quantity=100, amount=dice.randint(100, 50_000), code=code,
            charged_on=STARTS + timedelta(days=dice.randrange(DAYS)),
        )
        for code in dice.choices(codes, k=lines)
    ]  # fmt: skip
    claim = ClaimFacts(
        settlement=1, number="1", person=1, village="", institution="H", institution_name="医院",
        designated=True, level="county", care="inpatient", bed=True, counts_as_stay=True,
        starts=STARTS, ends=STARTS + timedelta(days=DAYS - 1), diagnosis="J18.9", total=0,
        off_catalogue=0, sex="1", born_on=date(1980, 1, 1),
    )  # fmt: skip
    return claim, charges


def timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    done = work()
    return done, (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
