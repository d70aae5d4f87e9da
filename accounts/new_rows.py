"""Writing new rows whose statement is put together once, for what every claim and act writes."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import DatabaseDefault

# Values that go into the database as they are: Django's own fields give them on unchanged. Of these
# classes themselves; one derived from them, as a sealed text, may well change its value.
PLAIN: dict[type, type] = {
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.SmallIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.IntegerField: int,
    models.BigIntegerField: int,
    models.ForeignKey: int,
}


def insert(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model in one statement; they know their keys afterwards.

    As `bulk_create` does it, with the values that `pre_save` and `get_db_prep_save` of the fields
    give; other expressions than a column's own default are not for this.
    """
    if not rows:
        return
    model, line = type(rows[0]), connections[DEFAULT_DB_ALIAS]
    columns, text = _columns(model)
    values: list[Any] = []
    places = ", ".join([f"({_places(row, columns, values, line)})" for row in rows])
    with line.cursor() as cursor:
        cursor.execute(text + places + f' RETURNING "{model._meta.pk.column}"', values)
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = key, False, DEFAULT_DB_ALIAS


def _places(row: models.Model, columns: Sequence[Any], values: list[Any], line: Any) -> str:
    """The places of one row's values, which are added to `values`."""
    places, known = [], vars(row)
    for field, plain in columns:
        value = known.get(field.attname)
        if type(value) is plain:
            places.append("%s")
            values.append(value)
            continue
        value = field.pre_save(row, add=True)
        is_default = isinstance(value, DatabaseDefault)
        places.append("DEFAULT" if is_default else "%s")
        if not is_default:
            values.append(field.get_db_prep_save(value, connection=line))
    return ", ".join(places)


@cache
def _columns(model: type[models.Model]) -> tuple[list[tuple[Any, Any]], str]:
    """What is written of a model, each with the values that it takes as they are, and the statement
    up to its values."""
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    # Names of the model's own table and columns, nothing that anybody typed.
    columns_and_plain = [(field, PLAIN.get(type(field))) for field in fields]
    return columns_and_plain, f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES '  # noqa: S608
