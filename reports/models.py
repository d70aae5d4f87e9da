"""The monthly fund-operation report: requested, computed by Celery, kept as a snapshot."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet


class MonthlyReportQuerySet(ScopedQuerySet["MonthlyReport"]):
    division_path = "area__code"

    def waiting(self) -> Self:
        return self.filter(status=MonthlyReport.Status.WAITING)


class MonthlyReport(models.Model):
    """One month of an area. This row is also the job: a lost broker loses nothing."""

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
            models.CheckConstraint(
                condition=~Q(status="done") | (Q(figures__isnull=False) & ~Q(sha256="")),
                name="done_report_has_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月基金运行报表"
