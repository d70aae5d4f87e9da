"""The whole list of a month: the books, then what every room has open (settings.ROOMS_OF_CLOSING).

A module of a room yields from `still_open(book, month, on)` a `Found` for each thing that it looked
at, also where nothing stands open; what of it may stop the closing it yields from
`stopping(book, month, on)` as well, which is asked again under the closing's lock.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from desk.rooms import answers
from funds.balances import account_balances
from funds.chart import printed
from funds.closing.found import Found
from funds.closing.ledger import stopping
from funds.models import ZERO, Account, Book, Period
from funds.statements import GENERAL_SURPLUS
from lib.periods import Month

ROOMS = "ROOMS_OF_CLOSING"


def checklist(period: Period, on: date) -> list[Found]:
    """Everything, what stops first."""
    found = list(stopping(period, on))
    for lines in answers(ROOMS, "still_open", period.book, period.as_month, on):
        found += lines
    order = {"stops": 0, "told": 1, "fine": 2}
    return sorted(found, key=lambda one: order[one.verdict])


def problems(period: Period, on: date) -> list[str]:
    """What stops the closing of an open month, in words; empty when it can be closed."""
    found = list(stopping(period, on))
    for lines in answers(ROOMS, "stopping", period.book, period.as_month, on):
        found += lines
    return [one.words for one in found if one.is_stopping]


@dataclass(frozen=True, slots=True)
class YearEnd:
    """What the year's closing books (E27, E28), and with what the next year begins, in yuan.
    `surplus_to`: the account that takes the surplus, as the year's chart prints it."""

    income: Decimal
    expense: Decimal
    assets: Decimal
    liabilities: Decimal
    net_assets: Decimal
    surplus_to: str

    @property
    def surplus(self) -> Decimal:
        return self.income - self.expense

    @property
    def is_even(self) -> bool:
        """资产 = 负债 + 净资产"""
        return self.assets == self.liabilities + self.net_assets


def year_end(book: Book, year: int) -> YearEnd:
    """By the books as they are; after the closing income and expense are zero."""
    december = Month(year, 12)
    kinds = Account.Kind
    sums = dict.fromkeys(kinds.values, ZERO)
    for one in account_balances(area=book.area, through=december.last, fund_type=book.fund_type):
        sums[one.kind] += one.closing
    income, expense = sums[kinds.INCOME], sums[kinds.EXPENSE]
    return YearEnd(
        income,
        expense,
        sums[kinds.ASSET],
        sums[kinds.LIABILITY],
        sums[kinds.NET] + income - expense,
        printed(book.chart_at(december), GENERAL_SURPLUS.account).name,
    )
