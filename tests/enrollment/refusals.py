"""A refusal to the letter: what it says, beside which input, and that not a row was written."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.errors import Place, Refusal
from accounts.models import AuditLine
from funds.models import Posting, Voucher


def all_rows() -> dict[str, Any]:
    """How many rows each table of the room, the ledger and the trail has, and their digest."""
    models = [*apps.get_app_config("enrollment").get_models(), AuditLine, Voucher, Posting]
    tables = sorted(model._meta.db_table for model in models)
    each = "SELECT '{0}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(table) for table in tables))
        return {table: (number, digest) for table, number, digest in cursor.fetchall()}


@contextmanager
def refuses(message: str, at: Place | None = None, *, noted: bool = False) -> Iterator[None]:
    """What happens inside is refused with exactly this message, and leaves every row as it was.

    `at`: the input that the refusal must point at; None does not ask. `noted`: the trail keeps
    what was answered.
    """
    before = all_rows()
    with pytest.raises(Refusal) as refused:
        yield
    assert refused.value.message == message
    assert at is None or refused.value.at == at
    after = all_rows()
    if noted:
        lines = (before.pop("accounts_auditline")[0], after.pop("accounts_auditline")[0])
        assert lines[1] == lines[0] + 1
    assert after == before
