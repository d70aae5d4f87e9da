"""Closing months and years. A closed month takes nothing more, for ever."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from funds.balances import balances_from, is_impossible, turnover_through
from funds.events import ADVANCES
from funds.models import Account, Book, ClosingBalance, Period, Posting, Voucher
from funds.services.books import open_months_through
from funds.services.posting import EventLine, Leg, post_legs
from funds.services.sealing import seal_all
from funds.workflow import PERIODS
from lib.money import told
from lib.periods import Month

# 收入户、国库月末清零: what was collected has to be in the fiscal account by the end of the month.
EMPTIED_MONTHLY = ("1002", "1005")
NET_ASSETS = "3001"


def closing_problems(period: Period, on: date) -> list[str]:
    """Why the month cannot be closed on that day, in Chinese; empty when it can."""
    if period.status == Period.Status.CLOSED:
        return [f"{period}已经结账"]
    problems = []
    if on <= period.as_month.last:
        problems.append(f"{period}还没有过完")
    earlier = (
        Period.objects.filter(book=period.book_id)
        .through(period.as_month.previous())
        .open()
        .order_by("year", "month")
        .first()
    )
    if earlier is not None:
        problems.append(f"请先结{earlier}的账")
    if Voucher.objects.filter(period=period).count() != period.next_number - 1:
        problems.append("凭证号不连续，请立即联系审计人员核查账目")
    sums = Posting.objects.filter(period=period).aggregate(d=Sum("debit"), c=Sum("credit"))
    if sums["d"] != sums["c"]:
        problems.append(f"借贷不平：借方 {sums['d']}，贷方 {sums['c']}，请立即联系审计人员核查账目")
    turnover = turnover_through(period.book, period.as_month)
    for balance in balances_from(period.book.accounts.all(), {}, turnover):
        if balance.code in EMPTIED_MONTHLY and balance.closing:
            problems.append(
                f"{balance.name}月末须无余额，现余 {told(balance.closing)} 元，请先登记划入财政专户"
            )
        elif is_impossible(balance):
            problems.append(
                f"{balance.name}余额为负（{told(balance.closing)} 元），"
                "请核对是否漏记拨款、划款或提取"
            )
    if waiting := _advances_of(period):
        problems.append(
            f"预收保费 {told(waiting)} 元的受益年度已经开始，还没有转为收入；"
            "请在“风险基金与结余”办理预收保费转为本年收入"
        )
    return problems


def _advances_of(period: Period) -> Decimal:
    """Premiums that wait for a year which has begun by the end of the month: they are income of its
    first month (补充规定)."""
    rows = Posting.objects.filter(
        voucher__book=period.book_id,
        account__code__in=ADVANCES.accounts.values(),
        policy_year__lte=period.year,
        voucher__occurred_on__lte=period.as_month.last,
    )
    sums = rows.aggregate(d=Sum("debit", default=Decimal(0)), c=Sum("credit", default=Decimal(0)))
    waiting: Decimal = sums["c"] - sums["d"]
    return max(waiting, Decimal(0))


@all_or_nothing()
def close_period(*, actor: User, period: Period, on: date) -> Period:
    """Close a month: seal its vouchers, keep its balances, and let nothing in any more.

    Raises Refusal with every reason why it cannot be closed. December is closed with the year.
    """
    if period.month == 12:
        raise Refusal("十二月请办理年终结账（收入、支出结转后一并结账）")
    return _close(actor, period, on)


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
    if problems := closing_problems(december, on):
        raise Refusal("；".join(problems))
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
    return _close(actor, december, on)


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


def _close(actor: User, period: Period, on: date) -> Period:
    # Whoever is posting into the month finishes first; whoever comes later finds it closed: taking
    # a voucher number updates the same row.
    period = PERIODS.lock(period.pk)
    if problems := closing_problems(period, on):
        raise Refusal("；".join(problems))
    seal_all(period.book)
    turnover = turnover_through(period.book, period.as_month)
    ClosingBalance.objects.bulk_create(
        ClosingBalance(period=period, account_id=account, debit=debit, credit=credit)
        for account, (debit, credit) in sorted(turnover.items())
    )
    PERIODS.take(period, "close_period", actor=actor)
    open_months_through(period.book, period.as_month.next())
    return period
