"""`script/manage`, `script/test` and `script/check`: commands with the services they need."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from launch.console import LaunchError, say
from launch.environment import ensure_environment
from launch.keys import fresh_keys, kept_keys
from launch.places import Places, locked
from launch.processes import LINUX
from launch.services import (
    discard_services,
    discard_sockets,
    embedded_database_exists,
    owners,
    portal_environment,
    start_services,
    without_owner,
)
from launch.state import running_server
from launch.supervisor import Supervisor, end_strays

INTERRUPTED = 130
# What only the owner of the tables can do: every other command runs as the application.
OWNERS_COMMANDS = {"backup", "grant_rights", "import_county", "migrate", "restore", "seed_demo"}
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run()"
# Title, arguments for Python, and whether the portal is looked at as it runs in production.
CHECKS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("ruff check", ("-m", "ruff", "check", "."), False),
    ("ruff format --check", ("-m", "ruff", "format", "--check", "."), False),
    ("lint-imports", ("-c", LINT_IMPORTS), False),
    ("makemigrations --check", ("manage.py", "makemigrations", "--check", "--dry-run"), False),
    ("check --deploy", ("manage.py", "check", "--deploy", "--fail-level", "WARNING"), True),
    ("mypy", ("-m", "mypy", "."), False),
)
LIKE_PRODUCTION = {
    "HEZUO_ENV": "production",
    "HEZUO_ALLOWED_HOSTS": "hezuo.example",
    "HEZUO_BASE_URL": "https://hezuo.example",
}


def manage(places: Places, arguments: Sequence[str]) -> int:
    """Run manage.py on the server's database: joined if it runs, else started meanwhile.

    Returns the command's exit code.
    """
    ensure_environment(places, development=False)
    kind = os.environ.get("HEZUO_ENV", "local")
    command = [str(places.python), str(places.checkout / "manage.py"), *arguments]
    with _server_or_its_lock(places) as state:
        if state:
            environment = portal_environment(state["environment"], {}, kind)
            environment = _for(places, arguments, environment)
            records = places.run / f"manage-{os.getpid()}.json"
            with Supervisor(logs=places.logs, records=records) as supervisor:
                return supervisor.call(command, environment=environment, folder=Path.cwd())
        exists = embedded_database_exists(places)
        keys = kept_keys(places.secrets, os.environ, database_exists=exists)
        try:
            with Supervisor(logs=places.logs, records=places.records) as supervisor:
                addresses = start_services(supervisor, places)
                environment = portal_environment(addresses, keys, kind)
                environment = _for(places, arguments, environment)
                return supervisor.call(command, environment=environment, folder=Path.cwd())
        finally:
            discard_sockets(places)


def _for(places: Places, arguments: Sequence[str], environment: dict[str, str]) -> dict[str, str]:
    """The environment of this command: the owner's, or the application's without his address.
    A restore puts the keys where the next start reads them."""
    owner = arguments[:1] and arguments[0] in OWNERS_COMMANDS
    known = {"HEZUO_SECRETS_FILE": str(places.secrets), **environment}
    return without_owner(owners(known) if owner else known)


@contextmanager
def _server_or_its_lock(places: Places) -> Iterator[dict[str, Any] | None]:
    """The state of the running server, or None with its lock held: one of the two."""
    while True:
        with locked(places.lock, wait=False) as mine:
            if mine:
                end_strays(places.records)
                yield None
                return
        state = running_server(places)
        if state:
            yield state
            return
        time.sleep(0.2)  # a start, a stop, or another script/manage is under way


def test(places: Places, arguments: Sequence[str]) -> int:
    """Run pytest with a database and a broker of its own; its exit code. Nothing is printed
    after its summary. One worker for each core, unless files are named: one file is done before
    workers have started."""
    ensure_environment(places, development=True)
    with throwaway_services(places) as (supervisor, environment):
        return supervisor.call(
            [str(places.python), "-m", "pytest", *workers(places.checkout, arguments), *arguments],
            environment=environment,
            folder=places.checkout,
        )


def workers(checkout: Path, arguments: Sequence[str]) -> list[str]:
    """The options of pytest-xdist for a run with these arguments; none where it would not help."""
    cores = len(os.sched_getaffinity(0)) if LINUX else os.cpu_count() or 1
    named = [checkout / argument.partition("::")[0] for argument in arguments]
    own = ("-n", "--numprocesses", "--pdb", "no:xdist")
    if cores == 1 or any(argument.startswith(own) for argument in arguments):
        return []
    if any(path.is_file() for path in named):
        return []
    return ["-n", str(cores)]


def check(places: Places) -> int:
    """Run every static check, also after one has failed; 0 when all pass."""
    ensure_environment(places, development=True)
    failed = []
    with throwaway_services(places) as (supervisor, environment):
        for title, arguments, production in CHECKS:
            say(f"── {title}")
            code = supervisor.call(
                [str(places.python), *arguments],
                environment={**environment, **(LIKE_PRODUCTION if production else {})},
                folder=places.checkout,
            )
            if code != 0:
                failed.append(title)
    say(f"未通过 (failed): {'、'.join(failed)}" if failed else "全部检查通过 (all checks passed)")
    return 1 if failed else 0


@contextmanager
def throwaway_services(places: Places) -> Iterator[tuple[Supervisor, dict[str, str]]]:
    """Services for tests: new, fast rather than durable, deleted afterwards.

    Raises LaunchError when another run of this checkout is using them.
    """
    with locked(places.lock, wait=False) as mine:
        if not mine:
            raise LaunchError(
                "本目录的另一个 script/test 或 script/check 正在运行 (another one is running)。"
            )
        end_strays(places.records)
        discard_services(places)
        try:
            with Supervisor(logs=places.logs, records=places.records) as supervisor:
                addresses = start_services(supervisor, places, durable=False)
                # Tests make and alter tables; those of the application's role make one themselves.
                environment = portal_environment(addresses, fresh_keys(), "test")
                yield supervisor, without_owner(owners(environment))
        finally:
            discard_services(places)
            discard_sockets(places)
