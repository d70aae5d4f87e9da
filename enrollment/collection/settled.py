"""The text keys under which bank lines (funds/banking) name what they settle: `remittance:12`."""

from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from funds.banking.models import BankLine

Kind = BankLine.Kind


def key_of(kind: str, pk: int) -> str:
    """What a line says that settles this row."""
    return f"{kind}:{pk}"


def named_by(key: str) -> tuple[str, int]:
    """Kind and id behind a key."""
    kind, _, pk = key.partition(":")
    return kind, int(pk)


def with_keys(kind: str, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """The rows with their `settle_key`, to be compared with BankLine.settles."""
    keyed: QuerySet[Any] = rows.annotate(
        settle_key=Concat(Value(f"{kind}:"), Cast("pk", CharField()))
    )
    return keyed


def lines_for(kind: str, rows: "QuerySet[Any]") -> "QuerySet[BankLine]":
    """The lines that settle one of the rows."""
    keys = with_keys(kind, rows).order_by().values("settle_key")
    return BankLine.objects.filter(kind=kind, settles__in=keys).order_by()
