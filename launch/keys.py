"""The local server's secrets: made on the first start, kept in `var/secrets.env` (mode 600).

In production they come from the environment and this file is never written.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from launch.console import LaunchError
from launch.places import write_private


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")


MAKERS: Mapping[str, Callable[[], str]] = {
    "HEZUO_SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "HEZUO_SEAL_KEYS": lambda: f"1:{_random_key()}",
    "HEZUO_INDEX_KEY": _random_key,
}


def fresh_keys() -> dict[str, str]:
    """New random keys, for a database that is thrown away afterwards."""
    return {name: make() for name, make in MAKERS.items()}


def kept_keys(file: Path, given: Mapping[str, str], *, database_exists: bool) -> dict[str, str]:
    """Every key: from the environment if set there, else from the file, else made and kept.

    Raises LaunchError when a database exists but its keys are lost: what is sealed in it could
    never be read again, and new keys would hide that.
    """
    kept = read_keys(file)
    missing = [name for name in MAKERS if name not in given and name not in kept]
    if missing and database_exists:
        raise LaunchError(
            f"{file} 缺少 {'、'.join(missing)},而数据库已经存在:加密的内容将无法解读。"
            f"请从备份恢复该文件;如不再需要旧数据,请删除 var 目录后重新启动。\n"
            f"The keys of an existing database are missing: restore the file from a backup."
        )
    if missing:
        kept |= {name: MAKERS[name]() for name in missing}
        write_private(file, "".join(f"{name}={value}\n" for name, value in kept.items()))
    return {name: given.get(name) or kept[name] for name in MAKERS}


def read_keys(file: Path) -> dict[str, str]:
    """The NAME=value lines of a secrets file; empty when there is none."""
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}
