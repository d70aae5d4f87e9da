"""科目转换表: what a year ended with by the old chart, and what the next began with by the new."""

from dataclasses import dataclass
from decimal import Decimal

from funds.balances import AccountBalance, account_balances, as_printed
from funds.chart import Printed, printed
from funds.models import ZERO, Account, Book
from lib.periods import Month


@dataclass(frozen=True, slots=True)
class Converted:
    """What the old chart prints as one account and the new one as another: one line, one sum."""

    old: Printed
    new: Printed
    side: str
    balance: Decimal

    @property
    def doubt(self) -> str:
        return "；".join(dict.fromkeys(filter(None, (self.old.doubt, self.new.doubt))))


@dataclass(frozen=True, slots=True)
class Conversion:
    """`closing` and `opening`: (debit, credit) of all accounts as each chart sums them."""

    lines: tuple[Converted, ...]
    closing: tuple[Decimal, Decimal]
    opening: tuple[Decimal, Decimal]

    @property
    def is_even(self) -> bool:
        """Both sides say the same, and each is in balance."""
        return self.closing == self.opening and self.closing[0] == self.closing[1]


def conversion(book: Book, year: int, before: str, after: str) -> Conversion:
    """At the turn to `year`. Accounts without a balance are left out."""
    ended = Month(year, 1).previous()
    at_end = account_balances(area=book.area, through=ended.last, fund_type=book.fund_type)
    begun = account_balances(
        area=book.area,
        through=Month(year, 1).last,
        first_month=Month(year, 1),
        fund_type=book.fund_type,
    )
    sums: dict[tuple[Printed, Printed, str], Decimal] = {}
    for one in at_end:
        what = printed(before, one.code), printed(after, one.code), one.normal_side
        sums[what] = sums.get(what, ZERO) + one.closing
    lines = sorted(sums.items(), key=lambda line: (line[0][0].code, line[0][1].code))
    return Conversion(
        tuple(Converted(*what, amount) for what, amount in lines if amount),
        _sides([(one, one.closing) for one in as_printed(at_end, before)]),
        _sides([(one, one.opening) for one in as_printed(begun, after)]),
    )


def _sides(balances: list[tuple[AccountBalance, Decimal]]) -> tuple[Decimal, Decimal]:
    debit, credit = (
        sum((amount for one, amount in balances if one.normal_side == side), ZERO)
        for side in (Account.Side.DEBIT, Account.Side.CREDIT)
    )
    return debit, credit
