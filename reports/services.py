"""Requesting a monthly report, and what a worker then computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement, SettlementQuerySet
from desk.jobs import start
from funds.models import Book, Voucher, VoucherQuerySet
from lib.periods import Month
from reports.figures import collect, fingerprint
from reports.models import MonthlyReport


def refuse_unbegun(month: Month, on: date) -> None:
    """Raises Refusal for a month that has not begun on the day."""
    if month > Month.of(on):
        raise Refusal(f"{month.words}还没有开始，请选择本月或以前的月份", "month")


@transaction.atomic
def request_report(*, actor: User | None, area: Division, month: Month, on: date) -> MonthlyReport:
    """Put a month's report in line and return its row, which is also the job: a worker is told.

    A report of that month that is still waiting is returned as it is; after a finished one, a new
    edition is made. `actor` is None for the monthly routine. Raises Refusal for a month that has
    not begun on the day `on`, and for an area that is no county.
    """
    if area.level != Division.Level.COUNTY:
        raise Refusal("基金运行报表按统筹区（县）编制，请由县级人员申请", "month")
    refuse_unbegun(month, on)
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
        after={"month": str(month), "edition": report.edition},
    )
    start(report)
    return report


def request_last_month(*, on: date) -> list[MonthlyReport]:
    """Ask for last month's report of every area that kept books in it and has none yet; one that
    failed is tried again the next day."""
    month = Month.of(on).previous()
    books = Book.objects.filter(fund_type=Book.FundType.RESIDENT, first_month__lte=month.first)
    asked = MonthlyReport.objects.of_month(month).exclude(status=MonthlyReport.Status.FAILED)
    areas = (
        Division.objects.filter(level=Division.Level.COUNTY, book__in=books)
        .exclude(monthlyreport__in=asked)
        .order_by("code")
    )
    return [request_report(actor=None, area=area, month=month, on=on) for area in areas]


def compute(report: MonthlyReport) -> dict[str, Any]:
    """The columns of the finished report. Raises Refusal without books or measures."""
    with one_view_of_the_data():
        figures = collect(area=report.area, month=report.as_month)
    return {"figures": figures, "sha256": fingerprint(figures)}


def late_vouchers(report: MonthlyReport) -> VoucherQuerySet:
    """Vouchers of the report's year up to its month that were entered after it was computed."""
    month = report.as_month
    rows = Voucher.objects.filter(
        book__area=report.area,
        book__fund_type=Book.FundType.RESIDENT,
        occurred_on__range=(Month(month.year, 1).first, month.last),
        posted_at__gt=report.finished_at,
    )
    return rows.order_by("posted_at", "pk")


def late_claims(report: MonthlyReport) -> SettlementQuerySet:
    """Settlements of the report's year up to its month that were entered after it was computed."""
    month = report.as_month
    rows = Settlement.objects.effective().filter(
        division__code__startswith=report.area.code,
        settled_on__range=(Month(month.year, 1).first, month.last),
        entered_at__gt=report.finished_at,
    )
    return rows.select_related("visit").order_by("entered_at", "pk")


@contextmanager
def one_view_of_the_data() -> Iterator[None]:
    """A transaction whose statements all see the same moment, so that the tables agree."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # an enclosing transaction has chosen its view already
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
