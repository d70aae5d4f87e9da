"""The measures of the plan with their progress, and the tasks place by place."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from desk.filters import FilterForm, chosen, whole
from desk.listing import Column, Listing, attr, state
from supervision.publicity.models import PublicityMeasure, PublicityTask, PublicityTaskQuerySet

S = PublicityTask.Status
LATE, TO_DO, NO_PHOTO = "late", "to_do", "unproved"
OWN = "own"


def measures_of(user: User) -> QuerySet[PublicityMeasure]:
    rows = PublicityMeasure.objects.visible_to(user).select_related("planned_by")
    return rows.annotate(
        asked=Count("tasks", filter=~Q(tasks__status=S.DROPPED)),
        done=Count("tasks", filter=Q(tasks__status=S.DONE)),
        late=Count("tasks", filter=Q(tasks__status=S.WAITING, due_on__lt=today())),
    ).order_by("-year", "due_on", "pk")


def covered(row: Any) -> int | None:
    """Per cent of its places where it was done."""
    return row.done * 100 // row.asked if row.asked else None


def _tasks_of(row: PublicityMeasure) -> str:
    return reverse("supervision:publicity") + f"?measure={row.pk}"


class PlanFilter(FilterForm):
    year = whole("年度", "year")
    form = chosen("形式", "form", PublicityMeasure.Form.choices)


PLAN_LIST = Listing(
    "宣传计划",
    "supervision.view_publicity_plan",
    measures_of,
    (
        Column("年度", lambda row: str(row.year)),
        Column("宣传内容", attr("what"), leads=_tasks_of),
        Column("形式", attr("get_form_display")),
        Column("范围", attr("get_reach_display")),
        Column("责任人或单位", attr("charged")),
        Column("完成期限", attr("due_on"), "day", sort=True),
        Column("应完成", attr("asked"), "whole"),
        Column("已完成", attr("done"), "whole"),
        Column("覆盖(%)", covered, "whole"),
        Column("逾期", attr("late"), "whole"),
    ),
    PlanFilter,
    empty="还没有列入计划的宣传措施",
    hint="每项措施列到县、各乡镇或各村，由责任单位上报完成日期、数量和照片",
    template="supervision/publicity/plan.html",
)


def _narrowed(rows: Any, value: str) -> Any:
    if value == LATE:
        return rows.overdue(today())
    return rows.in_time(today()) if value == TO_DO else rows.unproved()


class TaskFilter(FilterForm):
    year = whole("年度", "measure__year")
    measure = whole("措施编号", "measure", most=99_999_999)
    status = chosen("状态", "status", S.choices)
    state = chosen("提醒", _narrowed, [(LATE, "已逾期"), (TO_DO, "未到期"), (NO_PHOTO, "没有照片")])
    charge = chosen("责任", "", [(OWN, "本单位的")])

    def narrow(self, rows: Any) -> Any:
        rows = super().narrow(rows)
        return rows.charged_to(self.user) if self.filled().get("charge") else rows


def _tasks(user: User) -> PublicityTaskQuerySet:
    rows = PublicityTask.objects.visible_to(user).with_photos()
    return rows.select_related("measure", "division__parent").order_by(
        "-measure__year", "measure__due_on", "measure", "division__code"
    )


TASK_LIST = Listing(
    "宣传任务",
    "supervision.view_publicity",
    _tasks,
    (
        Column("地方", attr("division.place"), link="supervision:publicity_task"),
        Column("宣传内容", attr("measure.what")),
        Column("形式", attr("measure.get_form_display")),
        Column("责任人或单位", attr("measure.charged")),
        Column("完成期限", attr("measure.due_on"), "day"),
        Column("完成日期", attr("done_on"), "day"),
        Column("数量", attr("count"), "whole"),
        Column("照片", attr("photo_count"), "whole"),
        Column("状态", state(), "status"),
    ),
    TaskFilter,
    empty="没有符合条件的宣传任务",
    hint="完成以后在这里上报日期、数量和照片",
    template="supervision/publicity/tasks.html",
)
