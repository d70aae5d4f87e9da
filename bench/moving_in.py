"""A county that moves in, all that it brings by file, beside bare COPY.

    DATABASE_URL=postgres://…/empty_database python bench/moving_in.py --people 700000

Needs the environment of the portal and a database of its own, which it fills. One worker's work,
one file after the other, in the same run
  * rosters: households and people without a campaign, a file a township;
  * covers: a row a person and year, files of at most 100 000 rows;
  * filings: one approval for every fourteen people (50 000 in 700 000);
  * usage: a row a person and a second one for every seventh (800 000 in 700 000);
  * catalogue: an item for every 35 people (20 000 in 700 000), previewed and confirmed;
  * guarded: the rows that came out of it by COPY into tables with the same indexes, checks and
    foreign keys, after the same files were read by the csv module.
Figures go to standard output.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from register_import import HEADER, Meter, Peak, guarded_tables, people, set_up

from accounts.models import User
from accounts.roles import Role
from claims.carried.models import CarriedAmount
from claims.carried.services import CARRIED_FILES
from claims.filings.carried import CARRIED as FILINGS
from claims.filings.models import Filing
from desk import masterdata
from desk.importing import Importing
from desk.jobs import run
from enrollment.carried.services import CARRIED
from enrollment.models import Enrollment, OldNumber, Person
from enrollment.rosters.services import REGISTERS
from institutions.models import CatalogueItem
from institutions.resources import CatalogueResource
from lib.batches import chunked

DAY, AS_OF = date(2026, 7, 10), date(2026, 6, 30)
YEARS = (2024, 2025, 2026)
COVERS = ["姓名", "证件号码", "原个人编号", "参保年度", "档次", "缴费方式", "个人缴费", "零报销"]
APPROVALS = ["姓名", "证件号码", "种类", "病种", "机构", "自", "至", "认定专家", "依据"]
USED = ["姓名", "身份证号", "累计项目", "已用"]
ITEMS = ["编码", "名称", "目录", "费用类别", "支付类别", "单位", "限价", "启用日期"]
IN_A_FILE = 100_000
TABLES = ("enrollment_household", "enrollment_person", "enrollment_oldnumber",
          "enrollment_enrollment", "claims_filing", "claims_carriedusage", "claims_carriedamount",
          "institutions_catalogueitem")  # fmt: skip
KINDS = ("rosters", "covers", "filings", "usage", "catalogue")


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def files(folder: Path, total: int, township: int) -> Iterator[tuple[str, Path, int]]:
    """Kind, file, number of its rows; rosters first."""
    name, number = HEADER.index("姓名"), HEADER.index("身份证号")
    keys = [at for at, title in enumerate(HEADER) if title not in {"缴费档次", "是否参保"}]
    everybody: list[tuple[str, str, str]] = []
    for at, start in enumerate(range(0, total, township)):
        rows = []
        for seq, row in enumerate(people(min(township, total - start), at + 1)):
            old = f"P{at:03d}{seq:06d}"
            rows.append([*(row[key] for key in keys), f"A{at:03d}{row[1]}", old])
            everybody.append((row[name], row[number], old))
        header = [*(HEADER[key] for key in keys), "原系统户号", "原个人编号"]
        yield "rosters", write(folder / f"r{at}.csv", header, rows), len(rows)
    covers = ([*one, year, "一档", "现金", "50.00", "是"] for one in everybody for year in YEARS)
    for at, some in enumerate(chunked(covers, IN_A_FILE)):
        yield "covers", write(folder / f"c{at}.csv", COVERS, some), len(some)
    approvals = (
        [name, number, "慢特病认定", "糖尿病", "县人民医院", "2025-07-01", "2027-06-30", "杜仲",
         "认定表"] for name, number, _ in everybody[::14]
    )  # fmt: skip
    for at, some in enumerate(chunked(approvals, IN_A_FILE)):
        yield "filings", write(folder / f"f{at}.csv", APPROVALS, some), len(some)
    # Whatever somebody used stands in one file: seven people have eight rows.
    for at, some in enumerate(chunked(everybody, IN_A_FILE // 8 * 7)):
        rows = [[*one[:2], "年累计报销额", f"{turn % 3000}.50"] for turn, one in enumerate(some)]
        rows += [[*one[:2], "年内住院次数", "2"] for one in some[::7]]
        yield "usage", write(folder / f"u{at}.csv", USED, rows), len(rows)
    items = ([f"X{n:06d}", f"阿莫西林胶囊{n}号", "药品", "西药费", "甲类", "盒", "12.50",
              "2026-01-01"] for n in range(total // 35))  # fmt: skip
    for at, some in enumerate(chunked(items, CatalogueResource.max_rows)):
        yield "catalogue", write(folder / f"i{at}.csv", ITEMS, some), len(some)


def brought(
    importing: Importing[Any], path: Path, sender: User, agreer: User, **about: Any
) -> None:
    upload, _ = importing.upload(
        actor=sender, file_name=path.name, content=path.read_bytes(), on=DAY, **about
    )
    label = upload._meta.label_lower
    run(label, upload.pk, DAY)
    upload = importing.model._default_manager.get(pk=upload.pk)
    wrong = getattr(upload, "error_count", 0) or getattr(upload, "refused_count", 0)
    if wrong or upload.status != "checked":
        raise SystemExit(f"{path.name}: {upload.status} {upload.failure} {wrong}")
    importing.confirm(actor=agreer, upload=upload, sha256=upload.sha256, on=DAY)
    run(label, upload.pk, DAY)


def listed(path: Path, keeper: User) -> None:
    """A table of the catalogue, previewed and confirmed."""
    about: dict[str, Any] = {"file_name": path.name, "content": path.read_bytes(), "options": {}}
    masterdata.keep_file(CatalogueResource, actor=keeper, **about)
    file = masterdata.waiting_file(CatalogueResource, keeper)
    assert file is not None
    plan = masterdata.plan_of(CatalogueResource, file, on=DAY)
    if plan.is_refused:
        raise SystemExit(f"{path.name}: {next(line.explained for line in plan.lines)}")
    how = {"fingerprint": plan.fingerprint, "on": DAY}
    masterdata.confirm(CatalogueResource, actor=keeper, **how)


def read(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=70_000)
    parser.add_argument("--township", type=int, default=20_000, help="people in a township")
    options = parser.parse_args()
    clerks = set_up(-(-options.people // options.township))
    division = clerks[0].division
    assert division is not None
    county = division.parent
    two = [
        User.objects.create(username=f"carry-{role}", name=role, role=role, division=county)
        for role in (Role.REVIEWER, Role.APPROVER)
    ]
    keeper = User.objects.get(role=Role.SUPERVISOR)
    # Jobs are run here, one after the other, and announced to nobody.
    quiet: Callable[..., None] = lambda *unused: None  # noqa: E731
    __import__("desk.jobs").jobs.take_up.delay = quiet
    meters = {name: Meter() for name in (*KINDS, "read")}
    rows = dict.fromkeys(meters, 0)
    with tempfile.TemporaryDirectory() as folder:
        made = list(files(Path(folder), options.people, options.township))
        peak, at, began = Peak(), 0, time.perf_counter()
        for kind, path, many in made:
            rows[kind] += many
            with meters["read"]:
                rows["read"] += read(path)
            with meters[kind]:
                if kind == "rosters":
                    brought(REGISTERS, path, clerks[at], clerks[at], carried=True)
                    at += 1
                elif kind == "usage":
                    told = {"system": "县新农合信息系统", "document": "交接单", "counted_to": AS_OF}
                    brought(CARRIED_FILES, path, *two, **told)
                elif kind == "catalogue":
                    listed(path, keeper)
                else:
                    services = CARRIED if kind == "covers" else FILINGS
                    brought(services, path, *two, kind=kind, as_of=AS_OF)
        memory, spent = peak.stop(), time.perf_counter() - began
    bare = guarded_tables(TABLES)
    for name, meter in meters.items():
        print(
            f"{name:>9}  {meter.wall:8.2f} s  {meter.cpu:8.2f} CPU s"
            f"  {rows[name] / meter.wall:9.0f} rows/s"
        )
    print(f"{'guarded':>9}  {bare.wall:8.2f} s  {bare.cpu:8.2f} CPU s")
    for kind in ("wall", "cpu"):
        ours = sum(getattr(meters[name], kind) for name in KINDS)
        least = getattr(meters["read"], kind) + getattr(bare, kind)
        print(f"{kind}: {ours:.2f} s, {ours / least:.2f} x reading and COPY ({least:.2f} s)")
    print(f"all files in {spent:.0f} s; peak memory: {memory}")
    wanted = {
        Person: options.people, Enrollment: 3 * options.people, Filing: rows["filings"],
        OldNumber: OldNumber.objects.count(), CarriedAmount: rows["usage"],
        CatalogueItem: rows["catalogue"],
    }  # fmt: skip
    found = {model: model._default_manager.count() for model in wanted}
    print("; ".join(f"{model._meta.verbose_name_raw} {many}" for model, many in found.items()))
    if found != wanted:
        raise SystemExit("rows were lost or doubled")


if __name__ == "__main__":
    main()
