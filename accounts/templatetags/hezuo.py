"""Filters and tags of every page: money, dates, masks. Built in, no {% load %} needed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from lib import money, resident_id

register = template.Library()
EMPTY = "—"


@register.filter
def yuan(amount: Decimal | None) -> str:
    """1234.5 → 1,234.50; nothing → —."""
    return EMPTY if amount is None else money.told(amount)


@register.filter
def moved(amount: Decimal | None) -> str:
    """One side of an account: 1,234.50; empty where nothing was booked on it, as in a book."""
    return money.told(amount) if amount else ""


@register.filter
def fen(amount: int | None) -> str:
    """Integer fen as yuan."""
    return EMPTY if amount is None else yuan(money.to_yuan(amount))


@register.filter
def spelled(amount: Decimal) -> str:
    """The amount in Chinese capital numerals."""
    return money.spell_out(money.to_fen(amount))


@register.filter
def percent(ratio: int | None) -> str:
    """A ratio in 1/10000: 6500 → 65%, 6525 → 65.25%."""
    if ratio is None:
        return EMPTY
    return f"{ratio / 100:.2f}".rstrip("0").rstrip(".") + "%"


@register.filter
def rate(ratio: int | None) -> str:
    """A ratio in 1/10000 among others in a column: 6500 → 65.00%."""
    return EMPTY if ratio is None else f"{ratio / 100:.2f}%"


@register.filter
def qty(number: Decimal | None) -> str:
    """A quantity or price without useless zeros."""
    return EMPTY if number is None else f"{number:f}".rstrip("0").rstrip(".") or "0"


@register.filter
def day(value: date | datetime | None) -> str:
    """2026-03-01."""
    if value is None:
        return EMPTY
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return f"{value:%Y-%m-%d}"


@register.filter
def minute(value: datetime | None) -> str:
    """2026-03-01 09:30, local time."""
    return EMPTY if value is None else f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def mask_id(number: str) -> str:
    """A resident id as lists show it."""
    return resident_id.mask(number)


@register.filter
def mask_name(name: str) -> str:
    """王小明 → 王*明, 王明 → 王*; as public notices show it."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


@register.filter
def mask_phone(number: str) -> str:
    """138****0000."""
    return number[:3] + "****" + number[-4:] if len(number) >= 11 else ("****" if number else "")


@register.simple_tag(takes_context=True)
def can(context: dict[str, Any], permission: str) -> bool:
    """{% can "claims.review" as allowed %}"""
    user = context["request"].user
    return isinstance(user, User) and user.may(permission)


@register.filter
def named(field: Any, row: str) -> SafeString:
    """{{ field|named:row.name }}: a field of a table's row, called by row and column for those who
    cannot see its heading."""
    return SafeString(field.as_widget(attrs={"aria-label": f"{row} {field.label}"}))
