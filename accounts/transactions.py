"""The frame of every write: all or nothing, and a lost race told as a refusal."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.errors import Refusal


@contextmanager
def one_transaction(races: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """One transaction. Raises Refusal where a constraint decided between two windows.

    `races`: part of a constraint's name → message and field; other violations stay errors.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnosis, "constraint_name", None) or ""
        for part, (message, field) in races.items():
            if part in constraint:
                raise Refusal(message, field) from error
        raise
