"""A filing of one person, decided by a second hand; which filing a visit stands on."""

from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.carrying import CarriedLine, CarriedUpload
from desk.decisions import Decision, decided_by_second
from desk.fields import in_order, later_hand, once
from desk.importing import file_once
from desk.jobs import JobManager
from desk.workflow import apart
from enrollment.models import Person
from institutions.models import Institution


class FilingQuerySet(ScopedQuerySet["Filing"]):
    division_path = "division__code"
    institution_path = "institution__code"

    def holding(self, person: Any, day: Any) -> Self:
        """The person's approved filings that hold on the day (each a value, or a `given`)."""
        rows = self.filter(person=person, status=Decision.Status.APPROVED, starts__lte=day)
        rows = rows.filter(Q(ended_from=None) | Q(ended_from__gt=day))
        return rows.filter(Q(ends=None) | Q(ends__gte=day))

    def to_decide(self) -> Self:
        """Those that wait for a second hand: to be agreed to, or to be ended."""
        asked = Q(status=Decision.Status.APPROVED, ending_from__isnull=False, ended_from=None)
        return self.filter(Q(status=Decision.Status.PROPOSED) | asked)


class Filing(Decision):
    """备案、认定、审批: what kind, of whom, from when to when, on which papers.

    Which fact of a visit it gives, and whether a visit may state that fact without one, the
    measures say (`filings` of the pack).
    """

    class Kind(models.TextChoices):
        REFERRAL = "referral", "转诊转院审批"
        AWAY = "away", "异地就医备案"
        CHRONIC = "chronic", "慢特病认定"
        EXAMINATION = "examination", "特殊检查治疗用血审批"
        ACCIDENT = "accident", "外伤备案"
        FIRST = "first", "首诊机构选定"

    class Liable(models.TextChoices):
        NOBODY = "nobody", "无第三方责任"
        THIRD = "third", "第三方负责"
        HOSPITAL = "hospital", "医疗机构负责"
        OPEN = "open", "责任未定"

    class Proof(models.TextChoices):
        POLICE = "police", "公安机关证明"
        COURT = "court", "法院文书"
        COMMUNITY = "community", "村(居)委会和街镇政府证明"
        EMPLOYER = "employer", "用人单位证明"
        # Of what a hospital tells while nobody has established it yet.
        NONE = "none", "尚无证明"

    number = models.CharField("备案号", max_length=24, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="filings")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    # The disease, the examination, how the accident happened.
    about = models.CharField("病种、项目或经过", max_length=200)
    place = models.CharField("机构或就医地", max_length=100, blank=True)
    # Of the disease or of the institution that `about` or `place` names, where it was told.
    code = models.CharField("病种或机构代码", max_length=30, blank=True, default="", db_default="")
    # Who asked for it, where that was no township.
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", verbose_name="申报机构"
    )
    starts = models.DateField("自")
    ends = models.DateField("至", null=True)
    expert = models.CharField("认定专家", max_length=40, blank=True)
    liable = models.CharField("责任", max_length=10, choices=Liable.choices, blank=True)
    proof = models.CharField("责任证明", max_length=10, choices=Proof.choices, blank=True)

    # Somebody asks that it hold no longer from a day on (到期以前终止、撤销), a second agrees.
    ending_from = models.DateField("申请终止自", null=True)
    ending_reason = models.CharField(
        "终止原因", max_length=200, blank=True, default="", db_default=""
    )
    ending_asked_by, ending_asked_at = later_hand("申请终止")
    ended_from = models.DateField("终止自", null=True)
    ended_by, ended_at = later_hand("同意终止")
    # Approved by the old system; who brought it in stands as who asked and who decided.
    carried = models.ForeignKey(
        "claims.CarriedFilings",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name="原系统转入",
    )

    objects = FilingQuerySet.as_manager()

    AUDITED = ("number", "kind", "status", "starts", "ends", "liable", "decision", "ending_from",
               "ending_reason", "ended_from")  # fmt: skip

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second("filing"),
            in_order("starts", "ends", name="filing_dates_in_order"),
            apart(
                "ended_by",
                "proposed_by",
                "decided_by",
                "ending_asked_by",
                name="filing_is_ended_by_another",
            ),
            models.CheckConstraint(
                condition=Q(ended_from=None)
                | Q(ended_by__isnull=False, ended_from__gte=F("starts"), status="approved"),
                name="ended_filing_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(kind="accident") | (~Q(liable="") & ~Q(proof="")),
                name="accident_says_who_is_liable",
            ),
            # As long as nothing is proved, nobody is found to be free of it or bound to it.
            models.CheckConstraint(
                condition=~Q(proof="none") | Q(liable="open"), name="unproved_liability_is_open"
            ),
            models.CheckConstraint(
                condition=~Q(kind="chronic") | (~Q(expert="") & Q(ends__isnull=False)),
                name="chronic_filing_names_its_expert",
            ),
        ]
        indexes = [models.Index(fields=["person", "kind", "starts"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def holds_until(self) -> date | None:
        """The last day on which it holds; None where that is not known."""
        return self.ended_from - timedelta(days=1) if self.ended_from else self.ends


class CarriedFilings(CarriedUpload):
    """A file of approvals of the old system, and its job."""

    SERVICES = "claims.filings.carried.CARRIED"

    class Kind(models.TextChoices):
        FILINGS = "filings", "备案与审批"

    kind = models.CharField("内容", max_length=12, choices=Kind.choices)
    content = SealedField("文件", blank=True, context="claims.carriedfilings.content")  # base64

    objects = JobManager("area__code")

    class Meta(CarriedUpload.Meta):
        constraints = [
            *file_once(
                "area", "kind", name="carried_filings_once", told="这份文件刚由别人上传，请刷新"
            ),
            apart("confirmed_by", "requested_by", name="carried_filings_confirmed_by_another"),
        ]


class CarriedFiling(CarriedLine):
    upload = models.ForeignKey(
        CarriedFilings, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["upload", "line"], name="carried_filing_line")]


class VisitFiling(models.Model):
    """On which filing a fact of a visit stands; without one, what the clerk named instead."""

    visit = models.ForeignKey("claims.Visit", models.PROTECT, related_name="filings")
    kind = models.CharField("种类", max_length=12, choices=Filing.Kind.choices)
    filing = models.ForeignKey(Filing, models.PROTECT, null=True, related_name="visits")
    document = models.CharField("凭什么", max_length=100, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            once("visit", "kind", name="visit_filing_once"),
        ]

    def __str__(self) -> str:
        if self.filing is not None:
            return str(self.filing)
        told = f"，录入人注明：{self.document}" if self.document else ""
        return f"未见{self.get_kind_display()}{told}"
