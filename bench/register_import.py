"""A county's registers checked and confirmed: rows a second, memory, the ratio to bare reading.

    DATABASE_URL=postgres://…/empty_database python bench/register_import.py --people 720000

Needs the environment of the portal (docs/operations.md) and a database of its own, which it fills.
It makes one .xlsx per township, then measures in the same run
  * parse, copy: calamine reads the sheets, the rows go by COPY into a table without indexes;
  * upload, check, confirm: the portal's way, with a verdict on every row, by as many workers as
    the portal starts (--workers): while one register is written, the next one is checked;
  * guarded: the rows that came out of it by COPY into copies of the real tables.
Figures go to standard output.
"""

import argparse
import contextlib
import csv
import io
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import openpyxl  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402

from accounts.models import Division, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from desk.jobs import run  # noqa: E402
from enrollment.cover.campaigns import open_campaign  # noqa: E402
from enrollment.models import Enrollment, Household, Person  # noqa: E402
from enrollment.rosters.models import RegisterImport  # noqa: E402
from enrollment.rosters.services import REGISTERS  # noqa: E402
from lib.resident_id import check_character  # noqa: E402
from policies.services import adopt_pack, propose_pack  # noqa: E402

DAY = date(2025, 10, 15)
HEADER = [
    "村", "户序号", "姓名", "身份证号", "与户主关系", "户籍", "人员身份", "缴费档次", "是否参保",
    "联系电话", "住址",
]  # fmt: skip
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何罗高林曾谢唐邓冯韩曹许彭萧田董潘袁蔡蒋余于杜叶"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国长生庆云海燕春梅文志新红"
VILLAGES = 12


def people(count: int, seed: int) -> Iterator[list[str]]:
    """Rows of households of one to five; resident ids are valid and never repeat."""
    rng = random.Random(seed)
    used: set[str] = set()
    made = household = 0
    while made < count:
        household += 1
        village = f"第{household * 3 * VILLAGES // count % VILLAGES + 1}村"
        surname = rng.choice(SURNAMES)
        size = min(rng.choice((1, 2, 3, 3, 4, 4, 5)), count - made)
        tier = "一档" if rng.random() < 0.6 else "二档"
        phone = f"1{rng.randrange(3 * 10**9, 10**10 - 1):010d}"
        for place in range(size):
            relationship, male = _relationship(place, rng)
            born = _birth(place, rng)
            number = _number(born, male, seed, rng)
            while number in used:
                number = _number(born, male, seed, rng)
            used.add(number)
            name = (surname if place != 1 else rng.choice(SURNAMES)) + "".join(
                rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2)))
            )
            status = rng.choices(("", "低保", "五保", "学生"), (92, 4, 1, 3))[0]
            yield [
                village, str(household), name, number, relationship, "农村户籍", status, tier, "是",
                phone if not place else "", f"{village}{household % 9 + 1}组{household}号",
            ]  # fmt: skip
        made += size


def _relationship(place: int, rng: random.Random) -> tuple[str, bool]:
    if place == 0:
        return "户主", True
    if place == 1:
        return "配偶", False
    male = rng.random() < 0.5
    return ("子" if male else "女"), male


def _birth(place: int, rng: random.Random) -> date:
    """Parents are 21 at the least: what cannot be is refused by the checks."""
    first = date(1957, 1, 1) if place < 2 else date(1996, 1, 1)
    return first + timedelta(days=rng.randrange(6_500))


def _number(born: date, male: bool, seed: int, rng: random.Random) -> str:
    sequence = rng.randrange(0, 1000, 2) + male
    body = f"{500000 + seed:06d}{born:%Y%m%d}{sequence % 1000:03d}"
    return body + check_character(body)


def write_register(path: Path, count: int, seed: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    sheet.append(HEADER)
    for row in people(count, seed):
        sheet.append(row)
    book.save(path)


def set_up(townships: int) -> list[User]:
    """County, townships with twelve villages each, a clerk each, measures and campaign."""
    call_command("migrate", verbosity=0)
    county = Division.objects.create(
        code="500225", name="大足县", level="county", first_day=date(2010, 1, 1)
    )
    officers = [
        User.objects.create(username=role.value, name=role.value, role=role, division=county)
        for role in (Role.SUPERVISOR, Role.APPROVER, Role.ACCOUNTANT)
    ]
    source = (ROOT / "policies" / "packs" / "dazu.yaml").read_text(encoding="utf-8")
    pack = propose_pack(actor=officers[0], area=county, source=source)
    adopt_pack(actor=officers[1], pack=pack, approval="府发〔2026〕1号")
    open_campaign(actor=officers[2], area=county, year=2026)
    clerks = []
    for i in range(townships):
        town = Division.objects.create(
            code=f"500225{100 + i}", name=f"{i + 1}号镇", level="township", parent=county,
            first_day=county.first_day,
        )  # fmt: skip
        for j in range(VILLAGES):
            Division.objects.create(
                code=f"{town.code}{201 + j}", name=f"第{j + 1}村", level="village", parent=town,
                first_day=county.first_day,
            )  # fmt: skip
        clerks.append(
            User.objects.create(
                username=f"clerk{i}", name=f"经办{i}", role=Role.TOWNSHIP_CLERK, division=town
            )
        )
    return clerks


class Meter:
    """Wall seconds, and CPU seconds of this process, its children and its database backend."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.backend = connection.connection.info.backend_pid
        self.wall, self.cpu = 0.0, 0.0

    def __enter__(self) -> "Meter":
        self._from = time.perf_counter(), self._cpu()
        return self

    def __exit__(self, *unused: object) -> None:
        self.wall += time.perf_counter() - self._from[0]
        self.cpu += self._cpu() - self._from[1]

    def add(self, other: "Meter") -> None:
        self.wall += other.wall
        self.cpu += other.cpu

    def _cpu(self) -> float:
        spent = os.times()
        fields = Path(f"/proc/{self.backend}/stat").read_text().rpartition(")")[2].split()
        backend = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return spent.user + spent.system + spent.children_user + spent.children_system + backend


def bare(path: Path, meters: dict[str, Meter]) -> None:
    """calamine, then COPY of the same rows into a table that has no index."""
    columns = ", ".join(f"c{i} text" for i in range(len(HEADER)))
    with meters["parse"]:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    table = f"bare_rows_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} ({columns})")
        with meters["copy"]:
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerows(rows[1:])
            buffer.seek(0)
            cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", buffer)
        cursor.execute(f"DROP TABLE {table}")


Jobs = list[tuple[Path, int]]
OURS = ("upload", "check", "confirm")


def ours(jobs: Jobs) -> tuple[dict[str, Meter], str]:
    """A worker: upload, check, confirm and apply registers (file, id of the clerk) one by one."""
    meters = {name: Meter() for name in ("parse", "copy", *OURS)}
    peak = Peak()
    for path, clerk_id in jobs:
        bare(path, meters)  # just before, so that both meet the same machine
        clerk = User.objects.select_related("division").get(pk=clerk_id)
        with meters["upload"], transaction.atomic():
            register, _ = REGISTERS.upload(
                actor=clerk, file_name=path.name, content=path.read_bytes(), on=DAY
            )
            connection.run_on_commit.clear()  # the worker's part is timed here
        with meters["check"]:
            run("enrollment.registerimport", register.pk, DAY)
        register.refresh_from_db()
        if register.error_count or register.status != RegisterImport.Status.CHECKED:
            raise SystemExit(f"{path.name}: {register.status} {register.failure}")
        with meters["confirm"]:
            with transaction.atomic():
                REGISTERS.confirm(actor=clerk, upload=register, sha256=register.sha256, on=DAY)
                connection.run_on_commit.clear()
            run("enrollment.registerimport", register.pk, DAY)
    return meters, peak.stop()


def started(number: int) -> int:
    """Keeps a worker busy until the others have come up too."""
    connection.ensure_connection()
    time.sleep(1)
    return number


def together(jobs: Jobs, workers: int) -> tuple[dict[str, Meter], float, list[str]]:
    """All registers by the workers: what each step took in all of them, the seconds that the
    slowest worker spent on its registers, and the memory of each."""
    meters: dict[str, Meter] = {}
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pool.map(started, range(workers), chunksize=1)
        parts = pool.map(ours, [jobs[i::workers] for i in range(workers)], chunksize=1)
    for part, _ in parts:
        for name, meter in part.items():
            meters.setdefault(name, Meter()).add(meter)
    elapsed = max(sum(part[name].wall for name in OURS) for part, _ in parts)
    return meters, elapsed, [memory for _, memory in parts]


def guarded() -> Meter:
    """The rows that the import made, by COPY into copies of their tables: the same indexes,
    checks and foreign keys. What any import of these rows costs at the least."""
    return guarded_tables(("enrollment_household", "enrollment_person", "enrollment_enrollment"))


def guarded_tables(tables: Iterable[str]) -> Meter:
    """The same of any tables."""
    meter = Meter()
    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        for table in tables:
            path = Path(folder) / table
            with path.open("wb") as out:
                cursor.copy_expert(f"COPY {table} TO STDOUT", out)
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'f' AND conrelid = %s::regclass",
                [table],
            )
            for (definition,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE bare_{table} ADD {definition}")
            with meter, path.open("rb") as rows, transaction.atomic():
                cursor.copy_expert(f"COPY bare_{table} FROM STDIN", rows)
    return meter


class Peak:
    """The most memory that this process and its children held, in MB."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak up to now
        self.before = self._most("self")
        self.child = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for pid in children:
                with contextlib.suppress(OSError, StopIteration):  # it is gone already
                    # Between fork and exec a child still looks as large as its parent.
                    if b"lib.tables.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        self.child = max(self.child, self._most(pid))

    @staticmethod
    def _most(pid: str) -> int:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024

    def stop(self) -> str:
        self._done.set()
        self._thread.join()
        own = self._most("self")
        return f"worker {own} MB ({self.before} before), reading child {self.child} MB"


def stop_notes() -> None:
    """Switch off the triggers that note changes for the tallies of places."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE 'place_%'"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")


def write_all(folder: Path, sizes: list[int]) -> list[Path]:
    """The registers, written by another process so that its memory does not count."""
    paths = [folder / f"{i + 1}.xlsx" for i in range(len(sizes))]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.starmap(write_register, [(path, sizes[i], i + 1) for i, path in enumerate(paths)])
    return paths


def report(people: int, meters: dict[str, Meter], elapsed: float) -> None:
    """`elapsed`: wall seconds of the slowest worker; those of the steps are summed over all."""
    print(f"{'':>8}  {'wall s':>8}  {'CPU s':>8}  {'rows/s':>9}")
    for name, meter in meters.items():
        print(f"{name:>8}  {meter.wall:8.2f}  {meter.cpu:8.2f}  {people / meter.wall:9.0f}")
    spent = {"wall": elapsed, "cpu": sum(meters[name].cpu for name in OURS)}
    print(f"uploaded, checked and confirmed: {people / elapsed:.0f} rows/s in {elapsed:.2f} s")
    for kind, ours in spent.items():
        parse, copy, guarded = (getattr(meters[n], kind) for n in ("parse", "copy", "guarded"))
        print(
            f"{kind}: check and confirmation {ours:.2f} s;"
            f" {ours / (parse + copy):.2f} x calamine and COPY without any index"
            f" ({parse + copy:.2f} s); {ours / (parse + guarded):.2f} x calamine and COPY into"
            f" the real tables' like ({parse + guarded:.2f} s)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--township", type=int, default=20_000, help="people in a township")
    parser.add_argument("--workers", type=int, default=2, help="as many as the portal starts")
    parser.add_argument("--without-notes", action="store_true", help="no notes for the tallies")
    options = parser.parse_args()
    sizes = [options.township] * (options.people // options.township)
    sizes += [options.people % options.township] if options.people % options.township else []
    clerks = set_up(len(sizes))
    if options.without_notes:
        stop_notes()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_all(Path(folder), sizes)
        total = sum(path.stat().st_size for path in paths)
        print(f"registers: {len(paths)} files, {options.people} people, {total / 1e6:.1f} MB")
        jobs = [(path, clerk.pk) for path, clerk in zip(paths, clerks, strict=True)]
        meters, elapsed, memory = together(jobs, options.workers)
    meters["guarded"] = guarded()
    report(options.people, meters, elapsed)
    for one in memory:
        print(f"peak memory: {one}")
    found = (Person.objects.count(), Enrollment.objects.count(), Household.objects.count())
    print("people, enrolments, households: {}, {}, {}".format(*found))
    if found[:2] != (options.people, options.people):
        raise SystemExit("rows were lost or doubled")


if __name__ == "__main__":
    main()
