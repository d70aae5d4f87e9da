"""Balances read from the ledger: the last closed month plus what was posted since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import Division
from funds.chart import never_below_zero, printed_chart
from funds.models import ZERO, Account, Book, ClosingBalance, Period, Posting
from lib.periods import Month

Turnover = dict[int, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account over some months, in yuan: by its role, or as `as_printed` spells it.

    `opening`, `closing`: on the account's normal side, negative when it stands on the other one.
    `debit`, `credit`: what moved in between, red-letter amounts counted negative.
    """

    code: str
    name: str
    kind: str
    normal_side: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal

    @property
    def is_idle(self) -> bool:
        return not (self.opening or self.debit or self.credit or self.closing)


def book_of(area: Division, fund_type: str = Book.FundType.RESIDENT) -> Book:
    """The area's book. Raises Refusal when none was opened."""
    book = Book.objects.select_related("area").filter(area=area, fund_type=fund_type).first()
    if book is None:
        raise Refusal(f"{area.name}还没有{Book.FundType(fund_type).label}账套，请先由会计建账")
    return book


def plus(one: Turnover, other: Turnover) -> Turnover:
    """Two turnovers added account by account."""
    result = dict(one)
    for account, (debit, credit) in other.items():
        had_debit, had_credit = result.get(account, (ZERO, ZERO))
        result[account] = (had_debit + debit, had_credit + credit)
    return result


def turnover_through(book: Book, month: Month) -> Turnover:
    """Account id → all debits and credits up to and including the month."""
    periods = Period.objects.filter(book=book).through(month)
    closed = periods.filter(status=Period.Status.CLOSED).order_by("-year", "-month").first()
    base: Turnover = {}
    if closed is not None:
        rows = ClosingBalance.objects.filter(period=closed)
        base = {row.account_id: (row.debit, row.credit) for row in rows}
        periods = periods.since(closed.as_month.next())
    ids = list(periods.values_list("pk", flat=True))
    return plus(base, Posting.objects.filter(period__in=ids).by_account())


def account_balances(
    *,
    area: Division,
    through: date,
    first_month: Month | None = None,
    fund_type: str = Book.FundType.RESIDENT,
) -> list[AccountBalance]:
    """Every account of the book: opening before `first_month`, movement, closing on `through`.

    `first_month` defaults to the month of `through`. Raises Refusal when there is no book.
    """
    book = book_of(area, fund_type)
    last = Month.of(through)
    first = first_month or last
    opening = turnover_through(book, first.previous())
    periods = Period.objects.filter(book=book).since(first).through(last)
    moved = Posting.objects.filter(period__in=list(periods.values_list("pk", flat=True)))
    if through != last.last:
        moved = moved.filter(voucher__occurred_on__lte=through)
    return balances_from(book.accounts.order_by("code"), opening, moved.by_account())


def overdrawn(book: Book, through: date) -> list[AccountBalance]:
    """Bank accounts, other assets and reserves that stand below zero on that day: what nobody can
    have."""
    balances = account_balances(area=book.area, through=through, fund_type=book.fund_type)
    return [one for one in balances if is_impossible(one)]


def is_impossible(balance: AccountBalance) -> bool:
    """Whether what is there, money or a reserve, stands below zero at the end."""
    there = balance.kind == Account.Kind.ASSET or never_below_zero(balance.code)
    return there and balance.closing < 0


def balance_of(book: Book, code: str, through: date) -> Decimal:
    """What one account of the book stands at on that day, on its normal side."""
    balances = account_balances(area=book.area, through=through, fund_type=book.fund_type)
    return next((one.closing for one in balances if one.code == code), ZERO)


def on_side(side: str, debit: Decimal, credit: Decimal) -> Decimal:
    """A turnover as a balance on an account's normal side."""
    return debit - credit if side == Account.Side.DEBIT else credit - debit


def balances_from(
    accounts: Iterable[Account], opening: Turnover, moved: Turnover
) -> list[AccountBalance]:
    """Balances of these accounts from their turnovers before and within some months."""
    result = []
    for account in accounts:
        before = opening.get(account.pk, (ZERO, ZERO))
        debit, credit = moved.get(account.pk, (ZERO, ZERO))
        start = on_side(account.normal_side, *before)
        result.append(
            AccountBalance(
                code=account.code,
                name=account.name,
                kind=account.kind,
                normal_side=account.normal_side,
                opening=start,
                debit=debit,
                credit=credit,
                closing=start + on_side(account.normal_side, debit, credit),
            )
        )
    return result


def as_printed(balances: Iterable[AccountBalance], version: str) -> list[AccountBalance]:
    """The same with the codes and names that the chart prints, in their order; roles that it prints
    as one account are summed."""
    at = {one.code: one for one in balances}
    found = []
    for general in printed_chart(version, at):
        for one in general.accounts:
            rows = [at[role] for role in one.roles]
            found.append(
                AccountBalance(
                    code=one.printed.code,
                    name=one.printed.name,
                    kind=rows[0].kind,
                    normal_side=rows[0].normal_side,
                    opening=sum((row.opening for row in rows), ZERO),
                    debit=sum((row.debit for row in rows), ZERO),
                    credit=sum((row.credit for row in rows), ZERO),
                    closing=sum((row.closing for row in rows), ZERO),
                )
            )
    return found
