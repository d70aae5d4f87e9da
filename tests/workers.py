"""Several workers beside each other (pytest-xdist), each with a database of its own.

Migrations run once, into a template; every worker's database is a copy of it, made in a fraction
of a second. What is dear to start is started once: the tests that share it are one group, which
one worker runs. A test that takes longer than expected, and a whole run that does, are told.

Without workers (`pytest tests/claims/test_pay.py`) the tests use the template itself;
`--reuse-db` keeps it for the next run, with or without workers.
"""

import fcntl
import gc
import json
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.assertion import rewrite
from django.db import connection
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key
from xdist.scheduler import LoadScopeScheduling

# What takes longer than this on two quiet cores waits for something. Told at the end, no failure:
# on a shared machine the same tests have taken five times as long as the day before.
TEST_SECONDS = 20
RUN_SECONDS = 1_200
# What one statement may take: a plan that goes astray is named, and does not fill the hour.
STATEMENT_SECONDS = 60
# Of the few rows of a test every order of joins is read in no time, but looking for the best order
# of a page's eighteen tables takes 50 ms: a third of PostgreSQL's CPU went into it.
JOINED_AS_WRITTEN = "-c join_collapse_limit=1 -c from_collapse_limit=1"
# A machine that is stopped for minutes, as shared ones are, comes back with its clock ahead.
LONGEST_BREATH = 10
# Tests between two looks for tables that rolled-back rows have filled, and the size that counts.
SWEEP_EVERY = 100
SWEPT_BYTES = 512 * 1024
# New objects between two looks for garbage: with the usual 700 a ninth of the CPU went into it.
GARBAGE_AFTER = 20_000
# Keys of users that no sequence gives.
CAST_KEYS = 1_000
LAUNCHER = Path(__file__).parent / "launch"


class Breath(threading.Thread):
    """Counts the seconds in which this machine was there."""

    def __init__(self) -> None:
        super().__init__(name="breath", daemon=True)
        self.seconds = 0.0

    def run(self) -> None:
        before = time.monotonic()
        while True:
            time.sleep(0.5)
            now = time.monotonic()
            self.seconds += min(now - before, LONGEST_BREATH)
            before = now


class Workers:
    """The plugin that conftest registers, in the run that starts workers and in each of them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.breath = Breath()
        self.breath.start()
        self.called = 0.0
        self.ended = 0
        self.slow: list[str] = []
        given = getattr(config, "workerinput", {})
        self.name: str = given.get("workerid", "")
        # A folder that all workers of this run know, and no other run does; alone there is none.
        self.shared = Path(given["shared"]) if given else None
        self.template = ""

    def pytest_configure_node(self, node: Any) -> None:
        self.shared = self.shared or Path(tempfile.mkdtemp(prefix="hezuo-tests-"))
        node.workerinput["shared"] = str(self.shared)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        gc.disable()  # nearly all that is made now stays: going through it took 8 s of each worker
        self._rewrite_from_the_last()

    def _rewrite_from_the_last(self) -> None:
        """Every worker reads all tests. In a fresh checkout two thirds of that is rewriting their
        `assert`s, which one worker does from the first file on, and its neighbour from the last."""
        is_neighbour = self.name and int(self.name.removeprefix("gw")) % 2 == 1
        if is_neighbour and not sys.dont_write_bytecode:
            rewritten_from_the_last(self.config)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Workers know the tests, the run that started them hands them out: leave it a note.

        What takes longest goes first, so that no worker ends long after the others. But only one
        worker makes the template, at the head of the longest: meanwhile the others have what
        needs no database.
        """
        if self.name and self.shared:
            groups = {item.nodeid: group for item in items if (group := group_of(item))}
            note = self.shared / f"{self.name}.groups"
            note.write_text(json.dumps(groups), encoding="utf-8")
            seconds: Counter[str] = Counter()
            for item in items:
                mark = item.get_closest_marker("seconds")
                seconds[groups.get(item.nodeid, item.nodeid)] += mark.args[0] if mark else 1
            stored = {groups.get(item.nodeid, item.nodeid) for item in items if is_stored(item)}
            longest = max(stored, key=lambda unit: (seconds[unit], unit), default="")

            def place(item: pytest.Function) -> tuple[bool, bool, int]:
                unit = groups.get(item.nodeid, item.nodeid)
                return unit != longest, unit in stored, -seconds[unit]

            items.sort(key=place)

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        assert self.shared
        return ByGroup(config, log, self.shared)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        self.called = self.breath.seconds

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Any:
        report: pytest.TestReport = yield
        mark = item.get_closest_marker("seconds")
        allowed = mark.args[0] if mark else TEST_SECONDS
        took = min(report.duration, self.breath.seconds - self.called + 1)
        if report.when == "call" and took > allowed:
            told = f"{item.nodeid}: {took:.1f} s, expected within {allowed} s"
            report.user_properties.append(("slow", told))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.slow += [told for name, told in report.user_properties if name == "slow"]

    def pytest_runtest_logfinish(self) -> None:
        """After a test and all that it held: nothing is under way now."""
        self.ended += 1
        if self.ended % SWEEP_EVERY == 0 and (self.name or not self.shared):
            with self.config.stash[blocking_manager_key].unblock():
                sweep()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Drop what the workers made, also what a killed one could not."""
        if self.name:
            return
        notes = list(self.shared.glob("*.database")) if self.shared else []
        made = {note.stem: note.read_text(encoding="utf-8") for note in notes}
        made |= {"template": self.template} if self.template else {}
        if self.config.getvalue("reuse_db"):
            made.pop("template", None)
        with self.config.stash[blocking_manager_key].unblock():
            for database in made.values():
                drop(database)
        seconds = self.breath.seconds
        if seconds > RUN_SECONDS:
            self.slow.append(f"the run: {seconds:.0f} s, expected within {RUN_SECONDS} s")

    def pytest_collection_finish(self) -> None:
        """What collecting made stays to the end: no use in going through it for garbage."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_AFTER)
        gc.enable()

    def pytest_unconfigure(self) -> None:
        if self.shared and not self.name:
            shutil.rmtree(self.shared)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.slow:
            terminalreporter.section("slow")
            for told in self.slow:
                terminalreporter.line(told)


class ByGroup(LoadScopeScheduling):
    """Hands out groups whole, and all other tests one by one, in the order of the workers.

    xdist's own "loadgroup" (3.8.0) writes the group into a field that pytest 9.2 no longer reads.
    """

    def __init__(self, config: pytest.Config, log: Any, shared: Path) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self.shared = shared
        self.groups: dict[str, str] = {}

    def schedule(self) -> None:
        for note in self.shared.glob("*.groups"):
            self.groups |= json.loads(note.read_text(encoding="utf-8"))
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self.groups.get(nodeid, nodeid)


def rewritten_from_the_last(config: pytest.Config) -> None:
    """Rewrite the files of tests (pytest 9.2: none is imported) as far as the others have not."""
    asked = [config.rootpath / one.partition("::")[0] for one in config.args]
    for path in sorted({path for one in asked for path in one.rglob("test_*.py")}, reverse=True):
        kept = rewrite.get_cache_dir(path) / (path.stem + rewrite.PYC_TAIL)
        if rewrite._read_pyc(path, kept) or not rewrite.try_makedirs(kept.parent):
            return
        source_hash, code = rewrite._rewrite_test(path, config)
        rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, source_hash, kept)


def group_of(item: pytest.Function) -> str:
    """The group whose tests one worker runs one after another; "" for a test that stands alone."""
    if "window" in item.fixturenames:
        return "browser"  # one Chromium
    if item.path.is_relative_to(LAUNCHER):
        return "launcher"  # servers, ports, signals: one at a time, as on a person's machine
    fixtures = item._fixtureinfo.name2fixturedefs
    shared = any(found[-1].scope in {"module", "class"} for found in fixtures.values())
    return item.path.stem if shared else ""


def is_stored(item: pytest.Function) -> bool:
    """Whether the test needs the database."""
    asked = {"db", "transactional_db", "live_server"} & set(item.fixturenames)
    return bool(asked) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """In place of pytest-django's: the migrated database, or this worker's copy of it."""
    workers: Workers = request.config.pluginmanager.get_plugin("workers")
    creation, plain = connection.creation, connection.settings_dict["NAME"]

    def make_template() -> None:
        keep = django_db_keepdb and not django_db_createdb
        creation.create_test_db(verbosity=0, autoclobber=True, keepdb=keep, serialize=False)
        leave_to_us()
        workers.template = connection.settings_dict["NAME"]

    with django_db_blocker.unblock():
        if workers.shared is None:
            make_template()
        else:
            copy_template(workers.name, workers.shared, make_template)
        connection.close()
    options = connection.settings_dict["OPTIONS"]
    options["options"] += f" -c statement_timeout={STATEMENT_SECONDS}s {JOINED_AS_WRITTEN}"
    yield
    with django_db_blocker.unblock():
        connection.close()
    connection.settings_dict["NAME"] = plain


def copy_template(worker: str, shared: Path, make_template: Callable[[], None]) -> None:
    """This worker's copy of the template, which the first worker makes. Both are noted down for
    the run that started the workers, which drops them."""
    creation = connection.creation
    made, copied = shared / "template.database", shared / f"{worker}.database"
    with locked(shared / "lock"):
        if made.exists():
            connection.settings_dict["NAME"] = made.read_text(encoding="utf-8")
        else:
            make_template()
            made.write_text(connection.settings_dict["NAME"], encoding="utf-8")
        creation.clone_test_db(worker, verbosity=0, autoclobber=True)
        creation.setup_worker_connection(worker)
        copied.write_text(connection.settings_dict["NAME"], encoding="utf-8")


def leave_to_us() -> None:
    """Autovacuum counts committed rows. While a test's own are under way it would learn that tables
    of many pages are empty; the planner believes it, and a join of sixty rows takes minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace"
            " = current_schema()::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        # Below stand the cast's keys, the same in every test (tests/conftest.py).
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), %s)", [CAST_KEYS]
        )


def sweep() -> None:
    """VACUUM what has grown, in autovacuum's place."""
    if connection.in_atomic_block:  # rows that several tests share
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND"
            " relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > %s",
            [SWEPT_BYTES],
        )
        grown = [table for (table,) in cursor.fetchall()]
        if grown:
            cursor.execute(f"VACUUM (SKIP_LOCKED) {', '.join(grown)}")


def migrated(config: pytest.Config) -> str:
    """A database with all tables and no row of a story, to be copied while nobody is in it."""
    workers: Workers = config.pluginmanager.get_plugin("workers")
    if workers.shared is None:
        return workers.template
    return (workers.shared / "template.database").read_text(encoding="utf-8")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def drop(database: str) -> None:
    """Also while a worker that was killed, or a child of it, is still connected."""
    with connection.creation._nodb_cursor() as cursor:
        dropped(cursor, database)


def dropped(cursor: Any, database: str) -> None:
    """The sessions of this role ended, then the database dropped. FORCE would be refused where
    autovacuum happens to be at work in it, which the plain statement sends away and waits for."""
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        " AND usename = current_user",
        [database],
    )
    cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(database)}")
