"""Many rows into the tables with COPY: the same columns and checks, without a statement a row.

Foreign keys are deferred constraints; `check_references` has PostgreSQL look at what came in so
far, so that the queue of checks stays small however large the county is.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db import connection, models

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
BATCH = 20_000


class Table:
    """Rows of one model on their way into its table; they get consecutive ids.

    `fields` are given with every row, in this order; every other column gets the default of the
    database or the model. Raises TypeError when a column has none. `after`: tables whose rows must
    be there first, because triggers look at them.
    """

    def __init__(
        self, model: type[models.Model], *fields: str, after: Sequence["Table"] = ()
    ) -> None:
        self.model = model
        self.name = model._meta.db_table
        known = {field.name: field for field in model._meta.concrete_fields}
        given = [known.pop(name) for name in fields]
        rest = [
            field
            for field in known.values()
            if not field.primary_key and field.db_default is models.NOT_PROVIDED
        ]
        self._columns = ["id", *(field.column for field in [*given, *rest])]
        self._width = len(fields)
        self._after = after
        self._tail = "".join(f"\t{_text(_default(field))}" for field in rest) + "\n"
        self._buffer = StringIO()
        self._waiting = 0
        self.count = 0
        self._first_id = self.next_id = _next_id(self.name)

    def add(self, *values: Any, row_id: int | None = None) -> int:
        """One row; returns its id. `row_id` must be one that `reserve` set aside."""
        if len(values) != self._width:
            raise TypeError(f"{self.name}: {len(values)} values for {self._width} columns")
        if row_id is None:
            row_id, self.next_id = self.next_id, self.next_id + 1
        self._buffer.write(f"{row_id}\t" + "\t".join(map(_text, values)) + self._tail)
        self.count += 1
        self._waiting += 1
        if self._waiting >= BATCH:
            self.flush()
        return row_id

    def reserve(self, count: int) -> int:
        """Set `count` consecutive ids aside; returns the first."""
        first, self.next_id = self.next_id, self.next_id + count
        return first

    def flush(self) -> None:
        for table in self._after:
            table.flush()
        if not self._waiting:
            return
        self._buffer.seek(0)
        columns = ", ".join(f'"{column}"' for column in self._columns)
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {self.name} ({columns}) FROM STDIN", self._buffer)
        self._buffer = StringIO()
        self._waiting = 0

    def finish(self) -> None:
        """Write what waits and let the table's sequence go on after the last id."""
        self.flush()
        if self.next_id > self._first_id:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [self.name, self.next_id - 1],
                )


def lock_tables(tables: Sequence[type[models.Model]]) -> None:
    """Nobody else writes to these tables until the end of the transaction; reading goes on."""
    names = ", ".join(model._meta.db_table for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def check_references(*, to_come: Sequence[type[models.Model]]) -> None:
    """Check the foreign keys of all rows so far, but for those to tables that are filled later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(conname), ', ') FROM pg_constraint"
            " WHERE contype = 'f' AND condeferrable"
            " AND connamespace = current_schema()::regnamespace"
            " AND confrelid <> ALL (%s::regclass[])",
            [[model._meta.db_table for model in to_come]],
        )
        names = cursor.fetchone()[0]
        cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")
        cursor.execute(f"SET CONSTRAINTS {names} DEFERRED")


def analyze(tables: Sequence[type[models.Model]]) -> None:
    """Let the planner know the new sizes at once."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def stamp(day: date, minutes: int) -> str:
    """A moment of a working day, `minutes` after half past eight, as COPY reads it."""
    hours, rest = divmod(510 + minutes % 480, 60)
    return f"{day.isoformat()} {hours:02d}:{rest:02d}:00+08"


def yuan(fen: int) -> str:
    """Fen as COPY reads yuan. Amounts of the demo are never negative."""
    return f"{fen // 100}.{fen % 100:02d}"


def _next_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        return int(cursor.fetchone()[0])


def _default(field: "models.Field[Any, Any]") -> Any:
    if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
        raise TypeError(f"{field} would take the clock's time: give it")
    value = field.get_default()
    if value is None and not field.null:
        raise TypeError(f"{field} has no default: give it")
    return str(value) if isinstance(value, str) else value  # a choice is its value


def _text(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return value.translate(ESCAPES)  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if value is None:
        return "\\N"
    if kind is bool:
        return "t" if value else "f"
    if kind in {date, datetime, Decimal}:
        return str(value)
    if kind in {list, tuple}:
        return "{" + ",".join(value) + "}"
    raise TypeError(f"cannot copy {value!r}")
