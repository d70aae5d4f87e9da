"""How the figures of a snapshot are written on the page: they are text and integers in JSON."""

from decimal import Decimal
from typing import Any

from django import template

from accounts.templatetags.hezuo import EMPTY, percent, yuan
from reports.tables import Column

register = template.Library()


@register.filter
def amount(text: str | None) -> str:
    """ "1234.50" → 1,234.50; nothing → —."""
    return EMPTY if text is None else yuan(Decimal(text))


@register.filter
def number(value: int | None) -> str:
    """12345 → 12,345; nothing → —."""
    return EMPTY if value is None else f"{value:,}"


@register.filter
def figure(row: dict[str, Any], period: str) -> str:
    """One cell of the table of indicators, written as its unit demands."""
    return written(row[period], row["unit"])


@register.filter
def cell(row: dict[str, Any], column: Column[Any]) -> str:
    """One cell of a table of the report; what the row says nothing of stays blank."""
    return written(row[column.key], column.unit) if column.key in row else ""


def written(value: Any, unit: str) -> str:
    if unit in {"code", "text"}:
        return str(value)
    if unit == "ratio":
        return percent(value)
    return number(value) if unit == "count" else amount(value)
