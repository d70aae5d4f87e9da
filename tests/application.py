"""The application's own role in a database for tests: it owns nothing and may what is declared."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection
from psycopg2 import errors
from pytest_django import DjangoDbBlocker

from accounts.granting import grant_rights, role_problems

PASSWORD = "chunfeng-2026"  # of a cluster for tests


@pytest.fixture(scope="session")
def application(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The role's name, with the declared rights in this run's database until the run ends.

    Each database has a role of its own: roles are the cluster's, and others' runs are in it.
    """
    name = f"hezuo_app_{connection.settings_dict['NAME']}"[:63]
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        try:
            cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        except DatabaseError as error:
            if not isinstance(error.__cause__, errors.DuplicateObject):
                raise
        cursor.execute(f"GRANT {name} TO CURRENT_USER")  # to act as it in a story
        grant_rights(name)
    yield name
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


@pytest.fixture
def as_application(application: str, db: None) -> Iterator[str]:
    """Whatever the story does, in whichever thread, it does as the application's role.

    What a test sends itself is no exception, but for `as_owner`; the tables are emptied by their
    owner afterwards.
    """
    if connection.in_atomic_block:  # the test's own transaction, which takes it back
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {application}")
        assert role_problems() == []
        yield application
        return
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    connection.close()
    options["assume_role"] = application
    assert role_problems() == []
    yield application
    del options["assume_role"]
    connection.close()


@contextmanager
def as_owner() -> Iterator[None]:
    """For what only the owner of the tables can do; nothing changes where the test is he."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute("RESET ROLE")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {before}")
