"""What was used before the county moved in, as its old system says, and whose word it is."""

from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import once
from desk.importing import Upload, file_once
from desk.jobs import JobQuerySet
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.models import Enrollment, Household, Person


class CarriedFileQuerySet(JobQuerySet["CarriedFile"]):
    division_path = "area__code"


class CarriedFile(Upload):
    """A file of usage to date (已用情况) of one year: sent by one, agreed to by another."""

    SERVICES = "claims.carried.services.CARRIED_FILES"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    content = SealedField("文件", blank=True, context="claims.carriedfile.content")  # base64
    system = models.CharField("原系统", max_length=60)
    document = models.CharField("交接单据", max_length=100)
    counted_to = models.DateField("算到哪一天")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    # Takes the place of what was brought of the same people; "" where it is the first.
    correction = models.CharField("更正原因", max_length=200, blank=True, default="")
    people_count = models.PositiveIntegerField("人数", default=0)
    ready_count = models.PositiveIntegerField("可带入", default=0)
    refused_count = models.PositiveIntegerField("不能带入", default=0)
    followed_count = models.PositiveIntegerField("随之重算的结算单", default=0)
    # Title of the accumulator → its sum, for whoever compares with the old system's own total.
    sums = models.JSONField("合计", default=dict)

    objects = CarriedFileQuerySet.as_manager()

    AUDITED = (
        "status",
        "file_name",
        "sha256",
        "system",
        "document",
        "counted_to",
        "correction",
        "people_count",
        "ready_count",
        "refused_count",
        "followed_count",
    )

    class Meta(Upload.Meta):
        ordering = ["-id"]
        constraints = [
            *file_once(
                "area",
                "counted_to",
                "correction",
                name="carried_file_once",
                told="这份文件刚由别人上传，请刷新",
            ),
            apart("confirmed_by", "requested_by", name="carried_file_agreed_to_by_another"),
        ]

    def __str__(self) -> str:
        kind = "更正" if self.correction else "已用情况"
        return f"{self.system}{kind}（截至 {self.counted_to}）"


class CarriedRow(models.Model):
    """A row of the file and what becomes of it. One wrong row keeps its person out: half of what
    somebody has used is no usage to date."""

    class Verdict(TonedChoices):
        READY = "ready", "good", "可带入"
        REFUSED = "refused", "bad", "不能带入"

    file = models.ForeignKey(CarriedFile, models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField("行")
    verdict = models.CharField("结果", max_length=8, choices=Verdict.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    cover = models.ForeignKey(Enrollment, models.PROTECT, null=True, related_name="+")
    name = models.CharField("姓名", max_length=40)
    title = models.CharField("累计项目", max_length=120)
    counter = models.CharField(max_length=60, blank=True)
    of_home = models.BooleanField("全户", default=False)
    # As usage is kept: fen, days or a count; what a balance paid stands below zero.
    amount = models.BigIntegerField(default=0)
    shown = models.CharField("已用", max_length=40)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        ordering = ["file", "line", "id"]
        indexes = [models.Index(fields=["file", "verdict"])]


class CarriedUsageQuerySet(ScopedQuerySet["CarriedUsage"]):
    division_path = "division__code"


class CarriedUsage(models.Model):
    """What one person had used up to a day (已用情况), by the old system's word.

    It counts before all that is settled here. A correction is another version, which takes the
    place of this one; this one stays to be read.
    """

    file = models.ForeignKey(CarriedFile, models.PROTECT, related_name="usages")
    person = models.ForeignKey(Person, models.PROTECT, related_name="carried")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    counted_to = models.DateField("算到哪一天")
    version = models.PositiveSmallIntegerField("版本", default=1)
    is_live = models.BooleanField("有效", default=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")

    objects = CarriedUsageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_live=True, replaced_by=None)
                | Q(is_live=False, replaced_by__isnull=False),
                name="carried_usage_is_live_or_replaced",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file.system} 截至 {self.counted_to} 的已用情况（第 {self.version} 版）"


class CarriedAmount(models.Model):
    """How much of one counter was used: read beside what settlements used
    (claims/computation.py), while its usage is live."""

    usage = models.ForeignKey(CarriedUsage, models.PROTECT, related_name="amounts")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="+", db_index=False
    )
    policy_year = models.PositiveSmallIntegerField()
    counter = models.CharField(max_length=60)
    title = models.CharField("累计项目", max_length=120)
    amount = models.BigIntegerField()
    # As the file was understood: 1,280.00 元, 3 次.
    shown = models.CharField("已用", max_length=40)

    class Meta:
        ordering = ["usage", "id"]
        constraints = [
            once("usage", "counter", name="carried_counter_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, household=None)
                | Q(person=None, household__isnull=False),
                name="carried_amount_has_one_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "policy_year"]),
            models.Index(fields=["household", "policy_year"]),
        ]
