"""Which form a county assesses by, an institution's year, and the points of each item."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import first_hand, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from institutions.models import Institution
from supervision.assessment.catalogue import FORMS
from supervision.assessment.scoring import Form


class FormAdoptionQuerySet(ScopedQuerySet["FormAdoption"]):
    division_path = "area__code"

    def for_level(self, area_code: str, level: str, year: int) -> "FormAdoption | None":
        """The latest that two people decided for this level and year."""
        codes = [one.code for one in FORMS.values() if level in one.levels]
        rows = self.filter(area__code=area_code, status=Decision.Status.APPROVED)
        return rows.filter(form__in=codes, first_year__lte=year).order_by("-pk").first()


class FormAdoption(Decision):
    """That the county assesses by a form from a year on, and how long an institution may appeal."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    form = models.CharField(
        "考核表", max_length=16, choices=[(one.code, one.name) for one in FORMS.values()]
    )
    first_year = models.PositiveSmallIntegerField("自考核年度")
    days_to_appeal = models.PositiveSmallIntegerField("申诉期限（工作日）")

    objects = FormAdoptionQuerySet.as_manager()

    AUDITED = ("status", "form", "first_year", "days_to_appeal", "evidence", "reason")

    class Meta(Decision.Meta):
        verbose_name = "考核办法"
        constraints = [
            *decided_by_second(
                "form_adoption",
                "area",
                "form",
                told="这张考核表已有一份采用申请待审批，请先办结或撤回",
            ),
            models.CheckConstraint(
                condition=Q(days_to_appeal__gte=3, days_to_appeal__lte=60),
                name="days_to_appeal_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"考核办法 {self.pk} 号"

    @property
    def said(self) -> Form:
        return FORMS[self.form]


class AssessmentQuerySet(ScopedQuerySet["Assessment"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def unfinished(self) -> Self:
        return self.exclude(status=Assessment.Status.FINAL)


class Assessment(models.Model):
    """An institution's year: scored by itself, by inspectors, reviewed by another, published,
    perhaps appealed, final. What it says then decides what becomes of the deposits."""

    class Status(TonedChoices):
        OPEN = "open", "wait", "待自评"
        SELF_SCORED = "self", "wait", "待考核"
        SCORED = "scored", "wait", "待复核"
        PUBLISHED = "published", "wait", "公示中"
        APPEALED = "appealed", "bad", "申诉待答复"
        ANSWERED = "answered", "wait", "申诉待决定"
        FINAL = "final", "good", "已确定"

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="assessments", verbose_name="定点机构"
    )
    year = models.PositiveSmallIntegerField("考核年度")
    adoption = models.ForeignKey(
        FormAdoption, models.PROTECT, related_name="+", verbose_name="考核办法"
    )
    status = status_column(Status.OPEN)
    self_score = models.PositiveSmallIntegerField("自评得分", null=True)
    score = models.PositiveSmallIntegerField("考核得分", null=True)
    opened_by, opened_at = first_hand("发起")
    self_by, self_at = later_hand("自评")
    scored_by, scored_at = later_hand("考核")
    reviewed_by, reviewed_at = later_hand("复核")
    appeal_by = models.DateField("申诉期限", null=True)
    appeal = models.CharField("申诉理由", max_length=200, blank=True)
    appealed_by, appealed_at = later_hand("申诉")
    answer = models.CharField("申诉答复", max_length=200, blank=True)
    answered_by, answered_at = later_hand("答复")
    finished_by, finished_at = later_hand("确定")
    finished_on = models.DateField("确定日期", null=True)
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = AssessmentQuerySet.as_manager()

    AUDITED = ("status", "institution_id", "year", "adoption_id", "self_score", "score",
               "appeal_by", "appeal", "answer", "finished_on", "reason")  # fmt: skip

    class Meta:
        verbose_name = "年度考核"
        ordering = ["-year", "institution", "pk"]
        constraints = [
            once(
                "institution",
                "year",
                name="one_assessment_of_a_year",
                told="该机构这一年度的考核刚由别人发起，请刷新后再看",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=100), name="assessment_of_a_hundred"
            ),
            apart("reviewed_by", "opened_by", "self_by", "scored_by",
                  name="assessment_is_reviewed_by_another"),
            apart("finished_by", "opened_by", "self_by", "scored_by", "reviewed_by", "appealed_by",
                  "answered_by", name="assessment_appeal_is_decided_by_another"),
            status_says("final", column="finished_on", name="final_assessment_says_when"),
            status_says("scored", "published", "final", column="score",
                        name="scored_assessment_says_its_score"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"年度考核 {self.pk} 号"

    @property
    def title(self) -> str:
        return f"{self.institution} {self.year} 年度考核"

    @property
    def is_told(self) -> bool:
        """Whether the institution knows the points: two have agreed to them as they are now."""
        return self.status in (self.Status.PUBLISHED, self.Status.APPEALED, self.Status.FINAL)


class AssessmentItem(models.Model):
    """One item of it, as the form had it then."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="items")
    code = models.CharField("编号", max_length=8)
    name = models.CharField("考核内容", max_length=120)
    most = models.PositiveSmallIntegerField("满分")
    asks = models.CharField("考核依据", max_length=80)
    source = models.CharField("条款", max_length=80)
    self_points = models.PositiveSmallIntegerField("自评", null=True)
    self_note = models.CharField("自评说明", max_length=200, blank=True)
    points = models.PositiveSmallIntegerField("得分", null=True)
    note = models.CharField("扣分事实", max_length=200, blank=True)
    # What the item had before an appeal: both stay.
    points_before = models.PositiveSmallIntegerField("申诉前", null=True)

    objects = ScopedManager("assessment__institution__division__code",
                            "assessment__institution__code")  # fmt: skip

    class Meta:
        verbose_name = "考核项目"
        ordering = ["assessment", "pk"]
        constraints = [
            once("assessment", "code", name="one_item_of_an_assessment"),
            models.CheckConstraint(
                condition=(Q(points=None) | Q(points__lte=F("most")))
                & (Q(self_points=None) | Q(self_points__lte=F("most"))),
                name="item_gives_no_more_than_its_points",
            ),
            models.CheckConstraint(
                condition=Q(points=None) | Q(points=F("most")) | ~Q(note=""),
                name="points_taken_say_why",
            ),
        ]
