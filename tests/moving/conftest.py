"""Whole deployments of their own: pg_dump and a restore see only what is committed."""

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import override_settings

from moving.keeping.programs import Target, environment_of
from moving.keeping.sets import portal_keys
from tests.workers import dropped

SEED = ("seed_demo", "--persons", "500", "--year", "2026", "--seed", "1", "--through", "2026-11-20")


@dataclass
class Deployment:
    """A database with a folder, worked on by commands as an operator runs them."""

    target: Target
    folder: Path
    keys: dict[str, str] = field(default_factory=portal_keys)

    def starts(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        told = {
            "HEZUO_ENV": "test",
            "HEZUO_BACKUPS_ROOT": str(self.folder / "backups"),
            "HEZUO_SCANS_ROOT": str(self.folder / "scans"),
            "HEZUO_TODAY": "2026-11-20",
        }
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment_of(self.target, self.keys) | told | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def runs(self, *arguments: str, code: int = 0, **variables: str) -> str:
        """What the command said; it must end with this code."""
        process = self.starts(*arguments, **variables)
        said, _ = process.communicate(timeout=280)
        assert process.returncode == code, said
        return said

    def ask(self, statement: str) -> list[Any]:
        with self.target.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    @property
    def fingerprint(self) -> str:
        return self.runs("demo_fingerprint").split()[-1]

    @property
    def backups(self) -> list[str]:
        return sorted(one.name for one in (self.folder / "backups").glob("2*"))


def databases_now() -> set[str]:
    with Target.own().cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture(scope="module")
def deploy(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Deployment]]:
    """Makes deployments on this run's server: migrated and empty, a copy of
    another one, or `bare` of all tables."""
    made: list[Target] = []
    with django_db_blocker.unblock():
        own = Target.own()

        def make(*, bare: bool = False, like: Deployment | None = None) -> Deployment:
            connections.close_all()
            target = own.named(f"hezuo_test_{secrets.token_hex(4)}")
            with own.named("postgres").cursor() as cursor:
                # A template is copied only while nobody is signed in to it.
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                    " AND usename = current_user",
                    [own.name],
                )
                same = like.target.name if like else own.name
                template = "template0" if bare else same
                cursor.execute(f"CREATE DATABASE {target.name} TEMPLATE {template}")
            made.append(target)
            return Deployment(target, tmp_path_factory.mktemp("部署"))

        yield make
        with own.named("postgres").cursor() as cursor:
            for target in made:
                dropped(cursor, target.name)


@pytest.fixture(scope="module")
def inside(django_db_setup: None, django_db_blocker: Any) -> Callable[..., Any]:
    """`with inside(deployment):` what the test does, it does in that deployment."""

    @contextmanager
    def signed_in(deployment: Deployment) -> Iterator[None]:
        told, name = connection.settings_dict, connection.settings_dict["NAME"]
        roots = {"SCANS_ROOT": "scans", "BACKUPS_ROOT": "backups"}
        places = {one: str(deployment.folder / folder) for one, folder in roots.items()}
        with django_db_blocker.unblock(), override_settings(**places):
            connection.close()
            told["NAME"] = deployment.target.name
            try:
                yield
            finally:
                connection.close()
                told["NAME"] = name

    return signed_in


@pytest.fixture(scope="module")
def dazu(deploy: Callable[..., Deployment]) -> Deployment:
    """The demonstration county of 500 with two scans; read only."""
    deployment = deploy()
    deployment.runs(*SEED)
    return deployment


def write_scan(deployment: Deployment, letters: str, content: bytes) -> Path:
    name = (letters * 32)[:32]
    path = deployment.folder / "scans" / name[:2] / f"{name}.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
