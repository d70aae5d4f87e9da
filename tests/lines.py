"""A line to a server that one can break: at a word, for ever, or only for a while."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Line:
    """Listens on a port of its own and passes on what it hears.

    `cut_at`: when the client says these bytes, the line breaks, `before` or after the server has
    heard them. `silent_at`: from then on nothing passes any more, and nothing is closed.
    """

    def __init__(self, server: tuple[str, int] | None) -> None:
        self.server = server
        self.cut_at = self.silent_at = b""
        self.before = False
        self.silent = False
        self.closed = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._answer, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._door.getsockname()[1]
        return port

    def _answer(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            self._ends.append(client)
            if self.server is None:
                continue  # takes the call and says nothing
            server = socket.create_connection(self.server)
            self._ends.append(server)
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, heard: socket.socket, told: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := heard.recv(65536):
                if self.silent_at and self.silent_at in data:
                    self.silent = True
                if self.silent:
                    continue
                cut = bool(self.cut_at) and self.cut_at in data
                self.silent = self.silent or cut  # the answer does not arrive any more
                if not (cut and self.before):
                    told.sendall(data)
                if cut:
                    threading.Event().wait(0.2)  # the server does what it has heard
                    self.hang_up()
                    return
        with contextlib.suppress(OSError):
            told.shutdown(socket.SHUT_WR)

    def hang_up(self) -> None:
        """Break every connection; new ones are taken."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Nobody takes the call any more."""
        # A thread in accept() would keep the door open.
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.hang_up()


@contextlib.contextmanager
def line_to(server: tuple[str, int] | None) -> Iterator[Line]:
    line = Line(server)
    try:
        yield line
    finally:
        line.close()
