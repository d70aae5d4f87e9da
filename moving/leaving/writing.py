"""整县导出: every table of the county, as it was at one moment, in constant memory."""

import csv
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.errors import Refusal
from desk.row_seals import head
from funds.models import Book, Seal
from funds.records import one_view
from funds.verify import FIRST_LINK
from moving.keeping.making import Say, told_if_full
from moving.keeping.sets import PARTIAL, sync_folder
from moving.leaving.explaining import explained
from moving.leaving.manifest import (
    CHUNK,
    MANIFEST,
    SCANS,
    SEQUENCES,
    Entry,
    Manifest,
    digest_of,
    latest_migrations,
    probes,
)
from moving.leaving.tables import Table, county_named, county_tables

PAGE = "说明.html"
OPENED = "opened"
SEQUENCES_NOW = """
    SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename
"""
BATCH = 2000


class Counted:
    """A file of CSV that counts its rows, keeps its digest and ends lines as RFC 4180 says."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = self.lines = 0

    def write(self, row: bytes) -> int:
        """PostgreSQL hands over one whole row at a time."""
        said = row.removesuffix(b"\n") + b"\r\n"
        self.file.write(said)
        self.digest.update(said)
        self.size += len(said)
        self.lines += 1
        return len(row)

    @property
    def entry(self) -> Entry:
        return Entry(self.digest.hexdigest(), self.size, self.lines - 1)


@contextmanager
def counted(path: Path) -> Iterator[Counted]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb", buffering=CHUNK) as file:
        yield Counted(file)


def export_county(folder: Path, *, opens: bool, say: Say) -> str:
    """Write everything into a new folder; the digest of its manifest.

    `opens`: also what is sealed, in plain text. Raises Refusal; then nothing is left.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} 已经存在，请另写一个新目录")
    started, partial = time.monotonic(), folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        with told_if_full(partial):
            manifest = _written(partial, opens, say)
            (partial / MANIFEST).write_text(manifest.text(), encoding="utf-8")
            sync_folder(partial)
            if folder.exists():
                folder.rmdir()
            partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    digest, _ = digest_of(folder / MANIFEST)
    rows = sum(one.rows for one in manifest.files.values())
    say(
        f"已导出到 {folder}：{len(manifest.files)} 个文件、{rows} 行，"
        f"用时 {time.monotonic() - started:.1f} 秒"
    )
    say(f"清单指纹 {digest}（请抄在纸上；导入时用 --digest 核对）")
    return digest


def _written(folder: Path, opens: bool, say: Say) -> Manifest:
    files: dict[str, Entry] = {}
    with one_view():
        tables = county_tables()
        for table in tables:
            files[f"{table.name}.csv"] = _copied(folder / f"{table.name}.csv", table.select())
        files[SEQUENCES] = _copied(folder / SEQUENCES, SEQUENCES_NOW)
        if opens:
            (folder / OPENED).mkdir(mode=0o700)
            for table in tables:
                if table.sealed:
                    name = f"{OPENED}/{table.name}.csv"
                    files[name] = _opened(folder / name, table)
        named = county_named()
        heads = [*_heads()]
    county = named.name if named else ""
    files[SCANS] = _scans(folder, say)
    rows = {name.removesuffix(".csv"): entry.rows for name, entry in files.items()}
    with (folder / PAGE).open("w", encoding="utf-8") as file:
        file.writelines(explained(county, tables, rows))
    files[PAGE] = Entry(*digest_of(folder / PAGE), 0)
    return Manifest(
        county=county,
        made_at=timezone.localtime().isoformat(timespec="seconds"),
        latest=latest_migrations(),
        heads=heads,
        files=files,
        **probes(),
    )


def _copied(path: Path, select: str) -> Entry:
    with counted(path) as file, connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY ({select}) TO STDOUT (FORMAT csv, HEADER true, ENCODING 'UTF8')", file
        )
    return file.entry


def _opened(path: Path, table: Table) -> Entry:
    """Key and sealed columns in plain text."""
    names = [table.key, *(str(field.column) for field in table.sealed)]
    rows = table.model._base_manager.order_by("pk").values_list(
        "pk", *(field.attname for field in table.sealed)
    )
    with counted(path) as file:
        write = csv.writer(_Rows(file), lineterminator="\n").writerow
        write(names)
        for row in rows.iterator(chunk_size=BATCH):
            write(row)
    return file.entry


class _Rows:
    def __init__(self, file: Counted) -> None:
        self.file = file

    def write(self, row: str) -> int:
        return self.file.write(row.encode())


def _heads() -> Iterator[str]:
    for book in Book.objects.order_by("pk"):
        last = Seal.objects.filter(book=book).order_by("sequence").last()
        if last:
            yield last.digest
    if (end := head()) != FIRST_LINK:
        yield end


def _scans(folder: Path, say: Say) -> Entry:
    """Copies of the scanned papers, with a list of their digests."""
    root, count = Path(settings.SCANS_ROOT), 0
    with counted(folder / SCANS) as file:
        file.write(b"name,sha256,size\n")
        for path in sorted(root.glob("*/*")) if root.is_dir() else ():
            name = f"{path.parent.name}/{path.name}"
            target = folder / "scans" / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                shutil.copyfile(path, target)
            except FileNotFoundError:  # taken out of a draft a moment ago
                continue
            digest, size = digest_of(target)
            file.write(f"{name},{digest},{size}\n".encode())
            count += 1
    if count:
        say(f"  扫描件 {count} 个")
    return file.entry
