"""A month's fund-operation report: seconds, memory, and the ratio to one SQL pass over its rows.

    DATABASE_URL=postgres://…/own_database python bench/report.py --persons 200000 --claims 200000

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner. An
empty one is filled first: a demo county whose people and claims are copied until there are as many
as asked (`--persons 1000000 --claims 3000000` is what a large county has in a year). The report is
that of the last month, so that the year so far is all of it. Everything in one connection without
parallel workers; CPU of the database beside the wall, as a busy machine blurs the wall. One pass is
a bare sum over the same claims with their visits, and over the other rows: people, covers, payments
by layer, postings. At the end a claim of the month is entered late, the report made again and what
differs shown, and that claim rolled back. Ends with an error when two reports of the same rows
differ, or two of different rows do not.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from copies import backend_seconds, copies_for, copy, copy_rows, step  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import F, Sum  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import Division  # noqa: E402
from claims.models import Settlement, SettlementFund, Visit  # noqa: E402
from enrollment.models import Enrollment, Household, IdentityStatus, Person  # noqa: E402
from funds.models import Posting  # noqa: E402
from lib.periods import Month  # noqa: E402
from reports.activity import Spans, settled  # noqa: E402
from reports.differences import differences  # noqa: E402
from reports.figures import collect, fingerprint  # noqa: E402
from reports.population import covered  # noqa: E402
from reports.services import one_view_of_the_data  # noqa: E402

YEAR = 2026
OF_A_PERSON = (Household, Person, IdentityStatus, Enrollment)
OF_A_CLAIM = (Visit, Settlement, SettlementFund)


def fill(persons: int, claims: int) -> None:
    """First people with their claims, then more claims of the same people."""
    copies_for(1, YEAR)
    of_year = {Settlement: f"policy_year = {YEAR}", Enrollment: f"year = {YEAR}"}
    for models, wanted, counted in (
        ((*OF_A_PERSON, *OF_A_CLAIM), persons, Person.objects.all()),
        (OF_A_CLAIM, claims, Settlement.objects.filter(policy_year=YEAR).effective()),
    ):
        copies = -(-wanted // counted.count()) - 1
        if copies > 0:
            step.cache_clear()
            started = time.perf_counter()
            copy_rows(models, copies, of_year)
            print(f"copied {copies} times in {time.perf_counter() - started:.0f} s", flush=True)


def bare_passes(area: Division, month: Month) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """One sum over the claims with their visits; one over each of the other tables."""
    amounts = ("total_amount", "in_scope_amount", "full_self_pay_amount", "fund_amount")
    sums: dict[str, Any] = {name: Sum(name) for name in (*amounts, "personal_amount")}
    claims = settled(area, Spans(month))
    covers = covered(area, YEAR, month.last)

    def over_claims() -> Any:
        return claims.aggregate(**sums, days=Sum(F("visit__ends") - F("visit__starts")))

    def over_the_rest() -> Any:
        return (
            SettlementFund.objects.aggregate(Sum("amount")),
            Person.objects.aggregate(Sum("id")),
            covers.aggregate(Sum("personal_amount"), Sum("central_amount")),
            IdentityStatus.objects.aggregate(Sum("id")),
            Posting.objects.aggregate(Sum("debit"), Sum("credit")),
        )

    return over_claims, over_the_rest


def measured(what: str, act: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """Least seconds and CPU of some tries, as a busy machine adds and takes nothing away."""
    tries, found = [], None
    for _ in range(repeats):
        started, database, own = time.perf_counter(), backend_seconds(), time.process_time()
        found = act()
        wall = time.perf_counter() - started
        tries.append((wall, backend_seconds() - database, time.process_time() - own))
    wall, database, own = (min(one) for one in zip(*tries, strict=True))
    told = f"{what}: {wall:.2f} s (CPU of the database {database:.2f}, Python {own:.2f})"
    print(told, flush=True)
    return wall, database + own, found


def with_a_late_claim(area: Division, month: Month) -> dict[str, Any]:
    """The month's figures after one more claim of it was entered, which is then gone again."""
    claims = settled(area, Spans(month)).filter(settled_on__gte=month.first, fund_amount__gt=0)
    late = claims.order_by("-pk")[0]
    keys = {Visit: "id", Settlement: "visit_id", SettlementFund: "settlement_id"}
    rows = {Visit: late.visit_id, Settlement: late.visit_id, SettlementFund: late.pk}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model, key in keys.items():
                cursor.execute(copy(model, OF_A_CLAIM, 1, f"{key} = {rows[model]}"))
        print(f"late: {late.total_amount} yuan on {late.settled_on}, paid {late.fund_amount}")
        figures = collect(area=area, month=month)
        transaction.set_rollback(True)
    return figures


def slowest(queries: Any, shown: int) -> None:
    for query in sorted(queries, key=lambda one: -float(one["time"]))[:shown]:
        print(f"  {float(query['time']):.2f} s  {' '.join(query['sql'].split())[:150]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--claims", type=int, default=200_000)
    parser.add_argument("--month", type=int, default=12)
    parser.add_argument("--tries", type=int, default=3, help="of each; the least counts")
    parser.add_argument("--slowest", type=int, default=0, help="statements that are shown")
    options = parser.parse_args()
    fill(options.persons, options.claims)
    area, month, tries = (
        Division.objects.get(code="500225"),
        Month(YEAR, options.month),
        options.tries,
    )
    print(
        f"{Person.objects.count()} persons, {settled(area, Spans(month)).count()} claims"
        f" up to {date(YEAR, options.month, 1):%Y-%m}"
    )
    with one_view_of_the_data():
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL work_mem = '256MB'; SET LOCAL max_parallel_workers_per_gather = 0"
            )
        over_claims, over_the_rest = bare_passes(area, month)
        of_claims, claims_cpu, _ = measured("one pass over the claims", over_claims, tries)
        of_rest, rest_cpu, _ = measured("one pass over everything else", over_the_rest, tries)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        digests = set()

        def one_report() -> dict[str, Any]:
            return collect(area=area, month=month)

        report, cpu, figures = measured("the report", one_report, tries)
        digests.add(fingerprint(figures))
        with CaptureQueriesContext(connection) as queries:
            digests.add(fingerprint(one_report()))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = differences(figures, with_a_late_claim(area, month))
    print(
        f"{len(queries)} statements; report ÷ pass over the claims {report / of_claims:.1f},"
        f" ÷ pass over all its rows {report / (of_claims + of_rest):.1f}; by CPU"
        f" {cpu / claims_cpu:.1f} and {cpu / (claims_cpu + rest_cpu):.1f}"
    )
    print(f"peak memory {after / 1024:.0f} MB, of which the report {(after - before) / 1024:.0f}")
    slowest(queries, options.slowest)
    print("digest", *digests)
    print(f"{len(found)} cells differ with the late claim, as these:")
    for one in found[:6]:
        print(f"  {one.table}, {one.row}, {one.column}: {one.before} → {one.after}")
    if len(digests) > 1 or not found:
        raise SystemExit("the same month gave two reports, or a late claim none")


if __name__ == "__main__":
    main()
