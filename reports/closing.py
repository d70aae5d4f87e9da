"""Whether the month's report was made before its book is closed (settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from datetime import date

from funds.closing.found import Found, page_of
from funds.models import Book
from lib.periods import Month
from reports.models import MonthlyReport


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    if book.fund_type != Book.FundType.RESIDENT:
        return
    done = MonthlyReport.objects.of_month(month).filter(
        area=book.area, status=MonthlyReport.Status.DONE
    )
    is_missing = not done.exists()
    yield Found(
        what="基金运行月报已编制",
        count=int(is_missing),
        unit="份",
        words=f"{month.words}的基金运行月报还没有编制，结账后请再编一次" if is_missing else "",
        address=page_of("reports:list"),
    )
