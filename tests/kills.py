"""Acts that are killed at each of their moments, and done again as people or workers do it.

A moment is just before a statement, before a COMMIT, while COMMIT is under way, or just after it.
The act runs in a child process of its own that was forked for it: `WORKER` kills this process with
SIGKILL, `DATABASE` ends its backend instead, so that the process has to answer for it. Whoever
sent the form sends it once more, with the same token, and where he is told that nobody knows opens
the page anew, looks, and does it again if it was not done.

Each `test_kills.py` kills at a few moments of its acts, `bench/kill_money.py` at all.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any
from unittest.mock import patch

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from tests.sent_twice import token_in

WORKER, DATABASE, BACKEND = "worker", "database", "backend"
MOMENTS = int(os.environ.get("KILL_MOMENTS", "1")) or None
HOWS = os.environ.get("KILL_HOW", f"{WORKER} {DATABASE}").split()
ASKED = os.environ.get("KILL_ACTS", "").split()
ENDED = 75  # exit code of a child that lived to answer
OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
DURING = 0.0005  # seconds after COMMIT was sent: about half of what one takes here


@dataclass(frozen=True)
class Story:
    """One act on rows that were made for it, and how one sees what came of it."""

    send: Callable[[], Any]
    # Sends the same once more, as the page or the next worker would; then from a page anew.
    again: Callable[[], Any]
    anew: Callable[[], Any]
    # 0 for not done, 1 for done whole; anything else is wrong.
    times_done: Callable[[], int]


def play(stage: Any, acts: Sequence[str], whole: Callable[[], None]) -> None:
    """Kill the acts of the stage that are asked for (all without KILL_ACTS), and tell how often."""
    asked = [act for act in acts if not ASKED or act in ASKED]
    if not asked:
        pytest.skip("none of these acts is asked for")
    for act in asked:
        # A second answer waits so long for a first one that died; here it need not.
        with patch("desk.submissions.WAIT", 0):
            struck = kill_everywhere(getattr(stage, act), whole, hows=HOWS, most=MOMENTS)
        sys.stdout.write(f"{act}: {struck}\n")
        sys.stdout.flush()
    call_command("verify_books")


@dataclass
class Moments:
    """Counts the moments of this process's connection and of its copies, and strikes at one of
    them; 0 for none."""

    strike_at: int
    how: str
    seen: int = 0

    def watch(self) -> None:
        connection.execute_wrappers.append(self._statement)
        commit, copy = connection._commit, connection.copy

        def copied(*given: Any) -> Any:
            other = copy(*given)
            other.execute_wrappers.append(self._statement)
            return other

        def counted() -> None:
            self._moment()
            self.seen += 1
            if self.seen == self.strike_at:
                Timer(DURING, self._strike).start()
                commit()
                time.sleep(5 * DURING)
                return
            commit()
            self._moment()

        connection._commit = counted  # type: ignore[method-assign]
        connection.copy = copied  # type: ignore[method-assign]

    def _statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self._moment()
        return execute(sql, params, many, context)

    def _moment(self) -> None:
        self.seen += 1
        if self.seen == self.strike_at:
            self._strike()

    def _strike(self) -> None:
        if self.how == WORKER:
            os.kill(os.getpid(), signal.SIGKILL)
        line = connection.connection if self.how else None
        if line is None or line.closed:
            return
        end_backend(line.info.backend_pid, kill=self.how == BACKEND)


def end_backend(pid: int, *, kill: bool) -> None:
    """Returns when it is gone. `kill`: with SIGKILL, upon which the postmaster ends all others and
    recovers; only for a cluster of one's own."""
    if kill:
        os.kill(pid, signal.SIGKILL)
    else:
        with psycopg2.connect(**connection.get_connection_params()) as other:
            other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        other.close()
    for _ in range(2_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        time.sleep(0.005)


def in_child(act: Callable[[], Any], *, strike_at: int, how: str) -> tuple[int, dict[str, Any]]:
    """Run the act in a process of its own: how it ended (a negative signal, 0, ENDED where an
    error came out of it) and what it could tell."""
    connections.close_all()
    mouth, ear = os.pipe()
    pid = os.fork()
    if pid == 0:
        told: dict[str, Any] = {}
        code = 0
        try:
            moments = Moments(strike_at, how)
            connection.ensure_connection()
            moments.watch()
            try:
                answer = act()
                told["status"] = getattr(answer, "status_code", 0)
            except Exception as error:
                code, told["error"] = ENDED, f"{type(error).__name__}: {error}"
                told["where"] = traceback.format_exc()[-2_000:]
            told["moments"] = moments.seen
            os.write(ear, json.dumps(told).encode())
        finally:
            os._exit(code)
    os.close(ear)
    heard = b"".join(iter(lambda: os.read(mouth, 65_536), b""))
    os.close(mouth)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), json.loads(heard or b"{}")


def came_back() -> None:
    """Waits until the database answers again, and has ended what the dead process had sent it: a
    backend learns only after a COMMIT that nobody listens any more."""
    for _ in range(600):
        with suppress(Exception):
            connection.close()
            with connection.cursor() as cursor:
                cursor.execute(OTHERS)
                if cursor.fetchone() == (0,):
                    return
        time.sleep(0.1)
    raise AssertionError("the database does not come back, or the dead one's work does not end")


def kill_everywhere(
    make: Callable[[], Story], whole: Callable[[], None], *, hows: Sequence[str], most: int | None
) -> dict[str, int]:
    """Strike in each of these ways at every moment of the act, or at `most` of them evenly; how
    many moments were struck. `whole` raises when the books are not."""
    story = make()
    code, told = in_child(story.send, strike_at=0, how="")
    assert (code, told.get("error")) == (0, None), told
    assert story.times_done() == 1
    total = told["moments"]
    struck = {}
    for at, how in enumerate(hows):
        moments = _some(total, most, at / len(hows)) if most else range(1, total + 1)
        for moment in moments:
            _strike_once(make(), moment, how, f"{how} at moment {moment} of {total}")
            whole()
        struck[how] = len(moments)
    return struck


def _some(total: int, most: int, shift: float) -> list[int]:
    """So many moments evenly, from the last one back; shifted, so that another way of striking
    has others."""
    return sorted({total - int((at + shift) * total / most) for at in range(most)})


def _strike_once(story: Story, moment: int, how: str, where: str) -> None:
    code, told = in_child(story.send, strike_at=moment, how=how)
    came_back()
    where = f"{where}: {code} {told}"
    _ended_well(code, told, how, where)
    done = story.times_done()
    assert done in (0, 1), where
    story.again()
    assert story.times_done() in (done, 1), where
    story.anew()  # where it was done by then: once too often
    assert story.times_done() == 1, where


def _ended_well(code: int, told: dict[str, Any], how: str, where: str) -> None:
    """A killed process says nothing; one whose database is gone says so to the user (503), or the
    act was done before."""
    if how == WORKER:
        assert code in (-signal.SIGKILL, 0), where
        return
    away = ("OperationalError", "InterfaceError", "CommitUnknownError")
    if code == ENDED:
        assert told["error"].startswith(away), where
    else:
        assert told.get("status") in (0, 200, 302, 503), where


def form_of(client: Client, page: str, data: dict[str, str]) -> dict[str, str]:
    """The form with the token that the page gives it now."""
    return data | {"submission": token_in(client.get(page))}


def answered(response: Any) -> Any:
    """No fault: done, or refused in words."""
    assert response.status_code in (200, 302), response
    return response
