"""Processes told apart for certain: a pid alone may long belong to somebody else.

Linux is read from /proc; elsewhere `ps` answers. Death signals and adoption are Linux's.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launch.places import Account

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PROC = Path("/proc")
PS_COLUMNS = "pid=,ppid=,pgid=,state=,lstart="


@dataclass(frozen=True)
class Process:
    """One living process. `started` names this very process: the boot and the tick of its start
    (Linux) or the time of day (elsewhere)."""

    pid: int
    parent: int
    group: int
    session: int
    state: str
    started: str

    @property
    def alive(self) -> bool:
        """A zombie holds nothing and runs nothing: it counts as dead."""
        return self.state not in {"Z", "X"}


def find_process(pid: int) -> Process | None:
    """The process with this pid, zombies included; None when there is none."""
    if LINUX:
        return _from_proc(pid)
    answer = subprocess.run(
        ["ps", "-o", PS_COLUMNS, "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return next(map(_from_ps, answer.stdout.splitlines()), None)


def all_processes() -> Iterator[Process]:
    """Every process that can be seen, zombies included."""
    if LINUX:
        for entry in PROC.iterdir():
            if entry.name.isdigit() and (process := _from_proc(int(entry.name))):
                yield process
        return
    answer = subprocess.run(["ps", "-axo", PS_COLUMNS], capture_output=True, text=True, check=False)
    yield from map(_from_ps, answer.stdout.splitlines())


def _from_proc(pid: int) -> Process | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may itself hold spaces and brackets: count from the last one.
    fields = text.rpartition(")")[2].split()
    return Process(
        pid=pid,
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        state=fields[0],
        started=f"{_boot()}:{fields[19]}",
    )


def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]


def _from_ps(line: str) -> Process:
    pid, parent, group, state, started = line.split(None, 4)
    return Process(
        pid=int(pid),
        parent=int(parent),
        group=int(group),
        session=int(group),
        state=state[0],
        started=started.strip(),
    )


def working_in(folder: Path) -> list[Process]:
    """Living processes whose working folder this is, as is that of every PostgreSQL process in
    its data folder. Linux only; elsewhere nothing is found."""
    if not LINUX:
        return []
    wanted = os.path.realpath(folder)
    found = []
    for process in all_processes():
        try:
            inside = os.readlink(PROC / str(process.pid) / "cwd") == wanted
        except OSError:  # gone meanwhile, a kernel thread, or another account's
            continue
        if inside and process.alive:
            found.append(process)
    return found


def left_behind(pid: int, started: str) -> list[Process]:
    """What still lives of a part that was started as the leader of its own session: the leader,
    if it is the very same process, and the members of its session and group."""
    leader = find_process(pid)
    if leader and leader.started != started:
        return []  # the number has been given to a stranger since
    return [
        process
        for process in all_processes()
        if process.alive
        and pid in {process.pid, process.session, process.group}
        and process.pid != os.getpid()
    ]


def send(processes: Iterable[Process], number: int) -> None:
    """Signal each of them that is still there."""
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll until `done` answers True; False when the time is over."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _prctl(option: int, value: int) -> None:
    if LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


# Loaded before any fork: loading a library between fork and exec may hang.
LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies, so that none is lost (Linux)."""
    if LINUX:
        _prctl(PR_SET_CHILD_SUBREAPER, 1)


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: IO[bytes] | None = None,
    account: Account | None = None,
    death_signal: int = signal.SIGTERM,
    own_session: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a child that the kernel signals should this process die, however it dies (Linux).

    With a session of its own a Ctrl-C at the terminal does not reach the child: whoever started
    it decides the order in which things stop.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if LINUX:
            _prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:  # the parent died before the line above
                os._exit(1)

    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL if own_session else None,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=own_session,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=before_exec,  # noqa: PLW1509 - the launcher has one thread
    )
