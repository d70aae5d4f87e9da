"""The virtual environment in `.venv`: made once, filled again only when a requirements file
changed. When nothing changed, nothing is run and no network is needed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from launch.console import LaunchError, say
from launch.places import Places, locked, write_private

PRODUCTION = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
STAMP = "hezuo-requirements.json"


def ensure_environment(places: Places, *, development: bool) -> None:
    """Make `.venv` usable: right Python, pinned requirements installed.

    Raises LaunchError with pip's own words when the installation fails.
    """
    wanted = fingerprints(places.checkout, development=development)
    with locked(places.checkout / "var" / "environment.lock", wait=True):
        installed = _installed(places.venv)
        # Judged by the interpreter it was made with, not by the one that starts us: another
        # python3 earlier in PATH is no reason to throw away what works, least of all offline.
        sound = installed.get("python") == _interpreter(places) != ""
        if sound and wanted.items() <= installed.items():
            return
        if not sound:
            _make(places.venv)
            installed = {}
        started = time.monotonic()
        say("正在安装依赖,仅首次或依赖变更时需要 (installing requirements) …")
        _install(places, DEVELOPMENT if development else PRODUCTION)
        # A later production-only start must find its own hash, and keep the other if still true.
        marks = {**installed, **wanted, "python": _interpreter(places)}
        write_private(places.venv / STAMP, json.dumps(marks) + "\n")
        say(f"  依赖安装完成,用时 {time.monotonic() - started:.0f} 秒")


def fingerprints(checkout: Path, *, development: bool) -> dict[str, str]:
    """What must be recorded in the environment for it to be up to date: the hash of each
    requirements file that counts. The development file includes the other, so its hash covers
    both."""
    production = (checkout / PRODUCTION).read_bytes()
    marks = {PRODUCTION: hashlib.sha256(production).hexdigest()}
    if development:
        both = production + b"\0" + (checkout / DEVELOPMENT).read_bytes()
        marks[DEVELOPMENT] = hashlib.sha256(both).hexdigest()
    return marks


def _interpreter(places: Places) -> str:
    """The file behind the environment's Python, e.g. /usr/bin/python3.11; "" when it is gone."""
    return os.path.realpath(places.python) if places.python.is_file() else ""


def _installed(venv: Path) -> dict[str, str]:
    """What the environment's stamp records; nothing when it is missing or damaged."""
    try:
        found = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {str(key): str(value) for key, value in found.items()}


def _make(venv: Path) -> None:
    """Make the environment anew. Only a folder that is one is ever removed."""
    if venv.exists():
        if not (venv / "pyvenv.cfg").is_file() and any(venv.iterdir()):
            raise LaunchError(
                f"{venv} 不是虚拟环境,请先移走 (is not a virtual environment: move it away)。"
            )
        shutil.rmtree(venv)
    say("正在建立虚拟环境 (making .venv) …")
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        raise LaunchError(
            f"无法建立虚拟环境。Debian/Ubuntu 请先执行: apt install python3-venv\n"
            f"Could not make a virtual environment (Debian/Ubuntu: apt install python3-venv):\n"
            f"{made.stdout}{made.stderr}"
        )


def _install(places: Places, requirements: str) -> None:
    """Install with pip. Byte-compiling is left to the first import: it would double the time."""
    done = subprocess.run(
        [
            *(str(places.python), "-m", "pip", "install", "--no-input", "--no-compile"),
            *("--disable-pip-version-check", "--quiet", "--requirement", requirements),
        ],
        cwd=places.checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LaunchError(
            f"依赖安装失败,请检查网络或 pip 镜像设置后重试。\n"
            f"Installing {requirements} failed; check the network or pip's index setting:\n"
            f"{done.stdout}{done.stderr}"
        )
