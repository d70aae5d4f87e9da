"""A visit begins and ends: registration and discharge, what is known of it, and the way back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from claims.entries import Registration, VisitFacts
from claims.models import Settlement, Visit
from claims.services.counter import counter_visit
from claims.services.settling import Prepared, lock_and_check_cover
from claims.services.visits import check_babies, check_dates
from claims.visits.alike import ask_about
from claims.visits.holding import hold_visit
from claims.visits.parts import standing_parts
from claims.visits.workflow import VISITS
from desk.changes import all_or_nothing
from institutions.models import LEVELS
from policies.services import Measures

Status = Visit.Status
# What is known of a visit, as columns; what the cover says follows from these.
KNOWN = (
    *("care", "bed", "counts_as_stay", "answers", "consent_signed", "referral", "starts", "ends"),
    *("diagnosis_code", "diagnosis", "diseases", "procedures", "facts", "reasons", "babies"),
    *("referred_from_id", "alike_reason"),
)
# What of it moves money (not the days, the name of the illness, the explanation), by its field.
PRICED = {
    "care": "就医类别",
    "referral": "转诊",
    "diseases": "病种",
    "procedures": "诊疗项目",
    "facts": "情况",
    "reasons": "不予支付情形",
    "babies": "婴儿数",
    "referred_from_id": "转出的住院",
    "answers": "另填事项",
}


def facts_of(visit: Visit) -> VisitFacts:
    """What is known of the visit, as a registration or a discharge hands it in."""
    return VisitFacts(
        **visit.marks,
        starts=visit.starts,
        ends=visit.days.ends,
        diagnosis=visit.diagnosis,
        diagnosis_code=visit.diagnosis_code,
        referred_from=visit.referred_from_id,
        answers=dict(visit.answers),
        alike_reason=visit.alike_reason,
    )


@all_or_nothing()
def register_visit(entry: Registration, *, actor: User, on: date) -> Visit:
    """Begin a visit at the actor's institution: a stay, or an outpatient visit of one day.

    Raises Refusal naming the input: no cover on that day, dead, in another bed by then.
    """
    VISITS.check(Visit(), "visit_registered", actor)
    visit, measures = counter_visit(
        entry.visit,
        institution=entry.institution,
        person=entry.person,
        consent_signed=entry.consent_signed,
        actor=actor,
    )
    _begin(visit, on)
    VISITS.begun(visit, "visit_registered").is_registered = True
    visit.admission_number = entry.admission_number.strip()
    visit.entered_by, visit.entry_key = actor, entry.key
    _check_against_past(visit, measures)
    visit.save(force_insert=True)
    VISITS.note(visit, "visit_registered", actor=actor)
    return visit


@all_or_nothing()
def change_registration(
    *,
    actor: User,
    visit: Visit,
    facts: VisitFacts,
    consent_signed: bool,
    admission_number: str,
    on: date,
) -> Visit:
    """What was registered was wrong or is known by now (入院信息变更).

    The day of admission and the signature decide what every line of the bill is: they change while
    there is none. A part that is settled keeps all of it.
    """
    visit, _ = hold_visit(visit, actor=actor, event="visit_changed")
    _refuse_settled(standing_parts(visit), "再变更登记")
    new, measures = _again(visit, facts, consent_signed, actor)
    _begin(new, on)
    moved = (new.starts, new.consent_signed) != (visit.starts, visit.consent_signed)
    if moved and visit.lines.filter(is_live=True).exists():
        raise Refusal(
            "已有费用明细：入院日期和目录外签字决定每行费用如何报销，请先撤销费用，再变更登记",
            "starts" if new.starts != visit.starts else "consent_signed",
        )
    columns = _known(new) | {"admission_number": admission_number.strip()}
    if new.starts != visit.starts:
        columns |= {name: getattr(new, name) for name in LEVELS}
    return _write(visit, "visit_changed", columns, measures, actor)


@all_or_nothing()
def cancel_registration(*, actor: User, visit: Visit, reason: str) -> Visit:
    """Nobody lay in that bed, or it was somebody else (入院撤销). The bill is withdrawn before."""
    current = Visit.objects.get(pk=visit.pk)
    if current.status == Status.CLOSED and current.ends is not None:
        raise Refusal("病人已办出院登记，请先撤销出院登记，再撤销入院登记")
    visit, reason = hold_visit(visit, actor=actor, event="visit_cancelled", reason=reason)
    if visit.lines.filter(is_live=True).exists():
        raise Refusal("这次就诊还有费用明细，请先撤销全部费用，再撤销登记")
    return VISITS.take(visit, "visit_cancelled", actor=actor, reason=reason)


@all_or_nothing()
def discharge(*, actor: User, visit: Visit, facts: VisitFacts, on: date) -> Visit:
    """The patient leaves (出院登记): the last day and what is known by then.

    `facts`: all that is known, usually `replace(facts_of(visit), ends=…, diagnosis=…)`. Where it
    comes after the settlement that told it already, nothing is written.
    """
    current = Visit.objects.get(pk=visit.pk)
    if current.status == Status.SETTLED and current.ends == facts.ends:
        return current
    visit, _ = hold_visit(visit, actor=actor, event="visit_discharged")
    return leave(visit, facts, actor=actor, on=on)


def leave(visit: Visit, facts: VisitFacts, *, actor: User, on: date) -> Visit:
    """The discharge of a visit that is held."""
    check_dates(facts, on)
    if facts.starts != visit.starts:
        raise Refusal("入院日期与登记不符，请先办理登记变更", "starts")
    new, measures = _again(visit, facts, visit.consent_signed, actor)
    _refuse_moved(visit, new, standing_parts(visit))
    late = visit.lines.filter(is_live=True, charged_on__gt=facts.ends).order_by("charged_on").last()
    if late is not None:
        raise Refusal(
            f"“{late.item_name}”的计费日期 {late.charged_on} 晚于出院日期，请核对日期，"
            "或先撤销那一批费用",
            "ends",
        )
    return _write(visit, "visit_discharged", _known(new), measures, actor)


@all_or_nothing()
def undo_discharge(*, actor: User, visit: Visit, reason: str) -> Visit:
    """The patient did not leave (出院撤销). A settlement is withdrawn before."""
    visit, reason = hold_visit(visit, actor=actor, event="discharge_undone", reason=reason)
    parts = standing_parts(visit)
    ends = visit.ends if not visit.bed else parts[-1].charged_to if parts else None
    return VISITS.take(visit, "discharge_undone", actor=actor, reason=reason, ends=ends)


def _begin(visit: Visit, on: date) -> None:
    """Days and babies of a visit that begins. One without a bed is over on the day it begins."""
    if not visit.bed:
        visit.ends = visit.ends or visit.starts
    if visit.starts > on:
        raise Refusal(f"入院（就诊）日期不能晚于今天 {on}，请核对", "starts")
    if visit.bed and visit.ends is not None:
        raise Refusal("入院登记不填出院日期，出院时再办理出院登记", "ends")
    if visit.ends is not None and not visit.starts <= visit.ends <= on:
        raise Refusal("结束日期应不早于就诊日期、不晚于今天，请核对", "ends")


def _again(
    visit: Visit, facts: VisitFacts, consent_signed: bool, actor: User
) -> tuple[Visit, Measures]:
    """The visit as these facts make it, unsaved."""
    assert visit.institution is not None
    check_babies(facts)
    return counter_visit(
        facts,
        institution=visit.institution,
        person=visit.person,
        consent_signed=consent_signed,
        actor=actor,
    )


def _known(visit: Visit) -> dict[str, Any]:
    return {name: getattr(visit, name) for name in KNOWN}


def _write(
    visit: Visit, event: str, columns: dict[str, Any], measures: Measures, actor: User
) -> Visit:
    """Take the step with these columns, once the patient's past allows what they say."""
    for name, value in columns.items():
        setattr(visit, name, value)
    with VISITS.foreseen(visit, event):  # who is discharged is out of the bed
        cover = _check_against_past(visit, measures)
    return VISITS.take(visit, event, actor=actor, **columns | cover)


def _check_against_past(visit: Visit, measures: Measures) -> dict[str, Any]:
    """Cover, life and other visits of these days; the columns that follow from the cover."""
    prepared = Prepared(visit, [], measures, Settlement.PayTo.INSTITUTION)
    enrollment = lock_and_check_cover(prepared, replaces=None)
    if not visit.bed:  # a stay is asked about when it is settled
        ask_about(visit, prepared.around, None)
    return {
        "enrollment": enrollment,
        "household": enrollment.household,
        "division": enrollment.division,
        "alike_reason": visit.alike_reason,
    }


def _refuse_settled(parts: Sequence[Settlement], then: str) -> None:
    if parts:
        last = parts[-1]
        raise Refusal(f"这次就诊已有结算 {last.number}（中途结算），请先撤回，{then}")


def _refuse_moved(visit: Visit, new: Visit, parts: Sequence[Settlement]) -> None:
    """What parts were settled by stays as long as they stand, and they lie before the discharge."""
    if not parts:
        return
    last = parts[-1].charged_to
    if last is not None and new.ends is not None and new.ends < last:
        raise Refusal(f"已中途结算到 {last}，出院日期不能更早；请核对，或先撤回中途结算", "ends")
    moved = [name for name in PRICED if getattr(visit, name) != getattr(new, name)]
    if moved:
        raise Refusal(
            f"中途结算以后“{PRICED[moved[0]]}”有变动，已结算的部分要按新的情况重算："
            f"请先撤回中途结算 {parts[-1].number}，再办理出院",
            moved[0].removesuffix("_id"),
        )
