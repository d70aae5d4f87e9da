"""Migration operations written in SQL, so that an area can live in a schema of its own.

A schema of its own on a shared server, or a shard of a sharding engine, needs three things of SQL
(docs/decisions/0012-an-area-in-a-schema.md): one statement at a time; functions that find their
tables where they were made, whatever the caller's search path is; and extensions that stand in
`public`, where every area finds them.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations

# What a semicolon may stand in without ending a statement: a function's body, a text, a comment.
PIECES = re.compile(r"\$\$.*?\$\$|'[^']*'|--[^\n]*|[^;$'-]+|[-$]|;", re.DOTALL)


def statements(script: str) -> list[str]:
    """The statements of a script, without the semicolons between them."""
    found = [""]
    for piece in PIECES.findall(script):
        if piece == ";":
            found.append("")
        else:
            found[-1] += piece
    return [one.strip() for one in found if one.strip()]


class RunSQL(migrations.RunSQL):
    """Runs a script statement by statement: a sharding engine refuses several DDLs in one."""

    def __init__(
        self, sql: str | Sequence[str], reverse_sql: str | Sequence[str] | None = None, **more: Any
    ) -> None:
        back = reverse_sql if reverse_sql is None else _each(reverse_sql)
        super().__init__(_each(sql), back, **more)


def _each(sql: str | Sequence[str]) -> list[Any]:
    if isinstance(sql, str):
        return statements(sql)
    return [one for script in sql for one in statements(script)]


def bound(*functions: str) -> RunSQL:
    """Trigger functions that look for tables and functions where they stand themselves.

    `SET search_path FROM CURRENT` keeps the path of the migration with the function. For functions
    that were made without it; a function made anew says it itself.
    """
    return RunSQL(
        [f"ALTER FUNCTION {name}() SET search_path FROM CURRENT" for name in functions],
        [f"ALTER FUNCTION {name}() RESET search_path" for name in functions],
    )


class PublicExtension(CreateExtension):
    """An extension of the whole database. It is asked for first: who may not create it, need not
    where it stands already. Never dropped, for other areas use it."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
                " WHERE e.extname = %s",
                [self.name],
            )
            found = cursor.fetchone()
        if found is None:
            schema_editor.execute(f"CREATE EXTENSION IF NOT EXISTS {self.name} SCHEMA public")
        elif found[0] != "public":
            raise RuntimeError(
                f"扩展 {self.name} 装在 {found[0]} 中，请由管理员执行 "
                f"ALTER EXTENSION {self.name} SET SCHEMA public (must stand in public)"
            )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        return None
