"""What of the books themselves stops the closing of a month."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum

from funds.balances import balances_from, is_impossible, turnover_through
from funds.chart import printed
from funds.closing.found import Found, page_of
from funds.drafts.models import VoucherDraft
from funds.events import ADVANCES
from funds.models import ZERO, Period, Posting, Voucher
from lib.money import told

# 收入户、国库月末清零: what was collected has to be in the fiscal account by the end of the month.
EMPTIED_MONTHLY = ("1002", "1005")


def stopping(period: Period, on: date) -> Iterator[Found]:
    """Every check of the books, one line each or, where something is wrong, one for each fault."""
    yield _over(period, on)
    yield _earlier(period)
    yield _numbers(period)
    yield _in_balance(period)
    yield from _accounts(period)
    yield _advances(period)
    yield _drafts(period)


def _over(period: Period, on: date) -> Found:
    is_early = on <= period.as_month.last
    words = f"{period}还没有过完" if is_early else ""
    return Found(what="月份已经过完", stops=True, count=int(is_early), unit="项", words=words)


def _earlier(period: Period) -> Found:
    rows = Period.objects.filter(book=period.book_id).of_business().open()
    rows = rows.through(period.as_month.previous())
    months = list(rows.order_by("year", "month"))
    return Found(
        what="以前月份已结账",
        stops=True,
        count=len(months),
        unit="个月",
        words=f"请先结{months[0]}的账" if months else "",
        address=page_of("funds:periods", book=period.book_id),
    )


def _numbers(period: Period) -> Found:
    is_broken = Voucher.objects.filter(period=period).count() != period.next_number - 1
    return Found(
        what="凭证号连续",
        stops=True,
        count=int(is_broken),
        unit="项",
        words="凭证号不连续，请立即联系审计人员核查账目" if is_broken else "",
    )


def _in_balance(period: Period) -> Found:
    sums = Posting.objects.filter(period=period).aggregate(
        d=Sum("debit", default=ZERO), c=Sum("credit", default=ZERO)
    )
    debit, credit = sums["d"], sums["c"]
    return Found(
        what="借贷平衡",
        stops=True,
        count=int(debit != credit),
        unit="项",
        amount=abs(debit - credit) or None,
        words=f"借贷不平：借方 {debit}，贷方 {credit}，请立即联系审计人员核查账目"
        if debit != credit
        else "",
    )


def _accounts(period: Period) -> Iterator[Found]:
    """Accounts that have to be empty at the month's end, and those that stand below zero."""
    turnover = turnover_through(period.book, period.as_month)
    empty: list[tuple[Decimal | None, str]] = []
    below: list[tuple[Decimal | None, str]] = []
    for balance in balances_from(period.book.accounts.order_by("code"), {}, turnover):
        name = printed(period.chart, balance.code).name
        if balance.code in EMPTIED_MONTHLY and balance.closing:
            words = f"{name}月末须无余额，现余 {told(balance.closing)} 元，请先登记划入财政专户"
            empty.append((balance.closing, words))
        elif is_impossible(balance):
            words = f"{name}余额为负（{told(balance.closing)} 元），请核对是否漏记拨款、划款或提取"
            below.append((balance.closing, words))
    seen = page_of("funds:accounts", book=period.book_id, first=period.as_month,
                   last=period.as_month)  # fmt: skip
    posted = page_of("funds:post", book=period.book_id)
    for what, faults, where in (
        ("收入户、国库月末清零", empty, posted),
        ("账户、风险基金不为负", below, seen),
    ):
        for amount, words in faults or [(None, "")]:
            yield Found(
                what=what, stops=True, count=int(bool(words)), unit="户", amount=amount,
                words=words, address=where,
            )  # fmt: skip


def _advances(period: Period) -> Found:
    """Premiums that wait for a year which has begun by the end of the month: they are income of its
    first month (补充规定)."""
    rows = Posting.objects.filter(
        voucher__book=period.book_id,
        account__code__in=ADVANCES.accounts.values(),
        policy_year__lte=period.year,
        voucher__occurred_on__lte=period.as_month.last,
    )
    sums = rows.aggregate(d=Sum("debit", default=Decimal(0)), c=Sum("credit", default=Decimal(0)))
    waiting = max(sums["c"] - sums["d"], ZERO)
    return Found(
        what="预收保费已转收入",
        stops=True,
        count=int(waiting > 0),
        unit="项",
        amount=waiting or None,
        words=f"预收保费 {told(waiting)} 元的受益年度已经开始，还没有转为收入；"
        "请在“风险基金与结余”办理预收保费转为本年收入"
        if waiting
        else "",
        address=page_of("funds:reserves", book=period.book_id, year=period.year),
    )


def _drafts(period: Period) -> Found:
    """Once the month is closed nothing that bears one of its days can be entered any more."""
    month = period.as_month
    rows = VoucherDraft.objects.alive().filter(
        book=period.book_id, voucher=None, occurred_on__range=(month.first, month.last)
    )
    found = rows.aggregate(count=Count("pk"), amount=Sum("amount"))
    count = found["count"]
    return Found(
        what="手工凭证已复核、记账",
        stops=True,
        count=count,
        unit="张",
        amount=found["amount"],
        words=f"有 {count} 张{period}的手工凭证没有复核、记账，合计 {told(found['amount'])} 元；"
        "请办完，或退回、撤回后按下月日期重新制单"
        if count
        else "",
        address=page_of("funds:drafts", since=month.first, until=month.last),
    )
