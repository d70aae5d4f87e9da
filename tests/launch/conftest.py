"""Real processes in real folders: a path with spaces and Chinese, entered by everybody."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from launch.places import socket_folder, unprivileged_account
from launch.postgres import Binaries, Cluster, find_binaries
from launch.processes import adopt_orphans, find_process, spawn, wait_until

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SECONDS = 20


@pytest.fixture(autouse=True)
def _orphans_come_here() -> None:
    """script/test itself ends orphans; here they are to show what becomes of them."""
    adopt_orphans()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Pytest's own temporary folders are private; the database's account must get in here."""
    base = Path(tempfile.mkdtemp(prefix="hezuo-tests-", dir="/tmp"))
    base.chmod(0o755)
    path = base / "一个 path"
    path.mkdir()
    yield path
    shutil.rmtree(base)


@pytest.fixture
def binaries() -> Binaries:
    return find_binaries(Path(sys.prefix), Path("no data yet"))


class Server:
    """A cluster with its postmaster, started the way the supervisor does."""

    def __init__(self, home: Path, binaries: Binaries, *, durable: bool = False) -> None:
        home.mkdir(exist_ok=True)
        self.cluster = Cluster(
            home=home,
            sockets=socket_folder(home),
            binaries=binaries,
            account=unprivileged_account(),
            durable=durable,
        )
        self.cluster.create()

    def start(self) -> subprocess.Popen[bytes]:
        self.cluster.prepare()
        with (self.cluster.home / "log").open("ab") as log:
            self.process = spawn(
                self.cluster.command(),
                environment=self.cluster.environment(),
                folder=self.cluster.home,
                log=log,
                account=self.cluster.account,
                death_signal=signal.SIGINT,
            )
        ready = wait_until(
            lambda: self.cluster.is_ready(self.process.pid) or self.process.poll() is not None,
            SECONDS,
        )
        log_text = (self.cluster.home / "log").read_text(encoding="utf-8")
        assert ready and self.process.poll() is None, log_text
        return self.process

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(SECONDS)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        return ask(self.cluster.owner_url, statement)


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement, committed by itself."""
    connection = psycopg2.connect(url.replace("postgres://", "postgresql://"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture
def new_server(binaries: Binaries) -> Iterator[Callable[..., Server]]:
    """Makes servers, and sees to it that none is left."""
    made: list[Server] = []

    def make(home: Path, **options: bool) -> Server:
        server = Server(home, binaries, **options)
        made.append(server)
        server.start()
        return server

    yield make
    for server in made:
        server.stop()
        shutil.rmtree(server.cluster.sockets.parent)


def gone(pid: int) -> bool:
    """Whether nothing runs under this pid any more."""
    process = find_process(pid)
    return process is None or not process.alive


def wait_gone(*pids: int) -> bool:
    return wait_until(lambda: all(map(gone, pids)), SECONDS)


def clean_environment() -> dict[str, str]:
    """The tests' environment without what names a database, a broker or a key."""
    ours = ("HEZUO_", "DATABASE_URL", "MIGRATE_DATABASE_URL", "REDIS_URL", "DJANGO_", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
