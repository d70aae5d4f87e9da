"""The container's health check asks under a name that the portal answers to."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from launch.ready import is_ready, public_name


class Portal(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.headers["Host"] == "hezuo.county.example" and self.path == "/readyz"
        self.send_response(200 if known else 400)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """The test's output is no place for an access log."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_ready_under_its_own_name_only(port: int) -> None:
    assert is_ready(port, {"HEZUO_ALLOWED_HOSTS": "hezuo.county.example, other.example"})
    assert not is_ready(port, {"HEZUO_ALLOWED_HOSTS": "other.example"})


def test_not_ready_while_nobody_listens(port: int) -> None:
    assert not is_ready(1, {"HEZUO_ALLOWED_HOSTS": "hezuo.county.example"})


@pytest.mark.parametrize(
    ("allowed", "name"),
    [
        ("a.example,b.example", "a.example"),
        (".county.example", "county.example"),
        ("*", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_name_that_passes(allowed: str, name: str) -> None:
    assert public_name({"HEZUO_ALLOWED_HOSTS": allowed}) == name
