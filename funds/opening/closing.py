"""Opening balances that nobody has decided stop the closing of the first month
(settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from datetime import date

from funds.closing.found import Found, page_of
from funds.models import Book
from funds.opening.models import Opening
from lib.periods import Month


def stopping(book: Book, month: Month, on: date) -> Iterator[Found]:
    """Once the month is closed they can no longer be entered."""
    if month.first != book.first_month:
        return
    row = Opening.objects.filter(book=book).proposed().first()
    yield Found(
        what="期初余额已审批",
        stops=True,
        count=int(row is not None),
        unit="份",
        amount=row.total if row else None,
        words="期初余额还没有审批，首月结账后不能再登记；请先办结或撤回" if row else "",
        address=page_of("funds:opening", book=book.pk),
    )


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    yield from stopping(book, month, on)
