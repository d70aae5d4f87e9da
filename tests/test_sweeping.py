"""The database of the tests keeps its plans: nobody counts rows while a test has them under way."""

import pytest
from django.db import connection, transaction

from accounts.models import Division
from tests.conftest import BORN
from tests.workers import SWEPT_BYTES, sweep

SIZE = "SELECT pg_relation_size('accounts_division')"


def asked(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_no_table_is_counted_by_autovacuum() -> None:
    """Also the tables that a later migration brings."""
    watched = asked(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = current_schema()::regnamespace"
        " AND 'autovacuum_enabled=off' <> ALL (coalesce(reloptions, '{}'))"
    )
    assert watched == []


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_swept_away() -> None:
    with transaction.atomic():
        Division.objects.bulk_create(
            Division(code=f"{number:06}", name="某县", level="county", first_day=BORN)
            for number in range(9_000)
        )
        sweep()  # under way: nothing happens
        transaction.set_rollback(True)
    (grown,) = asked(SIZE)
    assert grown > (SWEPT_BYTES,)
    sweep()
    assert asked(SIZE) == [(0,)]
    assert asked("SELECT relpages FROM pg_class WHERE relname = 'accounts_division'") == [(0,)]
