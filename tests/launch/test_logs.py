"""The launcher's logs: nobody else reads them, and they start anew while the part goes on."""

import sys
from pathlib import Path

import pytest

from launch import supervisor as module
from launch.processes import wait_until
from launch.supervisor import Part, Supervisor

TALKS = "import sys, time\nwhile True: sys.stdout.write('x' * 999 + '\\n'); time.sleep(.001)"


def test_a_log_is_private_and_turned_over_while_its_part_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LOG", 50_000)
    monkeypatch.setattr(module, "LOGS_EVERY", 0.1)
    log, old = tmp_path / "talker.log", tmp_path / "talker.old.log"
    with Supervisor(logs=tmp_path, records=tmp_path / "records.json") as supervisor:
        part = Part("talker", "话多", lambda: [sys.executable, "-uc", TALKS], {}, tmp_path)
        running = supervisor.start(part)

        def looked() -> bool:
            supervisor._sleep(0.05)
            return old.is_file() and log.stat().st_size > 0

        assert wait_until(looked, 20)
        assert running.process.poll() is None and running.deaths == 0
    assert log.read_bytes().lstrip(b"x")[:1] == b"\n", "no hole where the old text was"
    for path in (log, old):
        assert path.stat().st_mode & 0o777 == 0o600
