"""No bank account pays out, and no reserve gives, what it does not have."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import F, Sum

from accounts.errors import Refusal
from desk.locks import lock_name
from funds.chart import never_below_zero, printed
from funds.events import OPENING, OUT_OF_OPENING
from funds.models import ZERO, Account, Book, Posting, Voucher
from lib.money import told

# What to do where an account has not enough, by its general account.
REMEDIES = {
    "1003": "请先登记到账的补助、划入的保费",
    "1004": "请先由财政专户拨款（登记收支），支付批次也可以移出部分款项",
    "3101": "动用不能超过结余",
}


def check_covered(voucher: Voucher, postings: Sequence[Posting]) -> None:
    """Refuse the voucher that has just been written where it takes more than is there.

    Neither on its day nor, with what was booked on later ones, on any of them. A red-letter voucher
    is let through: what it takes back was not there in truth. Asked under the lock that the guard
    at COMMIT takes as well (migrations/0012_never_below_zero.py), so that of two that fit alone the
    second sees the first.
    """
    watched = [posting for posting in postings if never_below_zero(posting.account.code)]
    if voucher.reversal_of_id is not None or not any(_takes(one) for one in watched):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM hezuo_funds_short(%s)", [voucher.pk])
        short = {account: (day, left) for account, day, left in cursor.fetchall()}
    for posting in watched:
        if posting.account_id in short:
            account, (day, left) = posting.account, short[posting.account_id]
            moved = [one for one in watched if one.account_id == account.pk]
            wanted = abs(sum((one.debit - one.credit for one in moved), ZERO))
            name = printed(voucher.period.chart, account.code).name
            raise Refusal(
                f"{voucher.book}的{name}到 {day} 只有 {told(left + wanted)} 元，"
                f"这笔要付出 {told(wanted)} 元，还差 {told(-left)} 元，不能记账；"
                f"{REMEDIES.get(account.general_code, '请核对金额和日期')}",
                "amount",
            )


def check_left_of_opening(voucher: Voucher, postings: Sequence[Posting]) -> None:
    """Refuse the voucher that has just been written where it takes more of a debt than the book
    began with. Of two that fit alone the second sees the first, by the lock."""
    if voucher.event not in OUT_OF_OPENING or voucher.reversal_of_id is not None:
        return
    lock_name(voucher.book.area.code, f"funds.opening_left:{voucher.book_id}")
    for account in {one.account for one in postings if one.debit}:
        left = left_of_opening(voucher.book, account.code)
        if left < 0:
            name = printed(voucher.period.chart, account.code).name
            wanted = sum((one.debit for one in postings if one.account == account), ZERO)
            raise Refusal(
                f"期初余额中的{name}只剩 {told(left + wanted)} 元，这笔要付出 {told(wanted)} 元，"
                f"还差 {told(-left)} 元，不能记账；请核对金额，期初余额有错的先更正期初余额",
                "amount",
            )


def left_of_opening(book: Book, account: str) -> Decimal:
    """What is left of a debt that the book began with, once what went out of it is counted off."""
    rows = Posting.objects.filter(
        voucher__book=book, account__code=account, voucher__event__in=(OPENING, *OUT_OF_OPENING)
    )
    found: Decimal = rows.aggregate(left=Sum(F("credit") - F("debit"), default=ZERO))["left"]
    return found


def _takes(posting: Posting) -> bool:
    """Whether its account has less afterwards."""
    gave = posting.debit if posting.account.normal_side == Account.Side.DEBIT else posting.credit
    return not gave
