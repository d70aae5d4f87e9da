"""Through the shipped nginx the headers of the interface arrive, in either spelling."""

import shutil
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from bench.proxy import proxied

NAMES = ("api_name", "api_version", "api_timestamp", "api_access_key", "api_signature")
nginx = shutil.which("nginx")


class _Portal(BaseHTTPRequestHandler):
    """Says what it was told."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        text = "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *given: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Of nginx before a portal that says what it was told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own: int = free.getsockname()[1]
    portal = HTTPServer(("127.0.0.1", own), _Portal)
    Thread(target=portal.serve_forever, daemon=True).start()
    with proxied(str(nginx), own) as found:
        yield found
    portal.shutdown()


def arrived(port: int, path: str, headers: dict[str, str]) -> dict[str, str]:
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("POST", path, b"{}", headers)
    lines = line.getresponse().read().decode().splitlines()
    line.close()
    return dict(one.split(": ", 1) for one in lines)


@pytest.mark.skipif(nginx is None, reason="no nginx here")
def test_both_spellings_arrive(port: int) -> None:
    expected = {name.title().replace("_", "-"): f"v-{name}" for name in NAMES}
    for headers in ({f"_{name}": f"v-{name}" for name in NAMES}, expected):
        told = arrived(port, "/gateway/api/2207", headers | {"X-Forwarded-Proto": "https"})
        assert expected.items() <= told.items()
        assert told["X-Forwarded-For"] == "127.0.0.1" and told["X-Forwarded-Proto"] == "https"
