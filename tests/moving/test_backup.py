"""A county is backed up, the machine is lost, and another one goes on with it."""

import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from accounts.errors import Refusal
from launch.keys import fresh_keys
from lib.sealed_files import SealedFileError
from moving.keeping.making import backup_keys
from moving.keeping.restoring import opened, read_keys, whole
from moving.keeping.sets import asked_set
from tests.moving.conftest import Deployment, databases_now, write_scan
from tests.workers import dropped

pytestmark = [pytest.mark.seconds(120)]
WORDS = {"HEZUO_BACKUP_WORDS": "四季平安 2026 大足县"}
Deploy = Callable[..., Deployment]


@pytest.fixture(scope="module")
def kept(dazu: Deployment) -> Deployment:
    """The county with two scans, a backup, and its keys on a stick."""
    write_scan(dazu, "a1", b"%PDF-1 one")
    write_scan(dazu, "b2", b"%PDF-1 two" * 200_000)
    said = dazu.runs("backup")
    assert "备份完成" in said and "扫描件 2 个，新存 2 个" in said
    assert "现用的密钥还没有备份过" in said
    (dazu.folder / "stick").mkdir()
    assert "密钥已存到" in dazu.runs("backup", "--keys", str(dazu.folder / "stick"), **WORDS)
    return dazu


def stick(dazu: Deployment) -> Path:
    return next((dazu.folder / "stick").glob("hezuo-keys-*.sealed"))


def copied(dazu: Deployment, folder: Path) -> Path:
    """The newest backup with the store of scans, as somebody carries it to another machine."""
    shutil.copytree(dazu.folder / "backups", folder)
    return folder / dazu.backups[-1]


def test_a_backup_shows_nothing_and_is_ours_alone(kept: Deployment) -> None:
    folder = kept.folder / "backups" / kept.backups[0]
    assert {one.name for one in folder.iterdir()} == {
        "manifest.json", "database.sealed", "scans.sealed",
    }  # fmt: skip
    for one in [*folder.iterdir(), *(kept.folder / "backups" / "scans").glob("*/*")]:
        assert one.stat().st_mode & 0o077 == 0
        content = one.read_bytes()
        assert b"PGDMP" not in content and b"%PDF" not in content
    keys = kept.keys["HEZUO_INDEX_KEY"].encode()
    for one in kept.folder.rglob("*"):
        assert not one.is_file() or keys not in one.read_bytes(), one


def test_another_machine_goes_on_with_the_backup(kept: Deployment, deploy: Deploy) -> None:
    other = deploy(bare=True)
    other.keys = fresh_keys()
    backup = copied(kept, other.folder / "carried")
    secrets = other.folder / "secrets.env"
    secrets.write_text("HEZUO_INDEX_KEY=new\nOTHER=stays\n", encoding="utf-8")
    with pytest.raises(Refusal, match="用另一套密钥加密"):
        opened(asked_set(str(backup)), other.keys)
    with pytest.raises(SealedFileError, match="口令不对"):
        read_keys(stick(kept), "四季平安 2026 大竹县")
    asked = ("restore", str(backup), "--keys", str(stick(kept)))
    assert "请用 --keys-to" in other.runs(*asked, code=1, **WORDS)
    assert other.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    with other.target.cursor():
        told = other.runs(*asked, "--keys-to", str(secrets), code=1, **WORDS)
        assert "请先停止门户" in told
    said = other.runs(*asked, "--keys-to", str(secrets), **WORDS)
    assert "核账通过" in said and "共用时" in said
    lines = dict(line.split("=", 1) for line in secrets.read_text(encoding="utf-8").splitlines())
    assert lines == {**kept.keys, "OTHER": "stays"}
    other.keys = kept.keys  # as the next start reads them
    assert other.fingerprint == kept.fingerprint
    assert "行封存链末端指纹" in other.runs("verify_books")
    for name in ("a1" * 16, "b2" * 16):
        path = Path("scans", name[:2], f"{name}.bin")
        assert (other.folder / path).read_bytes() == (kept.folder / path).read_bytes()
    assert other.ask("SELECT count(*) FROM django_session") == [(0,)]
    assert other.ask("SELECT kind, is_good FROM moving_keepingnote") == [("restore", True)]
    # A second time would write over what is there now.
    assert "已有数据" in other.runs("restore", str(backup), code=1)


def test_a_check_restores_upgrades_verifies_and_leaves_no_database(kept: Deployment) -> None:
    before = databases_now()
    said = kept.runs("restore", "latest", "--check")
    assert "核验通过" in said and "核账通过" in said
    assert databases_now() == before
    kind, good, told = kept.ask(
        "SELECT kind, is_good, told FROM moving_keepingnote ORDER BY id DESC LIMIT 1"
    )[0]
    assert (kind, good) == ("check", True) and "升级、核账都通过" in told


def test_a_check_tells_books_that_were_altered_before_the_backup(
    kept: Deployment, deploy: Deploy
) -> None:
    other = deploy(like=kept)
    other.ask(
        "ALTER TABLE funds_posting DISABLE TRIGGER USER;"
        "UPDATE funds_posting SET debit = debit + 1 WHERE id ="
        " (SELECT min(id) FROM funds_posting WHERE debit > 0);"
        "ALTER TABLE funds_posting ENABLE TRIGGER USER"
    )
    before = databases_now()
    said = other.runs("backup", "--check", code=1)
    assert "verify_books 没有通过" in said
    assert databases_now() == before
    assert other.ask(
        "SELECT is_good FROM moving_keepingnote WHERE kind = 'check' ORDER BY id DESC LIMIT 1"
    ) == [(False,)]


def test_into_a_spare_database_beside_the_rows_that_are_there(kept: Deployment) -> None:
    name = f"{kept.target.name}_spare"
    try:
        assert f"已恢复到数据库 {name}" in kept.runs("restore", "latest", "--into", name)
        people = "SELECT count(*), max(id) FROM enrollment_person"
        assert Deployment(kept.target.named(name), kept.folder).ask(people) == kept.ask(people)
        assert "已经存在" in kept.runs("restore", "latest", "--into", name, code=1)
    finally:
        with kept.target.cursor() as cursor:
            dropped(cursor, name)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("cut", "应有 .* 字节，现有"),
        ("missing", "缺少文件"),
        ("byte", "损坏或被改动过|末尾损坏"),
        ("swapped", "里面封的是"),
        ("scan gone", "缺少这个扫描件"),
        ("scan byte", "损坏"),
        ("manifest", "损坏，读不出来"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_changed(
    kept: Deployment, tmp_path: Path, what: str, told: str
) -> None:
    """As `restore` asks them, before it touches the database."""
    backup = copied(kept, tmp_path / "carried")
    database, scan = backup / "database.sealed", next(tmp_path.glob("carried/scans/b2/*"))
    if what == "cut":
        with database.open("r+b") as file:
            file.truncate(database.stat().st_size - 1)
    elif what == "missing":
        database.unlink()
    elif what == "swapped":
        backup = backup.rename(backup.with_name("20200101-000000"))
    elif what == "scan gone":
        scan.unlink()
    elif what == "manifest":
        (backup / "manifest.json").write_text("{", encoding="utf-8")
    else:
        alter(database if what == "byte" else scan)
    with pytest.raises((Refusal, SealedFileError), match=told):
        whole(opened(asked_set(str(backup)), kept.keys), lambda line: None)


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_restore_killed_at_any_moment_leaves_all_or_nothing(
    kept: Deployment, deploy: Deploy
) -> None:
    backup = copied(kept, kept.folder / "to-be-killed")
    other, outcomes = deploy(bare=True), set()
    for moment in (0, 0.3, 1.0, 2.5):
        process = other.starts("restore", str(backup))
        wait_for(process, "pg_restore")
        time.sleep(moment)
        kill_tree(process)
        process.communicate()
        wait_until_alone(other)
        tables = other.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")[0][0]
        outcomes.add(tables > 0)
        if tables:
            settlements = "SELECT count(*), sum(fund_amount), max(id) FROM claims_settlement"
            assert other.ask(settlements) == kept.ask(settlements)
            other.ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert False in outcomes
    assert "共用时" in other.runs("restore", str(backup))
    assert other.fingerprint == kept.fingerprint


def children(process: subprocess.Popen[str]) -> dict[str, int]:
    """The names of what it has started, with their numbers."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, parent = (folder / "comm").read_text().strip(), (folder / "stat").read_text()
        except OSError:
            continue
        if parent.rpartition(")")[2].split()[1] == str(process.pid):
            found[name] = int(folder.name)
    return found


def wait_for(process: subprocess.Popen[str], child: str) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        if child in children(process):
            return
        time.sleep(0.005)


def kill_tree(process: subprocess.Popen[str]) -> None:
    for pid in [process.pid, *children(process).values()]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_until_alone(deployment: Deployment) -> None:
    """Until the server has noticed that nobody is there any more."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    end = time.monotonic() + 60
    while deployment.ask(asked) != [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_backup_killed_or_on_a_full_disk_leaves_the_earlier_ones(kept: Deployment) -> None:
    before, root = kept.backups, kept.folder / "backups"
    process = kept.starts("backup")
    wait_for(process, "pg_dump")
    kill_tree(process)
    process.communicate()
    assert [one for one in kept.backups if not one.endswith(".partial")] == before

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    start, subprocess.Popen = subprocess.Popen, with_limit(no_room)  # type: ignore[misc,assignment]
    try:
        said = kept.runs("backup", code=1)
    finally:
        subprocess.Popen = start  # type: ignore[misc]
    assert "写不进" in said and "请腾出空间" in said, said
    assert kept.backups == before and not list(root.glob("*.partial"))
    assert kept.ask(
        "SELECT count(*) FROM moving_keepingnote WHERE NOT is_good AND kind='backup'"
    ) == [(1,)]
    assert "备份完成" in kept.runs("backup")


def with_limit(limit: Callable[[], None]) -> object:
    usual = subprocess.Popen
    return lambda *given, **named: usual(*given, preexec_fn=limit, **named)


def test_old_backups_go_by_the_rule_with_scans_that_nobody_needs(
    kept: Deployment, deploy: Deploy
) -> None:
    other = deploy()
    root = other.folder / "backups"
    gone = write_scan(other, "c3", b"taken out of a draft")
    stays = write_scan(other, "d4", b"stays")
    other.runs("backup")
    gone.unlink()
    first = other.backups[0]
    (root / first).rename(root / "20260105-020000")
    said = other.runs("backup", HEZUO_BACKUPS_KEPT="1,0,0")
    assert "删除旧备份 20260105-020000" in said
    assert len(other.backups) == 1
    names = [one.name for one in (root / "scans").glob("*/*")]
    assert names == [f"{stays.name}.sealed"]


def test_keys_are_never_kept_beside_the_backups(kept: Deployment, settings: Any) -> None:
    settings.BACKUPS_ROOT = str(kept.folder / "backups")
    words = WORDS["HEZUO_BACKUP_WORDS"]
    for folder in (kept.folder / "backups", kept.folder / "backups" / "scans", kept.folder):
        with pytest.raises(Refusal, match="密钥不能与备份放在一起"):
            backup_keys(folder, words, print)
    with pytest.raises(Refusal, match="口令至少 12"):
        backup_keys(stick(kept).parent, "short", print)
    with pytest.raises(Refusal, match="不存在"):
        backup_keys(stick(kept).parent / "none", words, print)
    manifest = kept.folder / "backups" / kept.backups[0] / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    assert not set(kept.keys.values()) & set(map(str, content.values()))
