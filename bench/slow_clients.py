"""A clerk beside people on slow lines: her searches, families and payments, without and with them.

    DATABASE_URL=postgres://…/empty_database python bench/slow_clients.py --slow 100 [--nginx nginx]

Needs the environment of `bench/windows.py`, whose county it fills. Half of the slow ones never end
their head, half never end their body; none of them has signed in. `--nginx` puts the proxy of
deploy/nginx.conf before the portal, as far as the given program knows its words.
"""

import argparse
import contextlib
import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from django.db import connection  # noqa: E402

from bench.proxy import proxied  # noqa: E402
from bench.windows import Window, set_up, start_server  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", type=int, default=100)
    parser.add_argument("--families", type=int, default=30)
    parser.add_argument("--port", type=int, default=8770)
    parser.add_argument("--nginx", default="", help="the program, to stand before the portal")
    given = parser.parse_args()
    village = set_up(1)
    connection.close()
    portal = start_server(given.port, 2)
    try:
        with ExitStack() as stack:
            port = given.port
            if given.nginx:
                port = stack.enter_context(proxied(given.nginx, given.port))
            clerk = Window(0, 0, port, village.pk)
            clerk.sign_in()
            work(clerk, "alone", range(given.families))
            stop = threading.Event()
            for at in range(given.slow):
                threading.Thread(target=drip, args=(port, at, stop), daemon=True).start()
            time.sleep(5)
            work(clerk, f"beside {given.slow}", range(given.families, given.families * 2))
            stop.set()
    finally:
        portal.terminate()
        portal.wait()
    for wrong in clerk.wrong:
        print("WRONG", wrong)
    return 1 if clerk.wrong else 0


def work(clerk: Window, when: str, families: range) -> None:
    """So many families from the empty form to the receipt, each looked for before and after."""
    clerk.times.clear()
    began = time.monotonic()
    for number in families:
        _, found = clerk.ask("search", "/enrollment/", {"text": "王伟"})
        clerk.ask("found", found)
        clerk.serve(number + 1)
    print(f"{when}: {len(families)} families in {time.monotonic() - began:.1f} s")
    everything = [one for taken in clerk.times.values() for one in taken]
    for what, taken in [*clerk.times.items(), ("all", everything)]:
        figures = sorted(one * 1000 for one in taken)
        p95 = figures[min(len(figures) - 1, int(len(figures) * 0.95))]
        print(f"  {what:14}median {figures[len(figures) // 2]:5.0f} ms, p95 {p95:5.0f} ms")


def drip(port: int, at: int, stop: threading.Event) -> None:
    """One byte a second; begins anew when it is thrown out."""
    head = b"POST /sign-in HTTP/1.1\r\nHost: x\r\n"
    if at % 2:
        head += b"Content-Length: 100000\r\n\r\n"
    while not stop.is_set():
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port)) as line,
        ):
            line.sendall(head)
            while not stop.wait(1):
                line.sendall(b"x")


if __name__ == "__main__":
    sys.exit(main())
