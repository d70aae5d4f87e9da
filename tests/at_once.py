"""Acts of several windows in the same moment, with real threads and transactions."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import connection

from accounts.errors import Refusal

Acts = Sequence[Callable[[], Any]]


@contextmanager
def windows(most: int) -> Iterator[Callable[[Acts], list[Any]]]:
    """Up to so many windows that stay open for many rounds, each with a connection of its own.
    What is yielded starts all acts of a round together: outcomes or Refusals."""

    def run(act: Callable[[], Any], gate: Barrier) -> Any:
        gate.wait(timeout=30)
        try:
            return act()
        except Refusal as refusal:
            return refusal

    def together(acts: Acts) -> list[Any]:
        gate = Barrier(len(acts))  # nobody does two of them, since all wait for all
        return list(pool.map(run, acts, [gate] * len(acts)))

    with ThreadPoolExecutor(most) as pool:
        try:
            yield together
        finally:
            together([_close] * most)


def _close() -> None:
    connection.close()  # the thread's own, which is found only when it is called


def at_once(acts: Acts) -> list[Any]:
    """Start all acts together, each on a connection of its own; outcomes or Refusals."""
    with windows(len(acts)) as together:
        return together(acts)
