"""The web server beside people on slow lines, and its children when they die."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from accounts.error_pages import MAX_BODY
from launch.processes import wait_until
from tests.conftest import PACKS
from tests.launch.conftest import wait_gone

ROOT = PACKS.parent.parent
APPLICATION = """
import os
def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {os.getppid()} {len(body)}".encode()]
"""


class Web:
    def __init__(self, folder: Path) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "__init__.py").touch()
        (folder / "config" / "wsgi.py").write_text(APPLICATION, encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "launch.web",
                "--port",
                str(self.port),
                "--threads",
                "2",
                "--whole",
                "3",
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert wait_until(self.answers, 20)

    def answers(self) -> bool:
        try:
            return bool(self.ask())
        except OSError:
            return False

    def ask(self, body: bytes = b"") -> list[int]:
        """Pid of the child, of its parent, and the length of what was sent."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("POST", "/", body)
            return [int(number) for number in line.getresponse().read().split()]
        finally:
            line.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    yield web
    web.process.terminate()
    web.process.wait(20)


def test_slow_heads_and_bodies_hold_nobody_up(web: Web) -> None:
    """Thirty who never end their head, thirty who never end their body; two threads a process."""
    slow = []
    for at in range(60):
        line = socket.create_connection(("127.0.0.1", web.port))
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        if at % 2:
            line.sendall(b"Content-Length: 100000\r\n\r\nhalf")
        slow.append(line)
    taken = []
    for _ in range(40):
        started = time.monotonic()
        assert web.ask(b"x" * 100_000)[2] == 100_000
        taken.append(time.monotonic() - started)
    assert sorted(taken)[37] < 1
    for line in slow:
        line.close()


@pytest.mark.parametrize("body", [False, True])
def test_who_drips_is_put_out_when_his_time_for_the_whole_request_is_over(
    web: Web, body: bool
) -> None:
    """Never silent for long, and never done; a new request on a kept line has its own time."""
    with socket.create_connection(("127.0.0.1", web.port)) as line:
        line.settimeout(0.2)
        for _ in range(2):
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(2)
            assert b"200 OK" in line.recv(1000)
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        if body:
            line.sendall(b"Content-Length: 100000\r\n\r\n")
        began = time.monotonic()
        assert wait_until(lambda: put_out(line), 15)
        assert time.monotonic() - began > 2.5


def put_out(line: socket.socket) -> bool:
    try:
        line.sendall(b"x")
        return line.recv(1000) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_child_that_dies_is_replaced_and_all_go_together(web: Web) -> None:
    child, parent, _ = web.ask()
    assert parent == web.process.pid
    os.kill(child, signal.SIGKILL)
    assert wait_gone(child)
    assert wait_until(web.answers, 10)
    web.process.terminate()
    assert web.process.wait(20) == 0
    assert not web.answers()


def test_children_follow_a_parent_that_was_killed(web: Web) -> None:
    children = {web.ask()[0] for _ in range(10)}
    web.process.kill()
    web.process.wait()
    assert wait_gone(*children)


def test_the_proxy_in_front_is_the_one_that_the_portal_expects() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]
    reachable = {name for name, service in services.items() if service.get("ports")}
    assert reachable == {"proxy"}, "nobody reaches the portal past it"
    assert services["proxy"]["ports"] == ["127.0.0.1:${PORT:-8000}:8080"]
    assert services["worker"]["environment"]["HEZUO_PROCESS"] == "worker"
    config = (ROOT / compose["configs"]["proxy"]["file"]).read_text(encoding="utf-8")
    for line in (
        "listen 8080;",
        "server web:8000 resolve;",
        "proxy_request_buffering on;",
        "client_header_timeout 10s;",
        "client_body_timeout 15s;",
        f"client_max_body_size {MAX_BODY // 1024 // 1024}m;",
    ):
        assert line in config, line
    assert config.count("{") == config.count("}")
