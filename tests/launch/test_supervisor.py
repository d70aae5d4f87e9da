"""The supervisor restarts what dies, stops everything in order, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launch.processes import all_processes, find_process, left_behind
from launch.supervisor import Part, Supervisor, end_strays
from tests.launch.conftest import CHECKOUT, clean_environment, gone, wait_gone
from tests.launch.driver import pids

STUBBORN = "trap '' TERM INT; while true; do sleep 0.2; done"
FAMILY = "sleep 61 & sh -c 'echo $$ >> child.pids; exec sleep 62' & wait"
Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(folder: Path) -> Iterator[Launch]:
    """Starts the driver and waits until its parts are up."""
    started: list[subprocess.Popen[str]] = []

    def start(*parts: str) -> subprocess.Popen[str]:
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.launch.driver", str(folder), *parts],
            cwd=CHECKOUT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(driver)
        assert driver.stdout
        driver.before = []  # type: ignore[attr-defined]
        while (line := driver.stdout.readline().strip()) != "ready":
            assert line, "the driver ended early"
            driver.before.append(line)  # type: ignore[attr-defined]
        return driver

    yield start
    for driver in started:
        if driver.poll() is None:
            driver.send_signal(signal.SIGINT)
        driver.communicate(timeout=20)


def test_a_killed_part_is_started_again(folder: Path, launch: Launch) -> None:
    driver = launch("database=exec sleep 60", "web=exec sleep 60")
    [first] = pids(folder, "web", 1)
    [database] = pids(folder, "database", 1)
    killed = time.monotonic()
    os.kill(first, signal.SIGKILL)
    _, second = pids(folder, "web", 2)
    assert time.monotonic() - killed < 2
    assert not gone(second) and not gone(database)
    os.kill(second, signal.SIGKILL)
    third = pids(folder, "web", 3)[2]
    driver.send_signal(signal.SIGINT)
    printed, _ = driver.communicate(timeout=15)
    assert "web 意外停止(信号 SIGKILL),立即重启" in printed
    assert "1 秒后重启" in printed, "the second time it waits a little"
    assert wait_gone(third, database)


def test_what_a_dead_part_leaves_is_cleared_before_its_restart(
    folder: Path, launch: Launch
) -> None:
    """An orphaned web worker would still hold the port."""
    launch(f"web={FAMILY}")
    [first] = pids(folder, "web", 1)
    [child] = pids(folder, "child", 1)
    os.kill(first, signal.SIGKILL)
    pids(folder, "web", 2)
    assert wait_gone(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_no_process(folder: Path, launch: Launch, number: int) -> None:
    """Not even one that ignores the request, nor a child that left its parent's session."""
    runaway = "setsid sh -c 'echo $$ >> runaway.pids; exec sleep 60' & exec sleep 60"
    driver = launch("database=exec sleep 60", f"worker={STUBBORN}", f"web={runaway}")
    running = [pids(folder, name, 1)[0] for name in ("database", "worker", "web", "runaway")]
    driver.send_signal(number)
    printed, _ = driver.communicate(timeout=20)
    assert driver.returncode == 0 and printed.rstrip().endswith("stopped")
    assert all(map(gone, running))
    assert not (folder / "processes.json").exists()


def test_the_database_stops_after_those_who_use_it(folder: Path, launch: Launch) -> None:
    note = "trap 'sleep 0.3; date +%s%N >> NAME.end; exit 0' TERM; while true; do sleep 0.1; done"
    parts = [f"{name}={note.replace('NAME', name)}" for name in ("database", "web", "worker")]
    driver = launch(*parts)
    for name in ("database", "web", "worker"):
        pids(folder, name, 1)
    time.sleep(0.2)  # let the shells reach their loops
    driver.send_signal(signal.SIGINT)
    driver.communicate(timeout=20)
    ended = {n: int((folder / f"{n}.end").read_text()) for n in ("database", "web", "worker")}
    assert ended["database"] > max(ended["web"], ended["worker"])


def test_a_second_ctrl_c_does_not_wait(folder: Path, launch: Launch) -> None:
    driver = launch("web=trap 'sleep 30' TERM; while true; do sleep 0.1; done")
    [web] = pids(folder, "web", 1)
    time.sleep(0.2)
    driver.send_signal(signal.SIGINT)
    time.sleep(0.3)
    started = time.monotonic()
    driver.send_signal(signal.SIGINT)
    driver.communicate(timeout=20)
    assert time.monotonic() - started < 3
    assert gone(web)


def test_a_killed_supervisor_leaves_no_child(folder: Path, launch: Launch) -> None:
    """The kernel tells the children (Linux); nobody needs to come and clean up."""
    driver = launch("database=exec sleep 60", "web=exec sleep 60")
    running = pids(folder, "database", 1) + pids(folder, "web", 1)
    driver.kill()
    driver.wait()
    assert wait_gone(*running)


def test_the_next_start_ends_strays_that_would_not_go(folder: Path, launch: Launch) -> None:
    first = launch(f"worker={STUBBORN}", "web=exec sleep 60")
    [stray] = pids(folder, "worker", 1)
    pids(folder, "web", 1)
    time.sleep(0.2)
    first.kill()
    first.wait()
    time.sleep(0.5)
    assert not gone(stray), "it ignores the kernel's signal"
    second = launch("web=exec sleep 60")
    assert second.before == ["ended worker"]  # type: ignore[attr-defined]
    assert gone(stray)


def test_a_stranger_with_a_recorded_pid_is_left_alone(folder: Path) -> None:
    """Pids are given out again: the start of the process must match too."""
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    records = folder / "processes.json"
    part = {"name": "web", "pid": stranger.pid, "started": "long ago", "stop_signal": 15}
    records.write_text(json.dumps({"parts": [part]}), encoding="utf-8")
    assert end_strays(records) == []
    assert stranger.poll() is None
    mark = find_process(stranger.pid)
    assert mark is not None
    assert left_behind(stranger.pid, "long ago") == []
    assert [process.pid for process in left_behind(stranger.pid, mark.started)] == [stranger.pid]
    stranger.kill()
    assert stranger.wait() == -signal.SIGKILL


def test_a_part_that_does_not_start_shows_the_end_of_its_log(folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from launch.console import LaunchError
from launch.supervisor import Supervisor
from tests.launch.driver import part
folder = Path(sys.argv[1])
with Supervisor(logs=folder, records=folder / "processes.json") as supervisor:
    web = part(folder, "web", "echo the port is taken; exit 3")
    web.is_ready = lambda pid: False
    try:
        supervisor.wait_ready(supervisor.start(web), 10)
    except LaunchError as error:
        print(error)
    slow = part(folder, "slow", "echo still loading; exec sleep 60")
    slow.is_ready = lambda pid: False
    try:
        supervisor.wait_ready(supervisor.start(slow), 0.3)
    except LaunchError as error:
        print(error)
    print(supervisor.call(["false"], environment={}, folder=folder, log=folder / "false.log"))
    print(supervisor.call(["/bin/sh", "-c", "kill -9 $$"], environment={}, folder=folder))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=CHECKOUT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "web 启动失败" in ran.stdout and "the port is taken" in ran.stdout, ran.stderr
    assert "没有就绪" in ran.stdout and "still loading" in ran.stdout
    assert ran.stdout.splitlines()[-2:] == ["1", "137"]
    assert wait_gone(*pids(folder, "slow", 1))


def test_a_long_log_is_set_aside(folder: Path) -> None:
    supervisor = Supervisor(logs=folder, records=folder / "processes.json")
    part = Part("web", "web", lambda: ["true"], {}, folder)
    (folder / "web.log").write_bytes(b"x" * (6 * 1024 * 1024))
    process, mark = supervisor._spawn(part)
    process.wait()
    assert mark
    assert (folder / "web.log").stat().st_size == 0
    assert (folder / "web.old.log").stat().st_size == 6 * 1024 * 1024


def test_ps_tells_the_same_as_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems have no /proc; there `ps` is asked."""
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    from_proc = find_process(child.pid)
    monkeypatch.setattr("launch.processes.LINUX", False)
    from_ps = find_process(child.pid)
    assert from_proc and from_ps and from_ps.alive
    assert (from_ps.pid, from_ps.parent, from_ps.group) == (
        from_proc.pid,
        from_proc.parent,
        from_proc.group,
    )
    again = find_process(child.pid)
    assert again and again.started == from_ps.started
    assert child.pid in {process.pid for process in all_processes()}
    child.kill()
    child.wait()
    assert find_process(child.pid) is None
