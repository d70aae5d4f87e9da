"""Settling at the counter: statements and CPU of a ten-line claim, claims a second, and a floor.

    DATABASE_URL=postgres://…/empty_database python bench/settle.py [--seconds 10]

Needs the environment of the portal (docs/operations.md) with HEZUO_ENV=test and a database of its
own, which it fills. Clients are processes that call the service as the page does: every claim a
stay of ten lines of somebody else, submitted at once. The floor is pgbench (on the PATH), whose
script is the statements of one such claim as they were recorded, with rows of its own. Both run by
1, 4 and 16 clients in turns. A day of outpatient visits is settled as one batch; then 16 clients
meet at one household's account and at one person's cap: afterwards neither may be exceeded. Figures
go to standard output; the exit code tells all.
"""

import argparse
import gc
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from copies import backend_seconds  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.new_rows import insert  # noqa: E402
from accounts.roles import Role  # noqa: E402
from claims.entries import CounterEntry, VisitFacts  # noqa: E402
from claims.models import Settlement, UsageEntry, Visit  # noqa: E402
from claims.services import enter  # noqa: E402
from claims.services.lines import bill_lines  # noqa: E402
from claims.visits.services import settle_day  # noqa: E402
from enrollment.models import Enrollment, Person  # noqa: E402
from institutions.models import Agreement, Institution, Level  # noqa: E402
from lib.money import to_fen  # noqa: E402
from policies.services import Measures, adopt_pack, propose_pack  # noqa: E402
from tests.claims.conftest import Register, item, line, stay  # noqa: E402
from tests.conftest import PACKS, make_division, make_user  # noqa: E402

YEAR = 2026
LAST = date(YEAR, 12, 31)
LINES = 10
CAP = 6_000_000  # fen that a year pays for one person (policies/packs/dazu.yaml)
STAYS = 90  # of one person in the year, each of three days
FAMILY = 16
CROWD = "家"
PATIENT = "封顶"  # who meets the cap, and lies in no bed meanwhile
# Before the ids of people that only the floor meets, and the ids of the claim that is recorded:
# numbers that stand nowhere else in its statements.
FLOOR = {
    "enrollment_person": 9_100_000_000,
    "enrollment_household": 9_200_000_000,
    "enrollment_enrollment": 9_300_000_000,
}
ROWS = {"claims_visit": 9_400_000_000, "claims_settlement": 9_500_000_000}


def fill(people: int) -> None:
    """The county with its measures, a hospital, a catalogue, and people under cover."""
    call_command("migrate", verbosity=0)
    if Institution.objects.exists():
        sys.exit("there is a county here already: give it a database of its own, empty")
    county = make_division("500225", "大足县")
    village = make_division("500225101201", "桥亭村", make_division("500225101", "龙水镇", county))
    clerk = make_user("clerk", "陈秀英", Role.TOWNSHIP_CLERK, village.parent)
    proposer = make_user("supervisor", "蒋正平", Role.SUPERVISOR, county)
    approver = make_user("approver", "吴国栋", Role.APPROVER, county)
    source = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
    pack = propose_pack(actor=proposer, area=county, source=source)
    adopt_pack(actor=approver, pack=pack, approval="府发〔2026〕1号")
    hospital = Institution.objects.create(
        code="H50022500001", name="大足县人民医院", level=Level.COUNTY, division=county
    )
    Agreement.objects.create(
        institution=hospital, number="DZ-1", first_day=date(YEAR, 1, 1), last_day=LAST
    )
    make_user("hospital", "韩梅", Role.INSTITUTION_CLERK, institution_code=hospital.code)
    for number in range(LINES):
        item(county, f"X{number:02}", f"药品{number}")
    register = Register(county, clerk, pack)
    for number in range(people):
        if number % 3 == 0:
            home = register.household(village)
        register.person(f"王{number}", home)
    for table, first in FLOOR.items():
        _from(table, first + 1)
    for number in range(people):
        register.person(f"底{number}", register.household(village))
    home = register.household(village)
    for number in range(FAMILY):
        register.person(f"{CROWD}{number}", home)
    register.person(PATIENT, register.household(village))


def _from(table: str, number: int) -> None:
    """The next id that the table gives."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, number]
        )


@dataclass(frozen=True)
class Window:
    """One hospital clerk at the counter, and the people who come to him."""

    clerk: User
    hospital: Institution
    people: list[int]

    @classmethod
    def open(cls, **which: object) -> "Window":
        people = Person.objects.filter(**which).order_by("pk").values_list("pk", flat=True)
        clerk = User.objects.get(username="hospital")
        return cls(clerk, Institution.objects.get(), list(people))

    def bed(self, number: int) -> Settlement:
        """The claim of this number: three days in bed, each person's stays apart."""
        turn, which = divmod(number, len(self.people))
        first = date(YEAR, 1, 1) + timedelta(days=4 * (turn % STAYS))
        visit = stay(first, first + timedelta(days=2))
        return self._settle(self.people[which], visit, Decimal(number % 97) / 100)

    def account(self, number: int) -> Settlement:
        """A visit that the household's account pays; no two of a person alike."""
        turn, which = divmod(number, len(self.people))
        day = date(YEAR, 1, 1) + timedelta(days=turn % 360)
        return self._settle(
            self.people[which], stay(day, day, care="outpatient"), Decimal(turn // 360)
        )

    def cap(self, number: int) -> Settlement:
        """One person's dialysis, up to what a year pays."""
        day = date(YEAR, 1, 1) + timedelta(days=number % 360)
        visit = stay(day, day, care="special", diseases={"dialysis"})
        return self._settle(self.people[0], visit, 100 + Decimal(number // 360))

    def _settle(self, person: int, visit: VisitFacts, more: Decimal) -> Settlement:
        lines = [line(f"X{at:02}", "2", str(10 + at + more)) for at in range(LINES)]
        entry = CounterEntry(
            person=Person.objects.get(pk=person),
            lines=lines,
            visit=visit,
            institution=self.hospital,
        )
        return enter(entry, actor=self.clerk, on=LAST, submit_now=True)


@dataclass(frozen=True)
class Figure:
    """What clients did together."""

    claims: int
    seconds: float
    cpu: float  # of Python
    theirs: float  # of the database

    @property
    def rate(self) -> float:
        return self.claims / self.seconds


def together(clients: int, seconds: float, act: str, which: Mapping[str, object]) -> Figure:
    """So many processes at work without a pause; none of them may meet an error."""
    first = Settlement.objects.count() + clients
    connection.close()
    context = multiprocessing.get_context("fork")
    start, done = context.Barrier(clients, timeout=120), context.Queue()

    def work(mine: int) -> None:
        window = Window.open(**which)
        window.clerk.may("claims.enter_counter")
        number, made = first + mine, 0
        start.wait()
        began, cpu, theirs = time.monotonic(), time.process_time(), backend_seconds()
        while time.monotonic() < began + seconds:
            getattr(window, act)(number)
            number, made = number + clients, made + 1
        spent = time.process_time() - cpu
        done.put((made, time.monotonic() - began, spent, backend_seconds() - theirs))

    running = [context.Process(target=work, args=(mine,)) for mine in range(clients)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    if any(one.exitcode for one in running):
        sys.exit(f"{act} with {clients} clients: a client failed")
    made, walls, cpu, theirs = zip(*[done.get() for _ in running], strict=True)
    return Figure(sum(made), max(walls), sum(cpu), sum(theirs))


def bare(people: int) -> str:
    """The statements of one claim as a script of pgbench, for people and rows of its own."""
    window = Window.open(name__startswith="底")
    window.bed(1)  # the first number of the year and whatever is read once
    for table, first in ROWS.items():
        _from(table, first)
    with CaptureQueriesContext(connection) as asked:
        settlement = window.bed(0)
    statements = [query["sql"] for query in asked.captured_queries]
    print(f"a claim of {LINES} lines: {len(statements)} statements, with BEGIN, COMMIT and the")
    print("   reading of the patient")
    visit = settlement.visit
    swaps = {
        str(FLOOR["enrollment_person"] + 1): ":person",
        str(FLOOR["enrollment_household"] + 1): ":household",
        str(FLOOR["enrollment_enrollment"] + 1): ":enrollment",
        str(ROWS["claims_visit"]): ":visit_id",
        str(ROWS["claims_settlement"]): ":settlement_id",
        settlement.number: settlement.number[:10] + ":nextval",
        f"'{visit.starts}'::date": f"('{visit.starts}'::date + :day)",
        f"'{visit.ends}'::date": f"('{visit.ends}'::date + :day)",
    }
    script = [f"\\set who random(1, {people})", f"\\set day 4 * random(0, {STAYS - 1})"]
    for table, first in FLOOR.items():
        script.append(f"\\set {table.rpartition('_')[2]} {first} + :who")
    # What was drawn is more each time; the recorded claim was its cover's first.
    more = {
        r'"drawn_(claims|amount)" = ': r'"drawn_\1" = "drawn_\1" + ',
        r'"drawn_first" = (\S+)': r"drawn_first = coalesce(nullif(drawn_first, ''), \1)",
    }
    for old, new in more.items():
        statements = [re.sub(old, new, sql) for sql in statements]
    script += [_line(sql, swaps) for sql in statements]
    return "\n".join(script) + "\n"


def _line(sql: str, swaps: dict[str, str]) -> str:
    """A statement of the script; what later ones name of its row is kept."""
    for old, new in swaps.items():
        sql = sql.replace(old, new)
    for row in ("visit", "settlement"):
        if sql.startswith(f'INSERT INTO "claims_{row}" '):
            return f"{sql} \\gset {row}_"
    return f"{sql} \\gset" if sql.startswith("SELECT nextval") else f"{sql};"


def floor(script: str, clients: int, seconds: float) -> float:
    """Transactions a second of pgbench."""
    known = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        answer = subprocess.run(
            ["pgbench", "-n", "-f", file.name, "-c", str(clients), "-j", str(min(clients, 2)),
             "-T", f"{seconds:.0f}", "-h", known["HOST"], "-p", str(known["PORT"]),
             "-U", known["USER"], known["NAME"]],
            check=False, capture_output=True, text=True,
            env=os.environ | {"PGPASSWORD": known["PASSWORD"]},
        )  # fmt: skip
    told = re.search(r"tps = ([\d.]+)", answer.stdout)
    if answer.returncode or told is None:
        sys.exit(answer.stderr[-2000:])
    return float(told[1])


def accounts_and_caps(seconds: float) -> list[str]:
    """Sixteen clients at one account and at one cap; what was exceeded."""
    wrong = []
    family = {"name__startswith": CROWD}
    met = together(FAMILY, seconds, "account", family)
    print(f"{FAMILY} clients at one household's account: {met.rate:.1f} claims/s")
    home = Person.objects.filter(**family).values_list("household", flat=True)[0]
    granted = to_fen(
        Enrollment.objects.filter(household=home).aggregate(s=Sum("account_amount"))["s"]
    )
    spent = UsageEntry.objects.filter(household=home, counter="household_account").aggregate(
        s=Sum("amount")
    )["s"]
    paid = to_fen(
        Settlement.objects.filter(visit__household=home).aggregate(s=Sum("fund_amount"))["s"]
    )
    print(f"  granted {granted} fen, used {spent}, paid {paid}")
    if not -spent == paid == granted:  # a balance goes down
        wrong.append(f"account of {granted} fen: used {spent}, paid {paid}")
    met = together(FAMILY, seconds, "cap", {"name": PATIENT})
    print(f"{FAMILY} clients at one person's cap: {met.rate:.1f} claims/s")
    rows = UsageEntry.objects.filter(person__name=PATIENT, counter="annual_paid", policy_year=YEAR)
    spent = rows.aggregate(s=Sum("amount"))["s"]
    print(f"  cap {CAP} fen, used {spent}")
    if not 0 < spent <= CAP:
        wrong.append(f"cap of {CAP} fen: used {spent}")
    return wrong


def one_day(window: Window) -> None:
    """Everybody's outpatient visit of the last day, registered and billed, settled as one batch."""
    measures = Measures.on(area_code="500225", day=LAST)
    lines = [line(f"X{at:02}", "2", str(10 + at)) for at in range(LINES)]
    visits = [
        Visit(
            person_id=cover.person_id, household_id=cover.household_id, enrollment=cover,
            division_id=cover.division_id, institution=window.hospital,
            institution_name=window.hospital.name, level=window.hospital.level, place="local",
            source=Visit.Source.COUNTER, care="outpatient", status=Visit.Status.OPEN,
            is_registered=True, starts=LAST, ends=LAST, diagnosis="感冒", entered_by=window.clerk,
        )
        for cover in Enrollment.objects.filter(person__in=window.people).order_by("pk")
    ]  # fmt: skip
    insert(visits)
    bill = bill_lines(
        lines, area_code="500225", day=LAST, consent_signed=False, terms=measures.terms
    )
    charged = []
    for visit in visits:
        for row in bill:
            charged.append(copy(row))
            charged[-1].visit, charged[-1].part = visit, None
    insert(charged)
    began, cpu, theirs = time.perf_counter(), time.process_time(), backend_seconds()
    with CaptureQueriesContext(connection) as asked:
        day = settle_day(actor=window.clerk, visits=visits, on=LAST)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    theirs = backend_seconds() - theirs
    if day.left or len(day.settled) != len(visits):
        sys.exit(f"left of the day: {day.left}")
    print(f"{len(visits)} outpatient claims of {LINES} lines as one batch: {wall:.2f} s,")
    print(
        f"   {len(visits) / wall:.0f} claims/s, {len(asked)} statements, CPU {cpu:.2f} s in Python"
    )
    print(f"   and {theirs:.2f} s in the database")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 4, 16])
    options = parser.parse_args()
    fill(options.people)
    gc.collect()
    gc.freeze()  # as config/wsgi.py does it
    script = bare(options.people)
    everybody = {"name__startswith": "王"}
    for clients in options.clients:
        under = floor(script, clients, options.seconds)
        made = together(clients, options.seconds, "bed", everybody)
        again = floor(script, clients, options.seconds)
        ratio, cpu = made.rate * 2 / (under + again), made.cpu / made.claims * 1000
        theirs = made.theirs / made.claims * 1000
        print(f"{clients:2} clients: {made.rate:.1f} claims/s, CPU a claim {cpu:.1f} ms in Python")
        print(f"   and {theirs:.1f} ms in the database;")
        print(f"   the bare statements {under:.1f} and {again:.1f}/s: ratio {ratio:.2f}")
    one_day(Window.open(**everybody))
    wrong = accounts_and_caps(options.seconds)
    for problem in wrong:
        print("WRONG", problem)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
