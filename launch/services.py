"""Database and broker for one run: those of the environment, or the embedded ones."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from launch.broker import Broker, file_broker, find_server
from launch.console import LaunchError, say
from launch.places import Places, database_home, socket_folder, unprivileged_account
from launch.postgres import Cluster, find_binaries
from launch.supervisor import Part, Supervisor

# The address of whoever owns the tables, beside the application's own in DATABASE_URL.
OWNERS_ADDRESS = "MIGRATE_DATABASE_URL"
# Replaying the log after a crash may take a while on a slow disk.
DATABASE_SECONDS = 300
BROKER_SECONDS = 60


def embedded_database_exists(places: Places) -> bool:
    """Whether an earlier run made a database here."""
    if os.environ.get("DATABASE_URL"):
        return False
    return (database_home(places, unprivileged_account()) / "data").exists()


def start_services(
    supervisor: Supervisor, places: Places, *, durable: bool = True
) -> dict[str, str]:
    """Start what the environment does not name and check all of it; the addresses to add to
    the environment of the portal's processes.

    Raises LaunchError when something does not start or is unfit.
    """
    named = ("DATABASE_URL", OWNERS_ADDRESS, "REDIS_URL")
    addresses = {name: os.environ[name] for name in named if os.environ.get(name)}
    sockets = socket_folder(places.var)
    if "DATABASE_URL" not in addresses:
        addresses |= _start_database(supervisor, places, sockets, durable)
    if "REDIS_URL" not in addresses:
        addresses |= _start_broker(supervisor, places, sockets)
    probe = subprocess.run(
        [str(places.python), str(Path(__file__).with_name("probe.py"))],
        env={**os.environ, **owners(addresses)},
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode != 0:
        raise LaunchError(f"{probe.stdout}{probe.stderr}".strip())
    return addresses


def owners(environment: Mapping[str, str]) -> dict[str, str]:
    """The same environment for who owns the tables: his address in place of the application's,
    whose role is named instead. Where there is one role it stays as it is."""
    owner = environment.get(OWNERS_ADDRESS)
    if not owner:
        return dict(environment)
    role = urlsplit(environment["DATABASE_URL"]).username or ""
    return {**environment, "DATABASE_URL": owner, "HEZUO_DATABASE_ROLE": unquote(role)}


def without_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """The same environment for what serves people: it cannot sign in as the owner."""
    return {name: value for name, value in environment.items() if name != OWNERS_ADDRESS}


def _start_database(
    supervisor: Supervisor, places: Places, sockets: Path, durable: bool
) -> dict[str, str]:
    account = unprivileged_account()
    home = database_home(places, account)
    cluster = Cluster(
        home=home,
        sockets=sockets,
        binaries=find_binaries(places.venv, home / "data"),
        account=account,
        durable=durable,
    )
    cluster.create()
    part = Part(
        name="postgres",
        title="数据库",
        command=cluster.command,
        environment=cluster.environment(),
        folder=home,
        service=True,
        account=account,
        prepare=cluster.prepare,
        is_ready=cluster.is_ready,
        stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for every client to leave
        patience=60,
    )
    supervisor.wait_ready(supervisor.start(part), DATABASE_SECONDS)
    return {"DATABASE_URL": cluster.url, OWNERS_ADDRESS: cluster.owner_url}


def _start_broker(supervisor: Supervisor, places: Places, sockets: Path) -> dict[str, str]:
    folder = places.var / "broker"
    program = find_server(places.venv)
    if program is None:
        say("  未找到 valkey,消息队列改用文件 (no valkey for this machine: using files)")
        return file_broker(folder / "queue")
    broker = Broker(program=program, folder=folder, sockets=sockets)
    part = Part(
        name="broker",
        title="消息队列",
        command=broker.command,
        environment={"PATH": "/usr/bin:/bin"},
        folder=folder,
        service=True,
        prepare=broker.prepare,
        is_ready=broker.is_ready,
    )
    supervisor.wait_ready(supervisor.start(part), BROKER_SECONDS)
    return {"REDIS_URL": broker.url}


def discard_services(places: Places) -> None:
    """Delete a test run's database and queue. Never called for the server's own places."""
    shutil.rmtree(database_home(places, unprivileged_account()))
    (places.var / "postgres.home").unlink(missing_ok=True)
    shutil.rmtree(places.var / "broker", ignore_errors=True)


def discard_sockets(places: Places) -> None:
    """Delete the folder of the sockets, after everything has stopped."""
    shutil.rmtree(socket_folder(places.var))


def portal_environment(
    addresses: Mapping[str, str], keys: Mapping[str, str], kind: str
) -> dict[str, str]:
    """The whole environment of the portal's processes. What the user set stays set, but for
    one thing: packages are installed uncompiled, so without a cache every start would compile
    them again."""
    given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONUNBUFFERED": "1", **given, **addresses, **keys, "HEZUO_ENV": kind}
