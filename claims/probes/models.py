"""A probe as a row: asked for once, computed once, kept with its findings."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.errors import Refusal
from accounts.models import Division
from claims.probing import probe
from desk.jobs import Job, JobQuerySet, Tell
from policies.loader import PackError, load_adopted


class ProbeQuerySet(JobQuerySet["Probe"]):
    division_path = "area__code"


class Probe(Job):
    """One text of measures, probed (办法探查). The row is also the job: a lost broker loses
    nothing. The text is kept as it was, for a draft may change afterwards."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    name = models.CharField("办法", max_length=120)
    source = models.TextField("文本")
    sha256 = models.CharField("文本指纹", max_length=64)
    figures = models.JSONField("结果", null=True)

    objects = ProbeQuerySet.as_manager()

    class Meta(Job.Meta):
        ordering = ["-id"]
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(status="done") | Q(figures__isnull=False),
                name="done_probe_has_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"探查：{self.name}"

    @property
    def area_code(self) -> str:
        return self.area.code

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        try:
            terms = load_adopted(self.source, self.name)
        except PackError as error:
            raise Refusal("；".join(str(problem) for problem in error.problems)) from None
        done = probe(terms, tell=tell)
        return {"figures": asdict(done)}
