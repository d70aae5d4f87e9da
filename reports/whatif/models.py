"""A what-if as a row: asked for once, computed once, kept with its figures."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from policies.models import Pack


class SimulationQuerySet(ScopedQuerySet["Simulation"]):
    division_path = "area__code"

    def unfinished(self) -> Self:
        """Waiting, or begun by a worker that may have died since."""
        return self.filter(status__in=[Simulation.Status.WAITING, Simulation.Status.COMPUTING])


class Simulation(models.Model):
    """One draft on one year (政策试算). The row is also the job: a lost broker loses nothing.

    The text is kept as it was tried, for a draft may change afterwards.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "等待计算"
        COMPUTING = "computing", "计算中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("试算年度")
    name = models.CharField("试算办法", max_length=120)
    # The version that was tried, when it is one; a draft of the browser has none.
    pack = models.ForeignKey(Pack, models.PROTECT, null=True, related_name="simulations")
    source = models.TextField("文本")
    sha256 = models.CharField("文本指纹", max_length=64)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.WAITING)
    progress = models.PositiveSmallIntegerField("进度(%)", default=0)
    stage = models.CharField("步骤", max_length=40, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True)
    computed_at = models.DateTimeField("完成时间", null=True)
    failure = models.TextField("失败原因", blank=True)
    figures = models.JSONField("数据", null=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(status="done") & Q(figures=None))
                | Q(status="done", figures__isnull=False),
                name="done_simulation_has_figures",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure=""), name="failed_simulation_says_why"
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="simulation_progress_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.year} 年度）"

    @property
    def is_unfinished(self) -> bool:
        return self.status in {self.Status.WAITING, self.Status.COMPUTING}
