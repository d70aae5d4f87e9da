"""Locks on names rather than rows.

The names are one space for a whole database, while row ids are not: two areas in two schemas have
the same ids. Hence the area's code is part of every name.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def lock_name(area_code: str, name: str) -> None:
    """Wait until no other transaction holds this name; hold it until ours ends."""
    _ask("pg_advisory_xact_lock", area_code, name)


def try_lock_name(area_code: str, name: str) -> bool:
    """Take the name until our transaction ends, unless another one holds it."""
    return _ask("pg_try_advisory_xact_lock", area_code, name)


@contextmanager
def only_one(area_code: str, name: str) -> Iterator[bool]:
    """Whether nobody else has the name; held until the block ends or the connection does."""
    mine = _ask("pg_try_advisory_lock", area_code, name)
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            _ask("pg_advisory_unlock", area_code, name)


def _ask(function: str, area_code: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"{area_code} {name}"])
        row: tuple[object] = cursor.fetchone()
    return bool(row[0])
