"""A probe as a row: asked for once, computed once, kept with its findings and their marks."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.errors import Refusal
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from claims.probing import probe
from desk.fields import first_hand, later_hand, once, status_column, status_says
from desk.jobs import Job, JobManager, Tell
from desk.tones import TonedChoices
from policies.loader import PackError, load_adopted


class Probe(Job):
    """One text of measures, probed (办法探查). The row is also the job: a lost broker loses
    nothing. The text is kept as it was, for a draft may change afterwards."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    name = models.CharField("办法", max_length=120)
    source = models.TextField("文本")
    sha256 = models.CharField("文本指纹", max_length=64)
    figures = models.JSONField("结果", null=True)

    objects = JobManager("area__code")

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

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        try:
            terms = load_adopted(self.source, self.name)
        except PackError as error:
            raise Refusal("；".join(str(problem) for problem in error.problems)) from None
        done = probe(terms, tell=tell)
        return {"figures": asdict(done)}

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What was found; each can be named by its ``key``."""
        found: Iterable[dict[str, Any]] = (self.figures or {}).get("findings", [])
        return [each | {"key": key_of(each)} for each in found]


def key_of(finding: Mapping[str, Any]) -> str:
    """What one finding of a text is known by: a later probe of the same text finds the same."""
    return hashlib.sha256(f"{finding['kind']}\n{finding['title']}".encode()).hexdigest()


class IntendedQuerySet(ScopedQuerySet["Intended"]):
    division_path = "area__code"

    def standing(self, area_code: str, sha256: str) -> "IntendedQuerySet":
        """Those that hold for exactly this text in its area."""
        return self.filter(area__code=area_code, sha256=sha256, status=Intended.Status.STANDS)


class Intended(models.Model):
    """A finding that the measures mean (有意为之), with the article that says so.

    Said of one text: a letter more and it is to be looked at again.
    """

    class Status(TonedChoices):
        STANDS = "stands", "good", "有意为之"
        TAKEN_BACK = "taken_back", "idle", "已撤回"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    sha256 = models.CharField("文本指纹", max_length=64)
    finding = models.CharField("结果指纹", max_length=64)
    title = models.TextField("结果")
    article = models.CharField("条文", max_length=200)
    reason = models.CharField("理由", max_length=200)
    marked_by, marked_at = first_hand("标明")
    status = status_column(Status.STANDS)
    taken_back_by, taken_back_at = later_hand("撤回")
    taken_back_because = models.CharField(
        "撤回的原因", max_length=200, blank=True, default="", db_default=""
    )

    objects = IntendedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            once(
                "area",
                "sha256",
                "finding",
                name="finding_marked_once",
                where=Q(status="stands"),
                told="这一处刚才已由别人标明，请重新打开",
            ),
            status_says("taken_back", column="taken_back_by", name="mark_taken_back_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"有意为之：{self.title}"
