"""A what-if as a row: asked for once, computed once, kept with its figures."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.jobs import Job, JobManager, Tell
from policies.models import Pack
from reports.whatif.copying import copied_value, copy_row


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

    objects = JobManager("area__code")

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

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from reports.whatif.services import compute

        return compute(self, tell, on=on)


class KeptYearQuerySet(ScopedQuerySet["KeptYear"]):
    division_path = "area__code"

    def content(self) -> memoryview:
        """The newest of them, as bytes."""
        newest = self.order_by("-id").values("content")[:1]
        return copied_value(*newest.query.sql_with_params())


class KeptYear(models.Model):
    """What a year's claims were settled from, as columns (试算底数): ``facts.py`` says what and why
    it never goes stale; ``checked`` and ``check_key`` are of ``checking.py``.

    Nothing but a copy. Its table is unlogged, so it costs no write-ahead log and is empty after a
    crash; the next draft reads anew.
    """

    # The most that one value of PostgreSQL holds, with room for what travels with it: some ten
    # million claims. More are not kept, but read every time.
    LARGEST = 1_000_000_000
    # Drafts that are tried in turns may number their codes differently.
    WAYS = 3

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("年度")
    key = models.CharField("读法指纹", max_length=64)
    sha256 = models.CharField("数据指纹", max_length=64)
    content = models.BinaryField("数据列")
    check_key = models.CharField("核对指纹", max_length=64, db_default="")
    checked = models.JSONField("核对结果", null=True)

    objects = KeptYearQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.area.name} {self.year} 年度试算底数"

    @classmethod
    def keep(cls, *, area: Division, year: int, key: str, content: bytes) -> None:
        """In place of what was kept of the same reading; the oldest of more than ``WAYS`` goes."""
        if len(content) > cls.LARGEST:
            return
        row = {
            "area_id": area.pk.to_bytes(8, "big"),
            "year": year.to_bytes(2, "big"),
            "key": key.encode(),
            "sha256": hashlib.sha256(content).hexdigest().encode(),
            "content": content,
        }
        with transaction.atomic():
            cls.objects.filter(area=area, year=year, key=key).delete()
            copy_row(cls._meta.db_table, row)
            latest = cls.objects.filter(area=area, year=year).order_by("-id").values("pk")
            cls.objects.filter(area=area, year=year).exclude(pk__in=latest[: cls.WAYS]).delete()
