"""What claims know of people and households, asked from below (enrollment/people/rooms.py)."""

from collections.abc import Collection
from itertools import accumulate

from django.db.models import Sum

from claims.computation import account_years
from claims.models import UsageEntry
from lib.money import to_yuan, told


def account_left(households: Collection[int]) -> int:
    """Fen: the least that the common account of the households holds at the end of any year;
    below 0 when more was used than it was granted."""
    uses = (
        UsageEntry.objects.filter(household__in=households, counter="household_account")
        .values_list("policy_year")
        .annotate(total=Sum("amount"))
    )
    years = account_years(households, dict(uses))
    return min(accumulate(years[year] for year in sorted(years)), default=0)


def parting_problem(first: Collection[int], second: Collection[int]) -> str:
    """Why the account of two groups of households cannot be parted again; "" when it can."""
    for part in (first, second):
        over = -account_left(part)
        if over > 0:
            return (
                f"并户以后家庭账户是合用的，分开后其中一户要多用 {told(to_yuan(over))} 元，"
                "请先撤回用了账户的结算单再撤销"
            )
    return ""
