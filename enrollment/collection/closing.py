"""What of collection stands open before a month of the residents' book is closed
(settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from enrollment.collection.models import Receipt, Refund, Remittance, TaxRow
from funds.banking.models import BankLine
from funds.closing.found import Found, done_since, page_of
from funds.models import ZERO, Book
from lib.money import told
from lib.periods import Month


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that is looked for. `now`: which of the rows stand open today; `since`: which stood
    open on the month's last day and are done."""

    what: str
    rows: QuerySet[Any]
    now: Q
    since: Q
    say: str
    page: str
    unit: str = "笔"


def still_open(book: Book, month: Month, on: Any) -> Iterator[Found]:
    """What stood open on the month's last day; nothing in the books of other funds."""
    if book.fund_type != Book.FundType.RESIDENT:
        return
    area, last = book.area, month.last
    here = {"division__code__startswith": area.code}
    # Of vouchers the number begins with their month: booked in a later one.
    later = str(month.next())
    cash = Receipt.objects.filter(**here, channel=Receipt.Channel.CASH, issued_on__lte=last)
    slips = Remittance.objects.filter(township__code__startswith=area.code, slip_date__lte=last)
    lines = BankLine.objects.filter(area=area, booked_on__lte=last)
    tax = TaxRow.objects.filter(file__area=area, paid_on__lte=last)
    refunds = Refund.objects.filter(
        enrollment__division__code__startswith=area.code, requested_on__lte=last
    )
    for look in (
        Look(
            "窗口现金已缴存",
            cash.filter(Q(voided_at=None) | Q(voided_on__gt=last)),
            now=Q(voided_at=None, remittance=None),
            since=Q(remittance=None) | Q(remittance__slip_date__gt=last),
            unit="张",
            say="张收据的现金没有缴存",
            page="enrollment:remittances",
        ),
        Look(
            "缴存已确认入账",
            slips,
            now=Q(status=Remittance.Status.SUBMITTED),
            since=Q(voucher_number__gte=later),
            say="笔缴存没有与银行核对入账",
            page="enrollment:remittances",
        ),
        Look(
            "收入户流水已核对",
            lines,
            now=Q(kind=""),
            since=Q(voucher_number__gte=later),
            say="笔收入户流水没有说明用途",
            page="enrollment:bank_lines",
        ),
        Look(
            "税务缴费已匹配",
            tax,
            now=Q(enrollment=None, returned_voucher=""),
            since=~Q(suspense_voucher="")
            & (Q(voucher_number__gte=later) | Q(returned_voucher__gte=later)),
            say="笔税务缴费没有匹配到参保人",
            page="enrollment:tax_files",
        ),
        Look(
            "退费已支付",
            refunds,
            now=Q(status__in=(Refund.Status.REQUESTED, Refund.Status.GRANTED)),
            since=Q(status=Refund.Status.PAID, paid_on__gt=last)
            | Q(status=Refund.Status.REFUSED, decided_on__gt=last),
            say="笔退费没有办完",
            page="enrollment:refunds",
        ),
    ):
        yield _found(look, month)


def _found(look: Look, month: Month) -> Found:
    found = look.rows.filter(look.now | look.since).aggregate(
        count=Count("pk"), amount=Sum("amount", default=ZERO), now=Count("pk", filter=look.now)
    )
    count, amount = found["count"], found["amount"]
    since = done_since(count, found["now"], look.unit)
    return Found(
        what=look.what,
        count=count,
        unit=look.unit,
        amount=amount if count else None,
        words=f"{month.words}底 {count} {look.say}，合计 {told(amount)} 元{since}" if count else "",
        address=page_of(look.page),
    )
