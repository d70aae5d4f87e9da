"""A voucher on half sheets of A4: so many lines on each, carried over from one to the next."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.template import Library

from accounts.clock import today
from funds.models import Voucher
from lib.money import told

register = Library()

# What a half sheet holds when each line takes two rows of print: printed and looked at.
LINES = 7


@register.filter
def leaves(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sheets of a voucher: its lines, what the sheets before came to (承前页) and what it hands
    on (过次页); neither where there is none. From the printed facts alone, also of old papers."""
    lines = facts["lines"]
    count = max(1, -(-len(lines) // LINES))
    sums = {"debit": Decimal(0), "credit": Decimal(0)}
    found = []
    for at in range(count):
        brought = _told(sums) if at else None
        some = lines[at * LINES : (at + 1) * LINES]
        for line in some:
            for side in sums:
                sums[side] += Decimal((line[side] or "0").replace(",", ""))
        carried = _told(sums) if at + 1 < count else None
        leaf = {"number": at + 1, "count": count, "lines": some}
        found.append(leaf | {"brought": brought, "carried": carried})
    return found


@register.filter
def is_of_earlier_year(voucher: Voucher) -> bool:
    """Whether its year is over, and may be closed."""
    return voucher.occurred_on.year < today().year


def _told(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {side: told(amount) for side, amount in sums.items()}
