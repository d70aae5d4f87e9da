"""日结: the cash of a clerk's day counted against the receipts, and cash that stays too long."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet, Sum

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.collection.guards import lock_books
from enrollment.collection.models import ZERO, DayClose, Receipt, ReceiptRun
from lib.money import told

CASH = Receipt.Channel.CASH


@dataclass(frozen=True)
class DaySheet:
    """A clerk's day as the receipts tell it; closing = opening + cash - voided - remitted."""

    day: date
    opening: Decimal
    cash_receipts: int
    cash: Decimal
    bank_receipts: int
    bank: Decimal
    free_receipts: int
    sponsored: Decimal
    void_receipts: int
    voided: Decimal
    remitted: Decimal
    closing: Decimal


def _not_void_on(day: date) -> Q:
    return Q(voided_at=None) | Q(voided_on__gt=day)


def in_hand(clerk: User, day: date) -> Decimal:
    """Cash that the clerk holds at the end of the day: taken, not given back, not paid in."""
    rows = Receipt.objects.filter(_not_void_on(day), issued_by=clerk, channel=CASH)
    rows = rows.filter(Q(remittance=None) | Q(remittance__slip_date__gt=day))
    total: Decimal | None = rows.filter(issued_on__lte=day).aggregate(s=Sum("amount"))["s"]
    return total or ZERO


def _last_close(clerk: User) -> DayClose | None:
    return DayClose.objects.filter(clerk=clerk).order_by("-day").first()


def next_day(clerk: User, today: date) -> date | None:
    """The day to close next: the first one with receipts since the last close, else today.

    None when today is closed. Before the first close ever it is today.
    """
    last = _last_close(clerk)
    if last is None:
        return today
    if last.day >= today:
        return None
    since = Receipt.objects.filter(
        issued_by=clerk, issued_on__gt=last.day, issued_on__lte=today
    ).aggregate(day=Min("issued_on"))
    return since["day"] or today


def day_sheet(clerk: User, day: date) -> DaySheet:
    """Everything that the close of the day has to show, in yuan."""
    last = _last_close(clerk)
    before = last.day if last else day - timedelta(days=1)
    opening = last.closing if last else in_hand(clerk, before)
    mine = Receipt.objects.filter(issued_by=clerk)
    bank = Q(channel=Receipt.Channel.BANK)
    today = mine.filter(_not_void_on(day), issued_on=day).aggregate(
        cash_receipts=Count("pk", filter=Q(channel=CASH)),
        cash=Sum("amount", filter=Q(channel=CASH), default=ZERO),
        bank_receipts=Count("pk", filter=bank),
        bank=Sum("amount", filter=bank, default=ZERO),
        free_receipts=Count("pk", filter=Q(amount=0)),
        sponsored=Sum("sponsored_amount", default=ZERO),
    )
    void = mine.filter(voided_on__gt=before, voided_on__lte=day)
    earlier = void.filter(channel=CASH, issued_on__lte=before)
    voided: Decimal = earlier.aggregate(s=Sum("amount", default=ZERO))["s"]
    closing = in_hand(clerk, day)
    return DaySheet(
        day=day,
        opening=opening,
        void_receipts=void.count(),
        voided=voided,
        remitted=opening + today["cash"] - voided - closing,
        closing=closing,
        **today,
    )


@all_or_nothing()
def close_day(*, actor: User, day: date, counted: Decimal, explanation: str, on: date) -> DayClose:
    """The clerk counted the box: name and explain a difference, and let no receipt in any more.

    Days are closed in order. Raises Refusal.
    """
    if actor.division is None or actor.division.level != Division.Level.TOWNSHIP:
        raise Refusal("日结由乡镇经办办理")
    lock_books(actor)  # a receipt is written with one of them locked: none can slip in between
    due = next_day(actor, on)
    if due is None or day > on:
        raise Refusal("这一天已经日结，或还没有到", "day")
    last = _last_close(actor)
    if last is not None and day <= last.day:
        raise Refusal(f"{last.day:%Y-%m-%d} 及以前已经日结，不能重复", "day")
    if last is not None and day > due:
        raise Refusal(f"{due:%Y-%m-%d} 还没有日结，请先结那一天", "day")
    if ReceiptRun.objects.filter(clerk=actor).exists():
        raise Refusal("您的名册正在导入，收据还会增加，请等导入完成后再日结")
    sheet = day_sheet(actor, day)
    explanation = explanation.strip()
    if counted != sheet.closing and len(explanation) < 2:
        gap = counted - sheet.closing
        name = "长款" if gap > 0 else "短款"
        raise Refusal(
            f"实点 {told(counted)} 元与应有 {told(sheet.closing)} 元不符，"
            f"{name} {told(abs(gap))} 元，请重新清点；仍不符的写明原因",
            "explanation",
        )
    close = DayClose.objects.create(
        township=actor.division,
        clerk=actor,
        counted=counted,
        explanation=explanation[:200] if counted != sheet.closing else "",
        **vars(sheet),
    )
    record(
        actor=actor,
        action="enrollment.close_day",
        subject=close,
        division_code=actor.division.code,
        after=snapshot(close),
        reason=close.explanation,
    )
    return close


@dataclass
class Overnight:
    """Cash that a clerk has held past the campaign's time limit. Amount in yuan."""

    clerk: str
    township: str
    year: int
    since: date
    days: int
    receipts: int = 0
    amount: Decimal = ZERO


def overnight(receipts: "QuerySet[Receipt]", on: date) -> list[Overnight]:
    """现金不过夜: who holds cash longer than Campaign.cash_days, the longest first.

    `receipts`: unremitted ones, as far as the user may see.
    """
    rows = (
        receipts.filter(issued_on__lt=on)
        .order_by("issued_on", "issued_by")
        .values_list(
            *("issued_by", "issued_by__name", "issued_by__division__name"),
            *("campaign__year", "campaign__cash_days", "issued_on"),
        )
        .annotate(Count("pk"), Sum("amount"))
    )
    held: dict[tuple[int, int], Overnight] = {}
    for clerk, name, place, year, limit, day, number, amount in rows:
        if day + timedelta(days=limit) >= on:
            continue
        one = held.setdefault(
            (clerk, year), Overnight(name, place or "", year, day, (on - day).days)
        )
        one.receipts += number
        one.amount += amount
    return list(held.values())
