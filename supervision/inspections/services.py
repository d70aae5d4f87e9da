"""Checklists, declared interests, sweeps and their teams: what is prepared before anybody goes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, locked
from desk.decisions import Asked
from desk.reasons import given_reason
from institutions.models import Institution
from lib.resident_id import people_masked
from supervision.inspections.conflicts import check_team
from supervision.inspections.items import library
from supervision.inspections.models import (
    Checklist,
    Inspection,
    Interest,
    Sweep,
    SweepPlace,
    TeamMember,
)
from supervision.inspections.order_models import (
    Order,
)
from supervision.inspections.workflow import CHECKLISTS, INSPECTIONS, PLANS, SWEEPS

# A county has some hundred villages; what is more is a mistake in the filter.
MAX_PLACES = 2_000


@all_or_nothing()
def propose_checklist(*, asked: Asked, area: Division, name: str, first_day: date) -> Checklist:
    """Put one of the checklists that come with the portal forward. Raises Refusal."""
    if name not in library():
        raise Refusal("没有这份检查表，请从列表中选择", "name")
    item_list, text = library()[name]
    if first_day < item_list.first_day:
        raise Refusal(f"这份检查表从 {item_list.first_day} 起才能启用", "first_day")
    return CHECKLISTS.propose(
        asked, area=area, key=item_list.key, title=item_list.title, first_day=first_day, text=text
    )


@all_or_nothing()
def declare_interest(
    *, actor: User, person: User, institution: Institution, relation: str, detail: str
) -> Interest:
    """What ties somebody to an institution: said by himself, or noted by who plans. Raises
    Refusal."""
    if person.pk != actor.pk and not actor.may(PLANS):
        raise Refusal("只能声明本人的利害关系", "person")
    if relation not in Interest.Relation.values:
        raise Refusal("请选择是什么关系", "relation")
    row = Interest.objects.create(
        person=person,
        institution=institution,
        relation=relation,
        detail=people_masked(given_reason(detail, asks="说明", most=100, at=("detail",))),
        declared_by=actor,
    )
    record(actor=actor, action="supervision.declare_interest", subject=row)
    return row


@all_or_nothing()
def end_interest(*, actor: User, interest: Interest, reason: str) -> Interest:
    """It is no longer so: never by whom it keeps away. Raises Refusal."""
    row = locked(Interest.objects.select_related("institution__division"), interest.pk)
    if row.ended_at is not None:
        raise Refusal("这项声明已经撤销")
    if row.person_id == actor.pk:
        raise Refusal("不能撤销本人的声明，请由制定检查的人员核实后撤销")
    reason = given_reason(reason, asks="撤销的原因")
    row.ended_by, row.ended_at = actor, timezone.now()
    row.save(update_fields=["ended_by", "ended_at"])
    record(actor=actor, action="supervision.end_interest", subject=row, reason=reason)
    return row


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A sweep as it is typed in."""

    title: str
    kind: str
    partners: str
    basis: str
    checklist: Checklist
    rounds: int
    self_check_until: date | None
    visits_from: date
    visits_until: date
    summary_until: date


@all_or_nothing()
def plan_sweep(
    *, actor: User, area: Division, plan: Plan, institutions: Sequence[Institution]
) -> Sweep:
    """A sweep over these institutions. Raises Refusal."""
    _check_plan(plan)
    if not 0 < len(institutions) <= MAX_PLACES:
        raise Refusal(
            f"检查范围内应有 1 至 {MAX_PLACES} 家机构，现有 {len(institutions)} 家；"
            "请放宽或收窄级别、乡镇",
            "levels",
        )
    words = {one: people_masked(getattr(plan, one)) for one in ("title", "partners", "basis")}
    planned = vars(plan) | words
    sweep = SWEEPS.create("plan_sweep", actor=actor, area=area, planned_by=actor, **planned)
    SweepPlace.objects.bulk_create(
        [SweepPlace(sweep=sweep, institution=one) for one in institutions]
    )
    return sweep


def _check_plan(plan: Plan) -> None:
    if plan.visits_from > plan.visits_until:
        raise Refusal("现场检查的截止日期不能早于开始日期", "visits_until")
    if plan.summary_until < plan.visits_until:
        raise Refusal("总结截止日期不能早于现场检查截止日期", "summary_until")
    if plan.self_check_until and plan.self_check_until > plan.visits_until:
        raise Refusal("自查截止日期不能晚于现场检查截止日期", "self_check_until")
    if plan.kind == Sweep.Kind.JOINT and not plan.partners.strip():
        raise Refusal("联合检查请写明联合的部门", "partners")
    if not plan.checklist.item_list.items:
        raise Refusal("检查表里没有项目", "checklist")


@all_or_nothing()
def move_sweep(*, actor: User, sweep: Sweep, event: str, reason: str, on: date) -> Sweep:
    """One stage further. Raises Refusal: nothing is summed up while somebody is not covered."""
    row = SWEEPS.lock(sweep.pk)
    SWEEPS.check(row, event, actor, reason)
    if event == "begin_self_check":
        _ask_self_checks(row, actor)
    if event == "begin_summary":
        _refuse_uncovered(row)
    if event == "cancel_sweep":
        _refuse_begun(row)
    return SWEEPS.take(row, event, actor=actor, reason=reason)


def _ask_self_checks(sweep: Sweep, actor: User) -> None:
    if sweep.self_check_until is None:
        raise Refusal("这次检查没有安排自查，请直接进入现场检查")
    Inspection.objects.bulk_create(
        [
            Inspection(
                place=place,
                kind=Inspection.Kind.SELF,
                due_on=sweep.self_check_until,
                arranged_by=actor,
            )
            for place in sweep.places.filter(left_out_at=None)
        ]
    )


def _refuse_uncovered(sweep: Sweep) -> None:
    missing = list(sweep.places.uncovered().select_related("institution"))
    if missing:
        names = "、".join(one.institution.name for one in missing[:5])
        more = f"等 {len(missing)} 家" if len(missing) > len(names.split("、")) else ""
        raise Refusal(f"{names}{more}还没有查完；请查完，或写明免检原因，再进入总结")


def _refuse_begun(sweep: Sweep) -> None:
    """What was found stays with a sweep that goes on."""
    if Inspection.objects.filter(place__sweep=sweep).exclude(
        status__in=[Inspection.Status.PLANNED, Inspection.Status.CANCELLED]
    ):
        raise Refusal("已有机构开始填写，不能取消；请查完后总结")
    for row in Inspection.objects.filter(place__sweep=sweep, status=Inspection.Status.PLANNED):
        raise Refusal(f"{row}还在待办，请先取消这项检查")


@all_or_nothing()
def leave_out(*, actor: User, place: SweepPlace, reason: str) -> SweepPlace:
    """An institution is not visited, for a reason that stays. Raises Refusal."""
    row = locked(SweepPlace.objects.select_related("institution__division", "sweep"), place.pk)
    if row.sweep.status not in Sweep.OPEN:
        raise Refusal("检查活动已结束，不能再免检")
    if row.left_out_at is not None:
        raise Refusal("这家机构已经免检")
    if row.inspections.unfinished().on_site().exists():
        raise Refusal("这家机构已安排检查，请先取消那项检查")
    row.left_out_reason = people_masked(given_reason(reason, asks="免检的原因"))
    row.left_out_by, row.left_out_at = actor, timezone.now()
    row.save(update_fields=["left_out_by", "left_out_at", "left_out_reason"])
    record(actor=actor, action="supervision.leave_out", subject=row, reason=row.left_out_reason)
    return row


@all_or_nothing()
def arrange_visits(
    *, actor: User, places: Sequence[SweepPlace], members: Collection[User], due_on: date
) -> list[Inspection]:
    """One team goes to these institutions by that day; to each once more than it was there. Raises
    Refusal naming the institution."""
    if not places:
        raise Refusal("请勾选要去的机构", "places")
    return [_arrange_one(actor, place, members, due_on) for place in places]


def _arrange_one(
    actor: User, place: SweepPlace, members: Collection[User], due_on: date
) -> Inspection:
    row = locked(SweepPlace.objects.select_related("institution__division", "sweep"), place.pk)
    name = row.institution.name
    if row.sweep.status != Sweep.Status.ON_SITE:
        raise Refusal(f"检查活动现为“{row.sweep.get_status_display()}”，请先进入现场检查")
    if row.left_out_at is not None:
        raise Refusal(f"{name}已免检，不再安排", "places")
    check_team(members, row.institution)
    visits = row.inspections.filter(kind=Inspection.Kind.VISIT)
    if visits.unfinished().exists():
        raise Refusal(f"{name}已有一项检查待完成", "places")
    done = visits.filter(status=Inspection.Status.DONE).count()
    if done >= row.sweep.rounds:
        raise Refusal(f"{name}已查满 {row.sweep.rounds} 次", "places")
    return _with_team(
        INSPECTIONS.create(
            "arrange_inspection",
            actor=actor,
            place=row,
            kind=Inspection.Kind.VISIT,
            round=done + 1,
            due_on=due_on,
            arranged_by=actor,
        ),
        members,
    )


@all_or_nothing()
def arrange_second_look(
    *, actor: User, order: Order, members: Collection[User], due_on: date
) -> Inspection:
    """A team looks again at what an order asked to put right. Raises Refusal."""
    place = order.inspection.place
    check_team(members, place.institution)
    row = locked(Order.objects.all(), order.pk)
    if row.status != Order.Status.ANSWERED:
        raise Refusal("机构回复整改以后才能安排复查")
    if row.visits_again.unfinished().exists():
        raise Refusal("这份通知书已安排复查")
    return _with_team(
        INSPECTIONS.create(
            "arrange_inspection",
            actor=actor,
            place=place,
            kind=Inspection.Kind.AGAIN,
            round=row.visits_again.count() + 1,
            of_order=row,
            due_on=due_on,
            arranged_by=actor,
        ),
        members,
    )


def _with_team(inspection: Inspection, members: Collection[User]) -> Inspection:
    TeamMember.objects.bulk_create([TeamMember(inspection=inspection, user=one) for one in members])
    return inspection


@all_or_nothing()
def cancel_inspection(*, actor: User, inspection: Inspection, reason: str) -> Inspection:
    """It does not take place, or another team goes. Raises Refusal."""
    return INSPECTIONS.move(inspection.pk, "cancel_inspection", actor=actor, reason=reason)
