"""What institutions send of themselves: their own codes, their departments."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, in_order, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart


class CodeMappingQuerySet(ScopedQuerySet["CodeMapping"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def waiting(self) -> Self:
        return self.filter(status=CodeMapping.Status.PROPOSED)

    def live(self) -> Self:
        """Asked for or agreed to, and not taken back."""
        return self.filter(status__in=[CodeMapping.Status.PROPOSED, CodeMapping.Status.AGREED])

    def holding(self, day: date) -> Self:
        """What the county agreed to that means something on the day, the later ones last. What was
        taken back afterwards held until then."""
        agreed = Q(status=CodeMapping.Status.AGREED)
        agreed |= Q(withdrawn_on__gt=day, decided_by__isnull=False)
        rows = self.filter(agreed, first_day__lte=day)
        return rows.filter(Q(last_day=None) | Q(last_day__gte=day)).order_by("pk")


class CodeMapping(models.Model):
    """What an institution's own code means in the county's catalogue (目录对照), and from when on.

    Sent by the institution, agreed to by the county.
    """

    class Status(TonedChoices):
        PROPOSED = "proposed", "wait", "待审批"
        AGREED = "agreed", "good", "已同意"
        REFUSED = "refused", "bad", "未同意"
        WITHDRAWN = "withdrawn", "idle", "已撤销"

    class Kind(models.TextChoices):
        """As the interface has it (list_type)."""

        WESTERN = "101", "西药中成药"
        HERBAL = "102", "中药饮片"
        OWN_DRUG = "103", "自制剂"
        ETHNIC = "104", "民族药"
        OTHER = "105", "其他"
        GRANULES = "106", "中药配方颗粒"
        SERVICE = "201", "医疗服务项目"
        MATERIAL = "301", "医用耗材"

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="mappings"
    )
    own_code = models.CharField("机构项目编码", max_length=150)
    own_name = models.CharField("机构项目名称", max_length=200)
    kind = models.CharField("目录类别", max_length=3, choices=Kind.choices)
    code = models.CharField("医保编码", max_length=30)
    first_day = models.DateField("启用日期")
    last_day = models.DateField("停用日期", null=True, blank=True)
    # [title, text]: dosage form, specification, packing and what else the institution sent of it.
    details = models.JSONField("规格等", default=list)
    status = status_column(Status.PROPOSED)
    proposed_by, proposed_at = first_hand("提交")
    decided_by, decided_at = later_hand("审批")
    withdrawn_by, withdrawn_at = later_hand("撤销")
    # From which day on it means nothing any more.
    withdrawn_on = models.DateField("撤销日期", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True, default="")

    objects = CodeMappingQuerySet.as_manager()

    AUDITED = (
        "institution_id", "own_code", "kind", "code", "first_day", "last_day", "status",
        "withdrawn_on", "decision",
    )  # fmt: skip

    class Meta:
        ordering = ["institution", "own_code", "pk"]
        constraints = [
            in_order("first_day", "last_day", name="mapping_dates_in_order", open_end=True),
            apart("decided_by", "proposed_by", name="mapping_is_decided_by_another"),
            status_says("agreed", "refused", column="decided_by", name="decided_mapping_says_who"),
            status_says("withdrawn", column="withdrawn_on", name="withdrawn_mapping_says_when"),
            once(
                "institution",
                "own_code",
                name="one_open_mapping",
                where=Q(status="proposed"),
                told="这个机构编码的对照刚由另一次上传提交，请查询后再办",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "own_code"], name="mapping_own_code"),
            models.Index(fields=["id"], condition=Q(status="proposed"), name="mapping_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.own_code} {self.own_name}"

    def means_on(self, day: date) -> bool:
        """As `holding` asks the database, of a row that the county once agreed to."""
        held = self.status == self.Status.AGREED or (
            self.decided_by_id is not None
            and self.withdrawn_on is not None
            and self.withdrawn_on > day
        )
        return held and self.first_day <= day <= (self.last_day or date.max)

    @property
    def told_details(self) -> str:
        """Specification and the like, in a line."""
        return "；".join(f"{title} {text}" for title, text in self.details)

    SPEC, PACK = "规格", "包装"

    @property
    def spec(self) -> str:
        """规格, as a file has it."""
        return self._said(self.SPEC)

    @spec.setter
    def spec(self, text: str | None) -> None:
        self._say(self.SPEC, text)

    @property
    def pack(self) -> str:
        """包装, as a file has it: 24粒/盒."""
        return self._said(self.PACK)

    @pack.setter
    def pack(self, text: str | None) -> None:
        self._say(self.PACK, text)

    def _said(self, title: str) -> str:
        return next((str(text) for name, text in self.details if name == title), "")

    def _say(self, title: str, text: str | None) -> None:
        others = [pair for pair in self.details if pair[0] != title]
        self.details = [*others, [title, text]] if text else others


class Department(models.Model):
    """A department of an institution as its system sends it (科室), kept in place; what changed and
    who changed it stands in the trail. A withdrawn one stays."""

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="departments"
    )
    code = models.CharField("科室编码", max_length=20)
    name = models.CharField("科室名称", max_length=100)
    # 科别 (national dictionary `dept`); a code, since its names are the interface's.
    caty = models.CharField("科别", max_length=6)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间", null=True)
    intro = models.CharField("简介", max_length=500, blank=True, default="")
    head = models.CharField("科室负责人", max_length=50, blank=True, default="")
    head_phone = SealedField(
        "科室负责人电话", blank=True, default="", context="institutions.department.head_phone"
    )
    scope = models.CharField("医疗服务范围", max_length=500, blank=True, default="")
    founded_on = models.DateField("成立日期", null=True)
    beds = models.PositiveIntegerField("批准床位", default=0)
    insured_beds = models.PositiveIntegerField("医保认可床位", default=0)
    doctors = models.PositiveIntegerField("医师", default=0)
    pharmacists = models.PositiveIntegerField("药师", default=0)
    nurses = models.PositiveIntegerField("护士", default=0)
    technicians = models.PositiveIntegerField("技师", default=0)
    note = models.CharField("备注", max_length=500, blank=True, default="")
    sent_by, sent_at = first_hand("上传")
    withdrawn_by, withdrawn_at = later_hand("撤销")

    objects = ScopedManager("institution__division__code", "institution__code")

    AUDITED = (
        "institution_id", "code", "name", "caty", "starts_at", "ends_at", "beds", "insured_beds",
        "doctors", "pharmacists", "nurses", "technicians", "withdrawn_at",
    )  # fmt: skip

    class Meta:
        ordering = ["institution", "code", "pk"]
        constraints = [
            in_order("starts_at", "ends_at", name="department_times_in_order", open_end=True),
            once(
                "institution",
                "code",
                name="department_once",
                where=Q(withdrawn_at=None),
                told="这个科室编码刚由另一次上传登记，请查询后再办",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
