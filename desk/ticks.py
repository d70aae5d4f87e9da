"""What somebody ticked in a list."""

from collections.abc import Iterable

# Digits. What is longer is no id of the database, and some thousands are no number to Python.
TOO_LONG = 19


def ticked_ids(sent: Iterable[str]) -> list[int]:
    """The ids among the values that a browser sent; what can be none is left out."""
    return [int(one) for one in sent if one.isdecimal() and len(one) < TOO_LONG]
