"""What the rooms above know of a year that the measures ask for, asked without importing them
(`settings.ROOMS_OF_FUND_LAW`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Division
from desk.rooms import answers
from funds.models import ZERO, Book


@dataclass(frozen=True, slots=True)
class HouseholdAccounts:
    """Of all households' outpatient accounts together, in yuan, by the insurance years of covers
    and settlements.

    `brought`: what was left at the end of the year before; `granted`, `used`: of the year; `left`:
    what is left of the accounts at its end. `below`: of those that stand below zero, as a positive
    sum. `unpaid`: of what was used, what has not left the fund yet.
    """

    brought: Decimal = ZERO
    granted: Decimal = ZERO
    used: Decimal = ZERO
    left: Decimal = ZERO
    households: int = 0
    below: Decimal = ZERO
    below_count: int = 0
    unpaid: Decimal = ZERO
    unpaid_count: int = 0


@dataclass(frozen=True, slots=True)
class Overspend:
    """What others bear of a township's overspend, in yuan. `quota`: as it stands after care in
    other townships. `institutions`: code → what each bears; what no institution can be asked for
    stands under ""."""

    township: Division
    quota: Decimal
    used: Decimal
    amount: Decimal
    office: Decimal
    institutions: Mapping[str, Decimal]


def overspends(book: Book, year: int) -> list[Overspend] | None:
    """Of every township that went beyond its quota; None where no quotas were decided."""
    if book.fund_type != Book.FundType.RESIDENT:
        return None
    found = answers("ROOMS_OF_FUND_LAW", "overspends", book.area, year)
    return next(found, None)


def household_accounts(book: Book, year: int) -> HouseholdAccounts:
    """Nothing in books without households."""
    if book.fund_type != Book.FundType.RESIDENT:
        return HouseholdAccounts()
    found = answers("ROOMS_OF_FUND_LAW", "household_accounts", book.area, year)
    return next(found, HouseholdAccounts())
