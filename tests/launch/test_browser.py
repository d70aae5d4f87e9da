"""Finding a Chromium that really runs, and not looking for one when no test needs it."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from launch import browser
from launch.browser import browser_environment, find_browser, needs_browser
from launch.console import LaunchError
from launch.places import Places


def program(path: Path, line: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_stub_that_only_advises_is_passed_over(folder: Path) -> None:
    """Ubuntu's chromium-browser prints how to install a snap, and fails."""
    tools = folder / "bin"
    program(tools / "chromium-browser", "echo please install the snap; exit 1")
    environment = {"PATH": str(tools)}
    assert find_browser(environment, folder / "browser") is None
    found = program(tools / "google-chrome", "echo Google Chrome 150.0")
    assert find_browser(environment, folder / "browser") == str(found)


def test_the_one_named_by_the_user_comes_first_and_must_run(folder: Path) -> None:
    program(folder / "bin" / "chromium", "echo Chromium 150.0")
    own = program(folder / "my own" / "chromium", "echo Chromium 151.0")
    environment = {"PATH": str(folder / "bin"), "CHROMIUM": str(own)}
    assert find_browser(environment, folder) == str(own)
    own.unlink()
    with pytest.raises(LaunchError, match="CHROMIUM="):
        find_browser(environment, folder)


def test_an_unpacked_one_is_used_when_the_system_has_none(folder: Path) -> None:
    unpacked = program(folder / "browser" / "chromium", "echo Chromium 153.0")
    assert find_browser({"PATH": ""}, folder / "browser") == str(unpacked)


def test_without_any_the_user_is_told_and_ci_fails(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "_install_system_packages", lambda: False)
    monkeypatch.setattr(browser, "_unpack_packages", lambda python, unpacked: False)
    monkeypatch.setattr(os, "environ", {"PATH": ""})
    assert browser_environment(Places.of(folder)) == {}
    assert "apt install chromium fonts-noto-cjk" in capsys.readouterr().out
    monkeypatch.setattr(os, "environ", {"PATH": "", "CI": "true"})
    with pytest.raises(LaunchError, match="apt install chromium fonts-noto-cjk"):
        browser_environment(Places.of(folder))


def test_only_a_run_that_reaches_a_browser_test_needs_one(folder: Path) -> None:
    tests = folder / "tests"
    (tests / "lib").mkdir(parents=True)
    marked = "import pytest\n@pytest.mark." + "browser\ndef test_page(): ...\n"
    (tests / "test_page.py").write_text(marked, encoding="utf-8")
    (tests / "lib" / "test_money.py").write_text("def test_fen(): ...\n", encoding="utf-8")
    assert needs_browser(folder, [])
    assert needs_browser(folder, ["-q", "tests"])
    assert needs_browser(folder, ["tests/test_page.py::test_page"])
    assert not needs_browser(folder, ["tests/lib"])
    assert not needs_browser(folder, ["tests/lib/test_money.py", "-x"])
    assert not needs_browser(folder, ["-m", "not browser"])


def test_an_archive_writes_plain_files_inside_its_folder_only(folder: Path) -> None:
    archive = folder / "browser" / "libraries.tar"
    archive.parent.mkdir()
    with tarfile.open(archive, "w") as packed:
        for name in ("lib/libnss3.so", "../outside", "/tmp/hezuo-outside", "libEGL.so"):
            member = tarfile.TarInfo(name)
            member.size = 4
            packed.addfile(member, io.BytesIO(b"code"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    browser._unpack(archive, archive.parent)
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == {"browser/lib/libnss3.so", "browser/libEGL.so"}
