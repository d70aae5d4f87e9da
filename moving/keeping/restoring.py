"""Restore a backup, or try whether it could be: nothing half, nothing over rows that are there."""

import hashlib
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from django.conf import settings
from django.db import connection
from psycopg2 import sql

from accounts.errors import Refusal
from lib.sealed_files import Secret, open_from
from moving.keeping.making import Say, last_words, noted, told_if_full
from moving.keeping.models import KeepingNote
from moving.keeping.programs import Target, environment_of, program
from moving.keeping.sets import (
    DATABASE,
    KEYS,
    SCANS,
    BackupSet,
    backup_secret,
    mark_of,
    portal_keys,
    write_whole,
)
from supervision.proof_files import proof_models

# What migrations fill, and who was signed in.
NO_ROWS = {"django_migrations", "django_content_type", "auth_permission", "django_session"}
# How a database says in what order and letters it writes (pg_database), by version.
LOCALE_SINCE = ((170000, "datlocale"), (150000, "daticulocale"), (0, "NULL"))


@dataclass(frozen=True)
class Opened:
    """A backup with the keys that open it."""

    of: BackupSet
    keys: Mapping[str, str]

    @property
    def secret(self) -> Secret:
        return backup_secret(self.keys)


def opened(one: BackupSet, keys: Mapping[str, str]) -> Opened:
    """Raises Refusal where the keys are others than those of the backup."""
    if one.manifest.get("keys") != mark_of(keys) and not _opens(one, keys):
        raise Refusal(f"备份 {one.name} 是用另一套密钥加密的：请用 --keys 指明那时备份的密钥文件")
    return Opened(one, keys)


def _opens(one: BackupSet, keys: Mapping[str, str]) -> bool:
    """Seal keys may have been added since; what backups are sealed with stays."""
    try:
        next(one.opened(SCANS, backup_secret(keys)))
    except ValueError:
        return False
    return True


def read_keys(file: Path, words: str) -> dict[str, str]:
    """Of a file that `backup --keys` made. Raises SealedFileError, Refusal."""
    if not file.is_file():
        raise Refusal(f"找不到密钥文件 {file}")
    with file.open("rb") as source:
        found = json.loads(b"".join(open_from(source, "keys", Secret.words(words))))
    return {name: str(found[name]) for name in KEYS}


def whole(backup: Opened, say: Say) -> None:
    """Read every byte of it once, before anything is changed. Raises SealedFileError."""
    started = time.monotonic()
    for _ in backup.of.opened(DATABASE, backup.secret):
        pass
    names = backup.of.scans(backup.secret)
    for name in names:
        backup.of.scan(name, backup.secret)
    say(f"  备份文件完整，扫描件 {len(names)} 个，{time.monotonic() - started:.1f} 秒")


def restore(backup: Opened, *, spare: str, keys_to: Path | None, say: Say) -> None:
    """Into the deployment's own database, which must hold nothing, or into a new one, `spare`.

    Raises Refusal, SealedFileError. Broken off at any moment it leaves the database empty or
    whole; done again it goes on.
    """
    started = time.monotonic()
    own = Target.own()
    target = own.named(spare) if spare else own
    if not spare:
        _refuse_rows()
        _refuse_others(own)
        connection.close()
    whole(backup, say)
    if spare:
        _make_database(own, spare)
    else:
        if keys_to is not None and backup.keys != portal_keys():
            _write_keys(keys_to, backup.keys, say)
        _restore_scans(backup, Path(settings.SCANS_ROOT), say)
    try:
        _fill(backup, target, say)
    except BaseException:
        if spare:
            _drop_database(own, spare)
        raise
    _upgrade(target, backup.keys, say)
    _verify(backup, target, say)
    if not spare:
        with noted(KeepingNote.Kind.RESTORE) as note:
            note.name, note.size = backup.of.name, backup.of.size
            note.told = "已恢复到本部署的数据库，核账通过"
    say(f"已恢复到数据库 {target.name}，共用时 {time.monotonic() - started:.1f} 秒")


def check(backup: Opened, say: Say) -> None:
    """Restore into a database that is dropped afterwards, upgrade it to this version, verify.

    Raises Refusal, SealedFileError where the backup would not do; the outcome is noted.
    """
    own, name = Target.own(), f"hezuo_check_{secrets.token_hex(4)}"
    with noted(KeepingNote.Kind.CHECK) as note:
        note.name, note.size = backup.of.name, backup.of.size
        whole(backup, say)
        with _spare(own, name) as spare:
            _fill(backup, spare, say)
            _upgrade(spare, backup.keys, say)
            _verify(backup, spare, say)
            count = check_scans(backup, spare)
        note.told = f"恢复到备用库、升级、核账都通过，扫描件 {count} 个相符"
    say(f"备份 {backup.of.name} 核验通过：{note.told}，用时 {note.seconds} 秒")


@contextmanager
def _spare(own: Target, name: str) -> Iterator[Target]:
    _make_database(own, name)
    try:
        yield own.named(name)
    finally:
        _drop_database(own, name)


def _refuse_rows() -> None:
    """Raises Refusal where the database holds anything that somebody made."""
    if held := tables_with_rows():
        raise Refusal(
            f"数据库里已有数据（{held[0]} 等 {len(held)} 个表），不能覆盖。"
            "请换一个空的部署，或用 --into 指明一个备用库的名称"
        )


def tables_with_rows(but: Sequence[str] = ()) -> list[str]:
    """Of the schema, apart from what migrations fill."""
    names = sorted(set(connection.introspection.table_names()) - NO_ROWS - set(but))
    if not names:
        return []
    asked = ", ".join(f"EXISTS (SELECT FROM {connection.ops.quote_name(one)})" for one in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return [name for name, holds in zip(names, cursor.fetchone(), strict=True) if holds]


def _refuse_others(own: Target) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
    if others:
        raise Refusal(f"还有 {others} 个程序连着数据库 {own.name}：请先停止门户，再恢复")


def _make_database(own: Target, name: str) -> None:
    """A new one with the letters and order of our own. Raises Refusal."""
    if not name.isascii() or not name.replace("_", "").isalnum() or len(name) > 60:
        raise Refusal("备用库的名称只用字母、数字和下划线，不超过 60 个")
    column = next(what for since, what in LOCALE_SINCE if connection.pg_version >= since)  # type: ignore[attr-defined]
    provider = "datlocprovider" if column != "NULL" else "'c'"
    with own.cursor() as cursor:
        cursor.execute(
            f"SELECT datcollate, datctype, {provider}, {column} FROM pg_database"  # noqa: S608
            " WHERE datname = current_database()"
        )
        collate, ctype, kind, locale = cursor.fetchone()
        more = {
            "b": "LOCALE_PROVIDER builtin BUILTIN_LOCALE {}",
            "i": "LOCALE_PROVIDER icu ICU_LOCALE {}",
        }
        statement = sql.SQL(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {} "
        ).format(sql.Identifier(name), sql.Literal(collate), sql.Literal(ctype))
        if kind in more:
            statement += sql.SQL(more[kind]).format(sql.Literal(locale))
        try:
            cursor.execute(statement)
        except psycopg2.errors.DuplicateDatabase:
            raise Refusal(f"数据库 {name} 已经存在，请换一个名称，或先删除它") from None
        except psycopg2.errors.InsufficientPrivilege:
            raise Refusal(
                f"角色 {own.user} 不能建立数据库：请由管理员执行 ALTER ROLE {own.user} CREATEDB，"
                "或用表的所有者的地址运行（见 docs/operations.md）"
            ) from None


def _drop_database(own: Target, name: str) -> None:
    with own.cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _fill(backup: Opened, target: Target, say: Say) -> None:
    """Everything or nothing, in one transaction of pg_restore. The database holds no rows; the
    tables that `migrate` made in it go first, for the backup brings its own."""
    started = time.monotonic()
    _clear(target)
    command = [
        *(program("pg_restore"), "--no-owner", "--no-privileges", "--no-password"),
        *("--single-transaction", "--exit-on-error", f"--dbname={target.name}"),
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            command, env=target.environment(), stdin=subprocess.PIPE, stderr=said
        )
        assert process.stdin is not None
        try:
            for piece in backup.of.opened(DATABASE, backup.secret):
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:  # it says itself why
            pass
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode != 0:
            raise Refusal(f"pg_restore 失败，数据库仍是空的：{last_words(said)}")
    with target.cursor() as cursor:
        cursor.execute("ANALYZE")
    say(f"  数据库恢复，{time.monotonic() - started:.1f} 秒")


def _clear(target: Target) -> None:
    schema, public = sql.Identifier(target.schema), target.schema == "public"
    with target.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20s'")
        if public:
            # What stands outside of backups of a schema: its usage for the application's role is
            # granted anew with every migration.
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        else:
            for name in ("pg_trgm", "btree_gist"):
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public")
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))


def _upgrade(target: Target, keys: Mapping[str, str], say: Say) -> None:
    """To the version of this program; the application's role gets its rights."""
    started = time.monotonic()
    _manage(target, keys, "migrate", "--no-input")
    say(f"  升级数据库结构，{time.monotonic() - started:.1f} 秒")


def _verify(backup: Opened, target: Target, say: Say) -> None:
    started = time.monotonic()
    with target.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM funds_book)")
        (has_books,) = cursor.fetchone()
    if not has_books:
        say("  还没有建账，不核账")
        return
    heads = [part for one in backup.of.manifest.get("heads", ()) for part in ("--head", str(one))]
    _manage(target, backup.keys, "verify_books", *heads)
    say(f"  核账通过，{time.monotonic() - started:.1f} 秒")


def _manage(target: Target, keys: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments],
        env=environment_of(target, keys),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        told = (done.stdout + done.stderr).strip().splitlines()[-8:]
        raise Refusal(f"数据库 {target.name}：{arguments[0]} 没有通过：" + "；".join(told))


def _restore_scans(backup: Opened, root: Path, say: Say) -> None:
    started, names = time.monotonic(), backup.of.scans(backup.secret)
    with told_if_full(_existing(root)):
        for name in names:
            content = backup.of.scan(name, backup.secret)
            write_whole(root / name, lambda file, content=content: file.write(content))  # type: ignore[misc]
    say(f"  扫描件恢复 {len(names)} 个，{time.monotonic() - started:.1f} 秒")


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def check_scans(backup: Opened, spare: Target) -> int:
    """Each scan and photo that the restored database knows is there unaltered; how many."""
    names = set(backup.of.scans(backup.secret))
    with spare.cursor() as cursor:
        scans = "SELECT file, sha256 FROM claims_scan WHERE removed_at IS NULL"
        tables = [one._meta.db_table for one in proof_models()]
        others = [f"SELECT file, sha256 FROM {one}" for one in tables]  # noqa: S608 - our models'
        cursor.execute(" UNION ".join([scans, *others]))
        rows: list[Any] = cursor.fetchall()
    for file, digest in rows:
        plain = str(file).replace("-", "")
        name = f"{plain[:2]}/{plain}.bin"
        if name not in names:
            raise Refusal(f"备份中缺少扫描件 {name}")
        if hashlib.sha256(backup.of.scan(name, backup.secret)).hexdigest() != digest:
            raise Refusal(f"备份中的扫描件 {name} 与登记的指纹不符")
    return len(rows)


def _write_keys(file: Path, keys: Mapping[str, str], say: Say) -> None:
    """The keys of the backup as `NAME=value`; those that were there sealed nothing yet."""
    kept = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    others = [line for line in kept if line.partition("=")[0].strip() not in KEYS]
    text = "".join(f"{line}\n" for line in [*others, *(f"{k}={v}" for k, v in keys.items())])
    write_whole(file, lambda out: out.write(text.encode()))
    say(f"  密钥写入 {file}")
