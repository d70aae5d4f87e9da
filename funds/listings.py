"""The vouchers of a book."""

from typing import Any

from accounts.models import Division, User
from desk.filters import ANY, chosen
from desk.listing import Column, Listing, attr
from funds.events import EVENT_CHOICES
from funds.filters import BookFilter
from funds.forms import account_choices, month_choices
from funds.models import Voucher, VoucherQuerySet
from lib.periods import Month


class VoucherFilter(BookFilter):
    """What the list of vouchers is narrowed by; months, townships and accounts are the book's."""

    book = chosen("账套", "book")
    month = chosen("月份", lambda rows, value: rows.of_month(Month.parse(value)))
    event = chosen("事项", "event", EVENT_CHOICES)
    township = chosen("乡镇", "")
    account = chosen("科目", "")

    def offer(self) -> None:
        book = self.offer_books()
        if book is None:
            return
        towns = Division.objects.townships().filter(parent=book.area)
        self.choose("month", [ANY, *month_choices(book)])
        self.choose("township", [ANY, *towns.values_list("code", "name")])
        self.choose("account", [ANY, *account_choices(book)])

    def narrow(self, rows: Any) -> VoucherQuerySet:
        found: VoucherQuerySet = super().narrow(rows)
        return found.touching(
            township_code=self.filled().get("township", ""),
            account=self.filled().get("account", ""),
        )


def _vouchers(user: User) -> VoucherQuerySet:
    rows = Voucher.objects.visible_to(user)
    return rows.select_related("reversal", "reversal_of", "seal")


VOUCHERS = Listing(
    "凭证",
    "funds.view",
    _vouchers,
    (
        Column("凭证号", attr("label"), "code", link="funds:voucher"),
        Column("日期", attr("occurred_on"), "day", sort=True),
        Column("事项", attr("event_title"), sort="event"),
        Column("摘要", attr("summary"), width=30),
        Column("来源", attr("source"), width=24),
        Column("金额", attr("amount"), "yuan", sort=True),
        Column("制单", attr("preparer"), sort=True),
        Column("状态", attr("standing"), "status"),
    ),
    VoucherFilter,
    export="funds.export",
    empty="没有符合条件的凭证",
    hint="确认缴存、支付待遇或登记收支后，凭证自动出现在这里",
    template="funds/vouchers.html",
)
