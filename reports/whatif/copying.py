"""Rows of integers from PostgreSQL straight into NumPy columns, by binary COPY.

Every column is a whole number that is never null, so every row takes the same number of bytes and
a million rows are read without making one Python object per value.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

HEADER, TRAILER = 19, 2  # bytes around the rows in the binary format, without extensions
SIZES = {"int4": 4, "int8": 8}

Column = NDArray[np.int64]


def copy_columns(
    columns: Mapping[str, tuple[str, str]], source: str, params: Sequence[Any]
) -> dict[str, Column]:
    """The columns by name.

    ``columns``: name → ("int4" or "int8", SQL expression). ``source``: FROM and all after it.
    ``params`` stand in the order in which expressions and source use them; nothing that a user
    typed ever stands in the SQL itself. Raises ValueError when a row holds a null.
    """
    selected = ", ".join(f"({expression})::{kind}" for kind, expression in columns.values())
    query = f"COPY (SELECT {selected} {source}) TO STDOUT (FORMAT binary)"
    buffer = io.BytesIO()
    with connection.cursor() as wrapped:
        cursor: Any = wrapped.cursor
        cursor.copy_expert(cursor.mogrify(query, tuple(params)).decode(), buffer)
    row = _row({name: kind for name, (kind, _) in columns.items()})
    content = buffer.getbuffer()
    count, rest = divmod(len(content) - HEADER - TRAILER, row.itemsize)
    if rest:
        raise ValueError("a column of the query is null")
    rows = np.frombuffer(content, dtype=row, count=count, offset=HEADER)
    for name, (kind, _) in columns.items():
        if (rows[f"length of {name}"] != SIZES[kind]).any():
            raise ValueError(f"the column {name} is null in some row")
    return {name: rows[name].astype(np.int64) for name in columns}


def _row(kinds: Mapping[str, str]) -> np.dtype[Any]:
    """One row as COPY writes it: the number of columns, then each with its length before it."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"length of {name}", ">i4"), (name, f">i{SIZES[kind]}")]
    return np.dtype(fields)
