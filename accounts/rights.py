"""What the application may do to each table, and what of a row is for ever.

Each room says it once, in its `rights.py`: `RIGHTS` by the name of the model. From this follow what
PostgreSQL grants to the application's role (`accounts.granting`) and what is sealed so that not
even the owner of the tables can change it unseen (`desk.row_seals`). Triggers refuse the same to
everybody; `tests/accounts/test_rights.py` compares the two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import models


@dataclass(frozen=True)
class Seal:
    """Columns that never change from then on where `since`, an SQL condition on the row that stays
    true, holds. `step`: what was done by then; "" for the first seal of a table. `freed`: where a
    row may say otherwise after all than at a moment (`%s`), and why stands in other rows.
    `is_rare`: most rows never get there, so that no link keeps a list of those that may.
    """

    step: str
    columns: tuple[str, ...]
    since: str
    freed: str = ""
    is_rare: bool = False


@dataclass(frozen=True)
class Rights:
    """Of one table; a row may always be read and added.

    `changes`: the columns that may change, None for all. `deletes`: whether rows may go.
    `sealed`: the columns that never change; `since`: from which on, as an SQL condition on the row
    that stays true; `freed` as of a `Seal`, "" where a row never says otherwise.
    `later`: what the steps after that add for ever, each with a seal of its own.
    `locked`: rows that never change are locked nevertheless, for which PostgreSQL
    asks for the right to change a column; the trigger refuses it all the same.
    """

    changes: tuple[str, ...] | None = None
    deletes: bool = False
    sealed: tuple[str, ...] = ()
    since: str = "true"
    freed: str = ""
    later: tuple[Seal, ...] = ()
    locked: bool = False

    def seals(self, model: type[models.Model]) -> tuple[Seal, ...]:
        """Every seal that a row gets, the first one first."""
        columns = self.columns_sealed(model)
        first = (Seal("", columns, self.since, self.freed),) if columns else ()
        return (*first, *self.later)

    def columns_sealed(self, model: type[models.Model]) -> tuple[str, ...]:
        """The columns whose digest is taken: what cannot change, if that is not said itself."""
        if self.sealed or self.changes is None or self.deletes:
            return self.sealed
        every = (str(field.column) for field in model._meta.concrete_fields)
        return tuple(column for column in every if column not in self.changes)


FREE = Rights(deletes=True)
ADDED = Rights(changes=())
KEPT = Rights()


def may_change(*columns: str, later: tuple[Seal, ...] = ()) -> Rights:
    """Rows that stay, of which only these columns change."""
    return Rights(changes=columns, later=later)


RIGHTS = {"AuditLine": ADDED}


def declared() -> Iterator[tuple[type[models.Model], Rights]]:
    """Every table of the application with its rights; FREE where its room says nothing."""
    for app in apps.get_app_configs():
        path = f"{app.name}.rights"
        said: Mapping[str, Rights] = import_module(path).RIGHTS if find_spec(path) else {}
        own = {model.__name__: model for model in app.get_models(include_auto_created=True)}
        if strange := said.keys() - own.keys():
            raise LookupError(f"{path}: no such models: {', '.join(sorted(strange))}")
        for name, model in own.items():
            if model._meta.managed and not model._meta.proxy:
                yield model, said.get(name, FREE)
