"""整县导入: an export into an empty deployment of the same version; verified, or not at all."""

import csv
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from accounts.errors import Refusal
from moving.keeping.making import Say, noted, told_if_full
from moving.keeping.models import KeepingNote
from moving.keeping.restoring import tables_with_rows
from moving.keeping.sets import PARTIAL
from moving.leaving.manifest import (
    SCANS,
    SEQUENCES,
    Entry,
    Manifest,
    check_file,
    read_manifest,
    refuse_other_keys,
    refuse_other_version,
)
from moving.leaving.tables import Table, county_tables

PLACE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}\.(bin|jpg)")
OWN_SEQUENCES = """
    SELECT c.relname FROM pg_class c WHERE c.relkind = 'S'
        AND c.relnamespace = current_schema()::regnamespace
"""


def import_county(folder: Path, *, digest: str, say: Say) -> None:
    """Into this deployment, which must be migrated and hold nothing.

    Raises Refusal naming the file, the table or the version that does not fit; the database holds
    nothing then.
    """
    started = time.monotonic()
    manifest = read_manifest(folder, digest)
    refuse_other_version(manifest)
    refuse_other_keys(manifest)
    if held := tables_with_rows():
        raise Refusal(f"数据库里已有数据（{held[0]} 等 {len(held)} 个表）：只能导入刚建好的空部署")
    tables = county_tables()
    _check_files(folder, manifest, tables)
    say(f"  文件齐全，与清单一致，{time.monotonic() - started:.1f} 秒")
    # A failed one leaves no note: the deployment must stay empty.
    with noted(KeepingNote.Kind.IMPORT, failures=False) as note:
        _import_scans(folder, manifest)
        with transaction.atomic():
            _fill(folder, manifest, tables, say)
            _verify(manifest, say)
        note.name = folder.name[:100]
        note.told = f"{manifest.county}，{sum(one.rows for one in manifest.files.values())} 行"
        note.size = sum(one.size for one in manifest.files.values())
    say(f"已导入 {manifest.county}，共用时 {time.monotonic() - started:.1f} 秒")
    say("用户的密码没有导出：安全管理员用 reset_password 进入后，给其他人打印密码信函。")


def _check_files(folder: Path, manifest: Manifest, tables: Sequence[Table]) -> None:
    """Every file is there and says what the manifest says. Raises Refusal."""
    wanted = [f"{table.name}.csv" for table in tables]
    if strange := set(manifest.files) - {*wanted, SEQUENCES, SCANS}:
        strange = {name for name in strange if name.endswith(".csv") and "/" not in name}
        if strange:
            raise Refusal(f"清单里有本部署没有的表：{'、'.join(sorted(strange))}")
    for name in [*wanted, SEQUENCES, SCANS]:
        check_file(folder, name, manifest.entry(name))
    for table in tables:
        with (folder / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file), [])
        if header != table.names:
            raise Refusal(f"文件 {table.name}.csv 的列与本部署的表不同")
    for name, sha256, size in _scans_listed(folder):
        check_file(folder / "scans", name, Entry(sha256, size, 0))


def _scans_listed(folder: Path) -> Iterator[tuple[str, str, int]]:
    with (folder / SCANS).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not PLACE.fullmatch(row["name"]):
                raise Refusal(f"{SCANS}：{row['name']} 不是扫描件的名称")
            yield row["name"], row["sha256"], int(row["size"])


def _import_scans(folder: Path, manifest: Manifest) -> None:
    root = Path(settings.SCANS_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with told_if_full(root):
        for name, _, _ in _scans_listed(folder):
            target = root / name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            partial = target.with_name(target.name + PARTIAL)
            shutil.copyfile(folder / "scans" / name, partial)
            partial.chmod(0o600)
            os.replace(partial, target)


def _fill(folder: Path, manifest: Manifest, tables: Sequence[Table], say: Say) -> None:
    """Guards speak to whoever changes rows; here rows come back as they were, so the owner lets
    them sleep for these tables and this transaction. What rows refer to is asked before they wake,
    and what they would have refused the check of the books finds."""
    started = time.monotonic()
    with connection.cursor() as cursor:
        for table in tables:
            _switch(cursor, table, "DISABLE")
        for table in tables:
            _copy(cursor, folder, table, manifest.entry(f"{table.name}.csv"))
        _set_sequences(cursor, folder)
        say(f"  写入 {len(tables)} 个表，{time.monotonic() - started:.1f} 秒")
        started = time.monotonic()
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except DatabaseError as error:
            raise Refusal(f"表之间对不上：{_first_line(error)}") from error
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            _switch(cursor, table, "ENABLE")
        cursor.execute("ANALYZE")  # what checks them plans by it
    say(f"  表之间的引用都在，{time.monotonic() - started:.1f} 秒")


def _switch(cursor: Any, table: Table, how: str) -> None:
    name = connection.ops.quote_name(table.name)
    try:
        cursor.execute(f"ALTER TABLE {name} {how} TRIGGER USER")
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") == "42501":
            raise Refusal(
                "只有表的所有者能导入：请用所有者的地址运行（见 docs/operations.md）"
            ) from error
        raise


def _copy(cursor: Any, folder: Path, table: Table, entry: Entry) -> None:
    names = ", ".join(map(connection.ops.quote_name, table.names))
    with (folder / f"{table.name}.csv").open("rb") as file:
        try:
            cursor.copy_expert(
                f"COPY {connection.ops.quote_name(table.name)} ({names}) FROM STDIN"
                " (FORMAT csv, HEADER true, ENCODING 'UTF8')",
                file,
            )
        except DatabaseError as error:
            raise Refusal(f"文件 {table.name}.csv 写不进去：{_first_line(error)}") from error
    if cursor.rowcount != entry.rows:
        raise Refusal(f"文件 {table.name}.csv 应有 {entry.rows} 行，写入了 {cursor.rowcount} 行")


def _set_sequences(cursor: Any, folder: Path) -> None:
    """Keys and numbers go on where they were; series of numbers are made first."""
    cursor.execute(OWN_SEQUENCES)
    there = {name for (name,) in cursor.fetchall()}
    with (folder / SEQUENCES).open(encoding="utf-8", newline="") as file:
        for name, last, used in csv.reader(file):
            if name == "sequencename":
                continue
            if name not in there:
                cursor.execute("SELECT hezuo_make_series(%s, %s)", [name, int(last)])
            cursor.execute(
                "SELECT setval(to_regclass(%s), %s, %s)",
                [connection.ops.quote_name(name), int(last), used == "t"],
            )


def _verify(manifest: Manifest, say: Say) -> None:
    """As `verify_books` says, before anything is committed. Raises Refusal."""
    if not manifest.entry("funds_book.csv").rows:
        return
    started, told = time.monotonic(), StringIO()
    try:
        call_command("verify_books", head=manifest.heads, stdout=told)
    except (SystemExit, CommandError) as error:
        lines = told.getvalue().strip().splitlines() or [str(error)]
        raise Refusal("核账没有通过，没有导入：" + "；".join(lines[-8:])) from error
    say(f"  核账通过，{time.monotonic() - started:.1f} 秒")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
