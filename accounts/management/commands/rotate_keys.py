"""Seal every personal column anew with the active key, so that an old key can be retired."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction
from django.db.models.functions import Cast, Left, Length

from accounts.fields import SealedField, sealer

# Characters of ciphertext: the key's id stands in front.
HEAD = 40
# Read at once: a piece of an extract has one and a half million.
MOST_READ = 8_000_000


class Command(BaseCommand):
    help = "用当前密钥重新加密个人信息（HEZUO_SEAL_KEYS 中最后一个密钥）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=1000, help="每批行数")

    def handle(self, *args: Any, **options: Any) -> None:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedField):
                    count = self._rotate(model, field, options["batch"])
                    self.stdout.write(f"{model._meta.label}.{field.name}: {count}")

    def _rotate(self, model: type[models.Model], field: SealedField, size: int) -> int:
        """Reads ciphertext past the field, seals anew what an older key sealed. Resumable."""
        table, is_current = model._meta.db_table, sealer().is_current
        raw = Cast(models.F(field.name), output_field=models.TextField())
        rows = model._default_manager.annotate(raw=raw).values_list("pk", "raw")
        heads = rows.annotate(head=Left("raw", HEAD), size=Length("raw"))
        last, changed = 0, 0
        while batch := list(
            heads.filter(pk__gt=last).order_by("pk").values_list("pk", "head", "size")[:size]
        ):
            last = batch[-1][0]
            stale = [(pk, long) for pk, head, long in batch if head and not is_current(head)]
            for lot in _lots(stale):
                changed += _sealed_anew(rows.filter(pk__in=lot), table, field)
        return changed


def _lots(found: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Keys (key, characters) in lots that fit into memory, however large a row is."""
    lot, filled = list[int](), 0
    for pk, size in found:
        if lot and filled + size > MOST_READ:
            yield lot
            lot, filled = [], 0
        lot.append(pk)
        filled += size
    if lot:
        yield lot


def _sealed_anew(rows: models.QuerySet[Any], table: str, field: SealedField) -> int:
    changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for pk, text in rows:
            fresh = sealer().seal(sealer().open(text, field.context), field.context)
            # The old text in WHERE: a value that a clerk changed meanwhile is kept.
            cursor.execute(
                f'UPDATE "{table}" SET "{field.column}" = %s'  # noqa: S608 - our own names
                f" WHERE id = %s AND {field.column} = %s",
                [fresh, pk, text],
            )
            changed += cursor.rowcount
    return changed
