"""Django's PostgreSQL backend, but that migrations add a column first and then its constraints.

Django writes both into one ALTER TABLE, which a sharding engine refuses. The constraints have the
names that PostgreSQL and Django give them otherwise, so older databases are no different.
"""

from collections.abc import Iterator
from typing import Any

from django.db.backends.postgresql import base, schema


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    # None: Django leaves the foreign key of a new column for a statement of its own.
    sql_create_column_inline_fk = None  # type: ignore[assignment]
    _column_alone = False

    def add_field(self, model: Any, field: Any) -> None:
        if field.many_to_many:
            super().add_field(model, field)
            return
        waiting, self.deferred_sql = self.deferred_sql, []
        self._column_alone, self.sql_check_constraint = True, ""
        try:
            super().add_field(model, field)
        finally:
            del self._column_alone, self.sql_check_constraint
            ours, self.deferred_sql = self.deferred_sql, waiting
        for statement in ours:
            self._now_or_last(statement)
        self._constraint(model, field, "key", f"UNIQUE ({field.column})" if field.unique else "")
        check = field.db_parameters(connection=self.connection)["check"]
        self._constraint(model, field, "check", f"CHECK ({check})" if check else "")

    def _iter_column_sql(self, *given: Any, **named: Any) -> Iterator[str]:
        pieces: Iterator[str] = super()._iter_column_sql(*given, **named)  # type: ignore[misc]
        for piece in pieces:
            if not (self._column_alone and piece == "UNIQUE"):
                yield piece

    def _now_or_last(self, statement: Any) -> None:
        """A foreign key at once, checked at once: rows that a later step of the migration changes
        must not leave checks pending on the table. An index at the end, as Django does it."""
        if "FOREIGN KEY" in str(statement):
            self.execute(statement)
            self.execute(f"SET CONSTRAINTS {statement.parts['name']} IMMEDIATE")
        else:
            self.deferred_sql.append(statement)

    def _constraint(self, model: Any, field: Any, suffix: str, rule: str) -> None:
        if rule:
            table = model._meta.db_table
            name = self.quote_name(f"{table}_{field.column}_{suffix}")
            self.execute(f"ALTER TABLE {self.quote_name(table)} ADD CONSTRAINT {name} {rule}")


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
