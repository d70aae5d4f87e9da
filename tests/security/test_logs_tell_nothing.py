"""What a fault quotes is personal; the log keeps where it happened, not what it said."""

import json
import logging
import sys
from typing import Any

import pytest
from django.test import Client

from accounts.logs import JsonFormatter, to_the_log
from config.celery import app

SECRET = "Failing row contains (12, 王建国, 500225197005010012)"


def formatted(message: Any, *args: Any) -> str:
    try:
        raise ValueError(SECRET)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, message, args, sys.exc_info())
    return JsonFormatter().format(record)


@pytest.mark.parametrize("quoted", [ValueError(SECRET), repr(ValueError(SECRET)), SECRET])
def test_an_exception_quoted_in_a_message_is_left_out(quoted: Any) -> None:
    line = formatted("could not save: %s", quoted)
    assert "王建国" not in line
    told = json.loads(line)
    assert told["error"] == "ValueError"
    assert told["message"].startswith("could not save: ")


def test_a_failing_task_is_logged_by_name_and_place_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @app.task(name="security.fails")  # type: ignore[untyped-decorator]
    def fails() -> None:
        raise ValueError(SECRET)

    with caplog.at_level(logging.INFO, "celery.app.trace"):
        fails.apply(throw=False)
    del app.tasks["security.fails"]
    lines = [JsonFormatter().format(record) for record in caplog.records]
    told = [line for line in lines if "security.fails" in line]
    assert told
    assert not [line for line in told if "王建国" in line]
    assert any(json.loads(line).get("error") == "ValueError" for line in told)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/enrollment/500225197005010012", "/sign-out/500225197005010012"])
def test_a_number_typed_into_the_address_is_not_logged(
    client: Client, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client.get(path)
    client.get(f"{path}?next=%00")
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert any("Not Found" in line for line in lines)
    assert not [line for line in lines if "500225197005010012" in line]


def test_what_a_server_quotes_is_not_logged() -> None:
    quoted = "Exception while serving /enrollment/500225197005010012"
    record = logging.LogRecord("waitress", logging.ERROR, "", 1, quoted, (), None)
    assert "500225" not in JsonFormatter().format(record)


def test_what_nobody_caught_is_a_line_like_the_others(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        to_the_log(*sys.exc_info())
    line = JsonFormatter().format(caplog.records[-1])
    assert json.loads(line)["error"] == "ValueError"
    assert "王建国" not in line
