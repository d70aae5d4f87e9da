"""A clerk beside people on slow lines: how long her pages take, without and with them.

    python bench/slow_clients.py --url http://127.0.0.1:8000 --slow 50 --path /sign-in

Half of the slow ones never end their head, half never end their body; nobody has signed in.
"""

import argparse
import contextlib
import http.client
import socket
import threading
import time
from urllib.parse import urlsplit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--path", default="/sign-in")
    parser.add_argument("--slow", type=int, default=50)
    parser.add_argument("--pages", type=int, default=200)
    given = parser.parse_args()
    where = urlsplit(given.url)
    host, port = where.hostname or "127.0.0.1", where.port or 80
    print("alone", *figures(host, port, given.path, given.pages))
    stop = threading.Event()
    for at in range(given.slow):
        threading.Thread(target=drip, args=(host, port, at, stop), daemon=True).start()
    time.sleep(2)
    print(f"beside {given.slow}", *figures(host, port, given.path, given.pages))
    stop.set()


def figures(host: str, port: int, path: str, pages: int) -> tuple[str, str, str]:
    taken, failed = [], 0
    for _ in range(pages):
        started = time.monotonic()
        line = http.client.HTTPConnection(host, port, timeout=10)
        try:
            line.request("GET", path)
            failed += line.getresponse().status >= 500
        except OSError:
            failed += 1
        finally:
            line.close()
        taken.append((time.monotonic() - started) * 1000)
    taken.sort()
    middle, high = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
    return f"median {middle:.0f} ms", f"p95 {high:.0f} ms", f"failed {failed}"


def drip(host: str, port: int, at: int, stop: threading.Event) -> None:
    """One byte a second; begins anew when it is thrown out."""
    head = b"POST /sign-in HTTP/1.1\r\nHost: x\r\n"
    if at % 2:
        head += b"Content-Length: 100000\r\n\r\n"
    while not stop.is_set():
        with contextlib.suppress(OSError), socket.create_connection((host, port)) as line:
            line.sendall(head)
            while not stop.wait(1):
                line.sendall(b"x")


if __name__ == "__main__":
    main()
