"""Many values in portions that one statement takes well."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

# Values in one array parameter: a statement of 5 000 indexes is planned and sent in milliseconds.
SIZE = 5000


def chunked(values: Iterable[Any], size: int = SIZE) -> Iterator[list[Any]]:
    """The values in lists of at most `size`, in their order."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
