"""One small supervisor: starts parts in order, restarts those that die, leaves none behind.

Single-threaded. It sleeps in `select` on a pipe that signal handlers write to, so a child's
death or a Ctrl-C wakes it at once and nothing is polled in between.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, Self

from launch.console import LaunchError, last_lines, say
from launch.places import Account, write_state
from launch.processes import (
    adopt_orphans,
    all_processes,
    find_process,
    left_behind,
    send,
    spawn,
    wait_until,
)

RESTART_DELAYS = (0.0, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 30.0
# Bytes: a log starts anew above this, one older is kept, so the disk cannot fill up.
MAX_LOG = 5 * 1024 * 1024
# Seconds between two looks at the logs of running parts.
LOGS_EVERY = 60.0
Handler = Callable[[int, FrameType | None], object] | int | None


class StopRequested(Exception):  # noqa: N818 - a wish, not an error
    """Somebody pressed Ctrl-C or sent SIGTERM while the launcher was waiting for something."""


@dataclass
class Part:
    """One process to keep alive. `service` parts (database, broker) start first, stop last."""

    name: str
    title: str
    command: Callable[[], Sequence[str]]
    environment: Mapping[str, str]
    folder: Path
    service: bool = False
    account: Account | None = None
    prepare: Callable[[], None] = lambda: None
    is_ready: Callable[[int], bool] = lambda pid: pid > 0
    stop_signal: int = signal.SIGTERM
    patience: float = 10.0


@dataclass
class Running:
    """A part's process, and how often it has died lately."""

    part: Part
    process: subprocess.Popen[bytes]
    mark: str  # tells this process from a later one with the same pid
    started: float = field(default_factory=time.monotonic)
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Use as a context manager: leaving the block, however, stops everything."""

    def __init__(self, *, logs: Path, records: Path, announce: Callable[[str], None] = say) -> None:
        self.logs = logs
        self.records = records
        self.announce = announce
        self.running: list[Running] = []
        self.stopping = False
        self.stop_requests = 0
        self._called: subprocess.Popen[bytes] | None = None
        self._shares_terminal = False
        self._child_changed = False
        self._logs_at = 0.0
        self._handlers: dict[int, Handler] = {}
        self._wake_read = self._wake_write = -1

    def __enter__(self) -> Self:
        adopt_orphans()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # under nohup the closed terminal is no reason to stop
            self._handlers[number] = signal.signal(number, self._request_stop)
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, self._note_child)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def start(self, part: Part) -> Running:
        """Start a part without waiting for it."""
        part.prepare()
        running = Running(part, *self._spawn(part))
        self.running.append(running)
        self._record()
        return running

    def wait_ready(self, running: Running, seconds: float) -> None:
        """Wait until the part says it is ready.

        Raises LaunchError with the end of its log when it dies first or takes too long.
        """
        end = time.monotonic() + seconds
        part, process = running.part, running.process
        while not part.is_ready(process.pid):
            if process.poll() is not None:
                raise LaunchError(
                    f"{part.title} 启动失败 (did not start):\n{last_lines(self._log(part))}"
                )
            if time.monotonic() > end:
                raise LaunchError(
                    f"{part.title} 在 {seconds:.0f} 秒内没有就绪 (not ready in time):\n"
                    f"{last_lines(self._log(part))}"
                )
            self._sleep(0.05, but=running)

    def call(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path | None = None,
    ) -> int:
        """Run one command to its end while the parts are watched; its exit code, or 128 + the
        signal that ended it.

        Without a log it shares the terminal: Ctrl-C is then the command's to handle. With one
        it is a step of the start, and Ctrl-C ends it by raising StopRequested.
        """
        output = open_log(log) if log else None
        try:
            process = spawn(
                command,
                environment=environment,
                folder=folder,
                log=output,
                own_session=log is not None,
            )
        finally:
            if output:
                output.close()
        self._called, self._shares_terminal = process, log is None
        try:
            while process.poll() is None:
                self._sleep(60)
        finally:
            if process.poll() is None:
                process.terminate()
                if not wait_until(lambda: process.poll() is not None, 10):
                    process.kill()
                    process.wait()
            self._called, self._shares_terminal = None, False
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    def run(self) -> None:
        """Watch until somebody asks to stop."""
        try:
            while True:
                self._sleep(self._next_wake())
        except StopRequested:
            return

    def stop(self) -> None:
        """Stop what faces the user first, all at once, then the services, last started first.
        A second Ctrl-C cuts the waiting short."""
        self.stopping = True
        asked = self.stop_requests
        services = [running for running in reversed(self.running) if running.part.service]
        applications = [running for running in self.running if not running.part.service]
        for group in (applications, *([service] for service in services)):
            for running in group:
                if running.process.poll() is None:
                    running.process.send_signal(running.part.stop_signal)
            for running in group:
                self._await_end(running, asked)
        self._end_adopted()
        self.running.clear()
        self.records.unlink(missing_ok=True)

    def _await_end(self, running: Running, asked: int) -> None:
        process = running.process
        wait_until(
            lambda: process.poll() is not None or self.stop_requests > asked,
            running.part.patience,
        )
        self._kill_session(running)
        process.wait()

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        if self._called and self._shares_terminal:
            # Ctrl-C and a closed terminal reach the command by themselves; SIGTERM does not.
            if number == signal.SIGTERM:
                self._called.terminate()
            return
        self.stop_requests += 1

    def _note_child(self, number: int, frame: FrameType | None) -> None:
        self._child_changed = True

    def _sleep(self, seconds: float, but: Running | None = None) -> None:
        """Sleep until a signal or the time comes, then look after the parts. `but` is left
        alone: whoever waits for that part wants to know of its death."""
        select.select([self._wake_read], [], [], max(seconds, 0))
        try:
            while os.read(self._wake_read, 512):
                pass
        except BlockingIOError:
            pass
        if self.stop_requests and not self.stopping:
            raise StopRequested
        self._look_after(but)

    def _look_after(self, but: Running | None) -> None:
        now = time.monotonic()
        child_changed, self._child_changed = self._child_changed, False
        for running in self.running:
            if running is but:
                continue
            if running.restart_at is None and running.process.poll() is not None:
                self._note_death(running, now)
            if running.restart_at is not None and now >= running.restart_at:
                self._restart(running)
        if child_changed:
            self._end_adopted()
        if now >= self._logs_at:
            self._logs_at = now + LOGS_EVERY
            for running in self.running:
                _turn_over(self._log(running.part))

    def _note_death(self, running: Running, now: float) -> None:
        """Clear away what the dead process left, and decide when to start it again."""
        self._kill_session(running)
        if now - running.started > STEADY_SECONDS:
            running.deaths = 0
        delay = RESTART_DELAYS[min(running.deaths, len(RESTART_DELAYS) - 1)]
        running.deaths += 1
        running.restart_at = now + delay
        soon = f",{delay:.0f} 秒后重启" if delay else ",立即重启"
        self.announce(
            f"! {running.part.title} 意外停止({_cause(running.process.returncode)}){soon}"
        )

    def _restart(self, running: Running) -> None:
        running.started = time.monotonic()
        try:
            running.part.prepare()
            running.process, running.mark = self._spawn(running.part)
        except (LaunchError, OSError) as error:  # a full disk, say: it may pass
            running.restart_at = running.started + RESTART_DELAYS[-1]
            self.announce(f"! {running.part.title} 无法重启,稍后再试: {error}")
            return
        running.restart_at = None
        self._record()

    def _next_wake(self) -> float:
        """Seconds until a restart is due; otherwise only signals matter."""
        due = [running.restart_at for running in self.running if running.restart_at is not None]
        return min(due) - time.monotonic() if due else 60.0

    def _spawn(self, part: Part) -> tuple[subprocess.Popen[bytes], str]:
        log = self._log(part)
        _turn_over(log)
        with open_log(log) as output:
            process = spawn(
                part.command(),
                environment=part.environment,
                folder=part.folder,
                log=output,
                account=part.account,
                death_signal=part.stop_signal,
            )
        found = find_process(process.pid)  # not reaped yet, so it is there even when dead
        return process, found.started if found else ""

    def _log(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"

    def _kill_session(self, running: Running) -> None:
        """End what is left of a part's session, its leader included."""
        send(left_behind(running.process.pid, running.mark), signal.SIGKILL)

    def _end_adopted(self) -> None:
        """Orphans of a part come to us (Linux): end the living, bury the dead."""
        own = {running.process.pid for running in self.running}
        if self._called:
            own.add(self._called.pid)
        for process in list(all_processes()):
            if process.parent != os.getpid() or process.pid in own:
                continue
            if process.alive:
                send([process], signal.SIGKILL)
            wait_until(lambda pid=process.pid: _buried(pid), 2)  # type: ignore[misc]

    def _record(self) -> None:
        """Write down which processes are ours, for a start after this one was killed."""
        parts = [
            {
                "name": running.part.name,
                "pid": running.process.pid,
                "started": running.mark,
                "stop_signal": int(running.part.stop_signal),
            }
            for running in self.running
        ]
        write_state(self.records, {"parts": parts})


def open_log(log: Path) -> BinaryIO:
    """To be added to; only the launcher's account reads it."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "ab")


def _turn_over(log: Path) -> None:
    """Set the log aside when it has grown too large. Whoever writes it keeps his descriptor, which
    adds at the end wherever that is, so the file is copied and emptied, not moved."""
    if not log.is_file() or log.stat().st_size <= MAX_LOG:
        return
    with log.open("rb") as full, open_log(log.with_suffix(".old.log")) as old:
        old.truncate(0)
        shutil.copyfileobj(full, old)
    os.truncate(log, 0)


def end_strays(records: Path, *, patience: float = 5.0) -> list[str]:
    """End what an earlier launcher, killed before it could stop them, left running; the names
    of those parts. The caller holds the lock, so no other launcher is using them."""
    try:
        parts = json.loads(records.read_text(encoding="utf-8"))["parts"]
    except (FileNotFoundError, json.JSONDecodeError):
        return []

    def living() -> list[str]:
        return [part["name"] for part in parts if left_behind(part["pid"], part["started"])]

    found = living()
    for part in parts:
        leader = find_process(part["pid"])
        if leader and leader.alive and leader.started == part["started"]:
            send([leader], part["stop_signal"])
    if not wait_until(lambda: not living(), patience):
        for part in parts:
            send(left_behind(part["pid"], part["started"]), signal.SIGKILL)
        wait_until(lambda: not living(), patience)
    records.unlink(missing_ok=True)
    return found


def _buried(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _cause(code: int) -> str:
    return f"信号 {signal.Signals(-code).name}" if code < 0 else f"退出码 {code}"
