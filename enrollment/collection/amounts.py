"""What receipts come to by tier, as the ledger wants it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from accounts.models import Division
from enrollment.collection.models import SponsorUse
from enrollment.cover.models import Enrollment
from funds.services import EventLine


@dataclass(frozen=True)
class TierAmount:
    """What households paid themselves, in yuan, for one tier and year."""

    tier: str
    year: int
    amount: Decimal


def paid_by_tier(receipts: Collection[int]) -> list[TierAmount]:
    """The personal parts on these receipts without what sponsors pay of them."""
    sums: dict[tuple[str, int], Decimal] = {}
    own = Enrollment.objects.active().filter(receipt__in=receipts).order_by()
    for tier, year, amount in own.values_list("tier", "year").annotate(Sum("personal_amount")):
        sums[tier, year] = amount
    uses = SponsorUse.objects.filter(receipt__in=receipts, released_on=None).order_by()
    by_tier = uses.values_list("enrollment__tier", "enrollment__year").annotate(Sum("amount"))
    for tier, year, amount in by_tier:
        sums[tier, year] -= amount
    return [TierAmount(*key, amount) for key, amount in sorted(sums.items()) if amount]


def personal_lines(parts: Collection[TierAmount], township: Division) -> list[EventLine]:
    """The same as lines of `premium_collected`."""
    return [
        EventLine(
            amount=part.amount,
            township=township,
            tier=part.tier,
            policy_year=part.year,
            funding_level="personal",
        )
        for part in parts
    ]


def township_of(division: Division) -> Division:
    """The township that a village or group belongs to."""
    if division.level == Division.Level.TOWNSHIP:
        return division
    return Division.objects.get(code=division.township_code)
