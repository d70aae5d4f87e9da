"""What rooms above know about people and households, asked from below without importing them.

`settings.ROOMS_OF_PEOPLE` names one module a room, in the order in which they are asked. A module
defines those of the functions that it has an answer to.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings

from accounts.errors import Refusal


def answers(name: str, *asked: Any, **named: Any) -> Iterator[Any]:
    """What each room's function of this name returns, in order."""
    for path in settings.ROOMS_OF_PEOPLE:
        function = getattr(import_module(path), name, None)
        if function is not None:
            yield function(*asked, **named)


def refuse_by_rooms(name: str, *asked: Any) -> None:
    """Raises Refusal with the first problem (Chinese, "" for none) that a room's function names."""
    for problem in answers(name, *asked):
        if problem:
            raise Refusal(problem)
