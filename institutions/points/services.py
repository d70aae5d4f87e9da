"""Writes of points: given by two, asked back, and what either does to the eligibility.

Order of locks: practitioner, record, appeal. The practitioner first: of two decisions on one person
the second counts the first.
"""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.reasons import given_reason
from desk.workdays import calendar
from institutions.eligibility import rule_at_once, standing_on
from institutions.looked_up import one_named
from institutions.models import Eligibility, Practitioner
from institutions.points.anew import rule_anew, ruling, told
from institutions.points.arithmetic import (
    BY_CODE,
    DEGREES,
    Line,
    Outcome,
    outcome,
    points_for,
)
from institutions.points.models import PointAppeal, PointRecord, PointTerms
from institutions.points.workflow import APPEAL_WAY, RECORDS, TERMS

State = Eligibility.State


@all_or_nothing()
def propose_terms(
    *,
    actor: User,
    reminded_from: int,
    months_nine: int,
    months_ten: int,
    months_eleven: int,
    days_to_appeal: int,
    max_course: int,
    evidence: str,
    reason: str,
    on: date,
) -> PointTerms:
    """What the document leaves to the county; another decides. Raises Refusal at the input."""
    if actor.division is None:
        raise Refusal("您的账号不属于统筹区，不能提出记分办法")
    if not months_nine <= months_ten <= months_eleven:
        raise Refusal("记分越多暂停越长：9 分、10 分、11 分的月数不能递减", at=("months_ten",))
    return TERMS.propose(
        Asked(actor, on, evidence, reason),
        area=actor.division,
        reminded_from=reminded_from,
        months_nine=months_nine,
        months_ten=months_ten,
        months_eleven=months_eleven,
        days_to_appeal=days_to_appeal,
        max_course=max_course,
    )


def terms_of(practitioner: Practitioner) -> PointTerms:
    """The county's. Raises Refusal where it has none."""
    area = practitioner.institution.division.county_code
    terms = PointTerms.objects.in_force(area)
    if terms is None:
        raise Refusal("县里还没有记分办法，请先在“记分办法”中提出并审批")
    return terms


# -- giving ------------------------------------------------------------------------------------


@all_or_nothing()
def propose_points(
    *,
    actor: User,
    code: str,
    ground: str,
    degree: str,
    handled_paper: str,
    handled_on: date,
    evidence: str,
    reason: str,
    on: date,
) -> PointRecord:
    """Points for somebody's share in what his institution was handled for; another decides.

    Raises Refusal at the input: the institution comes first (医保发〔2024〕23号)."""
    who = _named(actor, code)
    terms_of(who)
    if ground not in BY_CODE:
        raise Refusal("请选择记分情形", at=("ground",))
    if degree not in DEGREES:
        raise Refusal("请选择责任程度", at=("degree",))
    asks = "机构的处理文号（先处理机构，后给人员记分）"
    paper = given_reason(handled_paper, asks=asks, most=100, at=("handled_paper",))
    if handled_on > on:
        raise Refusal(f"机构处理日期不能晚于今天（{on}）", at=("handled_on",))
    same = who.points.filter(handled_paper=paper, ground=ground)
    if same.filter(status__in=["proposed", "approved"]).exists():
        raise Refusal(
            f"{paper} 的同一情形已给{who.name}记分，不能重复记分，请核对文号", at=("handled_paper",)
        )
    return RECORDS.propose(
        Asked(actor, on, evidence, reason, paper="文号"),
        practitioner=who,
        ground=ground,
        degree=degree,
        points=points_for(ground, degree),
        handled_paper=paper,
        handled_on=handled_on,
    )


def _named(actor: User, code: str) -> Practitioner:
    rows = Practitioner.objects.visible_to(actor).select_related("institution__division")
    who: Practitioner = one_named(rows, code, "人员", "code")
    return who


@all_or_nothing()
def decide_points(
    *, actor: User, row: PointRecord, event: str, on: date, reason: str = ""
) -> PointRecord:
    """Agree, refuse or take back. What is agreed to counts in the year of this day, and its effect
    on the eligibility begins with it."""
    who = _hold(row.practitioner_id)
    row = RECORDS.lock(row.pk)
    if event != "approve_points":
        return RECORDS.decided(row, event, actor=actor, on=on, reason=reason)
    terms = terms_of(who)
    RECORDS.check(row, event, actor)
    found = outcome([*lines_of(who, on.year), Line(row.points)], terms.months)
    effect = None
    if _adds(found, standing_on(who.code, on)):
        asked = _asked(row.proposed_by, row.evidence, found, on)
        effect = rule_at_once(ruling(found, on), practitioner=who, asked=asked, decided_by=actor)
    appeal_by = calendar(on).after(on, terms.days_to_appeal)
    return RECORDS.decided(
        row, event, actor=actor, on=on, reason=reason, effect=effect, appeal_by=appeal_by
    )


def _hold(pk: int) -> Practitioner:
    rows = Practitioner.objects.select_related("institution__division")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def lines_of(who: Practitioner, year: int) -> list[Line]:
    """What counts of a calendar year, wherever he worked."""
    rows = PointRecord.objects.filter(practitioner=who).counted(year)
    return [Line(row.points, row.back) for row in rows]


def _adds(found: Outcome, held: Eligibility | None) -> bool:
    """Whether the sum leads to more than what holds already: an ended one is not suspended too."""
    if not found.effect:
        return False
    return found.effect == "ended" or held is None or held.state != State.ENDED


def _asked(by: User, evidence: str, found: Outcome, on: date) -> Asked:
    return Asked(by, on, evidence, told(on.year, found), paper="文号")


# -- asking back -------------------------------------------------------------------------------


@all_or_nothing()
def lodge_appeal(
    *, actor: User, record: PointRecord, kind: str, asked_back: int, reason: str, on: date
) -> PointAppeal:
    """The institution asks for its own person. Raises Refusal after the days of an appeal, and for
    more points than are left."""
    record = RECORDS.lock(record.pk)
    if record.status != record.Status.APPROVED or record.decided_on is None:
        raise Refusal("记分决定还没有作出，不能申请减分")
    terms = terms_of(record.practitioner)
    if kind not in PointAppeal.Kind.values:
        raise Refusal("请选择申诉或者学习修复", at=("kind",))
    if kind == PointAppeal.Kind.APPEAL and record.appeal_by is not None and on > record.appeal_by:
        raise Refusal(f"申诉期限到 {record.appeal_by} 为止，已过；可以申请学习修复", at=("kind",))
    if kind == PointAppeal.Kind.COURSE:
        _refuse_course(record, asked_back, terms, on)
    left = _left(record)
    if not 0 < asked_back <= left:
        raise Refusal(f"减分应为 1 至 {left} 分（这份决定现记 {left} 分）", at=("asked_back",))
    return APPEAL_WAY.create(
        "lodge_point_appeal",
        actor=actor,
        record=record,
        kind=kind,
        asked_back=asked_back,
        reason=given_reason(reason, asks="理由"),
        lodged_by=actor,
        lodged_on=on,
    )


def _left(record: PointRecord) -> int:
    """Points of it that still stand."""
    row = PointRecord.objects.with_back().get(pk=record.pk)
    return row.points - row.back


def _refuse_course(record: PointRecord, asked: int, terms: PointTerms, on: date) -> None:
    """Learning shortens what a person has of this year, so much a year, and undoes no ending."""
    if record.decided_on is None or record.decided_on.year != on.year:
        raise Refusal("记分已随年度清零，不用学习修复", at=("kind",))
    held = standing_on(record.practitioner.code, on)
    if held is not None and held.state == State.ENDED:
        raise Refusal("已终止支付资格的，不适用学习修复，请在期满后重新登记", at=("kind",))
    rows = PointAppeal.objects.filter(
        record__practitioner=record.practitioner_id,
        kind=PointAppeal.Kind.COURSE,
        status=PointAppeal.Status.DECIDED,
        decided_on__year=on.year,
    )
    had = sum(one or 0 for one in rows.values_list("points_back", flat=True))
    if had + asked > terms.max_course:
        raise Refusal(
            f"学习修复每年最多减 {terms.max_course} 分，今年已减 {had} 分", at=("asked_back",)
        )


@all_or_nothing()
def answer_appeal(
    *, actor: User, appeal: PointAppeal, points_back: int, answer: str
) -> PointAppeal:
    """How many points the centre would give back, and why; another decides. Raises Refusal."""
    row = APPEAL_WAY.lock(appeal.pk)
    if not 0 <= points_back <= row.asked_back:
        raise Refusal(f"减分应为 0 至 {row.asked_back} 分", at=("points_back",))
    return APPEAL_WAY.take(
        row,
        "answer_point_appeal",
        actor=actor,
        points_back=points_back,
        answer=given_reason(answer, asks="答复的理由", at=("answer",)),
    )


@all_or_nothing()
def decide_appeal(
    *, actor: User, row: PointAppeal, event: str, on: date, reason: str = ""
) -> PointAppeal:
    """Agree with the answer, send it back, or take the appeal back. With the agreement what
    the points led to is worked out anew: of an appeal from their day on, of learning from this."""
    who = _hold(row.record.practitioner_id)
    row = APPEAL_WAY.lock(row.pk)
    if event != "decide_point_appeal":
        return APPEAL_WAY.take(row, event, actor=actor, reason=reason)
    APPEAL_WAY.check(row, event, actor)
    made_on = row.record.decided_on
    assert made_on is not None
    is_learnt = row.kind == PointAppeal.Kind.COURSE
    if is_learnt and row.points_back:
        _refuse_course(row.record, row.points_back, terms_of(who), on)
    row = APPEAL_WAY.take(row, event, actor=actor, decided_on=on)
    if not row.points_back:
        return row
    first = on if is_learnt else made_on
    assert row.answered_by is not None
    effect = rule_anew(who, first, answered_by=row.answered_by, decided_by=actor, on=on)
    if effect is not None:
        APPEAL_WAY.model.objects.filter(pk=row.pk).update(effect=effect)
        row.effect = effect
    return row
