"""What a month needs, worked out: what is owed, what the months cost, what the account has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from accounts.models import User
from funds.balances import balance_of
from funds.models import ZERO, Book, Posting
from funds.named import account_of, fund_position
from funds.payments.models import PaymentOrder, PaymentPart
from funds.payments.owing import borne_by_others, going_back, owed
from funds.plans.models import FundingPlan
from lib.money import half_up, to_fen, to_yuan, told
from lib.periods import Month

FUNDED = "expenditure_funded"


@dataclass(frozen=True, slots=True)
class Need:
    """A line as it is worked out, in yuan; what the account has already is negative."""

    title: str
    basis: str
    amount: Decimal


def needs(book: Book, on: date) -> list[Need]:
    """What the book's area owes by kinds, what a month costs beyond that by the last twelve, less
    what the expenditure account has: the same whoever asks."""
    found = _residents(book) if book.fund_type == Book.FundType.RESIDENT else _orders(book)
    payable = sum((one.amount for one in found), ZERO)
    if book.fund_type == Book.FundType.RESIDENT:
        position = fund_position(book.area, on)
        months = max(position.months, 1)
        average = to_yuan(half_up(to_fen(position.expense), months))
        more = max(ZERO, average - payable)
        basis = f"近 12 个月中有支出的 {position.months} 个月月均 {told(average)} 元，减上列应付款"
        found.append(Need("本月预计新增支出", basis, more))
    has = balance_of(book, account_of(FUNDED, "debit"), on)
    if has:
        found.append(Need("减：支出户现有余额", f"{on:%Y-%m-%d} 账面余额", -has))
    return found


def _residents(book: Book) -> list[Need]:
    """Every kind that rooms name (settings.ROOMS_THAT_OWE), less what other funds bear."""
    reader = User.reader_of(book.area)
    tiles = [*owed(reader), *going_back(reader)]
    found = [
        Need(one.work.title, f"应付未付 {one.number} 笔", one.amount) for one in tiles if one.amount
    ]
    others = borne_by_others(reader) + _of_other_funds(book)
    if others:
        found.append(Need("减：其他基金承担", "同一笔款项由医疗救助等基金支付的部分", -others))
    return found


def _of_other_funds(book: Book) -> Decimal:
    parts = PaymentPart.objects.filter(order__area=book.area_id).exclude(fund_type=book.fund_type)
    return _left(parts)


def _orders(book: Book) -> list[Need]:
    parts = PaymentPart.objects.filter(order__area=book.area_id, fund_type=book.fund_type)
    left = _left(parts)
    return [Need("应付款项", "已提出而未付出的支付单", left)] if left else []


def _left(parts: QuerySet[PaymentPart]) -> Decimal:
    owed_parts = parts.filter(order__status__in=PaymentOrder.OWED)
    asked = owed_parts.aggregate(total=Sum("amount", default=ZERO))["total"]
    kept = owed_parts.aggregate(total=Sum("kept__amount", default=ZERO))["total"]
    left: Decimal = asked - kept
    return left


def arrived(book: Book, month: Month, until: date | None = None) -> Decimal:
    """What E06 brought to the expenditure account for the month's plan; red letters are negative.
    `until`: as the books stood at the end of that day.

    What comes late is for the month that was granted it: money goes to the oldest granted plan that
    has not all of its own yet, and what is left to the month in which it came. No voucher names its
    plan, so what is missing in all is right in any case.
    """
    rows = Posting.objects.filter(
        voucher__book=book, voucher__event=FUNDED, account__code=account_of(FUNDED, "debit")
    )
    if until is not None:
        rows = rows.filter(voucher__occurred_on__lte=until)
    came = (
        rows.order_by("period__year", "period__month")
        .values_list("period__year", "period__month")
        .annotate(came=Sum(F("debit") - F("credit")))
    )
    plans = FundingPlan.objects.filter(book=book, status=FundingPlan.Status.GRANTED)
    granted = {
        Month.of(on): amount or ZERO
        for on, amount in plans.order_by("month").values_list("month", "granted")
    }
    shared = shared_out({Month(year, at): amount for year, at, amount in came}, granted)
    return shared.get(month, ZERO)


def shared_out(
    came: Mapping[Month, Decimal], granted: Mapping[Month, Decimal]
) -> dict[Month, Decimal]:
    """Month → what of the money that came is for it; both in the order of the months. Pure."""
    found: dict[Month, Decimal] = {}
    for at, amount in came.items():
        left = amount
        for earlier, wanted in granted.items():
            late = min(left, wanted - found.get(earlier, ZERO))
            if earlier < at and late > 0:
                found[earlier] = found.get(earlier, ZERO) + late
                left -= late
        found[at] = found.get(at, ZERO) + left
    return found
