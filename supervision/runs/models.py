"""A run of the screening rules over a month that is over (事后按月筛查): the row is the job."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models

from accounts.models import Division
from desk.fields import once
from desk.jobs import Job, JobManager, Tell
from lib.periods import Month


class MonthRun(Job):
    """All settlements of a month, looked at together: what came in parts, and what only the whole
    month tells. `upto`: the last settlement that was looked at, from which it goes on when a
    worker died; `found`: rule → hits, `added`: alerts that were not there before."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    month = models.DateField("月份")
    upto = models.BigIntegerField("已查到的结算单", default=0)
    looked_at = models.PositiveIntegerField("结算单数", default=0)
    added = models.PositiveIntegerField("新增疑点", default=0)
    found = models.JSONField("命中", default=dict)

    objects = JobManager("area__code")

    class Meta(Job.Meta):
        app_label = "supervision"
        ordering = ["-id"]
        constraints = [
            *Job.Meta.constraints,
            once(
                "area",
                "month",
                name="one_unfinished_run_of_a_month",
                where=models.Q(status__in=Job.UNFINISHED),
                told="这个月正在筛查，请等它完成",
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="run_is_of_a_whole_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} 按月筛查"

    @property
    def hits(self) -> int:
        return sum(self.found.values())

    def begin(self) -> dict[str, Any]:
        """Where a worker died, the run goes on behind the last settlement that it wrote."""
        if self.upto:
            return {"status": self.Status.RUNNING, "stage": "继续筛查"}
        return super().begin()

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any] | None:
        from supervision.runs.services import screen_month  # reads what this module defines

        return screen_month(self, Month.of(self.month), tell)
