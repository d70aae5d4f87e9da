"""What rooms above know about people and households, asked from below without importing them.

`settings.ROOMS_OF_PEOPLE` names one module a room, in the order in which they are asked. A module
defines those of the functions that it has an answer to, and in `FOLLOWS` how the rows that point at
a person follow when two records of one person become one (enrollment/people/same.py):
"app.Model.field" → MOVES, `Unless`, STAYS or OWN.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings

from accounts.errors import Refusal
from desk import rooms


@dataclass(frozen=True)
class Follow:
    """How a foreign key to a person follows."""

    meaning: str


@dataclass(frozen=True)
class Unless:
    """The row points at the kept record, unless that has a row with the same columns already."""

    unless: tuple[str, ...]


MOVES = Follow("the row points at the kept record")
STAYS = Follow("history: the row says whom it spoke of")
OWN = Follow("the room's own functions write it")


def _modules() -> Iterator[Any]:
    return map(import_module, settings.ROOMS_OF_PEOPLE)


def followers() -> list[tuple[str, Follow | Unless]]:
    """Every declared foreign key to a person, in the order of the rooms."""
    return [pair for room in _modules() for pair in getattr(room, "FOLLOWS", {}).items()]


def answers(name: str, *asked: Any) -> Iterator[Any]:
    """What each room's function of this name returns, in order."""
    return rooms.answers("ROOMS_OF_PEOPLE", name, *asked)


def refuse_by_rooms(name: str, *asked: Any) -> None:
    """Raises Refusal with the first problem (Chinese, "" for none) that a room's function names."""
    for problem in answers(name, *asked):
        if problem:
            raise Refusal(problem)
