"""Medical institutions, their agreements and people, and the three catalogues (三个目录)."""

from datetime import date
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import first_hand, in_order, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from policies.terms import ORIGINS


class Level(models.TextChoices):
    """Institution levels as the measures name them; the keys are those of policy packs."""

    VILLAGE = "village", "村卫生室"
    TOWNSHIP = "township", "乡镇(社区)卫生院"
    CENTRAL = "central", "中心卫生院"
    COUNTY = "county", "县级医院"
    CITY = "city", "市级医院"
    PROVINCE = "province", "省级医院"


class InstitutionQuerySet(ScopedQuerySet["Institution"]):
    division_path = "division__code"
    institution_path = "code"

    def contracted_on(self, day: date) -> Self:
        return self.filter(
            agreements__first_day__lte=day,
            agreements__last_day__gte=day,
            agreements__status=Agreement.Status.SIGNED,
        )

    def by_contract(self, wanted: str, day: date) -> Self:
        """ "yes": under agreement on the day; "no": not."""
        contracted = Institution.objects.contracted_on(day).values("pk")
        return (
            self.filter(pk__in=contracted) if wanted == "yes" else self.exclude(pk__in=contracted)
        )

    def with_agreements(self) -> Self:
        """With place and agreements, latest first: what `Institution.standing` reads."""
        agreements = models.Prefetch("agreements", Agreement.objects.order_by("-first_day"))
        return self.select_related("division").prefetch_related(agreements)


class Lapse(TonedChoices):
    """Why an institution has no agreement on a day."""

    NONE = "none", "idle", "无协议"
    NOT_YET = "not_yet", "bad", "未生效"
    OVER = "over", "bad", "已到期"


class Institution(models.Model):
    class Kind(models.TextChoices):
        GENERAL = "general", "综合"
        PSYCHIATRIC = "psychiatric", "精神专科"
        MATERNITY = "maternity", "妇幼保健"
        CLINIC = "clinic", "基层门诊"

    code = models.CharField(
        "机构代码",
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^H\d{11}$", "机构代码应为 H 加 11 位数字")],
    )
    name = models.CharField("名称", max_length=100)
    level = models.CharField("级别", max_length=20, choices=Level.choices)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.GENERAL)
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="所在区划")
    is_active = models.BooleanField("执业中", default=True)
    # As its licence says; None where nobody said. More patients than beds are asked about.
    beds = models.PositiveSmallIntegerField("核定床位", null=True, blank=True)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def agreement_on(self, day: date) -> "Agreement | None":
        """The agreement that holds on the day, else the latest one. For rows that were read with
        their agreements."""
        agreements = list(self.agreements.all())
        for one in agreements:
            if one.first_day <= day <= one.last_day:
                return one
        return agreements[0] if agreements else None

    def standing(self, day: date) -> "Agreement.Status | Lapse":
        """What the agreement to show means on the day."""
        one = self.agreement_on(day)
        if one is None:
            return Lapse.NONE
        if one.first_day <= day <= one.last_day:
            return Agreement.Status(one.status)
        return Lapse.NOT_YET if one.first_day > day else Lapse.OVER


class Agreement(models.Model):
    """The service agreement (定点协议) that makes an institution a designated one."""

    class Status(TonedChoices):
        SIGNED = "signed", "good", "有效"
        SUSPENDED = "suspended", "bad", "暂停"
        ENDED = "ended", "bad", "终止"

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="agreements")
    number = models.CharField("协议编号", max_length=40, unique=True)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期")
    status = status_column(Status.SIGNED)

    objects = ScopedManager("institution__division__code", "institution__code")

    class Meta:
        ordering = ["institution", "-first_day"]
        constraints = [
            in_order("first_day", "last_day", name="agreement_dates_in_order"),
        ]


class Practitioner(models.Model):
    code = models.CharField("医师代码", max_length=20, unique=True)
    name = models.CharField("姓名", max_length=40)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="practitioners")
    title = models.CharField("职称", max_length=20, blank=True)

    objects = ScopedManager("institution__division__code", "institution__code")

    class Meta:
        ordering = ["code"]


class EligibilityQuerySet(ScopedQuerySet["Eligibility"]):
    division_path = "practitioner__institution__division__code"
    institution_path = "practitioner__institution__code"

    def decided(self) -> Self:
        """What two people decided, the latest decision first: of one practitioner no two wait at a
        time, so they are decided in the order in which they were put forward."""
        return self.filter(status=Decision.Status.APPROVED).order_by("-pk")


class Eligibility(Decision):
    """Whether the fund pays for what a practitioner does (医保支付资格), from a day on.

    Of the decisions that cover a day the latest one holds; where none does, the practitioner is
    paid for. What was suspended too long is given back by another decision: both lines stay.
    `evidence` is the number of the document.
    """

    class State(TonedChoices):
        SUSPENDED = "suspended", "bad", "暂停"
        ENDED = "ended", "bad", "终止"
        NORMAL = "normal", "good", "恢复"

    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, related_name="eligibilities", verbose_name="医师"
    )
    state = models.CharField("支付资格", max_length=10, choices=State.choices)
    first_day = models.DateField("自")
    # The last day on which it holds; None: until another decision.
    last_day = models.DateField("至", null=True, blank=True)

    objects = EligibilityQuerySet.as_manager()

    AUDITED = ("practitioner_id", "state", "first_day", "last_day", "status", "evidence", "reason",
               "decision")  # fmt: skip

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second(
                "eligibility",
                "practitioner",
                told="这位医师已有一份支付资格决定待审批，请先办结或撤回",
                at="code",
            ),
            in_order("first_day", "last_day", name="eligibility_days_in_order", open_end=True),
            models.CheckConstraint(
                condition=~Q(state="suspended") | Q(last_day__isnull=False),
                name="suspension_says_its_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="normal") | Q(last_day=None),
                name="restored_until_decided_otherwise",
            ),
        ]

    def __str__(self) -> str:
        return f"支付资格决定 {self.pk} 号"


class CatalogueQuerySet(models.QuerySet["CatalogueItem"]):
    """The catalogues are public knowledge inside the area; they carry no scope."""

    def valid_on(self, day: date) -> Self:
        return self.filter(first_day__lte=day).filter(Q(last_day=None) | Q(last_day__gte=day))

    def matching(self, text: str) -> Self:
        """By code, part of the name, or pinyin initials."""
        text = text.strip()
        return self.filter(
            Q(code__startswith=text) | Q(name__contains=text) | Q(initials__startswith=text.lower())
        )


class CatalogueItem(models.Model):
    """One line of the drug (药品), service (诊疗) or facility (设施) catalogue of an area."""

    class Catalogue(models.TextChoices):
        DRUG = "drug", "药品"
        SERVICE = "service", "诊疗"
        FACILITY = "facility", "设施"

    class PaymentClass(models.TextChoices):
        A = "A", "甲类"
        B = "B", "乙类"
        C = "C", "目录外"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    catalogue = models.CharField("目录", max_length=8, choices=Catalogue.choices)
    code = models.CharField("编码", max_length=30)
    name = models.CharField("名称", max_length=120)
    initials = models.CharField("拼音首字母", max_length=60)
    # Fee category as bills show it: western_drug, examination, special_examination, blood, bed …
    category = models.CharField("费用类别", max_length=24)
    payment_class = models.CharField("支付类别", max_length=1, choices=PaymentClass.choices)
    unit = models.CharField("单位", max_length=12)
    price_limit = MoneyField("限价", null=True, blank=True)
    is_traditional = models.BooleanField("中医药", default=False)
    is_essential = models.BooleanField("基本药物", default=False)
    # Of a prescription only so many may be (大足办法 第三十一条); no price depends on it.
    is_antibiotic = models.BooleanField("抗菌药物", default=False, db_default=False)
    # Paid for only within limits (限制使用), which the hospital says of each line.
    is_limited = models.BooleanField("限制使用", default=False, db_default=False)
    # Empty where nobody said: bills of a class with rules on origin then cannot be settled.
    origin = models.CharField(
        "产地", max_length=12, choices=ORIGINS, blank=True, default="", db_default=""
    )
    first_day = models.DateField("启用日期")
    last_day = models.DateField("停用日期", null=True, blank=True)
    # Written by a trigger, in the order of the commits: who knows all rows up to a moment asks for
    # those behind it (目录下载 by version) and misses none.
    changed_at = models.DateTimeField("变更时间", db_default=Now(), editable=False)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["catalogue", "code"]
        constraints = [
            once("area", "code", "first_day", name="catalogue_item_once"),
        ]
        indexes = [
            models.Index(fields=["area", "initials"]),
            models.Index(fields=["area", "changed_at"], name="catalogue_changes"),
        ]

    def __str__(self) -> str:
        return self.name


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

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="mappings")
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

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="departments")
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
