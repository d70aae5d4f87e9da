"""kill -9 of the worker and of the whole database at every tenth of the import of a register, and
of what an old system knew of its people: three years of cover, approvals, usage.

    python bench/kill_import.py --people 100000
    python bench/kill_import.py --people 20000 --only usage

Needs the environment of the portal except DATABASE_URL: it makes a PostgreSQL of its own in a
temporary folder (binaries from `pg_config --bindir` or --bin), fills it, kills, restarts, and
counts at the end. With --only nothing else is killed. Exits with an error when a row was lost or
doubled. `tests/moving/test_killed_files.py` is the short form.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "killed"
WORKER = """
import sys, django
django.setup()
import datetime
from django.conf import settings
settings.TODAY = datetime.date(2025, 10, 15)
from desk.jobs import take_up
take_up(sys.argv[1], int(sys.argv[2]))
"""
PREPARE = """
import sys
sys.path.insert(0, "bench")
import register_import as bench
from pathlib import Path
from django.db import connection, transaction
clerk = bench.set_up(1)[0]
people, path = int(sys.argv[1]), Path(sys.argv[2])
bench.write_register(path, people, 1)
with transaction.atomic():
    register, _ = bench.REGISTERS.upload(
        actor=clerk, file_name=path.name, content=path.read_bytes(), on=bench.DAY
    )
    connection.run_on_commit.clear()
print(register.pk)
"""
CONFIRM = """
import sys
sys.path.insert(0, "bench")
import register_import as bench
from django.db import connection, transaction
register = bench.RegisterImport.objects.get(pk=int(sys.argv[1]))
with transaction.atomic():
    bench.REGISTERS.confirm(
        actor=register.requested_by, upload=register, sha256=register.sha256, on=bench.DAY
    )
    connection.run_on_commit.clear()
"""
# A file of the old system about everybody of the register, and its confirmation by another.
BROUGHT = """
import sys
sys.path.insert(0, "bench")
import moving_in as move
from datetime import date
from pathlib import Path
from django.db import connection, transaction
kind, people, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
everybody = [(row[2], row[3]) for row in move.people(people, 1)]
if kind == "covers":
    header, rows = move.COVERS, [
        [*one, "", year, "一档", "现金", "50.00", "是"]
        for one in everybody for year in (2023, 2024, 2025)
    ]
elif kind == "filings":
    header, rows = move.APPROVALS, [
        [*one, "慢特病认定", "糖尿病", "县人民医院", "2025-01-01", "2026-12-31", "杜仲", "认定表"]
        for one in everybody
    ]
else:
    header, rows = move.USED, [
        [*one, item, used] for one in everybody
        for item, used in (("年累计报销额", "100.50"), ("年内住院次数", "2"))
    ]
importing = {"covers": move.CARRIED, "filings": move.FILINGS, "usage": move.CARRIED_FILES}[kind]
about = {"kind": kind, "as_of": date(2025, 9, 30)}
if kind == "usage":
    about = {"system": "原系统", "document": "交接单", "counted_to": date(2025, 9, 30)}
county = move.User.objects.get(role=move.Role.SUPERVISOR).division
with transaction.atomic():
    sender, _ = move.User.objects.get_or_create(
        username="sender",
        defaults={"role": move.Role.REVIEWER, "division": county, "name": "sender"},
    )
    upload, _ = importing.upload(
        actor=sender, file_name=f"{kind}.csv", on=date(2025, 10, 15),
        content=move.write(path, header, rows).read_bytes(), **about,
    )
    connection.run_on_commit.clear()
print(upload._meta.label_lower, upload.pk, len(rows))
"""
AGREE = """
import sys, django
django.setup()
import datetime
from django.apps import apps
from django.db import connection, transaction
from accounts.models import User
from accounts.roles import Role
upload = apps.get_model(sys.argv[1]).objects.get(pk=int(sys.argv[2]))
if upload.status != "checked":
    raise SystemExit(f"{upload.file_name}: {upload.status} {upload.failure}")
with transaction.atomic():
    upload.importing().confirm(
        actor=User.objects.get(role=Role.APPROVER), upload=upload, sha256=upload.sha256,
        on=datetime.date(2025, 10, 15),
    )
    connection.run_on_commit.clear()
"""
# Staging is one transaction: inside it a backend has COPY as its latest statement.
STAGING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE 'COPY enrollment_register%' AND state <> 'idle'
"""


class Cluster:
    """A throw-away PostgreSQL that can be killed whole and comes back."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self.binaries = folder, binaries
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/{DATABASE}"
        # PostgreSQL does not run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
        self._call("initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust")
        self.start()
        self._call("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", DATABASE)

    def _call(self, program: str, *arguments: str) -> None:
        command = [*self.user, str(self.binaries / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self) -> None:
        command = [str(self.binaries / "postgres"), "-D", f"{self.folder}/data"]
        options = ["-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"]
        log = (self.folder / "log").open("ab")
        for _ in range(60):
            self.process = subprocess.Popen(
                [*self.user, *command, *options], stdout=log, stderr=log, cwd=self.folder
            )
            if self._answers():
                return
        raise SystemExit("the database does not start; see its log")

    def _answers(self) -> bool:
        for _ in range(600):
            if self.process.poll() is not None:
                time.sleep(0.5)  # memory of the killed one is still held
                return False
            try:
                psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres",
                                 dbname="postgres").close()  # fmt: skip
            except psycopg2.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def kill(self) -> None:
        """kill -9 of the postmaster and every backend."""
        lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        postmaster = int(lines[0])
        found = subprocess.run(
            ["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False
        )
        for pid in (postmaster, *map(int, found.stdout.split())):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()

    def ask(self, sql: str) -> int:
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]
        finally:
            connection.close()


class Rehearsal:
    """One register and the workers that are killed over it."""

    def __init__(self, cluster: Cluster, people: int, folder: Path) -> None:
        self.cluster = cluster
        self.environment = os.environ | {
            "DATABASE_URL": cluster.url, "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        self.people, self.folder = people, folder
        self.label = "enrollment.registerimport"
        self.key = int(self.run(PREPARE, str(people), str(folder / "register.xlsx")))

    def run(self, script: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=ROOT, env=self.environment,
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{arguments} went wrong:\n{done.stderr}")
        return done.stdout.strip()

    def worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, self.label, str(self.key)],
            cwd=ROOT, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def column(self, name: str) -> int:
        table = self.label.replace(".", "_")
        return self.cluster.ask(f"SELECT {name} FROM {table} WHERE id = {self.key}")

    def strike(self, *, database: bool, when: Callable[[], bool]) -> None:
        """Start a worker, wait for the moment, kill it or the database under it, bring it back."""
        if not self.struck(database=database, when=when):
            raise SystemExit("the worker was done before it could be killed")

    def struck(self, *, database: bool, when: Callable[[], bool]) -> bool:
        """The same; False where the worker was faster."""
        process = self.worker()
        while process.poll() is None and not when():
            time.sleep(0.01)
        if process.poll() is not None:
            return False
        if database:
            self.cluster.kill()
            self.cluster.start()
        process.kill()
        process.wait()
        return True

    def finish(self) -> None:
        if self.worker().wait():
            raise SystemExit("the last worker failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--only", choices=("register", *FILES), help="kill over this alone")
    parser.add_argument("--bin", type=Path, help="folder of initdb and postgres")
    options = parser.parse_args()
    binaries = options.bin or Path(
        subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        .stdout.strip()
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="kill-import-"))
    folder.chmod(0o755)
    cluster = Cluster(folder, binaries)
    try:
        rehearsal = Rehearsal(cluster, options.people, folder)
        if options.only in (None, "register"):
            rehearse(cluster, rehearsal, options.people)
        else:
            rehearsal.finish()
            rehearsal.run(CONFIRM, str(rehearsal.key))
            rehearsal.finish()
        for kind in FILES if options.only != "register" else ():
            killed = options.only in (None, kind)
            rehearse_file(rehearsal, kind, killed=killed)
            if kind == options.only:
                break
    finally:
        cluster.kill()
        shutil.rmtree(folder)


# Kind of file → what is there once for each of its rows, and the rows that are not to be there.
FILES = {
    "covers": (
        "SELECT count(*) FROM enrollment_enrollment WHERE carried_id IS NOT NULL",
        "SELECT count(*) FROM enrollment_enrollment"
        " WHERE carried_id IS NOT NULL AND consecutive_years <> year - 2022",
    ),
    "filings": (
        "SELECT count(DISTINCT person_id) FROM claims_filing",
        "SELECT count(*) - count(DISTINCT number) + max(right(number, 6)::int) - count(*)"
        " FROM claims_filing",
    ),
    "usage": (
        "SELECT count(*) FROM claims_carriedamount",
        "SELECT count(*) FROM claims_carriedusage WHERE version > 1 OR NOT is_live",
    ),
}  # fmt: skip
# Rows a second of a check, and of what is written whole or not at all: where its tenths are.
CHECKED, WRITTEN = 20_000, 15_000


def rehearse_file(rehearsal: Rehearsal, kind: str, *, killed: bool) -> None:
    """One file of the old system: checked and written, killed at every tenth of both."""
    there, wrong = FILES[kind]
    path = rehearsal.folder / f"{kind}.csv"
    label, key, many = rehearsal.run(BROUGHT, kind, str(rehearsal.people), str(path)).split()
    rehearsal.label, rehearsal.key, rows = label, int(key), int(many)
    if killed:
        strikes = _strike_tenths(rehearsal, lambda tenth: _after(rehearsal, tenth, rows / CHECKED))
        print(f"{kind}: {strikes} kills while {rows} rows were checked")
    rehearsal.finish()
    rehearsal.run(AGREE, label, key)
    if killed:

        def moment(tenth: int) -> Callable[[], bool]:
            if kind == "covers":  # in one transaction
                return _after(rehearsal, tenth, rows / WRITTEN)
            return lambda: rehearsal.cluster.ask(there) >= tenth * rows // 10 - rows // 20

        print(f"{kind}: {_strike_tenths(rehearsal, moment)} kills while they were written")
    rehearsal.finish()
    found, odd = rehearsal.cluster.ask(there), rehearsal.cluster.ask(wrong)
    print(f"{kind}: {found} of {rows} rows are there, {odd} of them wrong")
    if (found, odd) != (rows, 0):
        raise SystemExit("rows were lost or doubled")


def _strike_tenths(rehearsal: Rehearsal, moment: Callable[[int], Callable[[], bool]]) -> int:
    """Kill worker and database in turns; how often the worker was not faster."""
    strikes = 0
    for tenth in range(1, 10):
        strikes += rehearsal.struck(database=tenth % 2 == 0, when=moment(tenth))
        # Three deaths in a row give a job up; here somebody asks for it again each time.
        rehearsal.cluster.ask(
            f"UPDATE {rehearsal.label.replace('.', '_')} SET tries = 0"
            f" WHERE id = {rehearsal.key} RETURNING id"
        )
    return strikes


def _after(rehearsal: Rehearsal, tenth: int, seconds: float) -> Callable[[], bool]:
    """The moment when a tenth of so many seconds has gone since the worker began."""
    before = rehearsal.column("coalesce(started_at, 'epoch')")
    began: list[float] = []

    def come() -> bool:
        if not began and rehearsal.column("coalesce(started_at, 'epoch')") != before:
            began.append(time.monotonic())
        return bool(began) and time.monotonic() - began[0] >= seconds * tenth / 10

    return come


def rehearse(cluster: Cluster, rehearsal: Rehearsal, people: int) -> None:
    for database in (False, True):
        rehearsal.strike(database=database, when=lambda: bool(cluster.ask(STAGING)))
        staged = cluster.ask("SELECT count(*) FROM enrollment_registerrow")
        print(f"killed while checking ({'database' if database else 'worker'}): {staged} rows left")
    rehearsal.finish()
    households = rehearsal.column("household_count")
    wrong = rehearsal.column("error_count")
    print(f"checked: {rehearsal.column('row_count')} rows, {households} households, {wrong} wrong")
    rehearsal.run(CONFIRM, str(rehearsal.key))
    for tenth in range(1, 10):
        for database in (False, True):
            goal = tenth * households // 10
            start = rehearsal.column("applied_through")
            rehearsal.strike(
                database=database,
                when=lambda: rehearsal.column("applied_through") > max(goal, start),  # noqa: B023
            )
            written = cluster.ask("SELECT count(*) FROM enrollment_person")
            print(
                f"tenth {tenth}, {'database' if database else 'worker':8} killed:"
                f" {rehearsal.column('applied_through')} households, {written} people"
            )
    rehearsal.finish()
    judge(cluster, rehearsal, people, households)


def judge(cluster: Cluster, rehearsal: Rehearsal, people: int, households: int) -> None:
    """Count what is there against what was sent in."""
    counts = {
        "people": ("SELECT count(*) FROM enrollment_person", people),
        "different numbers": (
            "SELECT count(DISTINCT resident_id_index) FROM enrollment_person", people,
        ),
        "enrolments": ("SELECT count(*) FROM enrollment_enrollment", people),
        "people enrolled": (
            "SELECT count(DISTINCT person_id) FROM enrollment_enrollment", people,
        ),
        "households": ("SELECT count(*) FROM enrollment_household", households),
        "counted by the register": (
            f"SELECT new_people FROM enrollment_registerimport WHERE id = {rehearsal.key}",
            people,
        ),
        "told in the trail": (
            "SELECT sum((after->>'new_people')::int)::int FROM accounts_auditline"
            " WHERE action = 'enrollment.apply_register'", people,
        ),
        "households whose members do not count from 1": (
            "SELECT count(*) FROM (SELECT 1 FROM enrollment_person GROUP BY household_id"
            " HAVING max(member_number) <> count(*)) odd", 0,
        ),
    }  # fmt: skip
    bad = False
    for name, (sql, wanted) in counts.items():
        found = cluster.ask(sql)
        bad |= found != wanted
        print(f"{name}: {found} of {wanted}")
    if bad:
        raise SystemExit("rows were lost or doubled")
    print("no row lost, none doubled")


if __name__ == "__main__":
    main()
