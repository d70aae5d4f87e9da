"""Wrongs of all kinds planted among a county's claims: recall and precision of each rule.

    DATABASE_URL=postgres://…/own_database python bench/planted.py --claims 20000 --wrongs 1500

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner: a
demo county is seeded where there is none, its people are copied until there are enough, honest
claims (one clinic visit or stay after the other, no two alike) are written until there are as many
as asked, and the wrongs of `tests/supervision/planting.py` among them, whose truth is kept apart
from the rules. Then screening runs over all of them, which are also read in one bare SQL pass
(claims with their visits and bill lines) for the ratio. `--claims 1000000` is what a county has in
a year. Ends with an error where a definite rule misses one or tells of a right one.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from copies import copies_for, copy_rows, step  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402

from accounts.models import Division, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from claims.models import BillLine, Settlement, SettlementFund, Visit  # noqa: E402
from enrollment.models import Enrollment, Household, Person  # noqa: E402
from supervision.models import Alert, Screening  # noqa: E402
from supervision.services import screen_new_claims  # noqa: E402
from tests.supervision.planting import CERTAIN, KINDS, Planter, plant, scores  # noqa: E402

YEAR = 2026
OF_A_PERSON = (Household, Person, Enrollment)
# Households of which one planting takes somebody: no other takes any of them.
PEOPLE_OF_A_WRONG = 3
MOST_OF_A_PERSON = 60


def enough_people(area: Division, wanted: int) -> None:
    free = Enrollment.objects.active().filter(year=YEAR, person__visits=None)
    copies = -(-wanted // max(1, free.values("household").distinct().count())) - 1
    if copies > 0:
        step.cache_clear()
        copy_rows(OF_A_PERSON, copies, {Enrollment: f"year = {YEAR}"})


def honest(planter: Planter, number: int) -> None:
    """So many more claims as copies of one of a clinic and one stay, each of another person, day
    and sum, by SQL: people take turns, and nobody comes twice on one day."""
    covers = [one for village in planter.villages for one in village]
    villages = {one.pk: one.division.code[:12] for one in covers}
    stays: dict[str, int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        visit = planter.claim(covers[0], 5, at="quiet", total="9.00")
        bed = planter.claim(covers[1], 5, 4, at="honest", total="1500.00")
        cursor.execute(
            "CREATE TEMP TABLE honest (template bigint, person bigint, household bigint,"
            " enrollment bigint, division bigint, pack bigint, turn int, day int, fen int)"
            " ON COMMIT DROP"
        )
        # Of ten people nine come so often to the clinic, one to a bed.
        each = -(-number // max(1, len(covers) * 9 // 10))
        stride = max(1, 355 // each)
        rows, draw = [], Random(YEAR)
        for n, one in enumerate(covers):
            village = villages[one.pk]
            known = (one.person_id, one.household_id, one.pk, one.division_id, one.pack_id)
            if n % 10 == 0:  # a stay, of its village the only one on that day
                stays[village] += 1
                rows.append((bed.visit_id, *known, 0, stays[village] % 350, 100000 + n % 300000))
                continue
            for turn in range(each):
                on = (turn * stride + n % stride) % 358
                rows.append((visit.visit_id, *known, turn, on, draw.randint(500, 1499)))
        rows = rows[:number]
        for at in range(0, len(rows), 10_000):
            part = rows[at : at + 10_000]
            marks = ",".join(["(%s,%s,%s,%s,%s,%s,%s,%s,%s)"] * len(part))
            cursor.execute(
                f"INSERT INTO honest VALUES {marks}", [value for row in part for value in row]
            )
        write_copies(cursor)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def write_copies(cursor) -> None:  # type: ignore[no-untyped-def]
    tops = {model: model._default_manager.aggregate(top=models.Max("id"))["top"]
            for model in (Visit, Settlement, SettlementFund, BillLine)}  # fmt: skip
    ids = {model: f"{top} + row_number() OVER (ORDER BY h.ctid)" for model, top in tops.items()}
    money, half = "h.fen / 100.0", "round(h.fen / 200.0, 2)"
    day = "date '2026-01-01' + h.day"
    visit, settlement = ids[Visit], ids[Settlement]
    own = {
        Visit: {"id": visit, "person_id": "h.person", "household_id": "h.household",
                "enrollment_id": "h.enrollment", "division_id": "h.division", "starts": day,
                "ends": f"{day} + (t.ends - t.starts)"},
        Settlement: {"id": settlement, "visit_id": visit, "division_id": "h.division",
                     "pack_id": "h.pack", "number": f"'H' || ({settlement})",
                     "settled_on": f"{day} + 5", "total_amount": money, "in_scope_amount": money,
                     "fund_amount": half, "personal_amount": f"{money} - {half}",
                     "cash_amount": f"{money} - {half}"},
        SettlementFund: {"id": ids[SettlementFund], "settlement_id": settlement, "amount": half},
        BillLine: {"id": ids[BillLine], "visit_id": visit, "amount": money,
                   "approved_amount": money, "unit_price": money},
    }  # fmt: skip
    joined = {
        Visit: "t.id = h.template",
        Settlement: "t.visit_id = h.template",
        BillLine: "t.visit_id = h.template",
        SettlementFund: "t.settlement_id = (SELECT id FROM claims_settlement"
        " WHERE visit_id = h.template)",
    }
    for model, values in own.items():
        columns = [one.column for one in model._meta.concrete_fields]
        chosen = ", ".join(values.get(one, f"t.{one}") for one in columns)
        table = model._meta.db_table
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {chosen} FROM honest h JOIN {table} t ON {joined[model]}"
        )
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )


def one_pass(area: Division) -> float:
    """Seconds in which PostgreSQL reads all claims with visits and lines once."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(s.total_amount), sum(v.ends - v.starts), sum(b.amount),"
            " count(DISTINCT b.item_name) FROM claims_settlement s"
            " JOIN claims_visit v ON v.id = s.visit_id JOIN claims_billline b ON b.visit_id = v.id"
            " JOIN accounts_division d ON d.id = s.division_id WHERE d.code LIKE %s",
            [f"{area.code}%"],
        )
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--wrongs", type=int, default=1_500)
    options = parser.parse_args()
    copies_for(1, YEAR)
    area = Division.objects.get(code="500225")
    each = -(-options.wrongs // len(KINDS))
    people = options.wrongs * PEOPLE_OF_A_WRONG + options.claims // MOST_OF_A_PERSON
    enough_people(area, people + 500)
    while screen_new_claims(area=area):
        pass
    before = set(Screening.objects.values_list("pk", flat=True))
    by, decider = (
        User.objects.filter(role=role, is_active=True).order_by("pk")[0]
        for role in (Role.TOWNSHIP_CLERK, Role.SUPERVISOR)
    )
    started = time.perf_counter()
    with transaction.atomic():
        planter = Planter(area, by, decider)
        plant(planter, each)
        honest(planter, options.claims - len(planter.made))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"planted in {time.perf_counter() - started:.0f} s", flush=True)
    started, looked_at = time.perf_counter(), 0
    while now := screen_new_claims(area=area):
        looked_at += now
    seconds = time.perf_counter() - started
    bare = min(one_pass(area) for _ in range(3))
    print(f"{looked_at} claims screened in {seconds:.1f} s; one SQL pass {bare:.2f} s,"
          f" ratio {seconds / bare:.1f}")  # fmt: skip
    told: dict[str, set[int]] = defaultdict(set)
    for rule, settlement in Alert.objects.values_list("rule", "settlement"):
        if settlement not in before:
            told[rule].add(settlement)
    wrong = [table(one) for one in scores(planter.truth, told)]
    print(f"{sum(map(len, planter.truth.values()))} wrongs of {len(planter.truth)} rules")
    if any(wrong):
        raise SystemExit("a definite rule is not 100 %/100 %")


def table(one) -> bool:  # type: ignore[no-untyped-def]
    """Prints a line; whether it is one that must not be."""
    kind = "definite" if one.rule in CERTAIN else "suspected"
    counts = f"planted {one.planted:5}  found {one.found:5}  beside {one.beside:5}"
    print(f"{one.rule}  {kind:9}  {counts}  recall {one.recall:.4f}  precision {one.precision:.4f}")
    return one.rule in CERTAIN and (one.recall < 1 or one.precision < 1)


if __name__ == "__main__":
    main()
