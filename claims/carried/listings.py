"""Files of usage, what each says row by row, and what counts of whom."""

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from claims.carried.models import CarriedAmount, CarriedFile, CarriedRow, CarriedUsage
from desk.filters import FilterForm, chosen, whole
from desk.listing import Column, Listing, attr, state


def _files(user: User) -> QuerySet[CarriedFile]:
    rows = CarriedFile.objects.visible_to(user).defer("content")
    return rows.select_related("area", "requested_by", "confirmed_by")


CARRIED_FILE_LIST = Listing(
    "原系统已用情况",
    "claims.view_carried",
    _files,
    (
        Column("原系统", attr("system"), link="claims:carried_detail"),
        Column("算到", attr("counted_to"), "day", sort=True),
        Column("交接单据", attr("document")),
        Column("文件", attr("file_name")),
        Column("更正原因", attr("correction")),
        Column("上传人", attr("requested_by.name")),
        Column("上传时间", attr("requested_at"), "minute", sort=True),
        Column("审批人", attr("confirmed_by.name")),
        Column("状态", state(), "status", hint=attr("explained")),
        Column("人数", attr("people_count"), "whole"),
        Column("可带入", attr("ready_count"), "whole"),
        Column("不能带入", attr("refused_count"), "whole"),
    ),
    empty="还没有带入过已用情况",
    hint="年中启用的县，向原系统取得每人本年已用情况后上传",
    refresh=attr("is_unfinished"),
    template="claims/carried/list.html",
)


def _rows(user: User) -> QuerySet[CarriedRow]:
    return CarriedRow.objects.filter(file__in=CarriedFile.objects.visible_to(user))


CARRIED_ROWS = Listing(
    "结果",
    "claims.view_carried",
    _rows,
    (
        Column("行", lambda row: row.file.said(row.line)),
        Column("结果", state("verdict"), "status"),
        Column("姓名", attr("name"), "name"),
        Column("村组", attr("cover.division.place")),
        Column("累计项目", attr("title")),
        Column("已用", attr("shown")),
        Column("说明", attr("note")),
    ),
    empty="没有这种结果的行",
    key="lines",
    template="claims/carried/detail.html",
)


class UsageFilter(FilterForm):
    year = whole("待遇年度", "policy_year")
    standing = chosen("版本", "is_live", (("True", "现行"), ("False", "已更正")))


def _usages(user: User) -> QuerySet[CarriedUsage]:
    amounts = Prefetch("amounts", CarriedAmount.objects.order_by("pk"))
    rows = CarriedUsage.objects.visible_to(user).select_related(
        "person", "division__parent", "file"
    )
    return rows.defer("file__content").prefetch_related(amounts)


def told(usage: CarriedUsage) -> str:
    """年累计报销额 1,280.00，…: what one version says, in its own words."""
    return "；".join(f"{one.title} {one.shown}" for one in usage.amounts.all())


CARRIED_USAGE = Listing(
    "已带入的已用情况",
    "claims.view_carried",
    _usages,
    (
        Column("参保人", attr("person.name"), "name"),
        Column("身份证号", attr("person.resident_id"), "id"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("待遇年度", attr("policy_year"), "whole"),
        Column("算到", attr("counted_to"), "day", sort=True),
        Column("版本", lambda row: f"第 {row.version} 版"),
        Column("效力", lambda row: "现行" if row.is_live else "已更正，不再计算"),
        Column("原系统已用", told),
        Column("文件", attr("file.system"), link="claims:carried_detail", link_to=attr("file_id")),
    ),
    UsageFilter,
    person="person",
    empty="还没有带入任何人的已用情况",
    hint="文件经第二人审批后才计入",
)
