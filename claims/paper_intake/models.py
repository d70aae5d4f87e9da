"""What was handed in with a claim from elsewhere: papers ticked, pages, lateness allowed."""

from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, hand, later_hand, once
from desk.tones import TonedChoices


class HandedPaper(models.Model):
    """One paper that the measures ask for, as the window or the reviewer found it."""

    class State(TonedChoices):
        ORIGINAL = "original", "good", "原件"
        COPY = "copy", "wait", "复印件"
        MISSING = "missing", "bad", "缺"

    visit = models.ForeignKey("claims.Visit", models.PROTECT, related_name="papers")
    code = models.CharField("材料代码", max_length=40)
    state = models.CharField("核对结果", max_length=10, choices=State.choices)
    noted_by = hand("核对人")
    noted_at = models.DateTimeField("核对时间", auto_now=True)

    objects = ScopedManager("visit__division__code")

    class Meta:
        ordering = ["pk"]
        constraints = [
            once(
                "visit", "code", name="handed_paper_once", told="材料刚由另一窗口核对，请刷新后再办"
            ),
        ]


class LateClaim(models.Model):
    """A claim that came after its last day and was let in with a reason, until a later day."""

    visit = models.OneToOneField("claims.Visit", models.PROTECT, related_name="lateness")
    due_on = models.DateField("应在此日前申请")
    until = models.DateField("延期到")
    handed_on = models.DateField("申请日期")
    reason = models.CharField("逾期原因", max_length=200)

    objects = ScopedManager("visit__division__code")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_on__gt=F("due_on"), handed_on__lte=F("until")) & ~Q(reason=""),
                name="late_claim_is_late_and_says_why",
            ),
        ]


class ScanQuerySet(ScopedQuerySet["Scan"]):
    division_path = "visit__division__code"

    def of(self, visit: models.Model) -> Self:
        """The pages that lie with a visit, in their order."""
        return self.filter(visit=visit, removed_at=None)


class Scan(models.Model):
    """One scanned page or file. The bytes lie outside the web root, under a name of their own that
    says nothing about anybody; what they were is held by `sha256`. A removed one leaves its row."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"

    visit = models.ForeignKey("claims.Visit", models.PROTECT, related_name="scans")
    paper = models.CharField("材料", max_length=40, blank=True)
    place = models.PositiveSmallIntegerField("页序")
    file = models.UUIDField("文件编号", default=uuid4, editable=False)
    kind = models.CharField("格式", max_length=4, choices=Kind.choices)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField(max_length=64, db_index=True)
    added_by, added_at = first_hand("扫描")
    removed_by, removed_at = later_hand("删除")

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["visit", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_scan_says_by_whom",
            ),
            once(
                "visit",
                "sha256",
                name="scan_once_per_visit",
                where=Q(removed_at=None),
                told="这一页已经上传过",
            ),
        ]
