"""Medical institutions, their agreements and people, and the three catalogues (三个目录)."""

from datetime import date
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject, Now

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Accusing, Decision, decided_by_second
from desk.fields import in_order, once, status_column
from desk.tones import TonedChoices
from policies.terms import ORIGINS


class Level(models.TextChoices):
    """Institution levels as the measures name them; the keys are those of policy packs."""

    VILLAGE = "village", "村卫生室"
    TOWNSHIP = "township", "乡镇(社区)卫生院"
    CENTRAL = "central", "中心卫生院"
    COUNTY = "county", "县级医院"
    CITY = "city", "市级医院"
    PROVINCE = "province", "省级医院"


# By which a visit is judged.
LEVELS = ("level", "deductible_level", "price_level")


def levels_then(institution: str, day: str) -> dict[str, Coalesce]:
    """The levels of `as_of`, to annotate rows that name an institution in one column and a day in
    another: each row has those of its own day."""
    at = OuterRef(institution), OuterRef(day)
    return {f"{one}_then": _then(one, *at, F(f"{institution}__{one}")) for one in LEVELS}


def _then(column: str, institution: OuterRef, day: Any, now: Any) -> Coalesce:
    own = RegistryChange.objects.filter(institution=institution)
    held = own.until(column, day).values("becomes")[:1]
    coming = own.after(column, day).values("was")[:1]
    return Coalesce(Subquery(held), Subquery(coming), now, output_field=models.CharField())


class InstitutionQuerySet(ScopedQuerySet["Institution"]):
    division_path = "division__code"
    institution_path = "code"

    def contracted_on(self, day: Any) -> Self:
        own = Agreement.objects.filter(institution=OuterRef("pk"))
        return self.filter(Exists(own.holding(day)))

    def as_of(self, day: Any) -> Self:
        """With `level_then`, `deductible_level_then`, `price_level_then` and `active_then`, what
        two people had registered for the day, as registry/columns.py reads it; of what never
        changed the column (institutions/registry/)."""
        active = Case(When(is_active=True, then=Value("yes")), default=Value("no"))
        return self.annotate(
            **{f"{one}_then": _then(one, OuterRef("pk"), day, F(one)) for one in LEVELS},
            active_then=_then("is_active", OuterRef("pk"), day, active),
        )

    def by_contract(self, wanted: str, day: date) -> Self:
        """ "yes": under agreement on the day; "no": not."""
        contracted = Institution.objects.contracted_on(day).values("pk")
        return (
            self.filter(pk__in=contracted) if wanted == "yes" else self.exclude(pk__in=contracted)
        )

    def with_agreements(self) -> Self:
        """With place and agreements, latest first: what `Institution.standing` reads."""
        agreements = Agreement.objects.order_by("-first_day").with_steps()
        return self.select_related("division").prefetch_related(
            models.Prefetch("agreements", agreements)
        )


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

    class Ownership(models.TextChoices):
        PUBLIC = "public", "公立"
        COLLECTIVE = "collective", "集体"
        PRIVATE = "private", "民营"

    code = models.CharField(
        "机构代码",
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^H\d{11}$", "机构代码应为 H 加 11 位数字")],
    )
    name = models.CharField("名称", max_length=100)
    level = models.CharField("级别", max_length=20, choices=Level.choices)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.GENERAL)
    # By which its deductible and its price limits are set where they are not its own level's
    # (dedc_hosp_lv, lmtpric_hosp_lv of the national interface).
    deductible_level = models.CharField(
        "起付线级别", max_length=20, choices=Level.choices, blank=True, default="", db_default=""
    )
    price_level = models.CharField(
        "限价级别", max_length=20, choices=Level.choices, blank=True, default="", db_default=""
    )
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="所在区划")
    is_active = models.BooleanField("执业中", default=True)
    # As its licence says; None where nobody said. More patients than beds are asked about.
    beds = models.PositiveSmallIntegerField("核定床位", null=True, blank=True)
    ownership = models.CharField(
        "所有制", max_length=12, choices=Ownership.choices, blank=True, default=""
    )
    # 医疗机构执业许可证: its number, its last day, and until when its yearly verification (校验)
    # holds (医疗机构管理条例 第二十二条).
    licence = models.CharField("执业许可证号", max_length=40, blank=True, default="")
    licence_until = models.DateField("许可证有效期至", null=True, blank=True)
    verified_until = models.DateField("校验有效期至", null=True, blank=True)

    objects = InstitutionQuerySet.as_manager()
    level_then: str  # of `as_of`
    deductible_level_then: str
    price_level_then: str
    active_then: str

    AUDITED = ("code", "name", "level", "deductible_level", "price_level", "kind", "is_active",
               "beds", "ownership", "licence", "licence_until", "verified_until")  # fmt: skip

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
        return Lapse.NONE if one is None else self.standing_of(one, day)

    @staticmethod
    def standing_of(one: "Agreement", day: date) -> "Agreement.Status | Lapse":
        """What this agreement means on the day."""
        if one.first_day <= day <= one.last_day:
            return one.state_on(day)
        return Lapse.NOT_YET if one.first_day > day else Lapse.OVER


class AgreementQuerySet(ScopedQuerySet["Agreement"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def holding(self, day: Any) -> Self:
        """In force on the day (a date, a `given`, or an OuterRef): signed, within its days, and
        neither stopped nor ended by what was decided of that day."""
        within = OuterRef(day) if isinstance(day, OuterRef) else day
        steps = AgreementStep.objects.covering(within).filter(agreement=OuterRef("pk"))
        rows = self.filter(first_day__lte=day, last_day__gte=day)
        last = Coalesce(Subquery(steps.values("state")[:1]), F("status"))
        good = [Agreement.Status.SIGNED.value, AgreementStep.State.RESUMED.value]
        return rows.alias(last_state=last).filter(last_state__in=good)

    def with_steps(self) -> Self:
        """With what was decided of each, in the same statement: what `Agreement.spans` reads."""
        steps = AgreementStep.objects.decided().filter(agreement=OuterRef("pk"))
        told = JSONObject(state="state", first="first_day", last="last_day")
        return self.annotate(decided_steps=ArraySubquery(steps.values_list(told)))


class Agreement(models.Model):
    """The service agreement (定点协议) that makes an institution a designated one.

    `status` is what was said of all of its days when it was registered (from a table, by a county
    that moves in); what is done to it later has its days and is an `AgreementStep`.
    """

    class Status(TonedChoices):
        SIGNED = "signed", "good", "有效"
        SUSPENDED = "suspended", "bad", "暂停"
        ENDED = "ended", "bad", "终止"

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="agreements")
    number = models.CharField("协议编号", max_length=40, unique=True)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期")
    status = status_column(Status.SIGNED)
    # What it promises in numbers (agreements/terms.py).
    terms = models.JSONField("协议指标", default=dict, blank=True)
    # None of one that was registered from a table; one that two people signed never changes.
    signing = models.OneToOneField(
        "institutions.Signing", models.PROTECT, null=True, blank=True, verbose_name="签订"
    )

    objects = AgreementQuerySet.as_manager()
    decided_steps: list[dict[str, Any]]  # of `with_steps`

    class Meta:
        ordering = ["institution", "-first_day"]
        constraints = [
            in_order("first_day", "last_day", name="agreement_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"协议 {self.number}"

    @property
    def spans(self) -> list[tuple[str, date, date | None]]:
        """State, first and last day of what was decided, the latest first. For rows that were read
        `with_steps`."""
        return [
            (
                one["state"],
                date.fromisoformat(one["first"]),
                date.fromisoformat(one["last"]) if one["last"] else None,
            )
            for one in self.decided_steps
        ]

    def state_on(self, day: date) -> "Agreement.Status":
        """What it is on a day within its own."""
        resumed: date | None = None
        for state, first, last in self.spans:
            if first > day or (last is not None and last < day):
                continue
            if state == AgreementStep.State.RESUMED:
                resumed = max(first, resumed or first)
            elif resumed is None or resumed < first:  # began behind what an appeal lifts
                return Agreement.Status(state)
        return Agreement.Status(self.status) if resumed is None else Agreement.Status.SIGNED


class Practitioner(models.Model):
    code = models.CharField("医师代码", max_length=20, unique=True)
    name = models.CharField("姓名", max_length=40)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="practitioners")
    title = models.CharField("职称", max_length=20, blank=True)
    # 医师资格证书, 医师执业证书 and the term of the registration; empty where nobody said.
    qualification = models.CharField(
        "资格证书编码", max_length=30, blank=True, default="", db_default=""
    )
    licence = models.CharField("执业证书编码", max_length=30, blank=True, default="", db_default="")
    licence_from = models.DateField("执业注册自", null=True, blank=True)
    licence_until = models.DateField("执业注册至", null=True, blank=True)

    objects = ScopedManager("institution__division__code", "institution__code")

    class Meta:
        ordering = ["code"]


class EligibilityQuerySet(Accusing["Eligibility"]):
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
    # Of one who was ended by points: no new registration before this day.
    barred_until = models.DateField("最早重新登记", null=True)

    objects = EligibilityQuerySet.as_manager()

    AUDITED = ("practitioner_id", "state", "first_day", "last_day", "barred_until", "status",
               "evidence", "reason", "decision")  # fmt: skip

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
            models.CheckConstraint(
                condition=Q(barred_until=None) | Q(state="ended"), name="barred_who_was_ended"
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


# Models of sub-rooms, where Django looks for them.
from institutions.agreements.models import AgreementStep, Signing  # noqa: E402, F401
from institutions.bank_accounts.models import BankAccount  # noqa: E402, F401
from institutions.points.models import (  # noqa: E402, F401
    PointAppeal,
    PointRecord,
    PointTerms,
)
from institutions.practice.models import PracticePlace  # noqa: E402, F401
from institutions.registry.models import RegistryChange  # noqa: E402
from institutions.sent_models import (  # noqa: E402, F401
    CodeMapping,
    CodeMappingQuerySet,
    Department,
)
from institutions.trust.models import TrustBands, TrustGrade  # noqa: E402, F401
