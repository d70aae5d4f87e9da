"""Outpatient visits through the hospital interface over HTTP, and a floor of the same statements.

    DATABASE_URL=postgres://…/empty_database python bench/gateway.py --clients 1 4 16 --seconds 20

Needs the environment of the portal (docs/operations.md), as a local server has it, and a database
of its own, which it fills. It starts the web server as `script/server` does. Each client is a
process with a connection that it keeps, a program of the hospital that signs (HMAC) and plays
whole visits of ten lines: 2201, 2203, 2204, 2206, 2207. Before that the statements of each
transaction are counted for a bill of one line and of 300, which must be the same. The floor is
pgbench (on the PATH), whose script is the statements of one such visit as they were recorded, with
rows of its own; both run in turns. After its visits each client has bills ready and sends nothing
but 2207: settlements a second. Figures go to standard output; the exit code tells all.
"""

import argparse
import gc
import http.client
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["HEZUO_TODAY"] = "2026-12-31"

import settle as counter  # noqa: E402 - sets Django up
import simplejson  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from windows import start_server  # noqa: E402

from accounts.models import Division  # noqa: E402
from accounts.roles import Role  # noqa: E402
from claims.models import Settlement  # noqa: E402
from enrollment.models import Person  # noqa: E402
from gateway.clients.models import Client  # noqa: E402
from institutions.models import Institution  # noqa: E402
from tests.conftest import make_user  # noqa: E402
from tests.gateway import hospital as his  # noqa: E402
from tests.gateway.programs import Program, a_client  # noqa: E402

# The server's: the other bench has a day of its own, and tests keep no connection to the database.
os.environ |= {"HEZUO_TODAY": "2026-12-31", "HEZUO_ENV": "local"}
LINES = 10
MANY = 300
SETTLED = 240  # bills that are settled one behind the other
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
ORDER = ("2201", "2203", "2204", "2206", "2207")
# Keys of the rows that the recorded visit makes: numbers that stand nowhere else in its statements.
ROWS = {
    "claims_visit": 9_400_000_000,
    "claims_settlement": 9_500_000_000,
    "claims_billbatch": 9_600_000_000,
}


@dataclass
class System:
    """The hospital's system at one of its places. `post`: body and headers → the answer."""

    client: Client
    program: Program
    post: Any
    times: dict[str, list[float]] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)
    place: str = "000"

    def ask(self, infno: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The output of a message with a number of its own; the time from sending to hearing."""
        at = datetime(2026, 12, 31, 9)  # noqa: DTZ001 - as the message says it, without a zone
        msgid = f"{self.client.institution.code}{self.place}{next(self.numbers):015d}"
        message = his.head(self.client, infno, msgid, at) | {"input": asked}
        body = simplejson.dumps(message, use_decimal=True).encode()
        headers = self.program.signed(body, name=infno) | {"Content-Type": "application/json"}
        began = time.perf_counter()
        text = self.post(f"/gateway/api/{infno}", body, headers)
        self.times.setdefault(infno, []).append(time.perf_counter() - began)
        told = simplejson.loads(text, use_decimal=True)
        if told["infcode"] != 0:
            raise SystemExit(f"{infno}: {told['err_msg']}")
        output: dict[str, Any] = told["output"]
        return output

    def billed(self, person: Person, day: date, lines: int = LINES) -> dict[str, Any]:
        """From the registration to the trial; what the settlement asks then."""
        number = self.ask("2201", his.registration(person, day))["data"]["mdtrt_id"]
        self.ask("2203", his.seen(person, number, day))
        rows = [
            his.line(str(at), number, person, f"X{at % LINES:02}", "2", f"{10 + at % 7}.00", day)
            for at in range(lines)
        ]
        self.ask("2204", his.outpatient_lines("SF1", *rows))
        total = str(sum(row["det_item_fee_sumamt"] for row in rows))
        bill = his.to_settle(person, number, total, "SF1")
        trial = self.ask("2206", bill)["setlinfo"]
        return {"data": bill["data"] | his.parts_of(trial)}

    def settle(self, asked: Mapping[str, Any]) -> str:
        """The number of the settlement."""
        told, total = self.ask("2207", asked)["setlinfo"], asked["data"]["medfee_sumamt"]
        if told["medfee_sumamt"] != total:
            raise SystemExit(f"{told['setl_id']}: {told['medfee_sumamt']} of {total}")
        settled: str = told["setl_id"]
        return settled

    def visit(self, person: Person, day: date, lines: int = LINES) -> str:
        """From the registration to the settlement, whose number is told."""
        return self.settle(self.billed(person, day, lines))


def people(**which: object) -> list[Person]:
    return list(Person.objects.filter(**which).select_related("household__division").order_by("pk"))


def programs(number: int) -> list[tuple[Client, Program]]:
    """So many clients of the hospital, with all the pace that there is."""
    actor = make_user("secadmin", "孙全", Role.SECURITY_ADMIN, Division.objects.get(code="500225"))
    hospital = Institution.objects.select_related("division").get()
    made = []
    for at in range(number):
        issued = a_client(actor, hospital, name=f"窗口{at}", per_minute=60_000)
        made.append((issued.client, Program.of(issued)))
    return made


def in_process(client: Client, program: Program) -> System:
    """Without a network: for what is recorded of the database."""
    browser = Browser()

    def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
        found = browser.post(path, body, content_type="application/json", headers=headers)
        return bytes(found.content)

    return System(client, program, post, place="999")


def statements(system: System, person: Person) -> dict[str, tuple[int, int]]:
    """Of each transaction for one line and for many; savepoints are none."""
    found: dict[str, list[int]] = {}
    for lines, day in ((1, date(2026, 12, 1)), (MANY, date(2026, 12, 2))):
        asking = system.ask

        def ask(infno: str, asked: Mapping[str, Any], real: Any = asking) -> dict[str, Any]:
            with CaptureQueriesContext(connection) as captured:
                output: dict[str, Any] = real(infno, asked)
            plain = [one["sql"] for one in captured.captured_queries]
            found.setdefault(infno, []).append(sum(not _frame(sql) for sql in plain))
            return output

        system.ask = ask  # type: ignore[method-assign]
        system.visit(person, day, lines)
        system.ask = asking  # type: ignore[method-assign]
    return {infno: (one, many) for infno, (one, many) in found.items()}


def _frame(sql: str) -> bool:
    return sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT"))


def bare(system: System, number: int) -> str:
    """The statements of one visit as a script of pgbench, for people and rows of its own."""
    who = people(name__startswith="底")
    day = date(2026, 6, 1)
    system.visit(who[1], day)
    for table, first in ROWS.items():
        counter._from(table, first)
    began = next(system.numbers)
    with CaptureQueriesContext(connection) as captured:
        settled = system.visit(who[0], day)
    recorded = [one["sql"] for one in captured.captured_queries]
    print(f"a visit of {LINES} lines: {len(recorded)} statements, savepoints and COMMITs included")
    swaps = {
        str(who[0].pk): ":person",
        str(who[0].household_id): ":household",
        str(who[0].enrollments.get().pk): ":enrollment",
        **{str(first): f":{table.removeprefix('claims_')}_id" for table, first in ROWS.items()},
        settled: settled[:10] + ":nextval",
    }
    for at in range(len(ORDER)):
        msgid = f"{system.client.institution.code}{system.place}{began + 1 + at:015d}"
        swaps[f"'{msgid}'"] = f"'M{at}-:serial'"
    script = [f"\\set who random(1, {number})", "\\set serial random(1, 9000000000000000)"]
    for table, first in counter.FLOOR.items():
        script.append(f"\\set {table.rpartition('_')[2]} {first} + :who")
    lock = re.compile(r"pg_try_advisory_xact_lock\(-?\d+\)")
    more = {
        r'"drawn_(claims|amount)" = ': r'"drawn_\1" = "drawn_\1" + ',
        r'"drawn_first" = (\S+)': r"drawn_first = coalesce(nullif(drawn_first, ''), \1)",
    }
    for sql in recorded:
        text = lock.sub("pg_try_advisory_xact_lock(:serial)", sql)
        for old, new in more.items():
            text = re.sub(old, new, text)
        for old, new in swaps.items():
            text = text.replace(old, new)
        script.append(_line(text))
    return "\n".join(script) + "\n"


def _line(sql: str) -> str:
    """A statement of the script; what later ones name of its row is kept."""
    sql = " ".join(sql.split())
    for table in ROWS:
        if sql.startswith(f'INSERT INTO "{table}" '):
            return f"{sql} \\gset {table.removeprefix('claims_')}_"
    return f"{sql} \\gset" if sql.startswith("SELECT nextval") else f"{sql};"


@dataclass(frozen=True)
class Figure:
    """What clients did together."""

    visits: int
    seconds: float
    times: Mapping[str, Sequence[float]]
    settlements: float  # a second, when nothing else is asked

    @property
    def rate(self) -> float:
        return self.visits / self.seconds


def together(
    known: Sequence[tuple[Client, Program]], seconds: float, port: int, turn: int
) -> Figure:
    """So many processes play visits without a pause; none of them may be refused."""
    everybody = people(name__startswith="王")
    connection.close()
    context = multiprocessing.get_context("fork")
    start, done = context.Barrier(len(known), timeout=120), context.Queue()

    def work(mine: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

        def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
            line.request("POST", path, body, headers)
            return line.getresponse().read()

        client, program = known[mine]
        system = System(client, program, post, place=f"{turn:01}{mine:02}")
        theirs = everybody[mine :: len(known)]

        def visit(number: int) -> tuple[Person, date]:
            rounds, which = divmod(number, len(theirs))
            return theirs[which], FIRST + timedelta(days=rounds + 40 * turn)

        made = 0
        start.wait()
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            system.visit(*visit(made))
            made += 1
        took, times, system.times = time.monotonic() - began, system.times, {}
        ready = [system.billed(*visit(made + more)) for more in range(SETTLED // len(known))]
        start.wait()
        began = time.monotonic()
        for one in ready:
            system.settle(one)
        done.put((made, took, times, len(ready), time.monotonic() - began))

    running = [context.Process(target=work, args=(mine,)) for mine in range(len(known))]
    for one in running:
        one.start()
    results = [done.get() for _ in running]
    for one in running:
        one.join()
    times: dict[str, list[float]] = {}
    visits, took, theirs, settled, spent = zip(*results, strict=True)
    for mine in theirs:
        for infno, seen in mine.items():
            times.setdefault(infno, []).extend(seen)
    return Figure(sum(visits), max(took), times, sum(settled) / max(spent))


def told(clients: int, made: Figure, floors: Sequence[float]) -> None:
    under = sum(floors) / len(floors)
    print(f"{clients:2} clients: {made.rate:.1f} visits/s, load {os.getloadavg()[0]:.1f};", end=" ")
    print(
        f"the bare statements {floors[0]:.1f} and {floors[1]:.1f}/s: ratio {made.rate / under:.2f}"
    )
    print(f"   of bills that were tried before, {made.settlements:.1f} settlements (2207) a second")
    for infno in ORDER:
        seen = sorted(made.times[infno])
        p99 = statistics.quantiles(seen, n=100)[-1] if len(seen) > 1 else seen[0]
        print(f"   {infno}: p50 {statistics.median(seen) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--people", type=int, default=900, help="999 at most")
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    counter.fill(options.people)
    known = programs(max(options.clients))
    gc.collect()
    gc.freeze()
    system, wrong = in_process(*known[0]), 0
    first = people(name="王0")[0]
    system.visit(first, LAST)  # the first number of the year, and whatever is read once
    for infno, (one, many) in statements(system, first).items():
        print(f"{infno}: {one} statements for one line, {many} for {MANY}")
        wrong += one != many
    script = bare(system, options.people)
    server: subprocess.Popen[bytes] = start_server(options.port, options.workers)
    try:
        for turn, clients in enumerate(options.clients):
            floors = [counter.floor(script, clients, options.seconds / 2)]
            made = together(known[:clients], options.seconds, options.port, turn)
            floors.append(counter.floor(script, clients, options.seconds / 2))
            told(clients, made, floors)
    finally:
        server.terminate()
        server.wait()
    print(f"{Settlement.objects.count()} settlements in the end, the floor's among them")
    return 1 if wrong else 0


if __name__ == "__main__":
    call_command("check", verbosity=0)
    sys.exit(main())
