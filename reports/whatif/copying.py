"""Whole numbers from PostgreSQL straight into NumPy columns, by binary COPY.

The database strings every column together itself and sends one single row, so that a million
values cost neither a message each nor one Python object each.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

HEADER = 19 + 2  # bytes before the first value: the format's own, and the number of values
SIGNATURE, END = b"PGCOPY\n\xff\r\n\0", b"\xff\xff"
# Kind → how the database writes it, how it is read, and its type; "moment" is microseconds since
# 2000.
KINDS = {
    "int4": ("int4send", ">i4", "int4"),
    "int8": ("int8send", ">i8", "int8"),
    "moment": ("timestamptz_send", ">i8", "timestamptz"),
}

Column = NDArray[np.int64]


class Wanted(NamedTuple):
    """A column: its kind, the SQL expression and the values of its ``%s``.

    With a condition ``only`` it is taken from the rows that meet it, and beside each value stands
    what the row says of ``of``, in a column that is called "… of".
    """

    kind: str
    expression: str
    params: tuple[Any, ...] = ()
    only: str = ""
    of: str = ""


def copy_columns(
    columns: Mapping[str, Wanted], source: str, params: Sequence[Any]
) -> dict[str, Column]:
    """The columns by name; those of all rows have the same rows in the same order.

    ``source``: FROM and all after it, without a grouping, with its ``params``. Nothing that a
    user typed ever stands in the SQL itself. Raises ValueError when a value is null.
    """
    selected = [text for column in columns.values() for text in _strung(column)]
    query = f"COPY (SELECT {', '.join(selected)} {source}) TO STDOUT (FORMAT binary)"
    values = [value for column in columns.values() for value in column.params]
    buffer = io.BytesIO()
    with connection.cursor() as wrapped:
        cursor: Any = wrapped.cursor
        cursor.copy_expert(cursor.mogrify(query, (*values, *params)).decode(), buffer)
    received = _values(buffer.getbuffer(), len(selected))
    found: dict[str, Column] = {}
    for (name, column), count, value in zip(columns.items(), received, received, strict=True):
        rows = np.frombuffer(value, dtype=_row(column))
        if len(rows) != int.from_bytes(count):
            raise ValueError(f"the column {name} is null in some row")
        found |= {part.format(name): rows[part].astype(np.int64) for part in rows.dtype.names or ()}
    return found


def copied_value(sql: str, params: Sequence[Any]) -> memoryview:
    """The only value of the only row that a query gives, as the database sends it."""
    buffer = io.BytesIO()
    with connection.cursor() as wrapped:
        cursor: Any = wrapped.cursor
        query = cursor.mogrify(f"COPY ({sql}) TO STDOUT (FORMAT binary)", params).decode()
        cursor.copy_expert(query, buffer)
    return next(_values(buffer.getbuffer(), 1))


def copy_row(table: str, values: Mapping[str, bytes]) -> None:
    """One row into a table: its values by column, as the database sends them itself."""
    row = [len(values).to_bytes(2, "big")]
    for value in values.values():
        row += [len(value).to_bytes(4, "big"), value]
    with connection.cursor() as wrapped:
        cursor: Any = wrapped.cursor
        cursor.copy_expert(
            f"COPY {table} ({', '.join(values)}) FROM STDIN (FORMAT binary)",
            io.BytesIO(b"".join([SIGNATURE, bytes(8), *row, END])),
        )


def one_of(place: str, codes: Sequence[str], *, unknown: int) -> Wanted:
    """The position of a text among the codes, or ``unknown``."""
    cases = "".join(f" WHEN %s THEN {at}" for at in range(len(codes)))
    expression = f"CASE {place}::text{cases} ELSE {unknown} END" if codes else str(unknown)
    return Wanted("int4", expression, tuple(codes))


def _strung(column: Wanted) -> tuple[str, str]:
    """How many values there are, and the values in one string."""
    send, _, kind = KINDS[column.kind]
    value = f"{send}(({column.expression})::{kind})"
    if not column.only:
        return "count(*)", f"string_agg({value}, '')"
    some = f"FILTER (WHERE {column.only})"
    return f"count(*) {some}", f"string_agg(int8send({column.of}) || {value}, '') {some}"


def _row(column: Wanted) -> np.dtype[Any]:
    """One row of the string; ``{}`` stands for the name of the column."""
    value = ("{}", KINDS[column.kind][1])
    return np.dtype([("{} of", ">i8"), value] if column.only else [value])


def _values(content: memoryview, count: int) -> Iterator[memoryview]:
    """The values of the one row; nothing for one that no row had a part in."""
    at = HEADER
    for _ in range(count):
        size = max(0, int.from_bytes(content[at : at + 4], signed=True))
        yield content[at + 4 : at + 4 + size]
        at += 4 + size
