"""Where the database and the sockets go, whoever runs the launcher and wherever it lies."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch import places as places_module
from launch.console import LaunchError, last_lines
from launch.places import (
    Places,
    database_home,
    locked,
    socket_folder,
    unprivileged_account,
    write_private,
)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def test_the_database_lies_in_the_checkout_where_its_account_can_go(folder: Path) -> None:
    places = Places.of(folder)
    assert database_home(places, unprivileged_account()) == folder / "var" / "postgres"
    assert not (places.var / "postgres.home").exists()
    tests = Places.of(folder, tests=True)
    assert database_home(tests, unprivileged_account()) == folder / "var" / "test" / "postgres"


@root_only
def test_in_roots_own_home_it_goes_elsewhere_and_stays_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "ELSEWHERE", folder / "lib")
    private = tmp_path / "checkout"
    private.mkdir()
    tmp_path.chmod(0o700)
    account = unprivileged_account()
    assert account is not None and not account.can_enter(private)
    places = Places.of(private)
    home = database_home(places, account)
    assert home.parent == folder / "lib" and account.can_enter(home)
    assert (places.var / "postgres.home").read_text(encoding="utf-8").strip() == str(home)

    tmp_path.chmod(0o755)  # entering becomes possible: the data does not jump back
    assert database_home(places, account) == home

    moved = tmp_path / "moved"
    private.rename(moved)
    assert database_home(Places.of(moved), account) == home, "a moved checkout keeps its data"


@root_only
def test_a_copied_checkout_does_not_write_into_the_originals_data(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "ELSEWHERE", folder / "lib")
    original, copy = folder / "original", folder / "copy"
    for checkout in (original, copy):
        checkout.mkdir()
    original.chmod(0o700)
    account = unprivileged_account()
    home = database_home(Places.of(original), account)
    record = Places.of(copy).var / "postgres.home"
    write_private(record, f"{home}\n")
    with pytest.raises(LaunchError, match="复制"):
        database_home(Places.of(copy), account)
    record.unlink()
    assert database_home(Places.of(copy), account) != home


@root_only
def test_data_that_has_become_unreachable_is_not_replaced_by_an_empty_database(
    folder: Path,
) -> None:
    places, account = Places.of(folder), unprivileged_account()
    (database_home(places, account) / "data").mkdir()
    folder.chmod(0o700)
    with pytest.raises(LaunchError, match="进不了"):
        database_home(places, account)


def test_sockets_lie_where_their_path_is_short_and_plain(folder: Path) -> None:
    deep = folder / ("很深的目录" * 10)
    sockets = socket_folder(deep)
    try:
        assert len(str(sockets)) < 60 and str(sockets).isascii() and " " not in str(sockets)
        assert sockets.stat().st_uid == os.geteuid()
        assert socket_folder(deep) == sockets
        assert socket_folder(folder) != sockets
    finally:
        sockets.rmdir()
        socket_folder(folder).rmdir()


@root_only
def test_a_socket_folder_laid_by_somebody_else_is_refused(folder: Path) -> None:
    sockets = socket_folder(folder)
    os.chown(sockets, 65534, 65534)
    try:
        with pytest.raises(LaunchError, match="属于别人"):
            socket_folder(folder)
    finally:
        sockets.rmdir()


def test_a_link_in_place_of_the_socket_folder_is_refused(folder: Path) -> None:
    sockets = socket_folder(folder)
    sockets.rmdir()
    sockets.symlink_to(folder)
    try:
        with pytest.raises(LaunchError, match="属于别人"):
            socket_folder(folder)
    finally:
        sockets.unlink()


def test_the_lock_goes_with_its_holder(folder: Path) -> None:
    lock = folder / "lock"
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import sys, fcntl, time; f = open(sys.argv[1], 'a'); "
            "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)",
            str(lock),
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    with locked(lock, wait=False) as mine:
        assert not mine
    holder.kill()
    holder.wait()
    with locked(lock, wait=False) as mine:
        assert mine


def test_private_files_are_replaced_whole(folder: Path) -> None:
    file = folder / "new" / "secrets"
    write_private(file, "old")
    write_private(file, "新的")
    assert file.read_text(encoding="utf-8") == "新的"
    assert [entry.name for entry in file.parent.iterdir()] == ["secrets"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_end_of_a_log_is_shown(folder: Path) -> None:
    log = folder / "web.log"
    assert "没有日志" in last_lines(log)
    log.write_text("\n".join(f"line {number}" for number in range(100)), encoding="utf-8")
    assert "line 99" in last_lines(log) and "line 79" not in last_lines(log)
