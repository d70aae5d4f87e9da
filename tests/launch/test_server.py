"""script/server, script/manage and script/test as a person runs them, on a portal in miniature."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from launch.places import Places, database_home
from launch.postgres import port_is_free
from launch.processes import all_processes, wait_until
from tests.launch.conftest import clean_environment, wait_gone
from tests.launch.stand_in import portal

pytestmark = pytest.mark.seconds(60)
READY = re.compile(r"ready\): (http://127.0.0.1:\d+)/")


class Person:
    """Runs the scripts of one checkout."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.printed: list[str] = []
        # The interpreter of this environment, so that its record of it holds.
        path = f"{Path(sys.executable).resolve().parent}:{os.environ['PATH']}"
        self.environment = {**clean_environment(), "PATH": path}

    def starts_the_server(self, *arguments: str, **variables: str) -> str:
        """Start it and wait for its address; what it printed until then is in `printed`."""
        self.server = subprocess.Popen(
            [str(self.checkout / "script" / "server"), *arguments],
            env={**self.environment, **variables},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.printed = []
        assert self.server.stdout
        for line in self.server.stdout:
            self.printed.append(line.rstrip())
            if ready := READY.search(line):
                return ready.group(1)
        raise AssertionError("\n".join(self.printed))

    def presses_ctrl_c(self) -> str:
        self.server.send_signal(signal.SIGINT)
        printed, _ = self.server.communicate(timeout=60)
        return str(printed)

    def runs(self, script: str, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run a script to its end from another folder; its exit code and what it printed."""
        ran = subprocess.run(
            [str(self.checkout / "script" / script), *arguments],
            env={**self.environment, **variables},
            cwd="/usr",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return ran.returncode, ran.stdout + ran.stderr

    def processes(self) -> dict[str, list[int]]:
        """The living processes of this checkout by part."""
        found: dict[str, list[int]] = {}
        for process in all_processes():
            try:
                text = Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8")
            except OSError:
                continue
            if process.alive and str(self.checkout) in text:
                parts = ("postgres", "valkey", "launch.web", "worker", "beat", "main")
                name = next((part for part in parts if part in text), "other")
                found.setdefault(name, []).append(process.pid)
        return found


@pytest.fixture
def person(folder: Path) -> Iterator[Person]:
    person = Person(portal(folder))
    yield person
    if hasattr(person, "server") and person.server.poll() is None:
        person.presses_ctrl_c()
    left = [pid for pids in person.processes().values() for pid in pids]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    home = database_home(Places.of(person.checkout), None)
    if not home.is_relative_to(folder):
        shutil.rmtree(home)


def page(url: str) -> tuple[int, int, int]:
    """Receipts, and the pids of the web worker and its master."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        receipts, worker, master = answer.read().decode().split()
    return int(receipts), int(worker), int(master)


def comes_back(url: str, receipts: int) -> bool:
    def answers() -> bool:
        try:
            return page(url)[0] == receipts
        except OSError:
            return False

    return wait_until(answers, 20)


def test_from_nothing_to_the_first_page_and_the_second_start(person: Person) -> None:
    url = person.starts_the_server()
    assert page(url)[0] == 1, "the demonstration county is loaded"
    assert "演示账号: zhangli" in person.server.stdout.readline()  # type: ignore[union-attr]
    code, printed = person.runs("server")
    assert code == 1 and f"已在运行 (already running): {url}" in printed

    assert person.runs("manage", "add", "李秀英")[0] == 0
    assert person.runs("manage", "count")[1].split() == ["2", "/usr", "local"]
    code, printed = person.runs("test", "-q", "-p", "no:django", "-p", "no:cacheprovider")
    assert code == 0 and printed.rstrip().splitlines()[-1].startswith("2 passed"), printed
    assert page(url)[0] == 2, "the suite has a database of its own"
    assert "已全部停止" in person.presses_ctrl_c()
    assert person.server.returncode == 0
    assert person.processes() == {}

    started = time.monotonic()
    url = person.starts_the_server()
    assert time.monotonic() - started < 10
    assert page(url)[0] == 2, "no second demonstration county, nothing lost"
    assert not [line for line in person.printed if "演示县" in line or "依赖" in line]


def test_an_empty_portal_stays_empty(person: Person) -> None:
    url = person.starts_the_server("--empty")
    assert page(url)[0] == 0
    assert "这是空库 --told" in person.server.stdout.readline()  # type: ignore[union-attr]
    person.presses_ctrl_c()
    assert page(person.starts_the_server())[0] == 0, "remembered"
    person.presses_ctrl_c()
    assert person.runs("server", "--full")[0] == 2


def test_a_demonstration_county_is_not_emptied(person: Person) -> None:
    person.starts_the_server()
    person.presses_ctrl_c()
    code, printed = person.runs("server", "--empty")
    assert code == 1 and "已载入演示县，不能改成空库" in printed
    assert page(person.starts_the_server())[0] == 1


def test_every_part_may_be_killed(person: Person) -> None:
    url = person.starts_the_server()
    assert person.runs("manage", "add", "李秀英")[0] == 0
    _, worker, master = page(url)
    for pid in (worker, master):
        os.kill(pid, signal.SIGKILL)
        assert wait_gone(pid)
        assert comes_back(url, 2)
    running = person.processes()
    postmaster = int((person.checkout / "var/postgres/data/postmaster.pid").read_text().split()[0])
    for pid in (postmaster, running["valkey"][0], running["worker"][0], running["beat"][0]):
        os.kill(pid, signal.SIGKILL)
        assert wait_gone(pid)
    assert comes_back(url, 2)
    assert wait_until(lambda: set(person.processes()) == set(running), 15)

    send = "import config; config.note.delay('柳林镇')"
    environment = Path(f"/proc/{person.processes()['beat'][0]}/environ").read_text()
    variables = dict(entry.split("=", 1) for entry in environment.split("\0") if "=" in entry)
    subprocess.run(
        [str(person.checkout / ".venv/bin/python"), "-c", send],
        cwd=person.checkout,
        env=variables,
        check=True,
    )
    noted = person.checkout / "var" / "noted"
    assert wait_until(lambda: noted.is_file() and noted.read_text() == "柳林镇", 20)


def test_the_supervisor_or_everything_may_be_killed(person: Person) -> None:
    person.starts_the_server()
    assert person.runs("manage", "add", "李秀英")[0] == 0
    children = [pid for pids in person.processes().values() for pid in pids]
    person.server.kill()
    person.server.communicate()
    url = person.starts_the_server()
    assert page(url)[0] == 2
    assert wait_gone(*[pid for pid in children if pid != person.server.pid])

    for pids in person.processes().values():
        for pid in pids:
            with suppress(ProcessLookupError):  # gone with its parent already
                os.kill(pid, signal.SIGKILL)
    person.server.communicate()
    assert comes_back(person.starts_the_server(), 2)


def test_manage_starts_the_database_for_itself(person: Person) -> None:
    assert person.runs("manage", "migrate")[0] == 0
    assert person.runs("manage", "add", "李秀英")[0] == 0
    code, printed = person.runs("manage", "count")
    assert (code, printed.split()[0]) == (0, "1")
    assert person.runs("manage", "fail")[0] == 3
    assert person.processes() == {}


def test_a_failing_suite_fails_and_leaves_nothing(person: Person) -> None:
    code, printed = person.runs("test", "-q", "-p", "no:django", "-k", "wrong", FAIL="1")
    assert code == 1 and printed.rstrip().splitlines()[-1].startswith("1 failed"), printed
    assert not (person.checkout / "var" / "test" / "postgres").exists()
    assert person.processes() == {}


def test_a_taken_port_is_passed_over_but_not_when_it_was_asked_for(person: Person) -> None:
    if port_is_free(8000):
        taker = subprocess.Popen([sys.executable, "-m", "http.server", "8000", "-b", "127.0.0.1"])
        assert wait_until(lambda: not port_is_free(8000), 10)
    else:
        taker = subprocess.Popen(["sleep", "60"])
    try:
        code, printed = person.runs("server", PORT="8000")
        assert code == 1 and "PORT=8000" in printed
        assert not person.starts_the_server().endswith(":8000")
    finally:
        taker.kill()
        taker.wait()


def test_it_will_not_pose_as_a_production_server(person: Person) -> None:
    code, printed = person.runs("server", HEZUO_ENV="production")
    assert code == 1 and "docs/operations.md" in printed
    assert person.runs("server", "--port", "9")[0] == 2


def test_a_step_that_fails_stops_the_start_and_shows_why(person: Person) -> None:
    manage = person.checkout / "manage.py"
    broken = manage.read_text(encoding="utf-8").replace("CREATE TABLE", "CREATE TABEL")
    manage.write_text(broken, encoding="utf-8")
    code, printed = person.runs("server")
    assert code == 1 and "manage.py migrate 失败" in printed and 'near "TABEL"' in printed
    assert person.processes() == {}


def test_a_database_of_the_users_own_is_checked_first(person: Person) -> None:
    code, printed = person.runs("manage", "count", DATABASE_URL="postgres://x:y@127.0.0.1:9/z")
    assert code == 1 and "连接不上数据库" in printed
    assert not (person.checkout / "var" / "postgres").exists()


def test_backups_are_made_by_the_owner_and_a_restore_knows_where_keys_lie(person: Person) -> None:
    secrets = person.checkout / "var" / "secrets.env"
    for script, arguments in (("backup", ("--check",)), ("restore", ("latest", "--check"))):
        code, printed = person.runs(script, *arguments)
        assert code == 0, printed
        assert " ".join([script, *arguments, "hezuo_owner", str(secrets)]) in printed
