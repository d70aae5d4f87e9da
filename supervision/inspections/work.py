"""What waits in inspections: visits, self-checks, answers to check, orders past their day."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from desk.decisions import Decision
from desk.listing import Column, attr
from desk.worklist import Finder, Hit, Note, Work, numbered
from supervision.inspections.listings import inspections_of, orders_of, overdue
from supervision.inspections.models import (
    Checklist,
    ChecklistQuerySet,
    Inspection,
    InspectionQuerySet,
    Sweep,
)
from supervision.inspections.order_models import (
    Order,
    OrderQuerySet,
)

# Letters of a name that say anything.
SHORTEST = 2


def _mine(user: User) -> InspectionQuerySet:
    """What the user's own team has still to do."""
    return Inspection.objects.visible_to(user).unfinished().filter(team__user=user)


def _due(user: User) -> InspectionQuerySet:
    return Inspection.objects.visible_to(user).unfinished().on_site()


def _self_checks(user: User) -> InspectionQuerySet:
    return Inspection.objects.visible_to(user).unfinished().filter(kind=Inspection.Kind.SELF)


def _to_mend(user: User) -> OrderQuerySet:
    return Order.objects.visible_to(user).filter(status=Order.Status.ISSUED)


def _to_check(user: User) -> OrderQuerySet:
    """Not who issued it: another looks at the answer (supervision/inspections/workflow.py)."""
    rows = Order.objects.visible_to(user).filter(status=Order.Status.ANSWERED)
    return rows.exclude(issued_by=user)


def _overdue(user: User) -> OrderQuerySet:
    rows: OrderQuerySet = overdue(Order.objects.visible_to(user))
    return rows


def _checklists(user: User) -> ChecklistQuerySet:
    rows = Checklist.objects.visible_to(user).filter(status=Decision.Status.PROPOSED)
    return rows.exclude(proposed_by=user)


ORDER_COLUMNS = (
    Column("文号", attr("number"), link="supervision:order"),
    Column("机构", attr("inspection.place.institution.name")),
    Column("整改期限", attr("due_on"), "day"),
)
INSTITUTION = frozenset({Role.INSTITUTION_CLERK})
WORK = (
    Work(
        "待我现场检查",
        "supervision.inspect",
        "supervision:inspections",
        _mine,
        unit="家",
        query="status=open&mine=on",
        due="due_on",
    ),
    Work(
        "现场检查未完成",
        "supervision.plan_inspections",
        "supervision:inspections",
        _due,
        unit="家",
        query="status=open",
        due="due_on",
        is_rare=True,
    ),
    Work(
        "待自查",
        "supervision.fill_inspection",
        "supervision:inspections",
        _self_checks,
        unit="项",
        query="status=open",
        due="due_on",
        roles=INSTITUTION,
        is_rare=True,
    ),
    Work(
        "待整改",
        "supervision.rectify",
        "supervision:orders",
        _to_mend,
        unit="份",
        query="status=issued",
        due="due_on",
        is_bad=True,
        listed=(lambda user: orders_of(user).filter(status=Order.Status.ISSUED), ORDER_COLUMNS),
    ),
    Work(
        "整改回复待核验",
        "supervision.verify_rectification",
        "supervision:orders",
        _to_check,
        unit="份",
        query="status=answered",
        due="due_on",
        is_rare=True,
    ),
    Work(
        "整改过期未销号",
        "supervision.plan_inspections",
        "supervision:orders",
        _overdue,
        unit="份",
        query="late=on",
        is_bad=True,
        is_rare=True,
    ),
    Work(
        "检查表待审批",
        "supervision.decide_checklist",
        "supervision:checklists",
        _checklists,
        unit="份",
        since="proposed_on",
        is_rare=True,
    ),
)


def _no_joint(user: User, on: date) -> str:
    """医疗机构监督年度计划（三）: 每季度进行一次多部门联合执法行动. Asked of counties that inspect
    by sweeps at all, from the quarter's second month on."""
    sweeps = Sweep.objects.visible_to(user)
    if on.month % 3 == 1 or not sweeps.exists():
        return ""
    if sweeps.in_quarter(on).filter(kind=Sweep.Kind.JOINT).exists():
        return ""
    return "本季度还没有多部门联合检查"


NOTES = (Note("supervision.plan_inspections", "supervision:sweeps", _no_joint),)


def _inspections(user: User, text: str, at_most: int) -> Iterator[Hit]:
    """By the institution's name: an inspection has no number of its own."""
    if len(text) < SHORTEST or text.isascii():
        return
    rows = inspections_of(user).filter(place__institution__name__contains=text).order_by("-pk")
    for row in rows[:at_most]:
        facts = f"{row.place.sweep.title}，{row.get_status_display()}"
        yield Hit("检查", str(row), facts, reverse("supervision:inspection", args=[row.pk]))


FINDERS = (
    Finder("supervision.view_inspections", _inspections),
    numbered(
        "supervision.view_inspections",
        "整改通知书",
        "supervision:order",
        orders_of,
        lambda row: f"{row.institution.name}，{row.get_status_display()}",
    ),
)
