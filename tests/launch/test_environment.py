"""The virtual environment is filled when, and only when, the requirements changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from launch import environment
from launch.console import LaunchError
from launch.environment import STAMP, ensure_environment, fingerprints
from launch.places import Places


@pytest.fixture
def places(folder: Path) -> Places:
    (folder / "requirements.txt").write_text("# nothing\n", encoding="ascii")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\n", encoding="ascii")
    return Places.of(folder)


@pytest.fixture
def pip_runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which requirements were installed, without making environments or running pip."""
    runs: list[str] = []

    def make(venv: Path) -> None:
        runs.append("venv")
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").touch()

    monkeypatch.setattr(environment, "_make", make)
    monkeypatch.setattr(environment, "_install", lambda places, name: runs.append(name))
    return runs


def test_a_second_start_runs_nothing(places: Places, pip_runs: list[str]) -> None:
    ensure_environment(places, development=False)
    assert pip_runs == ["venv", "requirements.txt"]
    ensure_environment(places, development=False)
    assert pip_runs == ["venv", "requirements.txt"]


def test_only_a_changed_file_is_installed_again(places: Places, pip_runs: list[str]) -> None:
    ensure_environment(places, development=True)
    ensure_environment(places, development=False)
    assert pip_runs == ["venv", "requirements-dev.txt"], "it includes the production file"

    (places.checkout / "requirements-dev.txt").write_text("-r requirements.txt\n# new\n")
    ensure_environment(places, development=False)
    assert len(pip_runs) == 2, "the server does not need the test tools"
    ensure_environment(places, development=True)
    assert pip_runs[2:] == ["requirements-dev.txt"]

    (places.checkout / "requirements.txt").write_text("# newer\n")
    ensure_environment(places, development=False)
    ensure_environment(places, development=True)
    assert pip_runs[3:] == ["requirements.txt", "requirements-dev.txt"]


def test_another_python_makes_the_environment_anew(places: Places, pip_runs: list[str]) -> None:
    ensure_environment(places, development=False)
    stamp = places.venv / STAMP
    marks = json.loads(stamp.read_text(encoding="utf-8"))
    stamp.write_text(json.dumps({**marks, "python": "3.9 /usr"}), encoding="utf-8")
    (places.venv / "bin" / "python").unlink()
    (places.venv / "bin").rmdir()
    ensure_environment(places, development=False)
    assert pip_runs == ["venv", "requirements.txt"] * 2


def test_a_start_by_another_python_keeps_what_works(
    places: Places, pip_runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_environment(places, development=False)
    monkeypatch.setattr(sys, "base_prefix", "/opt/another")
    monkeypatch.setattr(sys, "executable", "/opt/another/bin/python3")
    ensure_environment(places, development=False)
    assert pip_runs == ["venv", "requirements.txt"]


def test_a_python_that_was_replaced_or_is_gone_makes_it_anew(
    places: Places, pip_runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (places.checkout / f"python3.{minor}" for minor in (11, 12))
    old.touch()
    new.touch()

    def make(venv: Path) -> None:
        pip_runs.append("venv")
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / "bin" / "python").unlink(missing_ok=True)
        (venv / "bin" / "python").symlink_to(old if old.exists() else new)

    monkeypatch.setattr(environment, "_make", make)
    ensure_environment(places, development=False)
    places.python.unlink()
    places.python.symlink_to(new)  # an upgrade of the system's python3
    ensure_environment(places, development=False)
    old.unlink()  # and the one it was made with is gone
    ensure_environment(places, development=False)
    assert pip_runs == ["venv", "requirements.txt"] * 3


def test_a_failed_installation_is_reported_and_tried_again(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real thing: a real environment and a real pip, with nothing to fetch."""
    production = places.checkout / "requirements.txt"
    production.write_text("./no such package\n", encoding="ascii")
    with pytest.raises(LaunchError, match="依赖安装失败"):
        ensure_environment(places, development=False)
    assert not (places.venv / STAMP).exists()

    production.write_text("", encoding="ascii")
    ensure_environment(places, development=False)
    assert (places.venv / STAMP).is_file()
    ran = subprocess.run(
        [str(places.python), "-c", "import sys; print(sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str(places.venv)

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError(f"nothing should run now: {arguments}")

    monkeypatch.setattr(subprocess, "run", refuse)
    ensure_environment(places, development=False)


def test_a_folder_that_is_no_environment_is_never_deleted(places: Places) -> None:
    places.venv.mkdir()
    (places.venv / "letters.txt").write_text("dear", encoding="ascii")
    with pytest.raises(LaunchError, match="不是虚拟环境"):
        ensure_environment(places, development=False)
    assert (places.venv / "letters.txt").read_text(encoding="ascii") == "dear"


def test_the_hash_sees_every_byte(places: Places) -> None:
    before = fingerprints(places.checkout, development=True)
    (places.checkout / "requirements.txt").write_text("# Nothing\n", encoding="ascii")
    after = fingerprints(places.checkout, development=True)
    assert {name for name in before if before[name] != after[name]} == {
        "requirements.txt",
        "requirements-dev.txt",
    }
