"""Writes of grades of trust."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from institutions.looked_up import one_named
from institutions.models import Institution, Practitioner
from institutions.points.services import lines_of
from institutions.trust.models import TrustBands, TrustGrade
from institutions.trust.workflow import BANDS, GRADES


@all_or_nothing()
def propose_bands(
    *, actor: User, first_year: int, evidence: str, reason: str, on: date, **numbers: int
) -> TrustBands:
    """How the county grades from a year on; another decides. Raises Refusal at the input."""
    if actor.division is None:
        raise Refusal("您的账号不属于统筹区，不能提出信用等级办法")
    for high, low in (("a_from", "b_from"), ("b_from", "c_from")):
        if numbers[low] >= numbers[high]:
            raise Refusal("下一级的起评分应低于上一级", at=(low,))
    for less, more in (("a_most", "b_most"), ("b_most", "c_most")):
        if numbers[more] <= numbers[less]:
            raise Refusal("下一级的记分应高于上一级", at=(more,))
    for better, worse in (("a", "b"), ("b", "c"), ("c", "d")):
        if numbers[f"prepaid_{worse}"] > numbers[f"prepaid_{better}"]:
            raise Refusal("下一级的预付比例不能高于上一级", at=(f"prepaid_{worse}",))
    return BANDS.propose(
        Asked(actor, on, evidence, reason), area=actor.division, first_year=first_year, **numbers
    )


@all_or_nothing()
def propose_institution_grade(
    *, actor: User, institution: Institution, year: int, score: int, evidence: str, on: date
) -> TrustGrade:
    """What the final score of a year's assessment gives; another decides. Raises Refusal."""
    bands = _bands(institution, year)
    grade = bands.of_score(score)
    return _propose(
        Asked(actor, on, evidence, f"{year} 年度考核 {score} 分，评为 {grade.label}"),
        institution=institution, practitioner=None, year=year, bands=bands, score=score,
        grade=grade,
    )  # fmt: skip


@all_or_nothing()
def propose_practitioner_grade(
    *, actor: User, code: str, year: int, evidence: str, on: date
) -> TrustGrade:
    """What the points of a year that is over give; another decides. Raises Refusal at the input."""
    rows = Practitioner.objects.visible_to(actor).select_related("institution__division")
    who: Practitioner = one_named(rows, code, "医师", "code")
    if year >= on.year:
        raise Refusal(f"{year} 年度还没有结束，记分未定", at=("year",))
    bands = _bands(who.institution, year)
    points = sum(line.left for line in lines_of(who, year))
    grade = bands.of_points(points)
    return _propose(
        Asked(actor, on, evidence, f"{year} 年度支付资格记 {points} 分，评为 {grade.label}"),
        institution=who.institution, practitioner=who, year=year, bands=bands, score=points,
        grade=grade,
    )  # fmt: skip


def _bands(institution: Institution, year: int) -> TrustBands:
    bands = TrustBands.objects.for_year(institution.division.county_code, year)
    if bands is None:
        raise Refusal(f"县里还没有适用于 {year} 年度的信用等级办法，请先提出并审批")
    return bands


def _propose(
    asked: Asked, *, institution: Institution, practitioner: Practitioner | None, year: int,
    bands: TrustBands, score: int, grade: str,
) -> TrustGrade:  # fmt: skip
    """Unless the same was decided already."""
    before = TrustGrade.objects.filter(
        institution=institution, practitioner=practitioner, year=year, status="approved"
    ).order_by("-pk").first()  # fmt: skip
    if before is not None and (before.score, before.grade) == (score, grade):
        raise Refusal(f"{year} 年度已评为 {before.get_grade_display()}，没有变化")
    return GRADES.propose(
        asked, institution=institution, practitioner=practitioner, year=year, bands=bands,
        score=score, grade=grade,
    )  # fmt: skip
