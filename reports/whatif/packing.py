"""Columns of whole numbers as bytes, each number in as few as its column needs, and back."""

import json
from collections.abc import Mapping

import numpy as np

from reports.whatif.copying import Column

SIZE = 4  # bytes that say how long the list of columns in front is
TYPES = ("<i1", "<i2", "<i4", "<i8")


def pack(columns: Mapping[str, Column]) -> bytes:
    """The columns (one or two dimensions, int64), row by row of those that have two."""
    listed, parts = [], []
    for name, column in columns.items():
        for place, row in enumerate(np.atleast_2d(column)):
            kind = _smallest(row)
            listed.append([name, place if column.ndim == 2 else -1, kind, len(row)])
            parts.append(row.astype(kind).tobytes())
    head = json.dumps(listed, ensure_ascii=False).encode()
    return b"".join([len(head).to_bytes(SIZE, "big"), head, *parts])


def unpack(content: memoryview) -> dict[str, Column]:
    """The columns that ``pack`` was given, as int64."""
    at = SIZE + int.from_bytes(content[:SIZE], "big")
    rows: dict[str, list[Column]] = {}
    flat = set()
    for name, place, kind, count in json.loads(bytes(content[SIZE:at])):
        column = np.frombuffer(content, dtype=kind, count=count, offset=at)
        at += column.nbytes
        rows.setdefault(name, []).append(column.astype(np.int64))
        if place < 0:
            flat.add(name)
    return {name: found[0] if name in flat else np.stack(found) for name, found in rows.items()}


def _smallest(column: Column) -> str:
    if not len(column):
        return TYPES[0]
    least, most = int(column.min()), int(column.max())
    return next(
        kind for kind in TYPES if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max
    )
