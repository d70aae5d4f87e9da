"""What waits in collection: cash at the window, what the bank and the tax bureau say, refunds."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse

from accounts.models import User
from desk.listing import Column, attr
from desk.worklist import Finder, Hit, Note, Trend, Work
from enrollment.collection.days import next_day
from enrollment.collection.models import (
    DayClose,
    FoundNumbers,
    Receipt,
    ReceiptBook,
    Refund,
    Remittance,
    TaxRow,
)
from enrollment.collection.refunds import second_payments
from enrollment.cover.campaigns import BEGUN
from funds.banking.models import BankLine
from lib.money import told

# So few numbers are left for a busy morning. No norm.
FEW_NUMBERS = 20
# Days within which the accountant looks at what came to the bank. No norm.
LATE = 3


def _cash(user: User) -> QuerySet[Receipt]:
    return Receipt.objects.visible_to(user).filter(issued_by=user).unremitted()


def _remitted(user: User) -> QuerySet[Remittance]:
    return Remittance.objects.visible_to(user).awaiting_confirmation()


def _asked_days(user: User) -> QuerySet[DayClose]:
    return DayClose.objects.visible_to(user).filter(status=DayClose.Status.ASKED)


def _asked_finds(user: User) -> QuerySet[FoundNumbers]:
    return FoundNumbers.objects.visible_to(user).filter(status=FoundNumbers.Status.ASKED)


def _bank_lines(user: User) -> QuerySet[BankLine]:
    return BankLine.objects.visible_to(user).open()


def _tax_rows(user: User) -> QuerySet[TaxRow]:
    return TaxRow.objects.visible_to(user).open()


def _refunds(status: str) -> Any:
    return lambda user: Refund.objects.visible_to(user).filter(status=status)


def _own_receipts(user: User) -> QuerySet[Receipt]:
    return Receipt.objects.visible_to(user).valid().filter(issued_by=user)


def _unclosed(user: User, day: date) -> str:
    due = next_day(user, day)
    return f"{due:%m-%d} 还没有日结" if due and due < day else ""


def _numbers(user: User, day: date) -> str:
    """Receipt numbers that the clerk may still write on: of the year that is collected, if any."""
    mine = ReceiptBook.objects.filter(clerk=user, status=ReceiptBook.Status.IN_USE)
    latest = BEGUN.first(area=user.county_code, day=day)
    year = ""
    if latest is not None and day <= latest.last_day:
        mine, year = mine.filter(year=latest.year), f" {latest.year} 年度"
    left = mine.aggregate(left=Sum(F("last_number") - F("next_number") + 1))["left"] or 0
    if left == 0:
        return f"没有可用的{year}收据号，不能收费：请向会计领用{year}票据本"
    return f"{year}收据号只剩 {left} 个，请向会计领用票据本".strip() if left <= FEW_NUMBERS else ""


def _receipts(user: User, text: str, at_most: int) -> Iterator[Hit]:
    """A receipt by its number, with or without the book's code before it."""
    code, _, number = text.rpartition("-")
    if not number.isdecimal() or len(number) > 9:
        return
    found = Q(number=int(number)) & (Q(book__code__iexact=code) if code else Q())
    rows = Receipt.objects.visible_to(user).filter(found).select_related("book", "campaign")
    for row in rows.order_by("-pk")[:at_most]:
        facts = f"{row.full_number} {row.issued_on:%Y-%m-%d} {told(row.amount)} 元"
        yield Hit("收据", row.payer_name, facts, reverse("enrollment:receipt", args=[row.pk]))


def _slips(user: User) -> QuerySet[Remittance]:
    return _remitted(user).select_related("township", "clerk")


SLIPS = (
    Column("乡镇", attr("township.name")),
    Column("缴存人", attr("clerk.name")),
    Column("缴款单号", attr("slip_number"), "code"),
    Column("收据", attr("receipt_count"), "whole"),
    Column("金额", attr("amount"), "yuan"),
    Column("已等", attr("submitted_at"), "waited"),
)
WORK = (
    Work(
        "现金未缴存",
        "enrollment.remit",
        "enrollment:remittances",
        _cash,
        unit="张",
        money="amount",
        since="issued_on",
        late=1,  # 现金不过夜: Campaign.cash_days where a campaign says nothing else
    ),
    Work(
        "缴存待确认",
        "enrollment.confirm_remittance",
        "enrollment:remittances",
        _remitted,
        listed=(_slips, SLIPS),
        query="status=submitted",
        money="amount",
        since="submitted_at",
        late=LATE,
    ),
    Work(
        "日结待撤销",
        "enrollment.confirm_remittance",
        "enrollment:day_closes",
        _asked_days,
        query="status=asked",
        since="day",
        late=1,  # 现金不过夜: until then the box is not counted
    ),
    Work(
        "找回号码待确认",
        "enrollment.prepare",
        "enrollment:books",
        _asked_finds,
        query="found=1",
        since="asked_at",
        late=LATE,
    ),
    Work(
        "银行流水未核对",
        "enrollment.reconcile",
        "enrollment:reconciliation",
        _bank_lines,
        money="amount",
        since="booked_on",
        late=LATE,
    ),
    Work(
        "税务缴费未匹配",
        "enrollment.reconcile",
        "enrollment:tax_files",
        _tax_rows,
        money="amount",
        since="paid_on",
        late=30,  # no norm: within the month the payer may still enrol
    ),
    Work(
        "重复缴费待退还",
        "enrollment.request_refund",
        "enrollment:refunds",
        second_payments,
        money="amount",
        since="paid_on",
        late=30,  # no norm: within the month, as what the accountant cannot match
        is_rare=True,
    ),
    Work(
        "退费待审批",
        "enrollment.grant_refund",
        "enrollment:refunds",
        _refunds(Refund.Status.REQUESTED),
        query="status=requested",
        money="amount",
        since="requested_on",
        late=5,  # no norm: a working week
    ),
    Work(
        "退费待支付",
        "enrollment.pay_refund",
        "enrollment:refunds",
        _refunds(Refund.Status.GRANTED),
        query="status=granted",
        money="amount",
        since="decided_on",
        late=5,
    ),
)
# Out of the expenditure account, which the month's plan provides (funds/plans/working.py).
GOING_BACK = (
    Work(
        "已批退保费",
        "enrollment.view_refunds",
        "enrollment:refunds",
        _refunds(Refund.Status.GRANTED),
        query="status=granted",
        money="amount",
        since="decided_on",
    ),
)
NOTES = (
    Note("enrollment.take_payment", "enrollment:books", _numbers, "bad"),
    Note("enrollment.close_day", "enrollment:day", _unclosed),
)
TRENDS = (
    Trend(
        "近 14 天我的收费（元）", "enrollment.take_payment", _own_receipts, "issued_on", "amount"
    ),
)
FINDERS = (Finder("enrollment.view", _receipts),)
