"""What of payments, reserves and seals is told before a month is closed (settings.ROOMS_OF_CLOSING)
and, before the year is, what the measures ask of it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.errors import Refusal
from accounts.fields import MoneyField
from funds.balances import account_balances
from funds.closing.found import Found, done_since, page_of
from funds.drafts.models import BookLimit
from funds.events import EVENTS
from funds.law.working import Working
from funds.law.workings import work_out
from funds.models import ZERO, Book, Voucher
from funds.payments.models import PaymentKept, PaymentOrder, PaymentPart, Transfer
from lib.money import told
from lib.periods import Month

UNEXPLAINED = "2001-unidentified"
EXPENDITURE = "1004"
# Beside the reserve: what follows from the year's last claims may be worked out in the new year.
OF_THE_YEAR = ("reserve_refilled", "accounts_carried", "accounts_released", "surplus_reserved",
               "overspend_charged")  # fmt: skip


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    yield from _orders(book, month)
    yield from _balances(book, month)
    yield _unsealed(book, month)
    if book.fund_type == Book.FundType.RESIDENT:
        yield from _by_law(book, month, on)


def stopping(book: Book, month: Month, on: date) -> Iterator[Found]:
    """The reserve, before the year is closed: it is set aside of the year's own funds."""
    if book.fund_type == Book.FundType.RESIDENT and month.month == 12:
        yield from _due("reserve_drawn", book, month.year, on, stops=True)


def _by_law(book: Book, month: Month, on: date) -> Iterator[Found]:
    is_year = month.month == 12
    yield from _due("reserve_drawn", book, month.year, on, stops=is_year)
    if is_year:
        for event in OF_THE_YEAR:
            yield from _due(event, book, month.year, on, stops=False)


def _due(event: str, book: Book, year: int, on: date, *, stops: bool) -> Iterator[Found]:
    """What the measures ask and is not booked. Nothing where they have no rules on it."""
    try:
        working = work_out(event, book, year, on)
    except Refusal:
        return
    title = EVENTS[event].title
    words = _still_due(working, title, year)
    yield Found(
        what=title,
        stops=stops,
        count=int(bool(words)),
        unit="项",
        amount=working.total or None,
        words=words,
        address=page_of("funds:reserves", book=book.pk, year=year),
    )


def _still_due(working: Working, title: str, year: int) -> str:
    if not working.lines:
        return ""
    if working.stops:
        return "；".join(working.stops)
    due = f"{year}年度“{title}”应记 {told(working.total)} 元，还没有记账"
    return f"{due}；请在“风险基金与结余”制单（{working.law}）"


def _orders(book: Book, month: Month) -> Iterator[Found]:
    """What the fund owed by payment orders on the month's last day."""
    last = month.last
    parts = PaymentPart.objects.filter(
        order__area=book.area_id, fund_type=book.fund_type, order__asked_on__lte=last
    ).exclude(order__status=PaymentOrder.Status.CANCELLED)
    sent = Transfer.objects.standing().released_by(last).filter(order=OuterRef("order"))
    back = sent.filter(outcome=Transfer.Outcome.RETURNED, known_on__lte=last)
    held = sent.exclude(outcome=Transfer.Outcome.RETURNED, known_on__lte=last)
    for what, owed, say, page in (
        (
            "已提出的款项都已支付",
            # One that nobody ever sent may be given up as well: that was never owed on.
            parts.filter(~Exists(sent)).exclude(
                order__status=PaymentOrder.Status.GIVEN_UP, order__bounces=0
            ),
            "没有付出",
            page_of("funds:payments_owed"),
        ),
        (
            "退汇已处理",
            parts.filter(Exists(back), ~Exists(held)),
            "被银行退回，没有更正重付或转回",
            page_of("funds:payment_orders", status=PaymentOrder.Status.RETURNED),
        ),
    ):
        yield _owed(month, what, owed, say, page)


def _owed(month: Month, what: str, owed: QuerySet[PaymentPart], say: str, page: str) -> Found:
    kept = PaymentKept.objects.filter(
        part=OuterRef("pk"), voucher__occurred_on__lte=month.last
    ).order_by()
    gone = Subquery(kept.values("part").values(sum=Sum("amount")))
    left = owed.annotate(left=F("amount") - Coalesce(gone, ZERO, output_field=MoneyField()))
    found = left.filter(left__gt=0).aggregate(
        count=Count("order", distinct=True),
        amount=Sum("left", default=ZERO),
        now=Count("order", distinct=True, filter=Q(order__status__in=PaymentOrder.OWED)),
    )
    count, amount = found["count"], found["amount"]
    since = done_since(count, found["now"], "笔")
    return Found(
        what=what,
        count=count,
        amount=amount if count else None,
        words=f"{month.words}底 {count} 笔款项{say}，{told(amount)} 元{since}" if count else "",
        address=page,
    )


def _balances(book: Book, month: Month) -> Iterator[Found]:
    rows = account_balances(area=book.area, through=month.last, fund_type=book.fund_type)
    at = {one.code: one.closing for one in rows}
    months = {"first": month, "last": month}
    unexplained = at.get(UNEXPLAINED, ZERO)
    yield Found(
        what="待查款已查明",
        count=int(bool(unexplained)),
        unit="项",
        amount=unexplained or None,
        words=f"待查款 {told(unexplained)} 元还没有查明是谁交的；请匹配或退还"
        if unexplained
        else "",
        address=page_of("funds:account_ledger", book=book.pk, account=UNEXPLAINED, **months),
    )
    limits = BookLimit.objects.on(book, month.last)
    limit: Decimal | None = limits.turnover_cash if limits else None
    over = at.get(EXPENDITURE, ZERO) - limit if limit is not None else ZERO
    if limit is not None:
        yield Found(
            what="支出户余额不超过周转金",
            count=int(over > 0),
            unit="户",
            amount=over if over > 0 else None,
            words=f"支出户比核定周转金 {told(limit)} 元多 {told(over)} 元；请少拨或划回财政专户"
            if over > 0
            else "",
            address=page_of("funds:account_ledger", book=book.pk, account=EXPENDITURE, **months),
        )


def _unsealed(book: Book, month: Month) -> Found:
    rows = Voucher.objects.filter(
        Q(period__year=month.year, period__month=month.month), book=book, seal=None
    )
    count = rows.count()
    return Found(
        what="凭证已封存",
        count=count,
        unit="张",
        words=f"{count} 张凭证还没有封存，结账时一并封存" if count else "",
        address=page_of("funds:vouchers", book=book.pk, month=month),
    )
