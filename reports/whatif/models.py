"""A what-if as a row: asked for once, computed once, kept with its figures."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Division
from desk.jobs import Job, JobQuerySet, Tell
from policies.models import Pack


class SimulationQuerySet(JobQuerySet["Simulation"]):
    division_path = "area__code"


class Simulation(Job):
    """One draft on one year (政策试算). The row is also the job: a lost broker loses nothing.

    The text is kept as it was tried, for a draft may change afterwards.
    """

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("试算年度")
    name = models.CharField("试算办法", max_length=120)
    # The version that was tried, when it is one; a draft of the browser has none.
    pack = models.ForeignKey(Pack, models.PROTECT, null=True, related_name="simulations")
    source = models.TextField("文本")
    sha256 = models.CharField("文本指纹", max_length=64)
    figures = models.JSONField("数据", null=True)

    objects = SimulationQuerySet.as_manager()

    class Meta(Job.Meta):
        ordering = ["-id"]
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=(~Q(status="done") & Q(figures=None))
                | Q(status="done", figures__isnull=False),
                name="done_simulation_has_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.year} 年度）"

    @property
    def area_code(self) -> str:
        return self.area.code

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from reports.whatif.services import compute

        return compute(self, tell, on=on)
