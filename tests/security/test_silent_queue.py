"""The queue is there and says nothing: a stopped redis, and a socket that only takes the call."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as portal
from django.test import Client
from kombu import Connection

from accounts.models import User
from config import health
from desk.announcing import Announcer
from funds.models import Book
from launch.broker import find_server
from reports.models import MonthlyReport
from tests.claims.conftest import book
from tests.lines import line_to

__all__ = ["book"]
SignIn = Callable[[User], Client]


def stopped_redis(folder: Path) -> Iterator[str]:
    """A real server that SIGSTOP has stopped: the kernel takes calls, nobody answers."""
    program = shutil.which("redis-server") or find_server(Path(sys.prefix))
    if program is None:
        pytest.skip("neither redis-server nor valkey-server on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    server.send_signal(signal.SIGSTOP)
    yield f"redis://127.0.0.1:{port}/0"
    server.kill()
    server.wait()


@pytest.fixture(params=["stopped", "silent", "dead"])
def queue(
    request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Connection]]:
    """The portal's queue is one that does not answer."""
    if request.param == "stopped":
        servers = stopped_redis(tmp_path)
        url = next(servers)
    else:
        servers = iter(())
        url = ""
    with line_to(None) as line:
        if request.param == "dead":
            line.close()
        url = url or f"redis://127.0.0.1:{line.port if request.param == 'silent' else 9}/0"

        def to_it(**given: Any) -> Connection:
            options = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
            return Connection(url, connect_timeout=1, transport_options=options)

        def delay(label: str, pk: int) -> None:
            with to_it() as connection:
                current_app.send_task("desk.jobs.take_up", (label, pk), connection=connection)

        not_at_once = SimpleNamespace(conf=SimpleNamespace(task_always_eager=False))
        monkeypatch.setattr("desk.jobs.current_app", not_at_once)
        monkeypatch.setattr("desk.jobs.take_up.delay", delay)
        announcer = Announcer()
        monkeypatch.setattr("desk.jobs.ANNOUNCER", announcer)
        yield to_it
        _hush(announcer)
    for _ in servers:
        pass


def _hush(announcer: Announcer) -> None:
    """What it has still to say would be said to the usual queue, which in tests does the job at
    once: in the announcer's own thread, beside the next story."""
    line = announcer._line
    with suppress(Empty):
        while True:
            line.get_nowait()
            line.task_done()
    end = time.monotonic() + 10
    while line.unfinished_tasks:
        assert time.monotonic() < end, "the announcer still waits for a queue that says nothing"
        time.sleep(0.02)


@pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")
@pytest.mark.django_db(transaction=True)
def test_no_page_waits_for_it_and_no_job_is_lost(
    queue: Any, book: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    """蒋正平 asks for twelve months while the queue says nothing."""
    client = as_user(cast.supervisor)
    taken = []
    for month in range(1, 11):
        started = time.monotonic()
        page = client.post("/reports/request", {"month": f"2026-{month:02d}"})
        taken.append(time.monotonic() - started)
        assert page.status_code == 302, page.content.decode()[-1500:]
    # Whoever waited would wait the four seconds of the limit each time; one page may meet a machine
    # that is out of breath.
    assert median(taken) < 2, taken
    assert MonthlyReport.objects.filter(status="waiting").count() == 10, "the sweep finds them"


def test_readiness_says_so_within_its_time(queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "connection_for_read", queue)
    started = time.monotonic()
    assert health._broker() == "unreachable"
    assert time.monotonic() - started < 6


def test_the_portals_own_connections_have_limits() -> None:
    options = portal.CELERY_BROKER_TRANSPORT_OPTIONS
    if not portal.CELERY_BROKER_URL.startswith("filesystem"):
        assert options == {"socket_timeout": 5, "socket_connect_timeout": 4}
    assert portal.CELERY_TASK_PUBLISH_RETRY is False
