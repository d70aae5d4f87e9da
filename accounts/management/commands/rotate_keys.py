"""Seal every personal column anew with the active key, so that an old key can be retired."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction
from django.db.models.functions import Cast

from accounts.fields import SealedField, sealer


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
        table, column = model._meta.db_table, field.column
        raw = Cast(models.F(field.name), output_field=models.TextField())
        rows = model._default_manager.annotate(raw=raw).values_list("pk", "raw")
        last, changed = 0, 0
        while True:
            batch = list(rows.filter(pk__gt=last).order_by("pk")[:size])
            if not batch:
                return changed
            last = batch[-1][0]
            stale = [(pk, text) for pk, text in batch if text and not sealer().is_current(text)]
            with transaction.atomic(), connection.cursor() as cursor:
                for pk, text in stale:
                    fresh = sealer().seal(sealer().open(text, field.context), field.context)
                    # The old text in WHERE: a value that a clerk changed meanwhile is kept.
                    cursor.execute(
                        f'UPDATE "{table}" SET "{column}" = %s'  # noqa: S608 - our own names
                        f" WHERE id = %s AND {column} = %s",
                        [fresh, pk, text],
                    )
                    changed += cursor.rowcount
