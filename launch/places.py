"""Where everything lies: the checkout, `var/`, the database's folder, the sockets."""

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch.console import LaunchError

# sockaddr_un holds 104 bytes on macOS, 108 on Linux, with the closing zero.
MAX_SOCKET = 103
ELSEWHERE = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """The unprivileged account that PostgreSQL runs under when the launcher is root."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can reach the folder through all of its parents. Really tried:
        mode bits alone do not tell (ACLs, mounts, security modules)."""
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return tried.returncode == 0

    def own(self, folder: Path) -> None:
        """Make the folder, private to the account."""
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def unprivileged_account() -> Account | None:
    """`nobody` when the launcher is root (PostgreSQL refuses to run as root), else None."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True)
class Places:
    """The folders of one checkout. `var` differs between the server and the test suite."""

    checkout: Path
    var: Path

    @classmethod
    def of(cls, checkout: Path, *, tests: bool = False) -> "Places":
        """The server's places, or the test suite's own below them; folders are made."""
        var = checkout / "var" / "test" if tests else checkout / "var"
        places = cls(checkout=checkout, var=var)
        for folder in (places.run, places.logs):
            folder.mkdir(parents=True, exist_ok=True)
        places.logs.chmod(0o700)
        return places

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def lock(self) -> Path:
        return self.run / "lock"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets.env"

    @property
    def records(self) -> Path:
        """The processes started from here: what the next start ends if they were left behind."""
        return self.run / "processes.json"

    @property
    def state(self) -> Path:
        """What `script/manage` needs to join a running server. Holds a password: mode 600."""
        return self.run / "server.json"


def database_home(places: Places, account: Account | None) -> Path:
    """The folder of the embedded database: `var/postgres`, or, when its account cannot enter
    the checkout (root's home, say), one below /var/lib that `var/postgres.home` remembers.

    Raises LaunchError when the existing data cannot be reached or belongs to another checkout.
    """
    usual, record = places.var / "postgres", places.var / "postgres.home"
    if record.is_file():
        home = Path(record.read_text(encoding="utf-8").strip())
        _claim(home, places, record)
        return home
    if account is None or account.can_enter(places.var):
        usual.mkdir(exist_ok=True)
        return usual
    if (usual / "data").exists():
        raise LaunchError(
            f"数据库在 {usual},但账号 {account.name} 进不了这个目录。"
            f"请把检出目录放回原处,或放开上级目录的进入权限 (chmod o+x)。\n"
            f"The database lies where the account {account.name} cannot go: move the checkout "
            f"back or allow entering its parent folders."
        )
    home = ELSEWHERE / f"hezuo-{secrets.token_hex(6)}"
    home.mkdir(parents=True)
    write_private(record, f"{home}\n")
    _claim(home, places, record)
    return home


def _claim(home: Path, places: Places, record: Path) -> None:
    """Note whose folder this is. A copied checkout must not write into the original's data."""
    home.mkdir(parents=True, exist_ok=True)
    note = home / "checkout"
    owner = Path(note.read_text(encoding="utf-8").strip()) if note.is_file() else places.var
    if owner != places.var and (owner / record.name).is_file():
        raise LaunchError(
            f"这个目录是从 {owner} 复制来的,数据库仍属于原目录。"
            f"删除 {record} 后再启动,将建立自己的数据库。\n"
            f"This checkout was copied from another; delete the file named above and start again."
        )
    note.write_text(f"{places.var}\n", encoding="utf-8")


def socket_folder(home: Path) -> Path:
    """A short, plain folder for unix sockets: their paths are limited to about 100 bytes, and
    Celery's address for them is a URL. Private to the launcher, but for passing through."""
    name = f"hezuo-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    folder = Path("/tmp") / name  # noqa: S108 - made here, and its owner and mode are checked
    if not os.access(folder.parent, os.W_OK | os.X_OK):
        folder = Path(tempfile.gettempdir()) / name
    # Root's is passed through by the database's account on the way to its own subfolder.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    folder.mkdir(mode=mode, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise LaunchError(f"{folder} 属于别人,请删除它 (belongs to someone else: remove it)。")
    folder.chmod(mode)
    if len(os.fsencode(folder / "database" / ".s.PGSQL.65535.lock")) > MAX_SOCKET:
        raise LaunchError(f"套接字路径太长 (socket path too long): {folder}。请设置较短的 TMPDIR。")
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by its owner only, safe against a crash half-way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def write_state(path: Path, state: Mapping[str, object]) -> None:
    """Write a small private JSON file."""
    write_private(path, json.dumps(state, ensure_ascii=False, indent=1) + "\n")


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock file for the block; yields False when another process holds it and `wait`
    is off. The kernel lets go of it when its holder dies, so it never goes stale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
