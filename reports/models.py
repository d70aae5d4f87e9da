"""The monthly fund-operation report: requested, computed by Celery, kept as a snapshot."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from lib.periods import Month


class MonthlyReportQuerySet(ScopedQuerySet["MonthlyReport"]):
    division_path = "area__code"

    def unfinished(self) -> Self:
        """Waiting, or begun by a worker that may have died since."""
        return self.filter(
            status__in=[MonthlyReport.Status.WAITING, MonthlyReport.Status.COMPUTING]
        )

    def of_month(self, month: Month) -> Self:
        return self.filter(year=month.year, month=month.month)


class MonthlyReport(models.Model):
    """One edition of one month of an area. This row is also the job: a lost broker loses nothing.

    A month may be computed again (late vouchers, withdrawn claims); that is a new edition, and the
    earlier ones stay as they were.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "等待计算"
        COMPUTING = "computing", "计算中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    edition = models.PositiveSmallIntegerField("第几次编制", default=1)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.WAITING)
    requested_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    requested_at = models.DateTimeField("申请时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True)
    computed_at = models.DateTimeField("完成时间", null=True)
    failure = models.CharField("失败原因", max_length=300, blank=True)
    figures = models.JSONField("数据", null=True)
    sha256 = models.CharField("指纹", max_length=64, blank=True)

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-month", "-edition"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "year", "month", "edition"], name="report_edition_once"
            ),
            models.UniqueConstraint(
                fields=["area", "year", "month"],
                condition=Q(status__in=["waiting", "computing"]),
                name="one_unfinished_report_per_month",
            ),
            models.CheckConstraint(
                condition=(~Q(status="done") & Q(figures=None, sha256=""))
                | (Q(status="done", figures__isnull=False) & ~Q(sha256="")),
                name="done_report_has_figures",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure=""), name="failed_report_says_why"
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

    @property
    def is_unfinished(self) -> bool:
        return self.status in {self.Status.WAITING, self.Status.COMPUTING}


from reports.whatif.models import Simulation  # noqa: E402, F401 - one app, models by what they hold
