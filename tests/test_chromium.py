"""Finding a Chromium that really runs, and not looking for one when no test needs it."""

import io
import os
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import chromium
from tests.chromium import ChromiumError, find_browser
from tests.screen import Screen


def program(path: Path, line: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_stub_that_only_advises_is_passed_over(tmp_path: Path) -> None:
    """Ubuntu's chromium-browser prints how to install a snap, and fails."""
    tools = tmp_path / "bin"
    program(tools / "chromium-browser", "echo please install the snap; exit 1")
    environment = {"PATH": str(tools)}
    assert find_browser(environment, tmp_path / "browser") is None
    found = program(tools / "google-chrome", "echo Google Chrome 150.0")
    assert find_browser(environment, tmp_path / "browser") == str(found)


def test_the_one_named_by_the_user_comes_first_and_must_run(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium", "echo Chromium 150.0")
    own = program(tmp_path / "my own" / "chromium", "echo Chromium 151.0")
    environment = {"PATH": str(tmp_path / "bin"), "CHROMIUM": str(own)}
    assert find_browser(environment, tmp_path) == str(own)
    own.unlink()
    with pytest.raises(ChromiumError, match="CHROMIUM="):
        find_browser(environment, tmp_path)


def test_an_unpacked_one_is_used_when_the_system_has_none(tmp_path: Path) -> None:
    unpacked = program(tmp_path / "browser" / "chromium", "echo Chromium 153.0")
    assert find_browser({"PATH": ""}, tmp_path / "browser") == str(unpacked)


def test_without_any_the_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(chromium, "CHECKOUT", tmp_path)
    monkeypatch.setattr(chromium, "say", said.append)
    monkeypatch.setattr(chromium, "_install_system_packages", lambda: False)
    monkeypatch.setattr(chromium, "_unpack_packages", lambda python, unpacked: False)
    monkeypatch.setattr(os, "environ", {"PATH": ""})
    assert chromium.chromium() is None
    assert "apt install chromium fonts-noto-cjk" in said[-1]


@pytest.mark.parametrize(("in_ci", "outcome"), [("", pytest.skip), ("true", pytest.fail)])
def test_without_any_the_tests_are_skipped_but_fail_in_ci(
    in_ci: str, outcome: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", in_ci)
    with pytest.raises(outcome.Exception, match="Chromium"):
        Screen().browser  # noqa: B018


@pytest.mark.parametrize(
    ("window", "collectonly", "asked"), [(True, False, 1), (False, False, 0), (True, True, 0)]
)
def test_only_a_run_with_a_browser_test_asks_for_one(
    window: bool, collectonly: bool, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[None] = []
    monkeypatch.setattr("tests.screen.chromium", lambda: calls.append(None))
    item = SimpleNamespace(fixturenames=["cast", "window"] if window else ["cast"])
    session: Any = SimpleNamespace(
        items=[item], config=SimpleNamespace(option=SimpleNamespace(collectonly=collectonly))
    )
    Screen().pytest_collection_finish(session)
    assert len(calls) == asked


def test_an_archive_writes_plain_files_inside_its_folder_only(tmp_path: Path) -> None:
    archive = tmp_path / "browser" / "libraries.tar"
    archive.parent.mkdir()
    with tarfile.open(archive, "w") as packed:
        for name in ("lib/libnss3.so", "../outside", "/tmp/hezuo-outside", "libEGL.so"):
            member = tarfile.TarInfo(name)
            member.size = 4
            packed.addfile(member, io.BytesIO(b"code"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    chromium._unpack(archive, archive.parent)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"browser/lib/libnss3.so", "browser/libEGL.so"}
