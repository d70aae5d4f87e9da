"""Make a backup: the database in one snapshot, then the scans; and, elsewhere, the keys."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.errors import Refusal
from desk.row_seals import head
from funds.models import Book, Seal
from funds.verify import FIRST_LINK
from lib.sealed_files import PIECE, Secret, seal_to
from moving.keeping.models import KeepingNote
from moving.keeping.programs import Target, program
from moving.keeping.rule import NAME, Rule, kept, moment_of
from moving.keeping.sets import (
    DATABASE,
    FORMAT,
    MANIFEST,
    PARTIAL,
    SCANS,
    BackupSet,
    alone,
    backup_secret,
    clear_partial,
    mark_of,
    portal_keys,
    read_set,
    sets_in,
    sync_folder,
    write_whole,
)

Say = Callable[[str], None]
MIN_WORDS = 12
# What nobody misses, and nobody should find: who was signed in.
NOT_KEPT = ("django_session",)


def make_backup(say: Say) -> BackupSet:
    """A new backup in `BACKUPS_ROOT`; then what the rule no longer keeps is deleted.

    Raises Refusal; what was begun is gone then, and earlier backups are untouched.
    """
    root, secret = Path(settings.BACKUPS_ROOT), backup_secret(portal_keys())
    with alone(root), noted(KeepingNote.Kind.BACKUP) as note:
        clear_partial(root)
        name = _free_name(root)
        note.name, folder = name, root / f"{name}{PARTIAL}"
        folder.mkdir(mode=0o700)
        try:
            with told_if_full(root):
                facts = _facts()  # before: what is sealed meanwhile may not be in the snapshot
                files = _fill(folder, name, root / "scans", secret, say)
                made = {"made_at": note.began_at.isoformat(), "files": files, **facts}
                content = json.dumps(made, ensure_ascii=False, indent=1).encode() + b"\n"
                write_whole(folder / MANIFEST, lambda file: file.write(content))
                sync_folder(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        folder.rename(root / name)
        sync_folder(root)
        done = read_set(root / name)
        note.size = done.size
        note.told = f"数据库 {_megabytes(files[DATABASE])}，扫描件 {len(done.scans(secret))} 个"
        _forget(root, secret, say)
    say(f"备份完成：{done.folder}（{note.told}），用时 {note.seconds} 秒")
    if not KeepingNote.objects.filter(kind=KeepingNote.Kind.KEYS, keys=mark_of(portal_keys())):
        say(
            "提醒：现用的密钥还没有备份过。没有密钥，备份打不开。"
            "请运行 backup --keys 目录，存到另一处（如 U 盘），不要与备份放在一起。"
        )
    return done


def _free_name(root: Path) -> str:
    """By the county's clock; two in one second are told apart."""
    at = timezone.localtime().replace(microsecond=0)
    while (root / at.strftime(NAME)).exists():
        at += timedelta(seconds=1)
    return at.strftime(NAME)


def _fill(folder: Path, name: str, store: Path, secret: Secret, say: Say) -> dict[str, int]:
    """Both files; their sizes. The database first: each scan that it knows lies there already."""
    started = time.monotonic()
    target = Target.own()

    def dump(file: IO[bytes]) -> None:
        seal_to(file, f"{name}/{DATABASE}", dumped(target), secret)

    size = write_whole(folder / DATABASE, dump)
    say(f"  数据库 {_megabytes(size)}，{time.monotonic() - started:.1f} 秒")
    started = time.monotonic()
    names, fresh = keep_scans(Path(settings.SCANS_ROOT), store, secret)
    listed = json.dumps(names).encode()
    listing = write_whole(
        folder / SCANS, lambda file: seal_to(file, f"{name}/{SCANS}", [listed], secret)
    )
    say(f"  扫描件 {len(names)} 个，新存 {fresh} 个，{time.monotonic() - started:.1f} 秒")
    return {DATABASE: size, SCANS: listing}


def dumped(target: Target) -> Iterator[bytes]:
    """pg_dump's output as it comes. Raises Refusal with its own words."""
    command = [
        *(program("pg_dump"), "--format=custom", "--compress=3", "--no-password"),
        *("--no-owner", "--no-privileges", "--lock-wait-timeout=60s"),
        *(f"--exclude-table-data={table}" for table in NOT_KEPT),
        *((f"--schema={target.schema}",) if target.schema != "public" else ()),
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            command, env=target.environment(), stdout=subprocess.PIPE, stderr=said
        )
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(PIECE):
                yield piece
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            process.wait()
        if process.returncode != 0:
            raise Refusal(f"pg_dump 失败：{last_words(said)}")


def keep_scans(source: Path, store: Path, secret: Secret) -> tuple[list[str], int]:
    """Seal each scan that is not in the store yet; (all names, how many were added)."""
    names, fresh = [], 0
    for path in sorted(source.glob("*/*")) if source.is_dir() else ():
        name, sealed = f"{path.parent.name}/{path.name}", store / path.parent.name
        sealed /= f"{path.name}.sealed"
        if not sealed.exists():
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # taken out of a draft a moment ago
                continue
            write_whole(sealed, _sealing(name, content, secret))
            fresh += 1
        names.append(name)
    return names, fresh


def _sealing(name: str, content: bytes, secret: Secret) -> Callable[[IO[bytes]], object]:
    return lambda file: seal_to(file, name, [content], secret)


def _facts() -> dict[str, object]:
    """What says which deployment and version it is of, and where the chains ended before."""
    applied = MigrationRecorder(connection).applied_migrations()
    latest: dict[str, str] = {}
    for app, migration in sorted(applied):
        latest[app] = migration
    heads = []
    for book in Book.objects.order_by("pk"):
        last = Seal.objects.filter(book=book).order_by("sequence").last()
        heads.append(last.digest if last else FIRST_LINK)
    heads = [one for one in [*heads, head()] if one != FIRST_LINK]
    return {
        "format": FORMAT,
        "keys": mark_of(portal_keys()),
        "postgresql": connection.pg_version,  # type: ignore[attr-defined]
        "migrations": latest,
        "heads": heads,
    }


def _forget(root: Path, secret: Secret, say: Say) -> None:
    """Delete what the rule does not keep, and the scans that belong to no backup any more."""
    sets = sets_in(root)
    moments = {one.name: moment_of(one.name) for one in sets}
    stay = kept([at for at in moments.values() if at], Rule.read(settings.BACKUPS_KEPT))
    gone = [one for one in sets if moments[one.name] not in stay]
    for one in gone:
        doomed = one.folder.with_name(f"{one.name}{PARTIAL}")
        one.folder.rename(doomed)  # never half a backup under the name of a whole one
        shutil.rmtree(doomed)
        say(f"  按保留规则（日、周、月各 {settings.BACKUPS_KEPT} 份）删除旧备份 {one.name}")
    if gone:
        wanted = {name for one in sets if one not in gone for name in one.scans(secret)}
        for path in (root / "scans").glob("*/*.sealed"):
            if f"{path.parent.name}/{path.name.removesuffix('.sealed')}" not in wanted:
                path.unlink()


def backup_keys(folder: Path, words: str, say: Say) -> Path:
    """The keys, sealed with words that somebody keeps, into a folder away from the backups.

    Raises Refusal.
    """
    root, folder = Path(settings.BACKUPS_ROOT).resolve(), folder.resolve()
    if folder.is_relative_to(root) or root.is_relative_to(folder):
        raise Refusal(
            f"密钥不能与备份放在一起（{root}）：拿到的人就能打开全部数据。请另选一处，如 U 盘"
        )
    if len(words) < MIN_WORDS:
        raise Refusal(f"口令至少 {MIN_WORDS} 个字符")
    if not folder.is_dir():
        raise Refusal(f"目录 {folder} 不存在")
    keys = portal_keys()
    content = json.dumps(keys).encode()
    with noted(KeepingNote.Kind.KEYS) as note, told_if_full(folder):
        name = f"hezuo-keys-{timezone.localtime().strftime(NAME)}.sealed"
        write_whole(
            folder / name, lambda file: seal_to(file, "keys", [content], Secret.words(words))
        )
        sync_folder(folder)
        note.name, note.keys, note.told = name, mark_of(keys), "三个密钥"
    say(f"密钥已存到 {folder / name}。口令请与文件分开保管；两者缺一，备份都打不开。")
    return folder / name


@dataclass
class Noted:
    """What is written down at the end of an act, however it ends."""

    began_at: datetime
    name: str = ""
    told: str = ""
    size: int = 0
    keys: str = ""
    seconds: str = "0"


@contextmanager
def noted(kind: KeepingNote.Kind, *, failures: bool = True) -> Iterator[Noted]:
    """Time an act and write down that it was done, or why not."""
    started, note = time.monotonic(), Noted(timezone.now())

    def write(is_good: bool, told: str) -> None:
        note.seconds = f"{time.monotonic() - started:.1f}"
        KeepingNote.objects.create(
            kind=kind,
            name=note.name,
            began_at=note.began_at,
            seconds=note.seconds,
            size=note.size,
            is_good=is_good,
            told=told[:500],
            keys=note.keys,
        )

    try:
        yield note
    except BaseException as error:
        if failures:
            with suppress(DatabaseError):  # the reason itself is told in any case
                write(False, str(error) or type(error).__name__)
        raise
    write(True, note.told)


@contextmanager
def told_if_full(folder: Path) -> Iterator[None]:
    """A disk that takes no more, in words. Raises Refusal."""
    try:
        yield
    except OSError as error:
        free = shutil.disk_usage(folder).free
        raise Refusal(
            f"写不进 {folder}（{error.strerror or error}，剩余 {_megabytes(free)}）："
            "请腾出空间或换一个目录；未完成的已删除，先前的不受影响"
        ) from error


def last_words(said: IO[bytes]) -> str:
    """The end of what a program wrote, without the rows that it speaks of."""
    said.seek(0)
    lines = said.read()[-4000:].decode(errors="replace").strip().splitlines()
    told = [line for line in lines if not line.startswith(("DETAIL", "CONTEXT"))]
    return "；".join(told[-3:]) or "没有说明原因"


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
