"""`script/server`: everything from an empty checkout to the first page, then watch over it."""

import datetime
import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

from launch.console import LaunchError, last_lines, say
from launch.environment import ensure_environment
from launch.keys import kept_keys
from launch.places import (
    Places,
    database_home,
    locked,
    unprivileged_account,
    write_state,
)
from launch.postgres import port_is_free
from launch.processes import find_process
from launch.ready import is_ready
from launch.services import (
    discard_sockets,
    embedded_database_exists,
    owners,
    portal_environment,
    start_services,
    without_owner,
)
from launch.state import running_server
from launch.supervisor import Part, StopRequested, Supervisor, end_strays

USUAL_PORT = 8000
PORTS_TRIED = 50
READY_SECONDS = 120
DEMO_PERSONS = 5000


def serve(places: Places, *, empty: bool = False) -> int:
    """Run the portal until Ctrl-C; the exit code.

    `empty`: without the demonstration county, now and at every later start.
    """
    if os.environ.get("HEZUO_ENV", "local") != "local":
        raise LaunchError(
            "script/server 只用于本机试用和开发;正式部署见 docs/operations.md。\n"
            "script/server is for a local portal only; unset HEZUO_ENV, or deploy as described."
        )
    with locked(places.lock, wait=False) as mine:
        if not mine:
            state = running_server(places)
            where = state["url"] if state else "正在启动 (starting)"
            raise LaunchError(f"本目录的服务已在运行 (already running): {where}")
        started = time.monotonic()
        for name in end_strays(places.records):
            say(f"  已清理上次遗留的进程 (ended a process left behind): {name}")
        ensure_environment(places, development=False)
        try:
            with Supervisor(logs=places.logs, records=places.records) as supervisor:
                try:
                    _start(supervisor, places, started, empty)
                    supervisor.run()
                except StopRequested:
                    pass
                finally:
                    say("\n正在停止 (stopping) …")
                    places.state.unlink(missing_ok=True)
        finally:
            discard_sockets(places)
        say("已全部停止。")
    return 0


def _start(supervisor: Supervisor, places: Places, started: float, empty: bool) -> None:
    port = choose_port()
    url = f"http://127.0.0.1:{port}"
    keys = kept_keys(places.secrets, os.environ, database_exists=embedded_database_exists(places))
    say("正在启动数据库与消息队列 (database and broker) …")
    addresses = start_services(supervisor, places)
    environment = {"HEZUO_BASE_URL": url, **portal_environment(addresses, keys, "local")}
    environment["PORT"] = str(port)
    stays_empty = _stays_empty(places, empty)
    if not stays_empty:  # the codes of the demonstration's insured, in web.log
        environment.setdefault("HEZUO_SHORT_MESSAGE", "demo.stand_ins.ShortMessages")
    _write_state(places, url, {**addresses, **keys})
    owner, environment = without_owner(owners(environment)), without_owner(environment)
    say("正在更新数据库结构 (migrate) …")
    _manage(supervisor, places, owner, "migrate", "--no-input")
    web = supervisor.start(_web(places, environment, port))
    guide = places.run / "guide.txt"
    guide.unlink(missing_ok=True)
    if stays_empty:
        _manage(supervisor, places, environment, "open_county", "--told", output=guide)
    else:
        _load_demo(supervisor, places, owner)
        _manage(supervisor, places, environment, "demo_guide", output=guide)
    supervisor.wait_ready(web, READY_SECONDS)
    for part in (_worker(places, environment), _beat(places, environment)):
        supervisor.start(part)
    say(f"\n门户已就绪 (ready): {url}/   用时 {time.monotonic() - started:.1f} 秒")
    say(guide.read_text(encoding="utf-8").rstrip())
    say(f"\n日志在 {places.logs} 。按 Ctrl-C 停止。")


def choose_port() -> int:
    """The port of the web server: PORT, or 8000, or the next one that is free.

    Raises LaunchError when PORT is set but cannot be used.
    """
    given = os.environ.get("PORT", "")
    if given:
        if not given.isdigit() or not port_is_free(int(given)):
            raise LaunchError(f"端口 PORT={given} 不可用或已被占用 (not a free port)。")
        return int(given)
    for port in range(USUAL_PORT, USUAL_PORT + PORTS_TRIED):
        if port_is_free(port):
            return port
    raise LaunchError("8000 起的端口都被占用,请用 PORT 指定 (set PORT to a free port)。")


def _manage(
    supervisor: Supervisor,
    places: Places,
    environment: Mapping[str, str],
    *arguments: str,
    output: Path | None = None,
) -> None:
    """Run one management command as a step of the start.

    Raises LaunchError with the end of its output when it fails.
    """
    log = output or places.logs / "setup.log"
    command = [str(places.python), "manage.py", *arguments]
    code = supervisor.call(command, environment=environment, folder=places.checkout, log=log)
    if code != 0:
        raise LaunchError(f"manage.py {arguments[0]} 失败 (failed, {code}):\n{last_lines(log)}")


def _stays_empty(places: Places, empty: bool) -> bool:
    """Whether this database begins without the demonstration county: asked for now, or remembered.

    Raises LaunchError when it was loaded already.
    """
    note = _note(places, "kept-empty")
    if empty and _note(places, "demo-loaded").is_file():
        raise LaunchError(
            "本目录的数据库已载入演示县，不能改成空库。\n"
            "请另取一份代码目录运行 script/server --empty，或用 DATABASE_URL 指定一个空的数据库。\n"
            "(The demonstration county is loaded here: use another checkout or DATABASE_URL.)"
        )
    if empty:
        note.touch()
    return note.is_file()


def _load_demo(supervisor: Supervisor, places: Places, environment: Mapping[str, str]) -> None:
    """Load the demonstration county into a new database; one of the user's own is asked each time
    whether it is empty."""
    note = _note(places, "demo-loaded")
    if note.is_file():
        return
    say("正在载入演示县数据 (loading the demonstration county) …")
    year = datetime.datetime.now(tz=datetime.UTC).astimezone().year
    arguments = ("--persons", str(DEMO_PERSONS), "--year", str(year), "--seed", "1", "--if-empty")
    _manage(supervisor, places, environment, "seed_demo", *arguments)
    if not os.environ.get("DATABASE_URL"):
        note.touch()


def _note(places: Places, name: str) -> Path:
    """What is remembered of a database lies beside its data; of one of the user's own, in var/
    under a fingerprint of its address."""
    address = os.environ.get("DATABASE_URL")
    if not address:
        return database_home(places, unprivileged_account()) / name
    return places.var / f"{name}-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def _write_state(places: Places, url: str, environment: Mapping[str, str]) -> None:
    """Let `script/manage` find this server."""
    me = find_process(os.getpid())
    write_state(
        places.state,
        {
            "pid": os.getpid(),
            "started": me.started if me else "",
            "url": url,
            "environment": dict(environment),
        },
    )


def _web(places: Places, environment: Mapping[str, str], port: int) -> Part:
    def answers(pid: int) -> bool:
        return pid > 0 and is_ready(port, environment)

    command = [
        *(str(places.python), "-m", "launch.web", "--port", str(port)),
        *("--processes", "2", "--threads", "4"),
    ]
    return Part("web", "网站", lambda: command, environment, places.checkout, is_ready=answers)


def _worker(places: Places, environment: Mapping[str, str]) -> Part:
    command = [
        *(str(places.python), "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO"),
        *("--concurrency", "2", "--hostname", "hezuo@%h", "--without-gossip", "--without-mingle"),
    ]
    environment = {**environment, "HEZUO_PROCESS": "worker"}
    return Part("worker", "后台任务", lambda: command, environment, places.checkout)


def _beat(places: Places, environment: Mapping[str, str]) -> Part:
    command = [
        *(str(places.python), "-m", "celery", "-A", "config", "beat", "--loglevel", "INFO"),
        *("--schedule", str(places.run / "beat-schedule"), "--pidfile", ""),
    ]
    return Part("beat", "定时任务", lambda: command, environment, places.checkout)
