"""Opening a book and its months."""

from django.db import transaction

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.locks import lock_name
from funds.chart import CHARTS_OF_FUND, DEBIT_KINDS, ROLES
from funds.models import Account, Book, Period
from lib.periods import Month

# From this year on premiums for later years wait unless the county says otherwise (补充规定).
DEFERRED_FROM = 2026
# A later date than this many months after the last one on the books is taken for a slip of the pen.
MONTHS_AHEAD = 12


@transaction.atomic
def open_book(
    *,
    actor: User | None,
    area: Division,
    first_month: Month,
    fund_type: str = Book.FundType.RESIDENT,
    chart: str = Book.Chart.Y2026,
    defers_advance_premium: bool | None = None,
) -> Book:
    """Open the books of a fund with its accounts, a chart and the first month, all balances zero.

    `defers_advance_premium`: premiums for later years wait under 2001; None: as the rules of the
    first month have it, from 2026 on.

    Raises Refusal when the area is no county, has such a book already, or no chart fits.
    """
    if defers_advance_premium is None:
        defers_advance_premium = first_month.year >= DEFERRED_FROM
    if area.level != Division.Level.COUNTY:
        raise Refusal("只能为县（统筹区）建账", "area")
    if chart not in CHARTS_OF_FUND[fund_type]:
        raise Refusal(f"{Book.FundType(fund_type).label}不适用科目表“{chart}”，请另选", "chart")
    # No book yet whose row could be locked; the area's stands for all of its books.
    Division.objects.select_for_update().get(pk=area.pk)
    if Book.objects.filter(area=area, fund_type=fund_type).exists():
        raise Refusal(f"{area.name}的{Book.FundType(fund_type).label}账套已经建过", "fund_type")
    book = Book.objects.create(
        area=area,
        fund_type=fund_type,
        chart=chart,
        defers_advance_premium=defers_advance_premium,
        first_month=first_month.first,
        opened_by=actor,
    )
    Account.objects.bulk_create(
        Account(
            book=book,
            code=account.code,
            name=account.name,
            kind=account.kind,
            normal_side="debit" if account.kind in DEBIT_KINDS else "credit",
        )
        for account in ROLES[fund_type]
    )
    Period.objects.create(book=book, year=first_month.year, month=first_month.month, chart=chart)
    record(actor=actor, action="funds.open_book", subject=book, after=snapshot(book))
    return book


def months_lock(book: Book) -> str:
    """Of who begins a month, and of who changes the chart with which months begin."""
    return f"funds.months:{book.pk}"


def refuse_before(book: Book, month: Month) -> None:
    """Raises Refusal for a month before the book begins: of it there are opening balances alone."""
    if month.first < book.first_month:
        raise Refusal(f"账套自 {book.first_month:%Y年%-m月} 启用，不能记更早的账，请核对日期", "on")


def open_months_through(book: Book, month: Month) -> None:
    """Begin every month that is missing up to this one, so that months follow without gaps.

    Raises Refusal for a month before the book begins, or far beyond its last one.
    """
    refuse_before(book, month)
    latest = Period.objects.filter(book=book).order_by("year", "month").last()
    start = latest.as_month.next() if latest else Month.of(book.first_month)
    missing = []
    while start <= month:
        missing.append(Period(book=book, year=start.year, month=start.month))
        start = start.next()
    if len(missing) > MONTHS_AHEAD:
        raise Refusal(f"{month.words}比账上最后一个月晚一年以上，请核对日期", "on")
    if missing:
        lock_name(book.area.code, months_lock(book))
        chart = book.chart_at(month)
        for one in missing:
            one.chart = chart
    # Two clerks may begin a month at once: whoever comes second finds it there.
    Period.objects.bulk_create(missing, ignore_conflicts=True)
