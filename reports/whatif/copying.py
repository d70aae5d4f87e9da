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
    query: str, params: Sequence[Any], kinds: Mapping[str, str]
) -> dict[str, Column]:
    """The columns of ``query`` by name.

    ``kinds``: name → "int4" or "int8", in the order of the query's columns, which must be cast to
    these types. Raises ValueError when a row holds a null.
    """
    buffer = io.BytesIO()
    with connection.cursor() as wrapped:
        cursor: Any = wrapped.cursor
        text = cursor.mogrify(query, tuple(params)).decode()
        cursor.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", buffer)
    row = _row(kinds)
    content = buffer.getbuffer()
    count, rest = divmod(len(content) - HEADER - TRAILER, row.itemsize)
    if rest:
        raise ValueError("a column of the query is null or has another type than it says")
    rows = np.frombuffer(content, dtype=row, count=count, offset=HEADER)
    if any((rows[f"length of {name}"] != SIZES[kind]).any() for name, kind in kinds.items()):
        raise ValueError("a column of the query is null or has another type than it says")
    return {name: rows[name].astype(np.int64) for name in kinds}


def _row(kinds: Mapping[str, str]) -> np.dtype[Any]:
    """One row as COPY writes it: the number of columns, then each with its length before it."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"length of {name}", ">i4"), (name, f">i{SIZES[kind]}")]
    return np.dtype(fields)
