"""Django's PostgreSQL backend, but that it waits within limits (accounts/database/limits.py), and
that migrations add a column first and then its constraints.

Django writes both into one ALTER TABLE, which a sharding engine refuses. The constraints have the
names that PostgreSQL and Django give them otherwise, so older databases are no different.
"""

from collections.abc import Iterator
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.backends.postgresql import base, schema

from accounts.database.watch import Connection

# Seconds that a kept connection has to prove that it is alive.
SIGN_OF_LIFE = 3
WRITING = ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "WITH")


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


class CommitUnknownError(OperationalError):
    """The line broke while COMMIT was under way: it may have been saved or not."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Waits within limits, and knows whether anything has been saved on it.

    `saved`: how many writes have been committed since the request began.
    """

    SchemaEditorClass = DatabaseSchemaEditor

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.saved = 0
        self._writes = False
        self.execute_wrappers.append(self._note_write)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection({**conn_params, "connection_factory": Connection})
        connection.answer = self.settings_dict.get("ANSWER_SECONDS", 0)
        return connection

    def is_usable(self) -> bool:
        """Asked at the beginning of each request: a sign of life takes no half minute."""
        line: Any = self.connection
        usual = getattr(line, "answer", 0)
        if usual:
            line.answer = SIGN_OF_LIFE
        try:
            return super().is_usable()
        finally:
            if usual:
                line.answer = usual

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        except (OperationalError, InterfaceError) as error:
            if self._writes and not _is_refusal(error):
                self._writes = False
                raise CommitUnknownError(*error.args) from error
            raise
        self.saved += self._writes
        self._writes = False

    def _rollback(self) -> None:
        self._writes = False
        super()._rollback()  # type: ignore[misc]

    def _note_write(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        writes = str(sql)[:12].lstrip().upper().startswith(WRITING)
        result = execute(sql, params, many, context)
        if writes and self.in_atomic_block:
            self._writes = True
        elif writes:
            self.saved += 1
        return result


def _is_refusal(error: Exception) -> bool:
    """Whether the server said no to the COMMIT, as a deferred trigger or a deadlock does."""
    code = getattr(error.__cause__, "pgcode", None) or ""
    return bool(code) and not code.startswith(("08", "57P"))
