"""The application's own role in a database for tests: it owns nothing and may what is declared."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection
from psycopg2 import errors

from accounts.granting import grant_rights, role_problems

PASSWORD = "chunfeng-2026"  # of a cluster for tests


@contextmanager
def application_role(name: str) -> Iterator[str]:
    """The role, with the declared rights in the migrated database for as long as it is asked for.

    Modules that may run beside each other ask for different names: rights are taken back in the
    whole cluster.
    """
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        except DatabaseError as error:
            if not isinstance(error.__cause__, errors.DuplicateObject):
                raise
        cursor.execute(f"GRANT {name} TO CURRENT_USER")  # to act as it in a story
    grant_rights(name)
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")


@pytest.fixture
def as_application(transactional_db: None) -> Iterator[str]:
    """Whatever the story does, in whichever thread, it does as the application's role.

    What a test sends itself is no exception; the tables are emptied by their owner afterwards.
    """
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    with application_role("hezuo_tests_walking") as role:
        connection.close()
        options["assume_role"] = role
        assert role_problems() == []
        yield role
        del options["assume_role"]
        connection.close()
