"""The lists that departments sent, and what one of them changes person by person."""

from django.db.models import QuerySet

from accounts.models import User
from desk.listing import Column, attr, judged_rows, sent_files
from enrollment.status_lists.models import ListLine, StatusList


def _lists(user: User) -> QuerySet[StatusList]:
    rows = StatusList.objects.visible_to(user).defer("content")
    return rows.select_related("area", "requested_by")


STATUS_LIST_LIST = sent_files(
    "部门名单",
    "enrollment.view_lists",
    _lists,
    (
        Column("月份", lambda row: f"{row.month:%Y-%m}"),
        Column("名单", attr("get_kind_display"), link="enrollment:list_detail"),
        Column("文件", attr("file_name")),
    ),
    {
        "人数": "listed_count",
        "新增": "added_count",
        "变更": "changed_count",
        "取消": "dropped_count",
        "未登记": "unknown_count",
        "暂不处理": "held_count",
    },
    standing=attr("state_shown"),
    empty="还没有导入过名单",
    hint="向民政、残联等部门取得当月全量名单后上传",
    template="enrollment/status_lists/list.html",
)


def _lines(user: User) -> QuerySet[ListLine]:
    return ListLine.objects.filter(list__in=StatusList.objects.visible_to(user))


LIST_LINES = judged_rows(
    "enrollment.view_lists",
    _lines,
    (
        Column("姓名", attr("name")),
        Column("户编号", attr("person.household.number"), "code"),
        Column("村组", attr("person.household.division.name")),
        Column("原登记", attr("before")),
        Column("名单", attr("after")),
    ),
    empty="没有这种结果的人",
    line=Column("行", lambda row: row.list.said(row.line) if row.line else ""),
    template="enrollment/status_lists/detail.html",
)
