"""Writes of the yearly assessment, and what a final one does to the deposits of its year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.models import DepositReturn
from claims.clearing.money import propose_correction, propose_return
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.workdays import calendar
from institutions.agreements.models import AgreementStep
from institutions.eligibility import last_of
from institutions.models import Agreement, Institution, Level
from institutions.trust.models import TrustGrade
from institutions.trust.services import propose_institution_grade
from lib.resident_id import people_masked
from supervision.assessment.models import Assessment, AssessmentItem, FormAdoption
from supervision.assessment.scoring import TOLD, Verdict, total, verdict
from supervision.assessment.workflow import ADOPTIONS, ASSESSMENTS

PUT_RIGHT = "已更正："
# Months for which an agreement is stopped, by what follows from the score (scoring.py).
STOPPED_MONTHS: Mapping[Verdict, int] = {"suspend": 6, "end": 12}


@dataclass(frozen=True, slots=True)
class Given:
    """Points of an item, and why not all."""

    points: int
    note: str = ""


Points = Mapping[str, Given]


@all_or_nothing()
def propose_form(
    *,
    actor: User,
    form: str,
    first_year: int,
    days_to_appeal: int,
    evidence: str,
    reason: str,
    on: date,
) -> FormAdoption:
    """That the county assesses by a form from a year on; another decides."""
    if actor.division is None:
        raise Refusal("您的账号不属于统筹区，不能提出考核办法")
    return ADOPTIONS.propose(
        Asked(actor, on, evidence, reason),
        area=actor.division,
        form=form,
        first_year=first_year,
        days_to_appeal=days_to_appeal,
    )


@all_or_nothing()
def open_assessment(*, actor: User, institution: Institution, year: int, on: date) -> Assessment:
    """Begin an institution's year by the county's form for its level. Raises Refusal."""
    if on.year <= year:
        raise Refusal("年度考核在次年进行，年度未满不能发起", "year")
    county = institution.division.county_code
    then = Institution.objects.as_of(date(year, 12, 31)).get(pk=institution.pk)
    adoption = FormAdoption.objects.for_level(county, then.level_then, year)
    if adoption is None:
        level = Level(then.level_then).label
        raise Refusal(f"{year} 年度没有采用适用于{level}的考核表，请先提出并审批", "institution")
    if Assessment.objects.filter(institution=institution, year=year).exists():
        raise Refusal(f"{institution} {year} 年度已发起考核", "institution")
    row: Assessment = Assessment.objects.create(
        institution=institution, year=year, adoption=adoption, opened_by=actor
    )
    AssessmentItem.objects.bulk_create(
        AssessmentItem(assessment=row, code=one.code, name=one.name, most=one.points,
                       asks=one.evidence, source=one.source)
        for one in adoption.said.items
    )  # fmt: skip
    ASSESSMENTS.begin(row, "open_assessment", actor=actor)
    return row


def _items(row: Assessment, given: Points) -> list[tuple[AssessmentItem, Given]]:
    """Each item with what it gets. Raises Refusal at the first that is wrong."""
    found = []
    for item in row.items.select_for_update().order_by("pk"):
        mine = given.get(item.code)
        if mine is None or not 0 <= mine.points <= item.most:
            raise Refusal(f"{item.name}：得分应为 0 至 {item.most}", f"points-{item.code}")
        found.append((item, mine))
    return found


@all_or_nothing()
def self_assess(*, actor: User, row: Assessment, given: Points) -> Assessment:
    """The institution scores itself."""
    row = ASSESSMENTS.lock(row.pk)
    ASSESSMENTS.check(row, "self_assess", actor)
    pairs = _items(row, given)
    for item, mine in pairs:
        item.self_points, item.self_note = mine.points, people_masked(mine.note.strip())[:200]
        item.save(update_fields=["self_points", "self_note"])
    score = total(mine.points for _, mine in pairs)
    return ASSESSMENTS.take(row, "self_assess", actor=actor, self_score=score)


@all_or_nothing()
def score_assessment(*, actor: User, row: Assessment, given: Points) -> Assessment:
    """The inspectors' points; what is taken says why."""
    row = ASSESSMENTS.lock(row.pk)
    ASSESSMENTS.check(row, "score_assessment", actor)
    pairs = _items(row, given)
    for item, mine in pairs:
        _write(item, mine)
    score = total(mine.points for _, mine in pairs)
    return ASSESSMENTS.take(row, "score_assessment", actor=actor, score=score)


def _write(item: AssessmentItem, mine: Given) -> None:
    note = people_masked(mine.note.strip())[:200]
    if mine.points < item.most and not note:
        raise Refusal(f"{item.name}：扣分须写明事实和证据", f"note-{item.code}")
    if mine.points == item.most and item.note and note in ("", item.note):
        # What was found first stays to be read.
        note = item.note if item.note.startswith(PUT_RIGHT) else f"{PUT_RIGHT}{item.note}"[:200]
    item.points, item.note = mine.points, note
    item.save(update_fields=["points", "note"])


@all_or_nothing()
def answer_assessment(*, actor: User, row: Assessment, given: Points, answer: str) -> Assessment:
    """The items anew after an appeal; another decides. What an item had before stays beside it. An
    appeal takes nothing more off."""
    row = ASSESSMENTS.lock(row.pk)
    ASSESSMENTS.check(row, "answer_assessment", actor)
    if len(answer.strip()) < 2:
        raise Refusal("请写明答复的理由", "answer")
    for item, mine in _items(row, given):
        had = item.points_before
        if had is not None and mine.points < had:
            raise Refusal(f"{item.name}：申诉后不能低于原得分 {had}", f"points-{item.code}")
        _write(item, mine)
    words = people_masked(answer.strip())[:200]
    return ASSESSMENTS.take(row, "answer_assessment", actor=actor, answer=words)


@all_or_nothing()
def take_step(
    *, actor: User, row: Assessment, event: str, on: date, reason: str = ""
) -> Assessment:
    """One button: reviewed and published, sent back, appealed, decided, final, opened again."""
    row = ASSESSMENTS.lock(row.pk)
    if event == "publish_assessment":
        by = calendar(on).after(on, row.adoption.days_to_appeal)
        return ASSESSMENTS.take(row, event, actor=actor, appeal_by=by)
    if event == "appeal_assessment":
        _refuse_late(row, on)
        _keep_points(row)
        said = people_masked(reason.strip())[:200]
        return ASSESSMENTS.take(row, event, actor=actor, reason=reason, appeal=said)
    if event == "reopen_assessment":
        _keep_points(row)
        said = people_masked(reason.strip())[:200]
        return ASSESSMENTS.take(row, event, actor=actor, reason=reason, appeal=said,
                                finished_by=None, finished_at=None)  # fmt: skip
    if event == "decide_assessment":
        points = row.items.values_list("points", flat=True)
        score = total(one or 0 for one in points)
        return ASSESSMENTS.take(row, event, actor=actor, score=score, finished_on=on)
    if event == "finish_assessment":
        if row.appeal_by is not None and on <= row.appeal_by:
            raise Refusal(f"申诉期限到 {row.appeal_by} 为止，请期满后再确定")
        return ASSESSMENTS.take(row, event, actor=actor, finished_on=on)
    return ASSESSMENTS.take(row, event, actor=actor, reason=reason)


def _keep_points(row: Assessment) -> None:
    """What was told of each item stands beside what the appeal makes of it, which is no less: what
    an earlier appeal gave, and the deposit that went back by it, stays given."""
    row.items.update(points_before=F("points"))


def _refuse_late(row: Assessment, on: date) -> None:
    if row.appeal_by is not None and on > row.appeal_by:
        raise Refusal(f"申诉期限到 {row.appeal_by} 为止，已过")


@all_or_nothing()
def propose_deposit(*, actor: User, row: Assessment, on: date) -> DepositReturn:
    """What the final score gives back of the year's deposits, put forward; the approver decides it
    among the returns. Where they were returned by a lower score before, what is missing."""
    row = ASSESSMENTS.lock(row.pk)
    ASSESSMENTS.take(row, "propose_deposit", actor=actor)
    score, form = row.score, row.adoption.said
    assert score is not None
    words = f"{row.year} 年度考核 {score} 分，{form.deposit_told}"
    first = (
        DepositReturn.objects.filter(institution=row.institution, year=row.year, corrects=None)
        .filter(status__in=["proposed", "approved"])
        .first()
    )
    if first is not None:
        return propose_correction(
            actor=actor, row=first, score=score, bands=form.bands, evidence=row.title,
            reason=words, on=on,
        )  # fmt: skip
    return propose_return(
        actor=actor, institution=row.institution, year=row.year, score=score,
        bands=form.bands, evidence=row.title, reason=words, on=on,
    )  # fmt: skip


@all_or_nothing()
def propose_grade(*, actor: User, row: Assessment, on: date) -> TrustGrade:
    """The grade of trust that the final score gives the institution, put forward; another decides
    it among the grades (监督管理条例 第三十三条). Raises Refusal."""
    row = ASSESSMENTS.lock(row.pk)
    ASSESSMENTS.take(row, "grade_assessment", actor=actor)
    assert row.score is not None
    return propose_institution_grade(
        actor=actor, institution=row.institution, year=row.year, score=row.score,
        evidence=row.title, on=on,
    )  # fmt: skip


def consequence(row: Assessment, on: date) -> tuple[Agreement, dict[str, Any]] | None:
    """The agreement in force on the day and how its step is filled in where the final score stops
    it: half a year, or a year and more, which is what is left of the agreement at the most. None
    where nothing follows from the score or there is nothing to stop."""
    if row.status != Assessment.Status.FINAL or row.score is None:
        return None
    found = verdict(row.score)
    months = STOPPED_MONTHS.get(found)
    rows = Agreement.objects.filter(institution=row.institution, first_day__lte=on)
    held = rows.filter(last_day__gte=on).with_steps().order_by("-first_day").first()
    if months is None or held is None or held.state_on(on) != Agreement.Status.SIGNED:
        return None
    return held, {
        "state": AgreementStep.State.SUSPENDED,
        "first_day": on,
        "last_day": min(last_of(on, months), held.last_day),
        "evidence": row.title[:100],
        "reason": f"{row.year} 年度考核 {row.score} 分，{TOLD[found]}",
    }
