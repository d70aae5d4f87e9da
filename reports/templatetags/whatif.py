"""How the figures of a what-if are written: changes with their sign, the rest with two decimals,
so that they stand below each other."""

from decimal import Decimal

from django import template

from accounts.templatetags.hezuo import EMPTY
from lib.money import to_yuan

register = template.Library()


@register.filter
def signed(amount: int | None) -> str:
    """Fen: 123450 → +1,234.50, -5 → -0.05, 0 → 0.00."""
    if amount is None:
        return EMPTY
    return f"{to_yuan(amount):+,.2f}" if amount else "0.00"


@register.filter
def ratio(value: int | None) -> str:
    """1/10000: 9320 → 93.20%."""
    return EMPTY if value is None else f"{Decimal(value).scaleb(-2):.2f}%"


@register.filter
def hundredth(value: int | None) -> str:
    """1/100: 1234 → 12.34."""
    return EMPTY if value is None else f"{Decimal(value).scaleb(-2):,.2f}"
