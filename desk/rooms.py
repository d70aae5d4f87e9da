"""What rooms above know, asked from below without importing them.

A setting names one module a room, in the order in which they are asked. A module defines those of
the functions that it has an answer to.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings


def answers(rooms: str, name: str, *asked: Any, **named: Any) -> Iterator[Any]:
    """What the function of this name returns in each module that the setting `rooms` lists."""
    for path in getattr(settings, rooms):
        function = getattr(import_module(path), name, None)
        if function is not None:
            yield function(*asked, **named)
