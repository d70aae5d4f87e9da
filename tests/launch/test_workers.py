"""How many workers `script/test` starts."""

import os
from pathlib import Path

import pytest

from launch import commands
from launch.commands import workers


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(commands, "LINUX", False)


@pytest.mark.parametrize("arguments", [[], ["-q"], ["tests"], ["tests/lib", "-x"], ["-k", "pay"]])
def test_one_for_each_core(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "tests" / "lib").mkdir(parents=True)
    assert workers(tmp_path, arguments) == ["-n", "2"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests/test_pay.py"],
        ["tests/test_pay.py::test_late", "-q"],
        ["-n", "4"],
        ["-n0"],
        ["--numprocesses=3"],
        ["--pdb"],
        ["-p", "no:xdist"],
    ],
)
def test_none_for_a_file_or_where_the_person_chose(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_pay.py").touch()
    assert workers(tmp_path, arguments) == []


def test_none_on_one_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert workers(tmp_path, []) == []
