"""How the figures of a snapshot are written on the page: they are text and integers in JSON."""

from decimal import Decimal
from typing import Any

from django import template

from accounts.templatetags.hezuo import EMPTY, rate, yuan

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


def written(value: Any, unit: str) -> str:
    if unit in {"code", "text"}:
        return str(value)
    if unit == "ratio":
        return rate(value)
    if unit == "points":
        return f"{value / 100:+.2f} 百分点" if value is not None else EMPTY
    return number(value) if unit == "count" else amount(value)
