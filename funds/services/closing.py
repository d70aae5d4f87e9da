"""Closing months and years. A closed month takes nothing more, for ever."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from funds.balances import turnover_through
from funds.closing.checklist import checklist, problems
from funds.models import Account, Book, ClosingBalance, Period, Posting
from funds.services.books import open_months_through
from funds.services.posting import EventLine, Leg, post_legs
from funds.services.sealing import seal_all
from funds.workflow import PERIODS
from lib.periods import Month

NET_ASSETS = "3001"


def closing_problems(period: Period, on: date) -> list[str]:
    """Why the month cannot be closed on that day, in Chinese; empty when it can."""
    if period.status == Period.Status.CLOSED:
        return [f"{period}已经结账"]
    if period.is_opening:
        return ["期初余额随启用首月一并结账，不单独结账"]
    return problems(period, on)


@all_or_nothing()
def close_period(*, actor: User, period: Period, on: date) -> Period:
    """Close a month: seal its vouchers, keep its balances, and let nothing in any more.

    Raises Refusal with every reason why it cannot be closed. December is closed with the year.
    """
    if period.month == 12:
        raise Refusal("十二月请办理年终结账（收入、支出结转后一并结账）")
    return _close(actor, period, on, _kept(period, on))


@all_or_nothing()
def close_year(*, actor: User, book: Book, year: int, on: date) -> Period:
    """Transfer the year's income and expense to net assets (E27, E28), then close December.

    Raises Refusal when an earlier month is open or December cannot be closed.
    """
    # First of all: posting takes the period in the same way, so nothing is booked into a year while
    # it is closed.
    december = Period.objects.select_for_update().filter(book=book, year=year, month=12).first()
    if december is None:
        raise Refusal(f"账上还没有 {year} 年 12 月")
    if found := closing_problems(december, on):
        raise Refusal("；".join(found))
    kept = _kept(december, on)
    for event, kind in (
        ("income_closed", Account.Kind.INCOME),
        ("expense_closed", Account.Kind.EXPENSE),
    ):
        if legs := _year_end_legs(book, december.as_month, kind):
            post_legs(
                book=book,
                event=event,
                on=december.as_month.last,
                key=f"{event}:{year}",
                source=f"{year}年年终结账",
                actor=actor,
                legs=legs,
            )
    return _close(actor, december, on, kept)


def _year_end_legs(book: Book, december: Month, kind: str) -> list[Leg]:
    """What brings every account of the kind to zero, kept apart by tier (分档列账)."""
    periods = Period.objects.filter(book=book, year=december.year)
    rows = (
        Posting.objects.filter(
            period__in=list(periods.values_list("pk", flat=True)), account__kind=kind
        )
        .order_by("account__code", "tier")
        .values_list("account__code", "tier")
        .annotate(Sum("debit"), Sum("credit"))
    )
    legs = []
    for code, tier, debit, credit in rows:
        rest: Decimal = debit - credit
        line = EventLine(amount=abs(rest), tier=tier)
        if rest > 0:
            legs.append(Leg(debit=NET_ASSETS, credit=code, line=line))
        elif rest < 0:
            legs.append(Leg(debit=code, credit=NET_ASSETS, line=line))
    return legs


def _kept(period: Period, on: date) -> list[dict[str, object]]:
    """The checklist as it stood when the month was closed. Of a month it is read before the lock,
    under which nothing can be booked."""
    return [one.as_json() for one in checklist(period, on)]


def _close(actor: User, period: Period, on: date, kept: list[dict[str, object]]) -> Period:
    # Whoever is posting into the month finishes first; whoever comes later finds it closed: taking
    # a voucher number updates the same row.
    period = PERIODS.lock(period.pk)
    if found := closing_problems(period, on):
        raise Refusal("；".join(found))
    seal_all(period.book)
    # What the book began with can be corrected until its first month is closed, and is closed then.
    opening = Period.objects.open().filter(book=period.book, is_opening=True).first()
    if opening is not None:
        opening = PERIODS.lock(opening.pk)
        _keep_balances(opening)
        PERIODS.take(opening, "close_period", actor=actor)
    _keep_balances(period)
    PERIODS.take(period, "close_period", actor=actor, checklist=kept)
    open_months_through(period.book, period.as_month.next())
    return period


def _keep_balances(period: Period) -> None:
    turnover = turnover_through(period.book, period.as_month)
    ClosingBalance.objects.bulk_create(
        ClosingBalance(period=period, account_id=account, debit=debit, credit=credit)
        for account, (debit, credit) in sorted(turnover.items())
    )
