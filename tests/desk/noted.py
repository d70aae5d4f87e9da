"""Whoever looks changes nothing: which statements of pages asked for by GET write, or lock what
others write.

A GET that locks makes somebody wait who works, and one that writes does so for a browser that only
looked ahead.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_started
from django.db import connection

WRITES = re.compile(
    r"^\s*(WITH\b.*\b)?(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|LOCK)\s"
    r"|\bFOR (NO KEY )?(UPDATE|SHARE)\b|\bFOR KEY SHARE\b|pg_(try_)?advisory",
    re.IGNORECASE | re.DOTALL,
)
# The session is the browser's own, whatever it asks for.
OWN = re.compile(r'"django_session"')
# Those that write although they are asked for by GET, each with why.
NAMED = {
    "/enrollment/progress": "tallies of places that changed are counted anew before they are shown",
    "/me/page": "who was let in to what is somebody's own stands in the trail",
}


class Noted:
    """Statements that write or lock, by address."""

    def __init__(self) -> None:
        self.address, self.found = "", dict[str, set[str]]()

    def asked(self, environ: dict[str, Any], **_: Any) -> None:
        self.address = environ["PATH_INFO"]

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.search(str(sql)) and not OWN.search(str(sql)):
            self.found.setdefault(self.address, set()).add(" ".join(str(sql).split())[:160])
        return execute(sql, params, many, context)


@contextmanager
def listening(noted: Noted) -> Iterator[None]:
    request_started.connect(noted.asked)
    with connection.execute_wrapper(noted):
        yield
    request_started.disconnect(noted.asked)
