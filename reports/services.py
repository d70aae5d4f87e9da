"""Requesting a monthly report, and computing it exactly once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from funds.models import Book
from lib.periods import Month
from reports.figures import collect, fingerprint
from reports.models import MonthlyReport


@transaction.atomic
def request_report(*, actor: User | None, area: Division, month: Month, on: date) -> MonthlyReport:
    """Put a month's report in line and return its row, which is also the job.

    A report of that month that is still waiting is returned as it is; after a finished one, a new
    edition is made. `actor` is None for the monthly routine. Raises Refusal for a month that has
    not begun on the day `on`, and for an area that is no county.
    """
    if area.level != Division.Level.COUNTY:
        raise Refusal("基金运行报表按统筹区（县）编制，请由县级人员申请", "month")
    if month > Month.of(on):
        raise Refusal(f"{month} 还没有开始，请选择本月或以前的月份", "month")
    # Two officers who ask at once get the same row. Foreign keys to the area need not wait.
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)
    editions = MonthlyReport.objects.filter(area=area).of_month(month)
    unfinished = editions.unfinished().first()
    if unfinished is not None:
        return unfinished
    latest = editions.aggregate(latest=Max("edition"))["latest"] or 0
    report = MonthlyReport.objects.create(
        area=area, year=month.year, month=month.month, edition=latest + 1, requested_by=actor
    )
    record(
        actor=actor,
        action="reports.request",
        subject=report,
        division_code=area.code,
        after={"month": str(month), "edition": report.edition},
    )
    return report


def request_last_month(*, on: date) -> list[MonthlyReport]:
    """Ask for last month's report of every area that keeps books and has none yet."""
    month = Month.of(on).previous()
    areas = (
        Division.objects.filter(level=Division.Level.COUNTY, book__fund_type=Book.FundType.RESIDENT)
        .exclude(monthlyreport__in=MonthlyReport.objects.of_month(month))
        .order_by("code")
    )
    return [request_report(actor=None, area=area, month=month, on=on) for area in areas]


def compute_report(report_id: int) -> bool:
    """Compute a waiting report and keep its figures. True when this call did it.

    Safe to call from any number of workers and as often as wanted: the row's lock says who is at
    work, so a report left behind by a dead worker is simply taken up again, and a finished one is
    never touched. A Refusal (no books, no measures) makes it FAILED in words; so does a fault,
    which is also raised; a lost database connection leaves it to the next attempt.
    """
    if not _begin(report_id):
        return False
    try:
        return _finish(report_id)
    except Refusal as refusal:
        return _fail(report_id, refusal.message)
    except (InterfaceError, OperationalError):
        raise
    except Exception:
        _fail(report_id, "计算时出现程序错误，已记入系统日志，请联系系统管理员")
        raise


def _locked(report_id: int) -> MonthlyReport | None:
    """The unfinished report under lock; None when it is done or another worker has it."""
    rows = MonthlyReport.objects.unfinished().select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("area").filter(pk=report_id).first()


@transaction.atomic
def _begin(report_id: int) -> bool:
    report = _locked(report_id)
    if report is None:
        return False
    report.status = MonthlyReport.Status.COMPUTING
    report.started_at = timezone.now()
    report.save(update_fields=["status", "started_at"])
    return True


def _finish(report_id: int) -> bool:
    with one_view_of_the_data():
        report = _locked(report_id)
        if report is None:
            return False
        figures = collect(area=report.area, month=report.as_month)
        report.figures = figures
        report.sha256 = fingerprint(figures)
        report.status = MonthlyReport.Status.DONE
        report.computed_at = timezone.now()
        report.save(update_fields=["figures", "sha256", "status", "computed_at"])
    return True


@transaction.atomic
def _fail(report_id: int, why: str) -> bool:
    report = _locked(report_id)
    if report is None:
        return False
    report.status = MonthlyReport.Status.FAILED
    report.failure = why[:300]
    report.computed_at = timezone.now()
    report.save(update_fields=["status", "failure", "computed_at"])
    return True


@contextmanager
def one_view_of_the_data() -> Iterator[None]:
    """A transaction whose statements all see the same moment, so that the tables agree."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # an enclosing transaction has chosen its view already
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
