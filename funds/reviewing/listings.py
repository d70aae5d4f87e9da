"""Vouchers of the business as they stand with their review."""

from typing import Any

from accounts.models import User
from desk.filters import ANY, chosen, day
from desk.listing import Column, Listing, attr
from funds.events import EVENT_CHOICES
from funds.filters import BookFilter
from funds.forms import month_choices
from funds.models import Book, Period, Voucher, VoucherQuerySet
from funds.reviewing.services import Standing, doubt_of, standing, with_review
from lib.periods import Month

# What the sums by event are narrowed by: event and standing are what they tell apart.
AROUND = ("book", "month", "on")


def _standing(rows: VoucherQuerySet, value: str) -> VoucherQuerySet:
    if value == Standing.DOUBTED:
        return rows.doubted()
    if value == Standing.WAITING:
        return rows.unreviewed().exclude(doubts__status="open")
    return rows.exclude(review=None).exclude(doubts__status="open")


class ReviewFilter(BookFilter):
    """One book; by itself the first open month in which something waits."""

    book = chosen("账套", "book")
    month = chosen("月份", lambda rows, value: rows.of_month(Month.parse(value)))
    on = day("日期", "occurred_on")
    event = chosen("事项", "event", EVENT_CHOICES)
    standing = chosen("复核", _standing, Standing.choices, initial=Standing.WAITING)

    def offer(self) -> None:
        book = self.offer_books(self._has_rows)
        if book is None:
            return
        self.choose("month", [ANY, *month_choices(book)])
        self.fields["month"].initial = _first_waiting(book)

    def _has_rows(self, book: Book) -> bool:
        """The work list counts all books: its link begins with the first that has any."""
        asked = self.asked.get("standing", Standing.WAITING)
        return _standing(Voucher.objects.filter(book=book).of_business(), asked).exists()

    def around(self, rows: Any) -> VoucherQuerySet:
        """The rows of book, month and day, whatever event or standing was asked for."""
        filled = {name: value for name, value in self.filled().items() if name in AROUND}
        found: VoucherQuerySet = self.narrow_by(rows, filled)
        return found


def _first_waiting(book: Book) -> str:
    waiting = Voucher.objects.filter(book=book).unreviewed()
    months = Period.objects.filter(book=book, pk__in=waiting.values("period")).open()
    first = months.order_by("year", "month").first()
    return str(first.as_month) if first else ""


def _rows(user: User) -> VoucherQuerySet:
    rows = Voucher.objects.visible_to(user).of_business()
    return with_review(rows).order_by("period__year", "period__month", "number")


def _told(voucher: Voucher) -> str:
    """What is doubted, or who reviewed it."""
    if doubt := doubt_of(voucher):
        return f"{doubt.raised_by.name}：{doubt.reason}"
    review = getattr(voucher, "review", None)
    return review.reviewed_by.name if review else ""


REVIEWS = Listing(
    "业务凭证复核",
    "funds.view",
    _rows,
    (
        Column("凭证号", attr("label"), "code", link="funds:review"),
        Column("日期", attr("occurred_on"), "day", sort=True),
        Column("事项", attr("event_title"), sort="event"),
        Column("金额", attr("amount"), "yuan", sort=True, total="amount"),  # the ticked are summed
        Column("摘要", attr("summary"), width=30),
        Column("来源", attr("source"), width=24),
        Column("制单", attr("preparer"), sort=True),
        Column("复核", standing, "status", hint=_told),
    ),
    ReviewFilter,
    tick="vouchers",
    export="funds.export",
    empty="没有符合条件的业务凭证",
    hint="办理业务自动生成的凭证，由制单人以外的人在这里复核",
    template="funds/reviewing/list.html",
    route="funds:reviews",
)
