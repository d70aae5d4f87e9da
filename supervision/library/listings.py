"""Points, what they found, files of points, and what the county changed."""

from typing import Any

from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import User
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr, judged_rows, sent_files, state, visible
from supervision.library.models import (
    KINDS,
    LibraryChange,
    LibraryFile,
    LibraryHit,
    LibraryPoint,
    LibraryRow,
)
from supervision.models import Alert
from supervision.rules.library import RULE_OF
from supervision.rules.points import Kind


def _named(rows: Any, value: str) -> Any:
    pair = Q(pair_code__startswith=value) | Q(pair_name__contains=value)
    return rows.filter(Q(code__startswith=value) | Q(name__contains=value) | pair)


STANDING = {
    "on": Q(last_day=None, is_on=True),
    "off": Q(last_day=None, is_on=False),
    "over": Q(last_day__isnull=False),
}


class PointFilter(FilterForm):
    state = chosen(
        "状态",
        lambda rows, value: rows.filter(STANDING[value]),
        [("on", "启用"), ("off", "停用"), ("over", "已被新版替换")],
    )
    kind = chosen("类别", "kind", KINDS)
    text = typed("编码或名称", _named)
    own = chosen(
        "来源",
        lambda rows, value: rows.filter(batch=0) if value == "own" else rows.exclude(batch=0),
        [("national", "国家公布"), ("own", "本县增加")],
    )


LIBRARY_POINTS = Listing(
    "规则库",
    "supervision.view_library",
    visible(LibraryPoint),
    (
        Column("项目名称", attr("name"), link="supervision:library_point", width=30),
        Column("项目编码", attr("code"), "code", sort=True),
        Column("类别", attr("get_kind_display")),
        Column("限定", attr("limit"), width=30),
        Column("依据", attr("ground"), width=30),
        Column("来源", attr("origin")),
        Column("自哪天起", attr("first_day"), "day"),
        Column("状态", attr("state")),
    ),
    PointFilter,
    empty="没有符合条件的知识点",
    hint="国家公布的两库知识点由文件导入；结算后的筛查和接口的事前、事中审核按它们核对",
    template="supervision/library/points.html",
)


def _hits(user: User) -> QuerySet[LibraryHit]:
    alerts = Alert.objects.filter(settlement=OuterRef("settlement"), rule=OuterRef("rule"))
    rows = LibraryHit.objects.visible_to(user).select_related("settlement__visit")
    return rows.annotate(rule=_rule()).annotate(
        alert=Subquery(alerts.values("pk")[:1]),
        alert_status=Subquery(alerts.values("status")[:1]),
        found_at=Subquery(alerts.values("found_at")[:1]),
        finding=Subquery(alerts.values("finding")[:1]),
    )


def _rule() -> Any:
    """The rule of the point's kind, in SQL."""
    kinds = [When(point__kind=kind.value, then=Value(RULE_OF[kind].code)) for kind in Kind]
    return Case(*kinds, output_field=CharField())


LIBRARY_HITS = Listing(
    "命中",
    "supervision.view_library",
    _hits,
    (
        Column(
            "结算单",
            attr("settlement.number"),
            "code",
            link="supervision:alert",
            link_to=attr("alert"),
        ),
        Column("就诊机构", attr("settlement.visit.institution_name")),
        Column("就诊日期", attr("settlement.visit.starts"), "day"),
        Column("发现", attr("finding"), width=40),
        Column("基金支付", attr("settlement.fund_amount"), "yuan"),
        Column("发现时间", attr("found_at"), "day"),
        Column(
            "核查", lambda row: Alert.Status(row.alert_status).label if row.alert_status else ""
        ),
    ),
    empty="这个知识点还没有命中",
    template="supervision/library/point.html",
)


class ChangeFilter(FilterForm):
    status = chosen("状态", "status", LibraryChange.Status.choices)
    what = chosen("事项", "what", LibraryChange.What.choices)


LIBRARY_CHANGES = Listing(
    "规则库变更",
    "supervision.view_library",
    visible(LibraryChange, "point", "proposed_by", "decided_by"),
    (
        Column("事项", attr("get_what_display"), link="supervision:library_change"),
        Column("内容", attr("about"), width=40),
        Column("事由", attr("reason"), width=30),
        Column("提出", attr("proposed_by.name")),
        Column("提出日期", attr("proposed_on"), "day", sort=True),
        Column("决定", attr("decided_by.name")),
        Column("决定日期", attr("decided_on"), "day"),
        Column("状态", state(), "status"),
    ),
    ChangeFilter,
    empty="没有符合条件的变更",
    hint="停用、启用、本县增加的知识点和年龄段，由基金监管岗提出，复核岗决定后生效",
)


def _files(user: User) -> QuerySet[LibraryFile]:
    rows = LibraryFile.objects.visible_to(user).defer("content", "totals")
    return rows.select_related("area", "requested_by")


LIBRARY_FILE_LIST = sent_files(
    "知识点导入",
    "supervision.view_library",
    _files,
    (
        Column("文件", attr("file_name"), link="supervision:library_file_detail"),
        Column("自哪天起适用", attr("first_day"), "day"),
        Column("文件指纹", lambda row: row.sha256[:16], "code"),
    ),
    {
        "新增": "new_count", "变更": "changed_count", "无变化": "same_count",
        "不能读入": "refused_count",
    },
    empty="还没有导入过知识点",
    hint="国家公布的两库知识点，一批或几批一个文件",
    template="supervision/library/files.html",
)  # fmt: skip


def _rows(user: User) -> QuerySet[LibraryRow]:
    return LibraryRow.objects.filter(file__in=LibraryFile.objects.visible_to(user))


LIBRARY_ROWS = judged_rows(
    "supervision.view_library",
    _rows,
    (
        Column("批次", attr("batch")),
        Column("序号", attr("seq")),
        Column("项目编码", attr("code"), "code"),
        Column("项目名称", attr("name"), width=30),
        Column("限定", lambda row: row.facts.get("text", "")),
    ),
    line=Column("行", attr("line"), "whole"),
    template="supervision/library/file.html",
)


def found_by(user: User, point: LibraryPoint) -> QuerySet[LibraryHit]:
    return _hits(user).filter(point=point)
