"""An extract for an inspection: what was asked for, the job, and its file in sealed pieces."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import Division, User
from desk.fields import in_order, once
from desk.jobs import Job, JobQuerySet, Tell
from desk.kept_files import as_text, given_back
from desk.written_files import Piece, WrittenFile


class ExtractQuerySet(JobQuerySet["Extract"]):
    division_path = "area__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        """The own ones alone, while one works in that area: patients stand in them."""
        if not user.is_active or not user.county_code:
            return Q(pk__in=[])
        return Q(requested_by=user, area__code__startswith=user.county_code)


class Extract(WrittenFile):
    """Who asked for which settlements and what for; what was written, by its fingerprint."""

    class Form(models.TextChoices):
        CSV_GB18030 = "gb18030", "CSV（GB18030）"
        CSV_UTF8 = "utf8", "CSV（UTF-8）"
        XLSX = "xlsx", "XLSX"

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    since = models.DateField("结算日期自")
    until = models.DateField("结算日期至")
    # Codes; none: all, those without an agreement as well.
    institutions = ArrayField(models.CharField(max_length=12), verbose_name="机构", default=list)
    form = models.CharField("格式", max_length=8, choices=Form.choices)
    full = models.BooleanField("完整身份信息", default=False)
    full_reason = models.CharField("完整身份信息的理由", max_length=200, blank=True)
    # Table → rows.
    counts = models.JSONField("行数", default=dict)

    objects = ExtractQuerySet.as_manager()

    class Meta(WrittenFile.Meta):
        app_label = "supervision"
        ordering = ["-id"]
        constraints = [
            *WrittenFile.Meta.constraints,
            once(
                "requested_by",
                name="one_unfinished_extract_of_a_user",
                where=Q(status__in=Job.UNFINISHED),
                told="您的上一份提取还没有写好，请等它完成",
            ),
            in_order("since", "until", name="extract_days_in_order"),
            models.CheckConstraint(
                condition=Q(full=False) | ~Q(full_reason=""), name="full_extract_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(sha256=""), name="done_extract_has_a_fingerprint"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name}飞检数据提取 {self.since} 至 {self.until}"

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(self.counts.values())

    @property
    def people_told(self) -> str:
        return "完整" if self.full else "脱敏"

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from supervision.extracts.writing import write_extract  # reads what this module defines

        return write_extract(self, on=on)


class ExtractPiece(Piece):
    """A piece of an extract's file. Patients stand in it, so it lies sealed."""

    export = models.ForeignKey(Extract, models.CASCADE, related_name="pieces")
    content = SealedField(context="supervision.extractpiece.content")

    class Meta:
        app_label = "supervision"
        ordering = ["export", "position"]
        constraints = [once("export", "position", name="extract_piece_once")]

    @classmethod
    def packed(cls, content: bytes) -> str:
        return as_text(content)

    @property
    def opened(self) -> bytes:
        return given_back(self.content)
