"""What was used before the county moved in, as its old system says, and whose word it is."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import later_hand, once
from desk.importing import JudgedRow, Upload, file_once, verdict_column
from desk.jobs import Job, JobQuerySet, Tell
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
    ready_count = models.PositiveIntegerField("可转入", default=0)
    refused_count = models.PositiveIntegerField("不能转入", default=0)
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


class CarriedRow(JudgedRow):
    """A row of the file and what becomes of it. One wrong row keeps its person out: half of what
    somebody has used is no usage to date."""

    class Verdict(TonedChoices):
        READY = "ready", "good", "可转入"
        REFUSED = "refused", "bad", "不能转入"

    file = models.ForeignKey(CarriedFile, models.CASCADE, related_name="lines", db_index=False)
    verdict = verdict_column(Verdict)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    cover = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, related_name="+", db_index=False
    )
    title = models.CharField("累计项目", max_length=120)
    counter = models.CharField(max_length=60, blank=True)
    of_home = models.BooleanField("全户", default=False)
    # As usage is kept: fen, days or a count; what a balance paid stands below zero.
    amount = models.BigIntegerField(default=0)
    shown = models.CharField("已用", max_length=40)

    class Meta:
        ordering = ["file", "line", "id"]
        # A portion of people is written by their covers, without a look at the rest of the file.
        indexes = [models.Index(fields=["file", "cover"], name="carried_row_cover")]


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


class OldFileQuerySet(JobQuerySet["OldFile"]):
    division_path = "area__code"


class OldFile(Upload):
    """A file of what the old system settled (原系统结算): its history, or one day of the weeks in
    which both systems run beside each other (并行). Read, shown, compared; it pays and books
    nothing and counts in no usage."""

    SERVICES = "claims.carried.old_services.OLD_FILES"

    class Kind(models.TextChoices):
        HISTORY = "history", "原系统历史结算"
        PARALLEL = "parallel", "并行期当日结算"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    content = SealedField("文件", blank=True, context="claims.oldfile.content")  # base64
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    system = models.CharField("原系统", max_length=60)
    # The latest day on which something of it was settled; of the parallel weeks the day itself.
    upto = models.DateField("结算到")
    new_count = models.PositiveIntegerField("新增", default=0)
    changed_count = models.PositiveIntegerField("更正", default=0)
    same_count = models.PositiveIntegerField("相同", default=0)
    refused_count = models.PositiveIntegerField("不能读入", default=0)
    total_amount = MoneyField("总费用", default=0)
    fund_amount = MoneyField("原系统基金支付", default=0)

    objects = OldFileQuerySet.as_manager()

    AUDITED = (
        "status",
        "kind",
        "file_name",
        "sha256",
        "system",
        "upto",
        "new_count",
        "changed_count",
        "same_count",
        "refused_count",
    )

    class Meta(Upload.Meta):
        ordering = ["-id"]
        constraints = [
            *file_once("area", name="old_file_once", told="这份文件刚由别人上传，请刷新"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.system}，{self.upto}）"


class OldRow(JudgedRow):
    """A row of the file, understood or refused."""

    class Verdict(TonedChoices):
        NEW = "new", "good", "新增"
        CHANGED = "changed", "wait", "更正"
        SAME = "same", "idle", "相同"
        REFUSED = "refused", "bad", "不能读入"

    file = models.ForeignKey(OldFile, models.CASCADE, related_name="lines")
    verdict = verdict_column(Verdict)
    number = models.CharField("原结算单号", max_length=40)
    cover = models.ForeignKey(Enrollment, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["file", "line", "id"]
        indexes = [models.Index(fields=["file", "verdict"])]


class OldSettlementQuerySet(ScopedQuerySet["OldSettlement"]):
    division_path = "division__code"

    def live(self) -> Self:
        """As last read: what a corrected file replaced is left out."""
        return self.filter(is_live=True)


class OldSettlement(models.Model):
    """One settlement of the old system, by its own number there. Not ours: no voucher, clearing,
    payment or report of our spending knows it."""

    file = models.ForeignKey(OldFile, models.PROTECT, related_name="settlements")
    area = models.ForeignKey(Division, models.PROTECT, related_name="+")
    number = models.CharField("原结算单号", max_length=40)
    is_live = models.BooleanField("有效", default=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="old_settlements")
    cover = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    institution = models.ForeignKey("institutions.Institution", models.PROTECT, null=True)
    institution_name = models.CharField("就诊机构", max_length=100)
    care = models.CharField("就医类别", max_length=20)
    starts = models.DateField("入院/就诊日期")
    ends = models.DateField("出院日期")
    settled_on = models.DateField("结算日期")
    invoice_number = models.CharField("发票号", max_length=40, blank=True, db_index=True)
    total_amount = MoneyField("总费用")
    fund_amount = MoneyField("基金支付")
    # All else that the file says: the bill by class and the layers in fen, figures, by what it was
    # decided there (claims/carried/old_reading.py).
    facts = models.JSONField(default=dict)

    objects = OldSettlementQuerySet.as_manager()

    class Meta:
        ordering = ["-settled_on", "-id"]
        constraints = [
            once("area", "number", name="old_settlement_once", where=Q(is_live=True)),
        ]
        indexes = [
            models.Index(fields=["person", "starts"]),
            models.Index(fields=["area", "policy_year", "settled_on"]),
        ]

    def __str__(self) -> str:
        return f"原系统 {self.number}"


class RecountQuerySet(JobQuerySet["Recount"]):
    division_path = "area__code"


class Recount(Job):
    """Old settlements computed anew by our measures (重算核对): a job that writes nothing but what
    differs, for two people to read and sign."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    # Of the parallel weeks: only what was settled on this day is told; all before it is computed.
    day = models.DateField("并行日", null=True)
    claims = models.PositiveIntegerField("笔数", default=0)
    differing = models.PositiveIntegerField("有差异", default=0)
    uncomputed = models.PositiveIntegerField("不能重算", default=0)
    theirs_amount = MoneyField("原系统支付", default=0)
    ours_amount = MoneyField("本系统应付", default=0)
    seconds = models.DecimalField("用时", max_digits=8, decimal_places=1, default=0)
    read_by, read_at = later_hand("第一签字")
    signed_by, signed_at = later_hand("第二签字")

    objects = RecountQuerySet.as_manager()

    AUDITED = ("status", "policy_year", "day", "claims", "differing", "read_by_id", "signed_by_id")

    class Meta(Job.Meta):
        ordering = ["-id"]
        constraints = [
            *Job.Meta.constraints,
            apart("signed_by", "read_by", name="recount_signed_by_two_people"),
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(read_by__isnull=False),
                name="signed_recount_was_read",
            ),
        ]

    def __str__(self) -> str:
        if self.day is not None:
            return f"{self.day} 并行核对"
        return f"{self.policy_year} 年度重算核对"

    @property
    def area_code(self) -> str:
        return self.area.code

    @property
    def change(self) -> Decimal:
        """Yuan that we would have paid more."""
        return Decimal(self.ours_amount) - Decimal(self.theirs_amount)

    @property
    def signatures(self) -> str:
        """Where it stands with its readers."""
        if self.signed_by_id:
            return "两人已签"
        return "一人已签" if self.read_by_id else "待签字"

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from claims.carried.recounting import recount

        return recount(self, tell)


class RecountDifference(models.Model):
    """One old settlement that we would have settled otherwise, by its cause."""

    recount = models.ForeignKey(Recount, models.PROTECT, related_name="differences")
    old = models.ForeignKey(OldSettlement, models.PROTECT, related_name="differences")
    cause = models.CharField("原因", max_length=12)
    cause_name = models.CharField("差异原因", max_length=20)
    what = models.CharField("差在", max_length=60)
    article = models.CharField("依据", max_length=200, blank=True)
    theirs = models.CharField("原系统", max_length=20)
    ours = models.CharField("本系统", max_length=20)
    # What our measures give more (yuan).
    fund_amount = models.DecimalField("基金支付差额", max_digits=14, decimal_places=2)
    sentence = models.TextField("本系统算法", blank=True)

    class Meta:
        ordering = ["recount", "cause", "id"]
        indexes = [models.Index(fields=["recount", "cause"])]


class BedFileQuerySet(JobQuerySet["BedFile"]):
    division_path = "area__code"
    institution_path = "institution__code"


class BedFile(Upload):
    """Who lay in a hospital on the day of the move (在院病人): its own clerk's file. Each row
    becomes an ordinary open visit with its old admission number, billed and settled here."""

    SERVICES = "claims.carried.beds.BED_FILES"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    content = SealedField("文件", blank=True, context="claims.bedfile.content")  # base64
    ready_count = models.PositiveIntegerField("可登记", default=0)
    same_count = models.PositiveIntegerField("已登记", default=0)
    refused_count = models.PositiveIntegerField("不能登记", default=0)

    objects = BedFileQuerySet.as_manager()

    AUDITED = ("status", "file_name", "sha256", "ready_count", "same_count", "refused_count")

    class Meta(Upload.Meta):
        ordering = ["-id"]
        constraints = [
            *file_once(
                "area", "institution", name="bed_file_once", told="这份文件刚由别人上传，请刷新"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution.name}在院病人"


class BedRow(JudgedRow):
    """A patient of the file, and the visit that was registered."""

    class Verdict(TonedChoices):
        READY = "ready", "good", "可登记"
        SAME = "same", "idle", "已登记"
        REFUSED = "refused", "bad", "不能登记"

    file = models.ForeignKey(BedFile, models.CASCADE, related_name="lines")
    verdict = verdict_column(Verdict)
    number = models.CharField("住院号", max_length=30)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    starts = models.DateField("入院日期", null=True)
    # As the register of visits takes them (claims.entries.VisitFacts).
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["file", "line", "id"]
        indexes = [models.Index(fields=["file", "verdict"])]
