"""Structured logs: one JSON object per line, without personal data."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.origin import current

# Only these extras are written; anything else that a caller attaches is dropped.
EXTRAS = ("method", "route", "status", "milliseconds", "user_id", "task", "statements")


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
    if error is None:
        return record.getMessage()
    kind, args = type(error).__name__, record.args
    if isinstance(args, Mapping) and "exc" in args:
        return str(record.msg).strip() % {**args, "exc": kind, "traceback": ""}
    message = record.getMessage()
    for told in (repr(error), str(error)):
        message = message.replace(told, kind) if told else message
    return message


def _places(traceback: Any) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return places[-6:]
