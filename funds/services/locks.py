"""Locks on names rather than rows, held until the transaction ends."""

from django.db import connection


def lock_name(name: str) -> None:
    """Wait until no other transaction holds this name. Must be called inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def try_lock_name(name: str) -> bool:
    """Take the name unless another transaction holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        row: tuple[bool] = cursor.fetchone()
    return row[0]
