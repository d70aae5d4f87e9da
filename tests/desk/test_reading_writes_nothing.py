"""Whoever looks changes nothing: no page asked for by GET writes, or locks what others write.

A GET that locks makes somebody wait who works, and one that writes does so for a browser that only
looked ahead; no other test sees either.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from tests.accounts.test_matrix import ROUTES, filled
from tests.desk.conftest import County
from tests.desk.filled import fill_everything
from tests.desk.pages import pages
from tests.desk.test_worklist import of_role

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


@pytest.mark.django_db
@pytest.mark.seconds(240)
@pytest.mark.usefixtures("no_worker")
def test_no_get_writes_or_locks(dazu: County, as_user: Callable[[User], Client]) -> None:
    """Every page of every role, and every route that no link leads to."""
    more = fill_everything(dazu)
    noted, reached = Noted(), set[str]()
    request_started.connect(noted.asked)
    users = [of_role(dazu, role) for role in Role]
    for user in users:  # each signs in when it is his turn: a session ends by itself
        client = as_user(user)
        with connection.execute_wrapper(noted):
            reached |= {route for route, _, _ in pages(client, *more)}
    for route, view in ROUTES:
        if view.permission is not None and route not in reached:
            client = as_user(next(user for user in users if user.may(view.permission)))
            with connection.execute_wrapper(noted):
                client.get(filled(route))
    request_started.disconnect(noted.asked)
    assert set(noted.found) <= set(NAMED), noted.found
