"""The frame of every write: all or nothing, and a lost race told as a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.errors import Refusal

# What a constraint says when another window was a moment earlier.
RACES = {
    "invoice_once": "发票刚由另一窗口录入，不能重复报销，请查询后再办",
    "one_live_settlement_per_visit": "这次就诊刚由另一窗口结算，请查询后再办",
}


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """One transaction. Raises Refusal where a unique constraint decided between two windows."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        message = RACES.get(getattr(diagnosis, "constraint_name", None) or "")
        if message is None:
            raise
        raise Refusal(message) from error
