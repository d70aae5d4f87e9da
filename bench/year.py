"""A whole fund year and the spring after it, and every figure of it computed a second time.

    DATABASE_URL=postgres://…/own_database python bench/year.py --persons 20000

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner. An
empty one gets a demo county with its year, which is then closed, paid and shared out, and whose
next spring comes in, all by the services that the pages call (`demo/spring.py`). Afterwards
everything is recomputed from bare rows in plain Python (`tests/recount/`): balances by account and
dimension, both statements, reserves, quotas, accounts and every indicator of every month. Ends with
an error at the first run in which one figure differs, each of which is named.
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
# Nothing is lost with the machine that could not be made again.
os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from accounts.models import Division  # noqa: E402
from claims.models import Settlement  # noqa: E402
from demo.county import is_empty, seed  # noqa: E402
from demo.places import COUNTY_CODE  # noqa: E402
from demo.plan import Plan  # noqa: E402
from demo.spring import go_on  # noqa: E402
from enrollment.models import Person  # noqa: E402
from funds.models import Book, Period, Voucher  # noqa: E402
from funds.records import book_records, one_view  # noqa: E402
from funds.verify import verify  # noqa: E402
from lib.periods import Month  # noqa: E402
from tests.recount.compare import compare_all  # noqa: E402

# By so much more than the demo's usual visits a person has some three claims a year.
OFTEN = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--year", type=int, default=2027)
    parser.add_argument("--often", type=float, default=OFTEN)
    parser.add_argument("--spring", type=int, default=900, help="claims of the spring")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    year = options.year
    call_command("migrate", verbosity=0)
    started = time.perf_counter()

    def told(words: str) -> None:
        print(f"{words} ({time.perf_counter() - started:.0f} s)", flush=True)

    if is_empty():
        plan = Plan(options.persons, year, options.seed, date(year, 12, 31), options.often)
        outcome = seed(plan)
        told(f"seeded {outcome.people} persons, {outcome.claims} claims of the year")
    area = Division.objects.get(code=COUNTY_CODE)
    if Period.objects.filter(book__area=area, year=year, status=Period.Status.OPEN).exists():
        came = go_on(year, claims=options.spring, seed=options.seed)
        told(
            f"closed through March: {came.claims} claims of the spring, {came.late} late ones,"
            f" {came.recovered} recovered, {came.refused} refused"
        )
        print("\n".join(came.left))
    found = compare_all(area, Month(year, 1), Month(year + 1, 3), year)
    told("recomputed")
    with one_view():
        broken = verify(
            book_records(Book.objects.get(area=area, fund_type=Book.FundType.RESIDENT))
        ).findings
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    of_year = Settlement.objects.filter(policy_year=year).count()
    closed = Period.objects.filter(book__area=area, status=Period.Status.CLOSED).count()
    print(
        f"{Person.objects.count()} persons, {Settlement.objects.count()} claims ({of_year} of the"
        f" year), {Voucher.objects.count()} vouchers, {closed} months closed; {found.compared}"
        f" figures compared, {len(found.different)} differ; CPU of Python"
        f" {time.process_time():.0f} s, peak memory {memory} MB"
    )
    for one in found.different[:200]:
        print(one)
    if found.different or broken:
        raise SystemExit("the year does not add up" if found.different else f"books: {broken[0]}")


if __name__ == "__main__":
    main()
