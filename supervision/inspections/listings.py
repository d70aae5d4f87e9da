"""Lists of checklists, interests, sweeps, inspections, orders and what was handed over."""

from typing import Any

from django.db.models import Count, Q

from accounts.clock import today
from accounts.models import User
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import FilterForm, chosen, day, ticked, typed
from desk.listing import Column, Listing, attr, state, visible
from supervision.inspections.models import (
    Checklist,
    ChecklistQuerySet,
    Inspection,
    InspectionQuerySet,
    Interest,
    Sweep,
    SweepQuerySet,
)
from supervision.inspections.order_models import (
    HandOver,
    Order,
    OrderQuerySet,
)


class ChecklistFilter(DecisionFilter):
    decides = "supervision.decide_checklist"


def _checklists(user: User) -> ChecklistQuerySet:
    return Checklist.objects.visible_to(user).select_related("proposed_by", "decided_by")


CHECKLIST_LIST = Listing(
    "检查表",
    "supervision.view_sweeps",
    _checklists,
    (
        Column("名称", attr("title"), link="supervision:checklist"),
        Column("启用日期", attr("first_day"), "day", sort=True),
        Column("项数", lambda row: len(row.item_list.items), "whole"),
        *DECIDED,
    ),
    ChecklistFilter,
    template="supervision/inspections/checklists.html",
    empty="还没有采用检查表，请先提出一份",
    hint="一人提出、另一人同意后采用；以后的检查活动用启用日期内最新的一版",
)


class InterestFilter(FilterForm):
    stands = chosen(
        "状态",
        lambda rows, value: rows.filter(ended_at__isnull=value == "stands"),
        [("stands", "有效"), ("ended", "已撤销")],
        initial="stands",
    )


INTERESTS = Listing(
    "利害关系声明",
    "supervision.view_interests",
    visible(Interest, "person", "institution", "declared_by"),
    (
        Column("检查人员", attr("person.name"), link="supervision:interest"),
        Column("机构", attr("institution.name"), sort="institution__code"),
        Column("关系", attr("get_relation_display")),
        Column("说明", attr("detail")),
        Column("声明人", attr("declared_by.name")),
        Column("声明日期", attr("declared_at"), "day", sort=True),
        Column("撤销日期", attr("ended_at"), "day"),
    ),
    InterestFilter,
    template="supervision/inspections/interests.html",
    empty="没有声明",
    hint="有利害关系的不能参加对该机构的检查；在机构任职的账号和执业人员由系统核对",
)


class SweepFilter(FilterForm):
    status = chosen("阶段", "status", Sweep.Status.choices)
    kind = chosen("性质", "kind", Sweep.Kind.choices)
    since = day("现场检查自", "visits_from__gte")


def _sweeps(user: User) -> SweepQuerySet:
    return (
        Sweep.objects.visible_to(user)
        .annotate(
            asked=Count("places", filter=Q(places__left_out_at=None), distinct=True),
            seen=Count(
                "places",
                filter=Q(
                    places__left_out_at=None,
                    places__inspections__kind="visit",
                    places__inspections__status="done",
                ),
                distinct=True,
            ),
        )
        .order_by("-pk")
    )


SWEEP_LIST = Listing(
    "检查活动",
    "supervision.view_sweeps",
    _sweeps,
    (
        Column("名称", attr("title"), link="supervision:sweep"),
        Column("性质", attr("get_kind_display"), hint=attr("partners")),
        Column("季度", attr("quarter")),
        Column("依据", attr("basis")),
        Column("现场检查自", attr("visits_from"), "day", sort=True),
        Column("至", attr("visits_until"), "day", sort=True),
        Column("应查（家）", attr("asked"), "whole"),
        Column("已到（家）", attr("seen"), "whole"),
        Column("阶段", state(), "status"),
    ),
    SweepFilter,
    template="supervision/inspections/sweeps.html",
    empty="还没有检查活动",
    hint="应查的都查到、免检的都写明原因，才能进入总结",
)


def _institution(rows: Any, value: str) -> Any:
    named = Q(place__institution__name__contains=value)
    return rows.filter(named | Q(place__institution__code=value))


class InspectionFilter(FilterForm):
    status = chosen(
        "状态",
        lambda rows, value: rows.unfinished() if value == "open" else rows.filter(status=value),
        [("open", "待检查、检查中"), *Inspection.Status.choices],
        initial="open",
    )
    kind = chosen("方式", "kind", Inspection.Kind.choices)
    institution = typed("机构代码或名称", _institution)
    mine = ticked("只看我参加的", lambda rows, value: rows)

    def narrow(self, rows: Any) -> Any:
        rows = super().narrow(rows)
        return rows.filter(team__user=self.user) if self.filled().get("mine") else rows


def inspections_of(user: User) -> InspectionQuerySet:
    rows = Inspection.objects.visible_to(user)
    return rows.select_related("place__institution__division", "place__sweep").order_by("due_on")


def _late(row: Inspection) -> str:
    is_late = row.status in Inspection.UNFINISHED and row.due_on < today()
    return f"已过期 {(today() - row.due_on).days} 天" if is_late else ""


INSPECTION_LIST = Listing(
    "检查记录",
    "supervision.view_inspections",
    inspections_of,
    (
        Column("机构", attr("place.institution.name"), link="supervision:inspection"),
        Column("检查活动", attr("place.sweep.title")),
        Column("方式", attr("get_kind_display")),
        Column("次数", attr("round"), "whole"),
        Column("应在此日前完成", attr("due_on"), "day", sort=True),
        Column("完成时间", attr("finished_at"), "day", sort=True),
        Column("状态", state(), "status", hint=_late),
    ),
    InspectionFilter,
    empty="没有符合条件的检查",
    hint="机构在现场检查完成以后才看到检查记录",
)


class OrderFilter(FilterForm):
    status = chosen("状态", "status", Order.Status.choices)
    late = ticked("只看过期未销号的", lambda rows, value: overdue(rows))
    institution = typed(
        "机构代码或名称",
        lambda rows, value: rows.filter(
            Q(inspection__place__institution__name__contains=value)
            | Q(inspection__place__institution__code=value)
        ),
    )


def overdue(rows: Any) -> Any:
    """Past their day and not yet put right."""
    return rows.unfinished().filter(due_on__lt=today())


def orders_of(user: User) -> OrderQuerySet:
    rows = Order.objects.visible_to(user).select_related("inspection__place__institution")
    return rows.annotate(asked=Count("lines")).order_by("-pk")


def order_late(row: Order) -> str:
    is_late = row.status != Order.Status.VERIFIED and row.due_on < today()
    return f"已过期 {(today() - row.due_on).days} 天" if is_late else ""


ORDER_LIST = Listing(
    "整改通知书",
    "supervision.view_inspections",
    orders_of,
    (
        Column("文号", attr("number"), link="supervision:order"),
        Column("机构", attr("inspection.place.institution.name")),
        Column("事项", attr("asked"), "whole"),
        Column("下达日期", attr("issued_at"), "day", sort=True),
        Column("整改期限", attr("due_on"), "day", sort=True),
        Column("状态", state(), "status", hint=order_late),
    ),
    OrderFilter,
    empty="没有符合条件的整改通知书",
)


class HandOverFilter(FilterForm):
    to = chosen("移送", "to", HandOver.To.choices)


HANDOVERS = Listing(
    "移送",
    "supervision.view_interests",
    visible(HandOver, "inspection__place__institution", "handed_by"),
    (
        Column("文号", attr("number"), link="supervision:handover"),
        Column("机构", attr("inspection.place.institution.name")),
        Column("移送给", attr("get_to_display")),
        Column("事由和依据", attr("reason")),
        Column("移送日期", attr("handed_at"), "day", sort=True),
        Column("办理结果", attr("result")),
    ),
    HandOverFilter,
    empty="没有移送",
)
