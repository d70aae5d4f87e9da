"""The county's bands, and the grade that a year gave an institution or a practitioner."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Accusing, Decision, decided_by_second
from desk.tones import TonedChoices
from institutions.points.arithmetic import ENDED_FROM

WHOLE = 100


class Grade(TonedChoices):
    A = "A", "good", "A 级"
    B = "B", "good", "B 级"
    C = "C", "wait", "C 级"
    D = "D", "bad", "D 级"


class TrustBandsQuerySet(ScopedQuerySet["TrustBands"]):
    division_path = "area__code"

    def for_year(self, area_code: str, year: int) -> "TrustBands | None":
        """The latest that two people decided for years from then on."""
        rows = self.filter(area__code=area_code, status=Decision.Status.APPROVED)
        return rows.filter(first_year__lte=year).order_by("-first_year", "-pk").first()


class TrustBands(Decision):
    """How a county grades (信用等级办法), from a year on: an institution by the score of its yearly
    assessment, a practitioner by his points of the year; and how much of the average month an
    institution of each grade may get in advance. `evidence` is the county's document."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    first_year = models.PositiveSmallIntegerField("自年度")
    a_from = models.PositiveSmallIntegerField("A 级自（分）")
    b_from = models.PositiveSmallIntegerField("B 级自（分）")
    c_from = models.PositiveSmallIntegerField("C 级自（分）")
    # Points of a practitioner's year up to which he has the grade.
    a_most = models.PositiveSmallIntegerField("A 级记分至多")
    b_most = models.PositiveSmallIntegerField("B 级记分至多")
    c_most = models.PositiveSmallIntegerField("C 级记分至多")
    prepaid_a = models.PositiveSmallIntegerField("A 级预付（%）")
    prepaid_b = models.PositiveSmallIntegerField("B 级预付（%）")
    prepaid_c = models.PositiveSmallIntegerField("C 级预付（%）")
    prepaid_d = models.PositiveSmallIntegerField("D 级预付（%）")

    objects = TrustBandsQuerySet.as_manager()

    AUDITED = ("status", "first_year", "a_from", "b_from", "c_from", "a_most", "b_most", "c_most",
               "prepaid_a", "prepaid_b", "prepaid_c", "prepaid_d", "evidence",
               "reason")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "信用等级办法"
        constraints = [
            *decided_by_second(
                "trust_bands", "area", told="已有一份信用等级办法待审批，请先办结或撤回"
            ),
            models.CheckConstraint(
                condition=Q(
                    a_from__lte=WHOLE,
                    b_from__lt=F("a_from"),
                    c_from__lt=F("b_from"),
                    b_most__gt=F("a_most"),
                    c_most__gt=F("b_most"),
                    c_most__lt=ENDED_FROM,
                ),
                name="trust_bands_in_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    prepaid_a__lte=WHOLE,
                    prepaid_b__lte=F("prepaid_a"),
                    prepaid_c__lte=F("prepaid_b"),
                    prepaid_d__lte=F("prepaid_c"),
                ),
                name="less_trust_is_prepaid_no_more",
            ),
        ]

    def __str__(self) -> str:
        return f"信用等级办法 {self.pk} 号"

    def of_score(self, score: int) -> Grade:
        """An institution's, by the hundredths of its assessment."""
        if score >= self.a_from:
            return Grade.A
        if score >= self.b_from:
            return Grade.B
        return Grade.C if score >= self.c_from else Grade.D

    def of_points(self, points: int) -> Grade:
        """A practitioner's, by the points that are left of his year."""
        if points <= self.a_most:
            return Grade.A
        if points <= self.b_most:
            return Grade.B
        return Grade.C if points <= self.c_most else Grade.D

    @property
    def lines(self) -> list[tuple[str, str, str, int]]:
        """Of each grade its name, scores, points and share in advance, for people."""
        return [
            ("A 级", f"{self.a_from} 分以上", f"至多 {self.a_most} 分", self.prepaid_a),
            ("B 级", f"{self.b_from} 分以上", f"至多 {self.b_most} 分", self.prepaid_b),
            ("C 级", f"{self.c_from} 分以上", f"至多 {self.c_most} 分", self.prepaid_c),
            ("D 级", f"不满 {self.c_from} 分", f"超过 {self.c_most} 分", self.prepaid_d),
        ]

    def prepaid(self, grade: str) -> int:
        """Hundredths of the average month that may be paid in advance."""
        share: int = getattr(self, f"prepaid_{grade.lower()}")
        return share


class TrustGradeQuerySet(Accusing["TrustGrade"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def in_force(self, institution: int, year: int) -> "TrustGrade | None":
        """What the last year that was assessed before this one gave an institution; the later
        decision, where its assessment was opened again. None where nothing was decided."""
        rows = self.filter(institution=institution, practitioner=None, year__lt=year)
        decided = rows.filter(status=Decision.Status.APPROVED).select_related("bands")
        return decided.order_by("-year", "-pk").first()


class TrustGrade(Decision):
    """What a year gave an institution, or one of its practitioners; it holds for the next year.

    `score`: of the assessment, or the practitioner's points. `reason` says how it came about.
    """

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="+", verbose_name="机构"
    )
    practitioner = models.ForeignKey(
        "institutions.Practitioner", models.PROTECT, null=True, related_name="grades",
        verbose_name="医师",
    )  # fmt: skip
    year = models.PositiveSmallIntegerField("评定年度")
    bands = models.ForeignKey(
        TrustBands, models.PROTECT, related_name="+", verbose_name="信用等级办法"
    )
    score = models.PositiveSmallIntegerField("得分（记分）")
    grade = models.CharField("信用等级", max_length=1, choices=Grade.choices)

    objects = TrustGradeQuerySet.as_manager()

    AUDITED = ("institution_id", "practitioner_id", "year", "score", "grade", "status",
               "evidence", "reason", "decision")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "信用等级"
        constraints = [
            *decided_by_second("trust_grade"),
            models.UniqueConstraint(
                fields=["institution", "practitioner", "year"],
                condition=Q(status="proposed"),
                nulls_distinct=False,
                name="one_open_trust_grade",
                violation_error_message="这一年度已有一份信用等级待审批，请先办结或撤回",
            ),
        ]

    def __str__(self) -> str:
        return f"信用等级 {self.pk} 号"

    @property
    def whose(self) -> str:
        return self.institution.name if self.practitioner is None else self.practitioner.name

    @property
    def prepaid(self) -> int:
        return self.bands.prepaid(self.grade)
