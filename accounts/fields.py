"""Sealed columns: resident ids, phones and bank accounts are ciphertext in the database."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models

from lib.sealing import Sealer


@lru_cache(maxsize=4)
def _sealer(keys: str, index_key: str) -> Sealer:
    return Sealer(keys, index_key)


def sealer() -> Sealer:
    """The sealer with the configured keys."""
    return _sealer(settings.SEAL_KEYS, settings.SEAL_INDEX_KEY)


def blind_index(kind: str, value: str) -> str:
    """Keyed digest to find a sealed value by exact match; `kind` is e.g. "resident_id"."""
    return sealer().index(value, kind)


class SealedField(models.TextField):  # type: ignore[type-arg]
    """Text that is plain in Python and ciphertext in PostgreSQL. Empty stays empty.

    `context` is authenticated with every value, so that none can be moved to another column. It
    is a literal given once and kept for ever, for a name taken from the class would make all
    rows unreadable when the class is renamed. Columns that hand their ciphertext on as it is
    share one.
    """

    def __init__(self, *args: Any, context: str, **options: Any) -> None:
        self.context = context
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "context": self.context}

    def get_prep_value(self, value: Any) -> Any:
        return sealer().seal(str(value), self.context) if value else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return sealer().open(value, self.context) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"isnull"}:
            raise TypeError(f"{self.name} is sealed: look it up by its blind index")
        return super().get_lookup(lookup_name)


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """Yuan with two decimals, numeric(14,2)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_digits", 14)
        options.setdefault("decimal_places", 2)
        super().__init__(*args, **options)
