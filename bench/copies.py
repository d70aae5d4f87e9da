"""A county's rows many times over, by SQL in the database: for benches that want a million."""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from django.core.management import call_command
from django.db import connection, models, transaction

from claims.models import Settlement
from demo.county import is_empty

Models = Sequence[type[models.Model]]
# Columns that must stay unique: what stands in a copy numbered k whose row gets the id {id}.
UNIQUE = {
    "number": {"enrollment_household": "'9' || lpad(({id})::text, 15, '0')",
               "claims_settlement": "left(number, 10) || lpad(({id})::text, 14, '0')",
               "funds_paymentbatch": "left(number, 4) || lpad(({id})::text, 8, '0')"},
    "resident_id_index": {"enrollment_person": "md5(resident_id_index || k::text)"},
    "key": {"funds_paymentorder": "'settlement:' || substr(key, 12)::bigint + k * {settlement}"},
}  # fmt: skip


def copies_for(claims: int, year: int) -> int:
    """Seed a small demo county where there is none; how often its year must be copied until there
    are so many claims, 0 when there are."""
    call_command("migrate", verbosity=0)
    if is_empty():
        call_command("seed_demo", persons=20_000, year=year, through=date(year, 12, 31))
    have = Settlement.objects.filter(policy_year=year).effective().count()
    if not have:
        raise SystemExit(
            f"people but no claims of {year} here: give it a database of its own, empty"
        )
    return -(-claims // have) - 1


def copy_rows(copied: Models, copies: int, only: Mapping[type[models.Model], str]) -> None:
    """`only`: model → condition of the rows that are copied. What they refer to is copied with
    them when its model is among the `copied`."""
    with transaction.atomic(), connection.cursor() as cursor:
        # What is copied refers to what is copied with it; checking it again would take minutes.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in copied:
            cursor.execute(copy(model, copied, copies, only.get(model, "true")))
    with connection.cursor() as cursor:
        for model in copied:
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        cursor.execute("VACUUM ANALYZE")


def copy(model: type[models.Model], copied: Models, copies: int, where: str) -> str:
    """The statement that copies the rows of one table, each with the keys of its copy."""
    columns, values = [], []
    new_id = f"id + k * {step(model)}"
    for field in model._meta.concrete_fields:
        columns.append(field.column)
        target = field.related_model if field.is_relation else None
        unique = UNIQUE.get(field.column, {}).get(model._meta.db_table)
        if field.primary_key:
            values.append(new_id)
        elif target in copied:
            values.append(f"{field.column} + k * {step(target)}")
        elif unique:
            values.append(unique.format(id=new_id, settlement=step(Settlement)))
        else:
            values.append(field.column)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM {table}, generate_series(1, {copies}) k WHERE {where} ORDER BY k, id"
    )


@cache
def step(model: type[models.Model]) -> int:
    """How far apart the ids of one row's copies stand: beyond the highest of the originals."""
    top: int = model._default_manager.aggregate(top=models.Max("id"))["top"]
    return top + 1


def backend_seconds() -> float:
    """CPU that the database has spent on this connection; it must run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
