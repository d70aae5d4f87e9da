"""What a month needs, worked out: what is owed, what the months cost, what the account has."""

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
from lib.money import half_up, to_fen, to_yuan, told
from lib.periods import Month

FUNDED = "expenditure_funded"


@dataclass(frozen=True, slots=True)
class Need:
    """A line as it is worked out, in yuan; what the account has already is negative."""

    title: str
    basis: str
    amount: Decimal


def needs(book: Book, user: User, on: date) -> list[Need]:
    """What is owed by kinds, what a month costs beyond that by the last twelve, less what the
    expenditure account has. `user`: in whose scope the rooms above are asked."""
    found = _residents(book, user) if book.fund_type == Book.FundType.RESIDENT else _orders(book)
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


def _residents(book: Book, user: User) -> list[Need]:
    """Every kind that rooms name (settings.ROOMS_THAT_OWE), less what other funds bear."""
    tiles = [*owed(user), *going_back(user)]
    found = [
        Need(one.work.title, f"应付未付 {one.number} 笔", one.amount) for one in tiles if one.amount
    ]
    others = borne_by_others(user) + _of_other_funds(book)
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


def arrived(book: Book, month: Month) -> Decimal:
    """What E06 brought to the expenditure account in the month; red letters are negative."""
    rows = Posting.objects.filter(
        voucher__book=book,
        voucher__event=FUNDED,
        voucher__occurred_on__range=(month.first, month.last),
        account__code=account_of(FUNDED, "debit"),
    )
    total: Decimal = rows.aggregate(total=Sum(F("debit") - F("credit"), default=ZERO))["total"]
    return total
