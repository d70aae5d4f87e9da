"""What of collection stands open before a month of the residents' book is closed
(settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Sum

from enrollment.collection.models import Receipt, Refund, Remittance, TaxRow
from funds.banking.models import BankLine
from funds.closing.found import Found, page_of
from funds.models import ZERO, Book
from lib.money import told
from lib.periods import Month


def still_open(book: Book, month: Month, on: Any) -> Iterator[Found]:
    """Of up to the month's end; nothing in the books of other funds."""
    if book.fund_type != Book.FundType.RESIDENT:
        return
    area, last = book.area, month.last
    here = {"division__code__startswith": area.code}
    cash = Receipt.objects.unremitted().filter(**here, issued_on__lte=last, amount__gt=0)
    slips = Remittance.objects.awaiting_confirmation().filter(
        township__code__startswith=area.code, slip_date__lte=last
    )
    lines = BankLine.objects.open().filter(area=area, booked_on__lte=last)
    tax = TaxRow.objects.open().filter(file__area=area, paid_on__lte=last)
    refunds = Refund.objects.filter(
        enrollment__division__code__startswith=area.code,
        status__in=(Refund.Status.REQUESTED, Refund.Status.GRANTED),
        requested_on__lte=last,
    )
    for what, rows, unit, say, page in (
        ("窗口现金已缴存", cash, "张", "张收据的现金没有缴存", "enrollment:remittances"),
        ("缴存已确认入账", slips, "笔", "笔缴存没有与银行核对入账", "enrollment:remittances"),
        ("收入户流水已核对", lines, "笔", "笔收入户流水没有说明用途", "enrollment:bank_lines"),
        ("税务缴费已匹配", tax, "笔", "笔税务缴费没有匹配到参保人", "enrollment:tax_files"),
        ("退费已支付", refunds, "笔", "笔退费没有办完", "enrollment:refunds"),
    ):
        yield _line(what, rows, unit, say, page)


def _line(what: str, rows: Any, unit: str, say: str, page: str) -> Found:
    found = rows.aggregate(count=Count("pk"), amount=Sum("amount"))
    count, amount = found["count"], found["amount"] or ZERO
    return Found(
        what=what,
        count=count,
        unit=unit,
        amount=amount if count else None,
        words=f"{count} {say}，合计 {told(amount)} 元" if count else "",
        address=page_of(page),
    )
