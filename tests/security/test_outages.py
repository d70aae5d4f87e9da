"""The database goes away, falls silent or breaks off at COMMIT: what the clerk is told."""

import errno
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from accounts.database.limits import LIMITS, limited
from accounts.models import User
from tests.lines import Line, line_to

# What is sent again while its first answer is unknown waits twenty seconds for it.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.seconds(60)]
SignIn = Callable[[User], Client]
# Every form carries the token of desk.submissions, which keeps a row of its own.
NEW = {
    "username": "clerk_c", "name": "唐小雨", "password": "qiushou-2026", "submission": "a1",
}  # fmt: skip


@pytest.fixture
def line(cast: SimpleNamespace) -> Iterator[Line]:
    """The portal reaches its database over a line that one can break."""
    told = connection.settings_dict
    kept = dict(told)
    with connection.cursor() as cursor:
        cursor.execute("SELECT inet_server_addr() IS NULL")
        if cursor.fetchone() == (True,):
            pytest.skip("the database of this run answers on a socket only")
    with line_to((kept["HOST"], int(kept["PORT"] or 5432))) as line:
        connection.close()
        # A line that is cut stays silent: two seconds tell as much as the ten of a running portal.
        options = {**kept["OPTIONS"], "connect_timeout": 2}
        told |= {"HOST": "127.0.0.1", "PORT": line.port, "OPTIONS": options}
        yield line
        connection.close()
        told |= kept
    connection.close()


@pytest.fixture
def sysadmin(line: Line, cast: SimpleNamespace) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.sysadmin)
    return client


def straight(line: Line) -> None:
    line.cut_at = line.silent_at = b""
    line.silent = False
    connection.close()


def test_a_signed_in_user_reads_chinese_when_the_database_is_down(
    line: Line, sysadmin: Client
) -> None:
    line.close()
    page = sysadmin.get("/accounts/users")
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    text = page.content.decode()
    assert "数据库连接不上" in text and "页面没有打开" in text and "没有保存" not in text
    assert "Internal Server Error" not in text
    refused = sysadmin.post("/accounts/users/new", NEW)
    assert "这次操作没有保存" in refused.content.decode()


@pytest.mark.parametrize("before", [True, False])
def test_when_the_answer_to_commit_is_lost_nothing_is_claimed(
    line: Line, sysadmin: Client, before: bool
) -> None:
    line.cut_at, line.before = b"COMMIT", before
    page = sysadmin.post("/accounts/users/new", NEW)
    assert page.status_code == 503
    text = page.content.decode()
    assert "可能已保存：请先查询" in text and "没有保存" not in text
    straight(line)
    assert User.objects.filter(username="clerk_c").exists() is not before


def test_before_commit_it_is_certain_that_nothing_was_saved(line: Line, sysadmin: Client) -> None:
    line.cut_at = b'INSERT INTO "accounts_auditline"'
    page = sysadmin.post("/accounts/users/new", NEW)
    assert page.status_code == 503
    assert "这次操作没有保存" in page.content.decode()
    straight(line)
    assert not User.objects.filter(username="clerk_c").exists()


def test_after_a_commit_a_later_fault_claims_nothing(
    line: Line, sysadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved, and then the page could not be made."""

    def fails(*given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.views.messages.success", fails)
    page = sysadmin.post("/accounts/users/new", NEW)
    assert page.status_code == 500
    assert "可能已保存" in page.content.decode()


def test_a_server_ended_connection_is_told_like_any_other(line: Line, sysadmin: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = psycopg2.connect(
        host=line.server[0], port=line.server[1], dbname=connection.settings_dict["NAME"],
        user=connection.settings_dict["USER"], password=connection.settings_dict["PASSWORD"],
    )  # fmt: skip
    other.cursor().execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    page = sysadmin.get("/accounts/users")
    assert page.status_code == 503
    assert "数据库连接不上" in page.content.decode()


def test_a_database_that_says_nothing_is_given_up(line: Line, sysadmin: Client) -> None:
    connection.settings_dict["ANSWER_SECONDS"] = 1
    connection.close()
    line.silent_at = b"accounts_signinfailure"
    started = time.monotonic()
    page = sysadmin.get("/accounts/users")
    assert time.monotonic() - started < 5
    assert page.status_code == 503
    assert "数据库连接不上" in page.content.decode()


def stop(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    def ask(*given: Any, **named: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    monkeypatch.setattr("accounts.views.services.create_user", ask)


def test_a_statement_without_end_and_a_full_disk_have_pages_of_their_own(
    line: Line, sysadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(monkeypatch, "SET statement_timeout = 50; SELECT pg_sleep(9)")
    page = sysadmin.post("/accounts/users/new", NEW)
    assert (page.status_code, "办理时间过长" in page.content.decode()) == (503, True)
    connection.close()
    stop(monkeypatch, "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$")
    page = sysadmin.post("/accounts/users/new", NEW)
    assert (page.status_code, "磁盘空间已满" in page.content.decode()) == (503, True)
    stop(monkeypatch, "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$")
    page = sysadmin.post("/accounts/users/new", NEW)
    assert (page.status_code, "正在被别人办理" in page.content.decode()) == (503, True)

    def full(*given: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("accounts.views.services.create_user", full)
    page = sysadmin.post("/accounts/users/new", NEW)
    assert (page.status_code, "磁盘空间已满" in page.content.decode()) == (503, True)


@pytest.mark.parametrize("process", sorted(LIMITS))
def test_the_server_knows_the_limits_of_each_kind_of_process(
    cast: SimpleNamespace, process: str
) -> None:
    """What the address asks for (a schema) stays asked for; a page costs what it does today."""
    address = {"OPTIONS": {"options": "-c search_path=public"}}
    options = limited(address, process)["OPTIONS"]["options"]
    told = connection.settings_dict
    one = psycopg2.connect(
        host=told["HOST"], port=told["PORT"] or 5432, dbname=told["NAME"], user=told["USER"],
        password=told["PASSWORD"], options=options,
    )  # fmt: skip
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with one.cursor() as cursor:
        asked = ", ".join(f"current_setting('{name}')::interval" for name in names)
        cursor.execute(f"SELECT {asked}")
        seconds = [int(value.total_seconds()) for value in cursor.fetchone()]
        cursor.execute("SHOW random_page_cost")
        assert cursor.fetchone() == ("1.1",)
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
        cursor.execute("SHOW search_path")
        assert cursor.fetchone() == ("public",)
    one.close()
    limits = LIMITS[process]
    assert seconds == [limits.statement, limits.lock, limits.idle]
    assert limits.answer == 0 or limits.answer > limits.statement
