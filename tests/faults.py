"""A connection that breaks at the n-th statement: what a kill at that moment leaves behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


class BrokenError(Exception):
    """The server went away in the middle of a statement."""


@contextmanager
def broken_at(number: int) -> Iterator[None]:
    """The `number`-th statement from here on, 1 for the first, is not executed: it raises."""
    seen = 0

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            raise BrokenError(sql[:80])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


def broken_everywhere(act: Callable[[], Any], check: Callable[[], None], most: int = 400) -> int:
    """Run `act` with a break at its first statement, at its second and so on, `check` after each
    break, until it gets through. Returns how many statements it has."""
    for number in range(1, most):
        try:
            with broken_at(number):
                act()
        except BrokenError:
            check()
        else:
            return number - 1
    raise AssertionError(f"more than {most} statements")
