"""`python -m launch.web --port 8000`: the portal's web server. Run inside the virtual environment.

waitress reads a request to its end before a thread sees it, so people on slow lines, and those who
only pretend, hold a socket and no thread (docs/decisions/0016-requests-are-read-first.md). It is
one process; here a parent loads the portal once, forks some, and replaces those that die.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

# Bytes: a little more than the portal's own limit, which is told in Chinese.
MAX_BODY = 40 * 1024 * 1024
MAX_HEADERS = 64 * 1024
# Sockets of one process; more wait in the kernel's queue.
CONNECTIONS = 800
# Seconds in which a connection must say something, and in which a request must have come in whole:
# 32 MB over a line of 2 Mbit/s; no norm. Who drips keeps a socket so long, with or without a proxy.
QUIET, WHOLE = 20, 150
# Seconds for what is under way when the server is stopped; docker-compose.yml grants 40.
LAST_REQUESTS = 30


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="launch.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--whole", type=float, default=WHOLE, help="seconds for one request")
    given = parser.parse_args(arguments)
    sys.path.insert(0, os.getcwd())
    from config.wsgi import application

    door = socket.create_server((given.host, given.port), backlog=1024)
    door.setblocking(False)
    return Parent(
        lambda: _serve(application, door, given.threads, given.whole), given.processes
    ).run()


def _serve(application: Any, door: socket.socket, threads: int, whole: float) -> None:
    """In a child: until it is told to go."""
    import waitress  # type: ignore[import-untyped]
    from waitress.server import BaseWSGIServer  # type: ignore[import-untyped]

    BaseWSGIServer.channel_class = _bounded(BaseWSGIServer.channel_class, whole)
    waitress.serve(
        application,
        sockets=[door],
        threads=threads,
        connection_limit=CONNECTIONS,
        channel_timeout=QUIET,
        cleanup_interval=5,
        max_request_body_size=MAX_BODY,
        max_request_header_size=MAX_HEADERS,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # the portal counts its proxies itself
        ident=None,
        _quiet=True,
    )


def _bounded(channel: Any, whole: float) -> Any:
    """waitress limits the pause between two pieces; this one also the time of a whole request."""

    class Bounded(channel):  # type: ignore[misc]
        began = 0.0

        def received(self, data: bytes) -> Any:
            if self.request is None:
                self.began = time.monotonic()
            answer = super().received(data)
            if self.request is not None and time.monotonic() - self.began > whole:
                self.will_close = True
            return answer

    return Bounded


class Parent:
    """Keeps so many children alive, and goes with them."""

    def __init__(self, work: Callable[[], None], processes: int) -> None:
        self.work = work
        self.processes = processes
        self.children: set[int] = set()
        self.stopping = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping or self.children:
            while not self.stopping and len(self.children) < self.processes:
                self._fork()
            self._bury()
        return 0

    def _fork(self) -> None:
        parent = os.getpid()
        # What arrives between the fork and the handlers waits: the child would take it for its
        # parent's, the parent would not know yet whom to send it on to.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
        child = os.fork()
        if child:
            self.children.add(child)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
        code = 1
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            self.work()
            _let_finish()
            code = 0
        except SystemExit:
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())  # nobody above would tell it
        finally:
            os._exit(code)

    def _bury(self) -> None:
        try:
            child, status = os.waitpid(-1, 0)
        except (ChildProcessError, InterruptedError):
            return
        self.children.discard(child)
        if not self.stopping:
            # One that dies at once shall not fill the machine, nor the log with one reason.
            time.sleep(1 if status else 0.1)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
        for child in self.children:
            # One that was buried a moment ago is still counted while this interrupts `_bury`.
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)


def _let_finish() -> None:
    """waitress waits five seconds for its threads; a collective payment takes longer."""
    end = time.monotonic() + LAST_REQUESTS
    for thread in threading.enumerate():
        if thread.name.startswith("waitress"):
            thread.join(max(0.0, end - time.monotonic()))


def _leave(number: int, frame: FrameType | None) -> None:
    """waitress ends its threads on this."""
    raise SystemExit


def _follow(parent: int) -> None:
    """A child whose parent was killed goes, too: the door is wanted for the next."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
