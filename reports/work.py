"""What waits in reports: last month's report, bulletins to be issued."""

from datetime import date

from accounts.models import User
from desk.worklist import Note
from funds.models import Book
from lib.periods import Month
from reports.bulletins.work import WORK as BULLETINS
from reports.models import MonthlyReport


def _last_month(user: User, day: date) -> str:
    """None of a month before the books of a county that moved in."""
    month = Month.of(day).previous()
    books = Book.objects.visible_to(user).filter(fund_type=Book.FundType.RESIDENT)
    if not books.filter(first_month__lte=month.first).exists():
        return ""
    done = MonthlyReport.objects.visible_to(user).of_month(month)
    if done.filter(status=MonthlyReport.Status.DONE).exists():
        return ""
    return f"{month.words}的基金运行月报还没有编制"


WORK = BULLETINS
NOTES = (Note("reports.compute", "reports:list", _last_month),)
