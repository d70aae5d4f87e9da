"""How many vouchers of the business nobody has reviewed (settings.ROOMS_OF_CLOSING). It is told and
stops nothing: no norm makes the month wait for it, and it may be done later."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Sum

from funds.closing.found import Found, page_of
from funds.models import ZERO, Book, Voucher
from lib.money import told
from lib.periods import Month


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    rows = Voucher.objects.filter(book=book).of_month(month)
    for what, standing, found, say in (
        (
            "业务凭证已复核",
            "waiting",
            rows.unreviewed().exclude(doubts__status="open"),
            "没有复核",
        ),
        ("业务凭证疑问已澄清", "doubted", rows.doubted(), "有疑问没有澄清"),
    ):
        sums = found.aggregate(count=Count("pk"), amount=Sum("amount", default=ZERO))
        count, amount = sums["count"], sums["amount"]
        yield Found(
            what=what,
            count=count,
            unit="张",
            amount=amount if count else None,
            words=f"{month.words}有 {count} 张业务凭证{say}，合计 {told(amount)} 元"
            if count
            else "",
            address=page_of("funds:reviews", book=book.pk, month=month, standing=standing),
        )
