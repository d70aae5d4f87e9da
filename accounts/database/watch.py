"""An answer of the database is not waited for for ever.

`statement_timeout` is the server's own limit; a server that is stopped, or a line that swallows
everything, keeps none. libpq waits without end, so a thread of ours closes the socket of whoever
has waited for too long; he then gets the error that a broken connection gives.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from psycopg2 import Error, extensions  # type: ignore[import-untyped]

# Seconds between two looks.
PULSE = 0.5


class Watch:
    """Who waits, and until when."""

    def __init__(self) -> None:
        self._due: dict[int, tuple[float, Any]] = {}
        self._pid = 0

    @contextmanager
    def over(self, connection: "Connection") -> Iterator[None]:
        """Around whatever asks the server; `connection.answer` seconds, 0 for no limit."""
        key = id(connection)
        if not connection.answer or key in self._due:
            yield
            return
        if self._pid != os.getpid():  # threads do not come along when a process forks
            self._pid = os.getpid()
            threading.Thread(target=self._look, name="database watch", daemon=True).start()
        self._due[key] = (time.monotonic() + connection.answer, connection)
        try:
            yield
        finally:
            self._due.pop(key, None)

    def _look(self) -> None:
        while True:
            time.sleep(PULSE)
            now = time.monotonic()
            for due, connection in list(self._due.values()):
                if now > due:
                    cut(connection)


def cut(connection: Any) -> None:
    """Close the line under the driver; the descriptor itself stays the driver's to close."""
    with (
        suppress(OSError, Error),  # it has been closed meanwhile
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)


WATCH = Watch()


class Cursor(extensions.cursor):  # type: ignore[misc]
    def execute(self, *given: Any, **named: Any) -> Any:
        with WATCH.over(self.connection):
            return super().execute(*given, **named)

    def executemany(self, *given: Any, **named: Any) -> Any:
        with WATCH.over(self.connection):
            return super().executemany(*given, **named)

    def fetchmany(self, *given: Any, **named: Any) -> Any:
        with WATCH.over(self.connection):  # a cursor of the server's asks it for more
            return super().fetchmany(*given, **named)

    def copy_expert(self, *given: Any, **named: Any) -> Any:
        with WATCH.over(self.connection):
            return super().copy_expert(*given, **named)


class Connection(extensions.connection):  # type: ignore[misc]
    """`answer`: seconds that one answer may take; 0 for no limit."""

    answer: float = 0

    def cursor(self, *given: Any, **named: Any) -> Any:
        return super().cursor(*given, **{"cursor_factory": Cursor, **named})

    def commit(self) -> None:
        with WATCH.over(self):
            super().commit()

    def rollback(self) -> None:
        with WATCH.over(self):
            super().rollback()
