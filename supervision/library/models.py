"""The points of the rule library as they stand, the files they came by, what the county changed of
them, and what they found."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from claims.models import Settlement
from desk.decisions import Decision, decided_by_second
from desk.fields import in_order, once
from desk.importing import Upload, file_once, verdict_column
from desk.jobs import JobManager
from desk.tones import TonedChoices
from supervision.library.rows import KIND_NAMES, SUBJECTS
from supervision.rules.library import RULE_OF
from supervision.rules.points import Kind, Missing

KINDS = [(kind.value, KIND_NAMES[kind]) for kind in Kind]
MISSING = (
    (Missing.DAY.value, "计费日期"),
    (Missing.HOUR.value, "计费时刻"),
    (Missing.USE.value, "用药天数"),
    (Missing.PERSON.value, "性别或出生日期"),
    (Missing.GRADE.value, "机构等级"),
)
COUNTY = 0  # in place of a batch: the county's own points


def kind_column() -> "models.CharField[str, str]":
    return models.CharField("类别", max_length=20, choices=KINDS)


class LibraryFile(Upload):
    """A published batch, or several, as a table: judged row by row, then taken."""

    SERVICES = "supervision.library.importing.LIBRARY_FILES"

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    content = SealedField("文件", blank=True, context="supervision.libraryfile.content")  # base64
    # Visits that begin from this day on are judged by what it says.
    first_day = models.DateField("自哪天起适用")
    new_count = models.PositiveIntegerField("新增", default=0)
    changed_count = models.PositiveIntegerField("变更", default=0)
    same_count = models.PositiveIntegerField("无变化", default=0)
    refused_count = models.PositiveIntegerField("不能读入", default=0)
    # [batch, kind, subject, limit, rows]: to be compared with what was announced.
    totals = models.JSONField("分类行数", default=list)

    objects = JobManager("area__code")

    AUDITED = (
        "status", "file_name", "sha256", "first_day", "new_count", "changed_count", "same_count",
        "refused_count",
    )  # fmt: skip

    class Meta(Upload.Meta):
        app_label = "supervision"
        ordering = ["-id"]
        constraints = [
            *file_once("area", name="library_file_once", told="这份文件刚由别人上传，请刷新"),
        ]


class LibraryRow(models.Model):
    """A row of the file, and what becomes of it."""

    class Verdict(TonedChoices):
        NEW = "new", "good", "新增"
        CHANGED = "changed", "wait", "变更"
        SAME = "same", "idle", "无变化"
        REFUSED = "refused", "bad", "不能读入"

    file = models.ForeignKey(LibraryFile, models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField("行")
    verdict = verdict_column(Verdict)
    batch = models.CharField("批次", max_length=10, blank=True)
    seq = models.CharField("序号", max_length=10, blank=True)
    code = models.CharField("项目编码", max_length=40, blank=True)
    name = models.CharField("项目名称", max_length=120, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    # The columns of the point (supervision.library.rows.Row); empty where it was not understood.
    facts = models.JSONField(default=dict)

    class Meta:
        app_label = "supervision"
        ordering = ["file", "line"]
        indexes = [models.Index(fields=["file", "verdict"], name="library_row_verdict")]


class LibraryPointQuerySet(ScopedQuerySet["LibraryPoint"]):
    division_path = "area__code"

    def current(self) -> Self:
        """As they stand: what a later file said otherwise is left out."""
        return self.filter(last_day=None)


class LibraryPoint(models.Model):
    """One point of knowledge (知识点): never changed; a later file ends it and adds another."""

    area = models.ForeignKey(
        Division, models.PROTECT, related_name="+", verbose_name="统筹区", db_index=False
    )
    # None: the county's own, by the decision that added it.
    file = models.ForeignKey(LibraryFile, models.PROTECT, null=True, related_name="points")
    batch = models.PositiveSmallIntegerField("批次")
    seq = models.PositiveIntegerField("序号")
    kind = kind_column()
    subject = models.CharField("对象", max_length=8, choices=[*SUBJECTS.items()])
    code = models.CharField("项目编码", max_length=30)
    name = models.CharField("项目名称", max_length=120)
    value = models.CharField("限定值", max_length=30)
    text = models.CharField("限定", max_length=60, blank=True)
    unit = models.CharField("单位", max_length=10, blank=True)
    window = models.CharField("时间范围", max_length=20, blank=True)
    pair_code = models.CharField("被包含项目编码", max_length=30, blank=True)
    pair_name = models.CharField("被包含项目", max_length=120, blank=True)
    ground = models.CharField("依据", max_length=200, blank=True)
    ground_source = models.CharField("依据来源", max_length=20, blank=True)
    caveat = models.CharField("备注", max_length=200, blank=True)
    sure = models.BooleanField("明确")
    first_day = models.DateField("自哪天起适用")
    last_day = models.DateField("适用到", null=True)
    is_on = models.BooleanField("启用", default=True)

    objects = LibraryPointQuerySet.as_manager()

    AUDITED = ("batch", "seq", "kind", "code", "value", "first_day", "last_day", "is_on")

    class Meta:
        app_label = "supervision"
        ordering = ["batch", "seq", "-first_day"]
        constraints = [
            in_order("first_day", "last_day", name="library_point_days", open_end=True),
            once("area", "batch", "seq", name="library_point_once", where=Q(last_day=None)),
        ]
        indexes = [models.Index(fields=["area", "code"], name="library_point_code")]

    def __str__(self) -> str:
        return f"{self.origin} {self.get_kind_display()} {self.name}"

    @property
    def origin(self) -> str:
        return f"第 {self.batch} 批 {self.seq} 号" if self.batch else f"本县 {self.seq} 号"

    @property
    def rule(self) -> str:
        """The rule whose alerts it gives."""
        return RULE_OF[Kind(self.kind)].code

    @property
    def state(self) -> str:
        if self.last_day is not None:
            return "已被新版替换"
        return "启用" if self.is_on else "停用"

    @property
    def limit(self) -> str:
        """What a reader looks for first: the limit, or the item that is contained."""
        return f"含 {self.pair_name}（{self.text}）" if self.pair_code else self.text


class LibraryChangeQuerySet(ScopedQuerySet["LibraryChange"]):
    division_path = "area__code"

    def agreed(self) -> Self:
        return self.filter(status=LibraryChange.Status.APPROVED)


class LibraryChange(Decision):
    """What the county makes of the library: proposed by one, decided by another."""

    class What(models.TextChoices):
        POINT_OFF = "point_off", "停用知识点"
        POINT_ON = "point_on", "启用知识点"
        KIND_OFF = "kind_off", "停用整类"
        KIND_ON = "kind_on", "启用整类"
        ADD = "add", "增加本县知识点"
        AGES = "ages", "规定年龄段"

    ON_POINT = (What.POINT_OFF, What.POINT_ON)
    ON_KIND = (What.KIND_OFF, What.KIND_ON)

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    what = models.CharField("事项", max_length=10, choices=What.choices)
    # Of a point that is switched; of one that is added as soon as it is agreed to.
    point = models.ForeignKey(LibraryPoint, models.PROTECT, null=True, related_name="changes")
    kind = models.CharField("类别", max_length=20, choices=KINDS, blank=True)
    # Columns of the point to add, or the bounds of the age groups.
    content = models.JSONField("内容", default=dict)

    objects = LibraryChangeQuerySet.as_manager()

    AUDITED = ("status", "what", "point_id", "kind", "content", "evidence", "reason")

    class Meta(Decision.Meta):
        app_label = "supervision"
        constraints = [
            *decided_by_second("library_change"),
            once(
                "point",
                name="one_open_change_of_a_point",
                where=Q(status="proposed", point__isnull=False),
                told="这个知识点已有一份申请待审批，请先办结或撤回",
            ),
            once(
                "area",
                "kind",
                name="one_open_change_of_a_kind",
                where=Q(status="proposed", what__in=["kind_off", "kind_on", "ages"]),
                told="已有一份同样的申请待审批，请先办结或撤回",
            ),
            models.CheckConstraint(
                condition=~Q(what__in=["point_off", "point_on"]) | Q(point__isnull=False),
                name="library_switch_says_its_point",
            ),
            models.CheckConstraint(
                condition=~Q(what__in=["kind_off", "kind_on"]) | ~Q(kind=""),
                name="library_switch_says_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.pk} 号"

    @property
    def about(self) -> str:
        """What it is about, in a line."""
        if self.what == self.What.ADD:
            return f"{KIND_NAMES[Kind(self.kind)]} {self.content['name']} {self.content['text']}"
        if self.point is not None:
            return str(self.point)
        return self.get_kind_display() if self.kind else "年龄段"


class LibraryHitQuerySet(ScopedQuerySet["LibraryHit"]):
    division_path = "settlement__division__code"


class LibraryHit(models.Model):
    """A point was one of those by which an alert was raised on a settlement."""

    point = models.ForeignKey(LibraryPoint, models.PROTECT, related_name="hits", db_index=False)
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="+", db_index=False)

    objects = LibraryHitQuerySet.as_manager()

    class Meta:
        app_label = "supervision"
        ordering = ["-pk"]
        constraints = [once("point", "settlement", name="library_hit_once")]


class LibraryGapQuerySet(ScopedQuerySet["LibraryGap"]):
    division_path = "settlement__division__code"


class LibraryGap(models.Model):
    """So many points of a kind were not judged of a settlement, as its bill does not carry what
    they need."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="+", db_index=False)
    kind = kind_column()
    missing = models.CharField("缺少", max_length=8, choices=MISSING)
    points = models.PositiveIntegerField("知识点数")
    noted_on = models.DateField("筛查日期")

    objects = LibraryGapQuerySet.as_manager()

    class Meta:
        app_label = "supervision"
        ordering = ["-pk"]
        constraints = [once("settlement", "kind", "missing", name="library_gap_once")]
