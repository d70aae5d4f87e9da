"""Structured logs: one JSON object per line, without personal data."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.origin import current

# Only these extras are written; anything else that a caller attaches is dropped.
EXTRAS = ("method", "route", "status", "milliseconds", "user_id", "task", "statements")
# Servers quote the address of a request.
SERVERS = frozenset({"waitress"})
SERVERS_WORDS = re.compile(r"/\S*")


class JsonFormatter(logging.Formatter):
    """Level, logger, message, request id and the named extras."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if request_id := current.get().request_id:
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            # The message of an exception may quote a row, so only its kind and place are kept.
            line["error"] = record.exc_info[0].__name__
            line["trace"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The message without what an exception says: Celery and others quote it in theirs."""
    error = record.exc_info[1] if record.exc_info else None
    if request := getattr(record, "request", None):
        return _by_route(record, request)
    if record.name.split(".")[0] in SERVERS:
        return SERVERS_WORDS.sub("…", record.getMessage())
    if error is None:
        return record.getMessage()
    kind, args = type(error).__name__, record.args
    if isinstance(args, Mapping) and "exc" in args:
        return str(record.msg).strip() % {**args, "exc": kind, "traceback": ""}
    message = record.getMessage()
    for told in (repr(error), str(error)):
        message = message.replace(told, kind) if told else message
    return message


def _by_route(record: logging.LogRecord, request: Any) -> str:
    """Django's words about a request, with its route: people type numbers into addresses."""
    match = getattr(request, "resolver_match", None)
    route = match.route if match else "-"
    args = record.args if isinstance(record.args, tuple) else ()
    return str(record.msg) % tuple(route if arg == request.path else arg for arg in args)


def to_the_log(kind: Any, error: Any, trace: Any) -> None:
    """For sys.excepthook: what nobody caught is a line like all the others."""
    logging.getLogger("hezuo.fault").critical("unhandled", exc_info=(kind, error, trace))


def thread_to_the_log(given: Any) -> None:
    """For threading.excepthook."""
    to_the_log(given.exc_type, given.exc_value, given.exc_traceback)


def _places(traceback: Any) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return places[-6:]
