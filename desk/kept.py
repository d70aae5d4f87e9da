"""Questions that are put again and again, word for word: Django puts their SQL together once.

Of a claim's CPU two thirds were Django turning the same ten querysets into the same ten texts
(docs/measurements.md). What is kept is the text and how its rows are read; locks, limits and
permissions stand in the queryset as everywhere.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, Expression, F, Func, QuerySet
from django.db.transaction import TransactionManagementError

R = TypeVar("R")


class _Given(Expression):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


def given(name: str) -> Any:
    """Stands in a kept queryset for a value that each asking gives, by its name: a text, a number,
    a day, a list. Never None: what may be missing is another question."""
    return _Given(name)


def among(column: str, values: Any) -> Func:
    """Whether the column is one of a list, in one text for lists of every length."""
    return Func(
        F(column), values, arg_joiner=" = ANY (", template="%(expressions)s)",
        output_field=BooleanField(),
    )  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """As much of a queryset as its rows need to be read."""

    model: Any
    compiler: Any
    db: str = DEFAULT_DB_ALIAS

    @property
    def query(self) -> Any:
        return self

    @property
    def selected(self) -> Any:
        """The names of what `values` gives."""
        return self.compiler.query.selected

    @property
    def _known_related_objects(self) -> dict[Any, Any]:
        return {}

    def get_compiler(self, using: str) -> Any:
        return self.compiler


class Kept(Generic[R]):
    """A queryset whose text is made at the first asking: `COVERS(person=7, year=2026)` is the list
    of its rows, read from the database each time.

    `build` takes nothing and gives the queryset, with a `given` for whatever differs between two
    askings; it is called once, so nothing else in it may depend on the moment. A queryset that
    follows relations to many (`prefetch_related`) is not for this.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, R]"]) -> None:
        self._build = build
        self._made: tuple[QuerySet[Any, R], Any, str, tuple[Any, ...]] | None = None

    def __call__(self, **values: Any) -> list[R]:
        rows, made, text, places = self._made or self._make()
        connection = connections[DEFAULT_DB_ALIAS]
        if rows.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("a lock is held until the transaction ends; begin one")
        filled = tuple(values[one.name] if isinstance(one, _Given) else one for one in places)
        compiler: Any = copy(made)
        compiler.connection = connection
        compiler.as_sql = lambda **_: (text, filled)
        read: Any = rows._iterable_class
        return list(read(_Asked(rows.model, compiler)))

    def first(self, **values: Any) -> R | None:
        """The first of the rows, None when there is none."""
        return next(iter(self(**values)), None)

    def _make(self) -> tuple["QuerySet[Any, R]", Any, str, tuple[Any, ...]]:
        rows = self._build()
        if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise TypeError("what is prefetched would not be read")
        compiler: Any = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        text, places = compiler.as_sql()
        # How its columns become Python depends on the kind of database alone.
        read = compiler.get_converters([column[0] for column in compiler.select])
        compiler.get_converters = lambda _: read
        self._made = rows, compiler, text, tuple(places)
        return self._made
