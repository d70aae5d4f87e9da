"""日结: the cash of a clerk's day counted against the receipts, and cash that stays too long."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet, Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.collection.guards import lock_books
from enrollment.collection.models import ZERO, DayClose, Receipt, ReceiptRun, Remittance
from enrollment.collection.workflow import DAYS
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


def last_close(clerk: User) -> DayClose | None:
    return DayClose.objects.standing().filter(clerk=clerk).order_by("-day").first()


def next_day(clerk: User, today: date) -> date | None:
    """The day to close next: the first one with receipts since the last close, else today.

    None when today is closed. Before the first close ever it is today. A day that was reopened
    wants its close again, with receipts or without.
    """
    last = last_close(clerk)
    if last is not None and last.day >= today:
        return None
    reopened = DayClose.objects.filter(clerk=clerk, status=DayClose.Status.REOPENED)
    receipts = Receipt.objects.filter(issued_by=clerk, issued_on__lte=today)
    if last is not None:
        reopened = reopened.filter(day__gt=last.day)
        receipts = receipts.filter(issued_on__gt=last.day)
    first = reopened.aggregate(day=Min("day"))["day"]
    if last is not None or first is not None:
        since = receipts.aggregate(day=Min("issued_on"))["day"]
        first = min((day for day in (first, since) if day is not None), default=None)
    return first or today


def day_sheet(clerk: User, day: date) -> DaySheet:
    """Everything that the close of the day has to show, in yuan."""
    last = last_close(clerk)
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
    last = last_close(actor)
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
    explanation = explanation[:200] if counted != sheet.closing else ""
    return DAYS.create(
        "close_day",
        actor=actor,
        noted={"reason": explanation},
        township=actor.division,
        clerk=actor,
        counted=counted,
        explanation=explanation,
        **vars(sheet),
    )


def reopening_problem(close: DayClose) -> str:
    """Why this close stays, in Chinese; "" when it may be reopened."""
    last = last_close(close.clerk)
    if last is not None and last.day > close.day:
        return f"{last.day:%Y-%m-%d} 也已日结，请先撤销那一天的日结"
    booked = Receipt.objects.filter(
        issued_by=close.clerk,
        issued_on=close.day,
        remittance__status=Remittance.Status.CONFIRMED,
    ).values_list("remittance__slip_number", flat=True)
    if slip := booked.first():
        return (
            f"这一天的收据已随缴款单 {slip} 入账，不能撤销日结："
            "漏开的次日补开，多收的按退费办理，现金差额写在下一次日结的说明里"
        )
    return ""


@all_or_nothing()
def ask_reopening(*, actor: User, close: DayClose, reason: str) -> DayClose:
    """The clerk asks for the last close to be taken back. It counts until somebody agrees."""
    close = DAYS.lock(close.pk)
    DAYS.check(close, "ask_reopening", actor, reason)
    if problem := reopening_problem(close):
        raise Refusal(problem)
    return DAYS.take(close, "ask_reopening", actor=actor, reason=reason)


@all_or_nothing()
def reopen_day(*, actor: User, close: DayClose) -> DayClose:
    """Let receipts of the day be written and voided again until it is closed anew.

    Receipts that a slip holds stay with that slip, so nothing is handed in twice. Raises Refusal
    once one of the day's slips is in the books.
    """
    # Receipts before books, as when one is voided: a slip that is confirmed in this moment waits
    # for us or we for it.
    receipts = Receipt.objects.filter(issued_by=close.clerk, issued_on=close.day)
    list(receipts.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    lock_books(close.clerk)
    close = DAYS.lock(close.pk)
    DAYS.check(close, "reopen_day", actor)
    if problem := reopening_problem(close):
        raise Refusal(problem)
    return DAYS.take(close, "reopen_day", actor=actor, reason=close.reopen_reason)


@all_or_nothing()
def refuse_reopening(*, actor: User, close: DayClose, reason: str) -> DayClose:
    """The close stays as it was counted."""
    return DAYS.move(close.pk, "refuse_reopening", actor=actor, reason=reason)


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
