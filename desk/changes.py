"""The frame of every write: all or nothing, a lost race words, one row changed and audited."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.db import DatabaseError, IntegrityError, InternalError, models, transaction

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User

M = TypeVar("M", bound=models.Model)
# How the database refuses rows. Deferred triggers speak at COMMIT; some of them, and errors handed
# on by another node, arrive as InternalError.
REFUSED = (IntegrityError, InternalError)

# PostgreSQL writes a constraint's name in its message between quotes, also where the driver gets
# no diagnosis (an error passed on by another node). A shard's constraint has its number behind it.
QUOTED = re.compile(r'"([a-z0-9_]+?)(?:_\d{6,})?"')


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """One transaction; with it a race lost to another window becomes a Refusal.

    What a Refusal says must be `kept` is written once the rest is undone.

    What a constraint says when it is broken stands at the constraint: `violation_error_message`,
    with the name of the input in `violation_error_code`, or `error_messages["unique"]` of a field.
    Violations of other constraints stay errors: no clerk can do anything about them.
    """
    try:
        with transaction.atomic():
            yield
    except Refusal as refusal:
        if refusal.kept is not None:
            refusal.kept()
        raise
    except REFUSED as error:
        lost = lost_race(error)
        if lost is None:
            raise
        raise lost from error


class NotTakenError(Exception):
    """The database refused what was tried; nothing of it is written."""


@contextmanager
def one_try() -> Iterator[None]:
    """One transaction of work that is tried in another way where the database refuses it."""
    try:
        with transaction.atomic():
            yield
    except REFUSED as error:
        raise NotTakenError from error


def lost_race(error: DatabaseError) -> Refusal | None:
    """What the broken constraint has to say to people; None when it has nothing to say."""
    diagnosis = getattr(error.__cause__, "diag", None)
    named = getattr(diagnosis, "constraint_name", None)
    for name in [named] if named else QUOTED.findall(str(error)):
        if name in races():
            return Refusal(*races()[name])
        for column, words in unique_columns().items():
            # An index of a unique column is called <table>_<column>_<hash>_uniq or …_key.
            if name.startswith(f"{column}_") and name.endswith(("_uniq", "_key")):
                return Refusal(*words)
    return None


@cache
def races() -> dict[str, tuple[str, str]]:
    """Constraint → message and input, of every installed model that says something itself.

    Triggers that raise under a name of their own stand in their model's `TRIGGER_RACES`.
    """
    found: dict[str, tuple[str, str]] = {}
    for model in apps.get_models():
        found |= getattr(model, "TRIGGER_RACES", {})
        for constraint in model._meta.constraints:
            if constraint.violation_error_message != constraint.default_violation_error_message:
                found[constraint.name] = (
                    str(constraint.violation_error_message),
                    constraint.violation_error_code or "",
                )
    return found


@cache
def unique_columns() -> dict[str, tuple[str, str]]:
    """<table>_<column> → message and input, of the unique fields that say something themselves."""
    return {
        f"{model._meta.db_table}_{field.column}": (str(words["unique"]), field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        # What the field was given; `error_messages` has the framework's words mixed in.
        for words in [getattr(field, "_error_messages", None) or {}]
        if field.unique and "unique" in words
    }


def locked(rows: "models.QuerySet[M]", pk: Any) -> M:
    """The row as it is now, locked until the commit.

    FOR NO KEY UPDATE: rows that refer to it may be added meanwhile, nothing here changes a key.
    OF self: what comes along by select_related is not locked.
    """
    row = rows.select_for_update(no_key=True, of=("self",)).filter(pk=pk)
    # Who waited for a window that let the row point elsewhere (a household that moves, a book that
    # is passed on) gets none at first: PostgreSQL locks the new row but joins it with what the old
    # one pointed to. It is ours by then, so a second look sees it as it is.
    return row.first() or row.get()


@contextmanager
def change(
    rows: "models.QuerySet[M]",
    pk: Any,
    *,
    actor: User | None,
    action: str,
    reason: str = "",
    beside: Mapping[str, Any] | None = None,
) -> Iterator[M]:
    """Lock the row, yield it, save the columns that the block changed, and write the audit line.

    Inside `all_or_nothing()`. The line keeps the model's `AUDITED` columns, masked by its `MASKS`,
    before and after; where something is masked, `changed` names what differs. It is written also
    when nothing differs, since somebody did it. `beside`: what stands in it beside the row; the
    block may still fill it.
    """
    row = locked(rows, pk)
    before, kept = _values(row), audited(row)
    yield row
    changed = save_changed(row, before)
    masked = {"changed": changed} if getattr(row, "MASKS", None) else {}
    record(
        actor=actor,
        action=action,
        subject=row,
        before=kept,
        after=audited(row) | masked | dict(beside or {}),
        reason=reason,
    )


def save_changed(row: models.Model, before: dict[str, Any]) -> list[str]:
    """Save what differs from `before`, and nothing else. Returns the columns' names."""
    changed = [name for name, value in _values(row).items() if before.get(name) != value]
    if changed:
        row.save(update_fields=changed)
    return changed


def _values(row: models.Model) -> dict[str, Any]:
    """Every column that is loaded; lists and dicts as they are now."""
    deferred = row.get_deferred_fields()
    return {
        field.attname: copy(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.attname not in deferred
    }
