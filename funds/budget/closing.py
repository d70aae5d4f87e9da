"""Whether the year has a budget (settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from datetime import date

from funds.budget.models import Budget
from funds.closing.found import Found, page_of
from funds.models import Book
from lib.periods import Month


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    is_missing = Budget.objects.in_force(book, month.year) is None
    yield Found(
        what="年度预算已批准",
        count=int(is_missing),
        unit="份",
        words=f"{month.year} 年没有批准的预算，月报没有执行率" if is_missing else "",
        address=page_of("funds:budget", book=book.pk, year=month.year),
    )
