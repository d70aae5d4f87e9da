"""Where backups lie: a folder for each, and beside them the scans, each sealed once for all.

    BACKUPS_ROOT/20261129-200501/manifest.json     what it is; nothing personal
                                 database.sealed   pg_dump's own format
                                 scans.sealed      the names of the scans that belong to it
                 scans/ab/ab01….bin.sealed         scans never change, so one copy is enough

A folder has its name only once everything in it is on the disk; until then it ends in `.partial`.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from accounts.errors import Refusal
from lib.sealed_files import PIECE, SealedFileError, Secret, open_from
from lib.sealing import key_bytes
from moving.keeping.rule import moment_of

FORMAT = 1
MANIFEST, DATABASE, SCANS = "manifest.json", "database.sealed", "scans.sealed"
PARTIAL = ".partial"
KEYS = ("HEZUO_SECRET_KEY", "HEZUO_SEAL_KEYS", "HEZUO_INDEX_KEY")


def portal_keys() -> dict[str, str]:
    """The three keys of this deployment, by the names of their variables."""
    return dict(
        zip(KEYS, (settings.SECRET_KEY, settings.SEAL_KEYS, settings.SEAL_INDEX_KEY), strict=True)
    )


def backup_secret(keys: Mapping[str, str]) -> Secret:
    """What backups are sealed with: derived from the index key, the only one that never changes."""
    return Secret(hashlib.sha256(b"hezuo.backup\0" + key_bytes(keys["HEZUO_INDEX_KEY"])).digest())


def mark_of(keys: Mapping[str, str]) -> str:
    """By which a set of keys is known again: 16 hexadecimal characters of a digest of random
    keys, from which none follows."""
    told = json.dumps([keys[name] for name in KEYS[1:]])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class BackupSet:
    """A finished backup."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(str(self.manifest["made_at"]))

    @property
    def size(self) -> int:
        return sum(int(size) for size in self.manifest["files"].values())

    def opened(self, name: str, secret: Secret) -> Iterator[bytes]:
        """The pieces of one of its files. Raises SealedFileError."""
        with (self.folder / name).open("rb") as file:
            yield from open_from(file, f"{self.name}/{name}", secret)

    def scans(self, secret: Secret) -> list[str]:
        """The names of the scans that belong to it: "ab/ab01….bin"."""
        text = b"".join(self.opened(SCANS, secret)).decode()
        return [str(name) for name in json.loads(text)]

    @property
    def store(self) -> Path:
        return self.folder.parent / "scans"

    def scan(self, name: str, secret: Secret) -> bytes:
        """One scan. Raises SealedFileError, also where it is missing."""
        return open_scan(self.store, name, secret)


def open_scan(store: Path, name: str, secret: Secret) -> bytes:
    try:
        with (store / f"{name}.sealed").open("rb") as file:
            return b"".join(open_from(file, name, secret))
    except FileNotFoundError:
        raise SealedFileError(f"scans/{name}.sealed：备份中缺少这个扫描件") from None


def read_set(folder: Path) -> BackupSet:
    """Raises Refusal where it is no finished backup, or one of its files is missing or short."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {str(name): int(size) for name, size in manifest["files"].items()}
        datetime.fromisoformat(str(manifest["made_at"]))
        number = int(manifest["format"])
    except OSError:
        raise Refusal(f"{folder} 不是一份备份（没有 {MANIFEST}）") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(f"{folder / MANIFEST} 损坏，读不出来") from None
    if number != FORMAT:
        raise Refusal(f"{folder.name} 是第 {number} 版格式的备份，本程序只认第 {FORMAT} 版")
    if {DATABASE, SCANS} - files.keys():
        raise Refusal(f"{folder / MANIFEST} 没有写明数据库和扫描件清单")
    for name, size in files.items():
        path = folder / name
        if not path.is_file():
            raise Refusal(f"备份不完整：缺少文件 {path}")
        if path.stat().st_size != size:
            raise Refusal(
                f"备份不完整：{path} 应有 {size} 字节，现有 {path.stat().st_size} 字节，请重新复制"
            )
    return BackupSet(folder, manifest)


def sets_in(root: Path) -> list[BackupSet]:
    """The finished backups, the newest last; what cannot be read is none."""
    found = []
    for folder in sorted(root.glob("*")) if root.is_dir() else ():
        if moment_of(folder.name) is not None and folder.is_dir():
            try:
                found.append(read_set(folder))
            except Refusal:
                continue
    return found


def asked_set(named: str) -> BackupSet:
    """By its folder, its name, or as the `latest`. Raises Refusal."""
    root = Path(settings.BACKUPS_ROOT)
    if named == "latest":
        found = sets_in(root)
        if not found:
            raise Refusal(f"{root} 中没有备份")
        return found[-1]
    path = Path(named)
    return read_set(path.resolve() if path.is_dir() else root / named)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Nobody else makes or clears backups meanwhile. Raises Refusal."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (root / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("另一个备份正在进行，请等它结束") from None
        yield


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> int:
    """A file, readable by us alone, that has its name only once it is whole on the disk; its size.

    What goes wrong meanwhile leaves nothing.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=PIECE) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return path.stat().st_size


def sync_folder(folder: Path) -> None:
    """So that the names in it outlive a cut of the current."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_partial(root: Path) -> None:
    """What was broken off earlier, under the lock."""
    for folder in root.glob(f"*{PARTIAL}"):
        shutil.rmtree(folder)
    for file in (root / "scans").glob(f"*/*{PARTIAL}"):
        file.unlink()
