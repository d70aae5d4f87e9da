"""What the rooms say of their tables is what the triggers refuse."""

import pytest
from django.db import connection

from accounts.rights import declared

# Row triggers before a change, and what they are asked about.
GUARDS = """
    SELECT c.relname, p.proname, t.tgtype & 16 > 0, t.tgtype & 8 > 0, t.tgqual IS NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgtype & 1 > 0 AND t.tgtype & 2 > 0 AND t.tgtype & 24 > 0
        AND c.relnamespace = current_schema()::regnamespace
"""


@pytest.mark.django_db
def test_declarations_and_triggers_agree() -> None:
    refused: dict[str, set[str]] = {}
    asked_when_going: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        for table, function, changes, going, always in cursor.fetchall():
            asked_when_going |= {table} if going else set()
            if function == "hezuo_refuse_change" and always:
                refused.setdefault(table, set()).update(
                    {"change"} if changes else set(), {"delete"} if going else set()
                )
    for model, rights in declared():
        table = model._meta.db_table
        never = refused.get(table, set())
        assert not ("delete" in never and rights.deletes), f"{table} keeps its rows"
        assert not ("change" in never and rights.changes != ()), f"{table} is only added to"
        assert rights.deletes or table in asked_when_going, f"{table} has no guard"
        columns = {field.column for field in model._meta.concrete_fields}
        assert columns >= {*(rights.changes or ()), *rights.sealed}, table
