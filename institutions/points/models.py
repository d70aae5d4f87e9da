"""The county's terms, decisions that give points, and what is asked for against them."""

from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Accusing, Decision, decided_by_second
from desk.fields import first_hand, in_order, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from institutions.models import Eligibility, Practitioner
from institutions.points.arithmetic import BY_CODE, GROUNDS, MAX_MONTHS, MIN_MONTHS


class PointTermsQuerySet(ScopedQuerySet["PointTerms"]):
    division_path = "area__code"

    def in_force(self, area_code: str) -> "PointTerms | None":
        """The latest that two people decided."""
        rows = self.filter(area__code=area_code, status=Decision.Status.APPROVED)
        return rows.order_by("-pk").first()


class PointTerms(Decision):
    """What 医保发〔2024〕23号 leaves to the county: the months of a suspension, and the days of an
    appeal. `evidence` is the county's document."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    reminded_from = models.PositiveSmallIntegerField("自几分起提醒")
    months_nine = models.PositiveSmallIntegerField("满 9 分暂停（月）")
    months_ten = models.PositiveSmallIntegerField("满 10 分暂停（月）")
    months_eleven = models.PositiveSmallIntegerField("满 11 分暂停（月）")
    days_to_appeal = models.PositiveSmallIntegerField("申诉期限（工作日）")
    max_course = models.PositiveSmallIntegerField("学习修复每年最多减（分）")

    objects = PointTermsQuerySet.as_manager()

    AUDITED = ("status", "reminded_from", "months_nine", "months_ten", "months_eleven",
               "days_to_appeal", "max_course", "evidence", "reason")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "记分办法"
        constraints = [
            *decided_by_second(
                "point_terms", "area", told="已有一份记分办法待审批，请先办结或撤回"
            ),
            models.CheckConstraint(
                condition=Q(
                    months_nine__gte=MIN_MONTHS,
                    months_ten__gte=F("months_nine"),
                    months_eleven__gte=F("months_ten"),
                    months_eleven__lte=MAX_MONTHS,
                ),
                name="suspension_months_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(
                    reminded_from__gte=1,
                    reminded_from__lte=8,
                    days_to_appeal__gte=5,
                    days_to_appeal__lte=60,
                    max_course__lte=6,
                ),
                name="point_terms_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"记分办法 {self.pk} 号"

    @property
    def months(self) -> dict[int, int]:
        """Points of a year → months of the suspension."""
        return {9: self.months_nine, 10: self.months_ten, 11: self.months_eleven}


class PointRecordQuerySet(Accusing["PointRecord"]):
    division_path = "practitioner__institution__division__code"
    institution_path = "practitioner__institution__code"

    def counted(self, year: int) -> Self:
        """Of a calendar year: that of the decision. Each with what was given back of it."""
        rows = self.filter(status=Decision.Status.APPROVED, decided_on__year=year)
        return rows.with_back().order_by("decided_on", "pk")

    def with_back(self) -> Self:
        """With `back`: the points of it that were given back."""
        given = PointAppeal.objects.filter(record=OuterRef("pk"), status=PointAppeal.Status.DECIDED)
        total = given.order_by().values("record").annotate(total=Sum("points_back")).values("total")
        return self.annotate(back=Coalesce(Subquery(total), Value(0)))


class PointRecord(Decision):
    """One decision that gives somebody points, once his institution was handled for it.

    `evidence` is the number of the document. What follows for his eligibility is `effect`.
    """

    class Degree(models.TextChoices):
        GENERAL = "general", "一般责任"
        IMPORTANT = "important", "重要责任"
        MAIN = "main", "主要责任"

    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, related_name="points", verbose_name="责任人员"
    )
    ground = models.CharField(
        "记分情形", max_length=16, choices=[(one.code, one.name) for one in GROUNDS]
    )
    degree = models.CharField("责任程度", max_length=10, choices=Degree.choices)
    points = models.PositiveSmallIntegerField("记分")
    handled_paper = models.CharField("机构处理文号", max_length=100)
    handled_on = models.DateField("机构处理日期")
    appeal_by = models.DateField("申诉期限", null=True)
    effect = models.OneToOneField(
        Eligibility, models.PROTECT, null=True, related_name="by_points", verbose_name="支付资格"
    )

    # Of rows read with it (`with_back`): points given back.
    back: int

    objects = PointRecordQuerySet.as_manager()

    AUDITED = ("status", "practitioner_id", "ground", "degree", "points", "handled_paper",
               "handled_on", "appeal_by", "effect_id", "evidence", "reason",
               "decision")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "支付资格记分"
        constraints = [
            *decided_by_second("point_record"),
            once(
                "practitioner",
                "handled_paper",
                "ground",
                name="one_point_record_of_a_handling",
                where=Q(status__in=["proposed", "approved"]),
                told="这次处理的同一情形已给这位人员记分，不能重复记分",
                at="handled_paper",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=12), name="points_of_the_bands"
            ),
            in_order("handled_on", "proposed_on", name="points_after_the_handling"),
            status_says("approved", column="appeal_by", name="points_say_how_long_to_appeal"),
        ]

    def __str__(self) -> str:
        return f"记分决定 {self.pk} 号"

    @property
    def band(self) -> str:
        one = BY_CODE[self.ground]
        return f"{one.least} 至 {one.most} 分"


class PointAppealQuerySet(ScopedQuerySet["PointAppeal"]):
    division_path = "record__practitioner__institution__division__code"
    institution_path = "record__practitioner__institution__code"

    def undecided(self) -> Self:
        return self.filter(status__in=[PointAppeal.Status.LODGED, PointAppeal.Status.ANSWERED])


class PointAppeal(models.Model):
    """What somebody asks back of his points: they were wrong (申诉), or he has learnt and helped
    since (学习修复). One answers, another decides; the decision and what it gives back both stay.
    """

    class Status(TonedChoices):
        LODGED = "lodged", "wait", "待答复"
        ANSWERED = "answered", "wait", "待审批"
        DECIDED = "decided", "good", "已办结"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    class Kind(models.TextChoices):
        APPEAL = "appeal", "申诉"
        COURSE = "course", "学习修复"

    record = models.ForeignKey(
        PointRecord, models.PROTECT, related_name="appeals", verbose_name="记分决定"
    )
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    status = status_column(Status.LODGED)
    asked_back = models.PositiveSmallIntegerField("申请减（分）")
    reason = models.CharField("理由", max_length=200)
    lodged_by, lodged_at = first_hand("申请")
    lodged_on = models.DateField("申请日期")
    points_back = models.PositiveSmallIntegerField("减（分）", null=True)
    answer = models.CharField("答复", max_length=200, blank=True)
    answered_by, answered_at = later_hand("答复")
    decided_by, decided_at = later_hand("审批")
    decided_on = models.DateField("审批日期", null=True)
    effect = models.ForeignKey(
        Eligibility, models.PROTECT, null=True, related_name="+", verbose_name="支付资格"
    )

    objects = PointAppealQuerySet.as_manager()

    AUDITED = ("status", "record_id", "kind", "asked_back", "reason", "points_back", "answer",
               "answered_by_id", "decided_by_id", "effect_id")  # fmt: skip

    class Meta:
        verbose_name = "记分申诉"
        ordering = ["-pk"]
        constraints = [
            once(
                "record",
                name="one_open_point_appeal",
                where=Q(status__in=["lodged", "answered"]),
                told="这份记分决定已有一份申诉在办理，请等待办结",
            ),
            positive("asked_back", name="point_appeal_asks_something"),
            models.CheckConstraint(
                condition=Q(points_back=None) | Q(points_back__lte=F("asked_back")),
                name="point_appeal_gives_no_more_than_asked",
            ),
            apart("answered_by", "lodged_by", name="point_appeal_is_answered_by_another"),
            apart("decided_by", "lodged_by", "answered_by", name="point_appeal_decided_by_third"),
            status_says("answered", "decided", column="points_back", name="answer_says_points"),
            status_says("decided", column="decided_on", name="decided_point_appeal_says_when"),
        ]

    def __str__(self) -> str:
        return f"记分申诉 {self.pk} 号"
