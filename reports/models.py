"""The monthly fund-operation report: requested, computed by a worker, kept as a snapshot."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import Division
from desk.fields import once
from desk.jobs import Job, JobQuerySet, Tell
from lib.periods import Month


class MonthlyReportQuerySet(JobQuerySet["MonthlyReport"]):
    division_path = "area__code"

    def of_month(self, month: Month) -> Self:
        return self.filter(year=month.year, month=month.month)

    def beside(self, report: "MonthlyReport") -> Self:
        """The other finished editions of the same month."""
        of_month = self.of_month(report.as_month).filter(area=report.area)
        done = of_month.filter(status=MonthlyReport.Status.DONE)
        return done.exclude(pk=report.pk).defer("figures")


class MonthlyReport(Job):
    """One edition of one month of an area. This row is also the job: a lost broker loses nothing.

    A month may be computed again (late vouchers, withdrawn claims); that is a new edition, and the
    earlier ones stay as they were.
    """

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    edition = models.PositiveSmallIntegerField("第几次编制", default=1)
    figures = models.JSONField("数据", null=True)
    sha256 = models.CharField("指纹", max_length=64, blank=True)

    objects = MonthlyReportQuerySet.as_manager()

    class Meta(Job.Meta):
        ordering = ["-year", "-month", "-edition"]
        constraints = [
            *Job.Meta.constraints,
            once("area", "year", "month", "edition", name="report_edition_once"),
            once(
                "area",
                "year",
                "month",
                name="one_unfinished_report_per_month",
                where=Q(status__in=Job.UNFINISHED),
            ),
            models.CheckConstraint(
                condition=(~Q(status="done") & Q(figures=None, sha256=""))
                | (Q(status="done", figures__isnull=False) & ~Q(sha256="")),
                name="done_report_has_figures",
            ),
            models.CheckConstraint(
                condition=Q(month__range=(1, 12)), name="report_month_of_twelve"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月基金运行报表"

    @property
    def as_month(self) -> Month:
        return Month(self.year, self.month)

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from reports.services import compute

        tell(5, "汇总数据")
        return compute(self)


from reports.analysis.models import NamedView  # noqa: E402, F401 - models by what they hold
from reports.bulletins.models import Bulletin  # noqa: E402, F401 - likewise
from reports.whatif.models import Simulation  # noqa: E402, F401 - one app, models by what they hold
