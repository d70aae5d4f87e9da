"""Files of usage, what each says row by row, and what counts of whom."""

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from claims.carried.comparing import CAUSES
from claims.carried.models import (
    BedFile,
    BedRow,
    CarriedAmount,
    CarriedFile,
    CarriedRow,
    CarriedUsage,
    OldFile,
    OldRow,
    OldSettlement,
    Recount,
    RecountDifference,
)
from desk.filters import FilterForm, chosen, day, typed, whole
from desk.listing import Column, Listing, attr, judged_rows, sent_files, state


def _files(user: User) -> QuerySet[CarriedFile]:
    rows = CarriedFile.objects.visible_to(user).defer("content")
    return rows.select_related("area", "requested_by", "confirmed_by")


CARRIED_FILE_LIST = sent_files(
    "原系统已用情况",
    "claims.view_carried",
    _files,
    (
        Column("原系统", attr("system"), link="claims:carried_detail"),
        Column("算到", attr("counted_to"), "day", sort=True),
        Column("交接单据", attr("document")),
        Column("文件", attr("file_name")),
        Column("更正原因", attr("correction")),
    ),
    {"人数": "people_count", "可转入": "ready_count", "不能转入": "refused_count"},
    hands=(Column("审批人", attr("confirmed_by.name")),),
    empty="还没有转入过已用情况",
    hint="年中启用的县，向原系统取得每人本年已用情况后上传",
    template="claims/carried/list.html",
)


def _rows(user: User) -> QuerySet[CarriedRow]:
    return CarriedRow.objects.filter(file__in=CarriedFile.objects.visible_to(user))


CARRIED_ROWS = judged_rows(
    "claims.view_carried",
    _rows,
    (
        Column("姓名", attr("name"), "name"),
        Column("村组", attr("cover.division.place")),
        Column("累计项目", attr("title")),
        Column("已用", attr("shown")),
    ),
    line=Column("行", lambda row: row.file.said(row.line)),
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


def _standing(usage: CarriedUsage) -> str:
    """第 2 版, and whether it still counts."""
    return f"第 {usage.version} 版" if usage.is_live else f"第 {usage.version} 版，已更正"


CARRIED_USAGE = Listing(
    "已转入的已用情况",
    "claims.view_carried",
    _usages,
    (
        Column("参保人", attr("person.name"), "name"),
        Column("身份证号", attr("person.resident_id"), "id"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("待遇年度", attr("policy_year"), "whole"),
        Column(
            "算到",
            attr("counted_to"),
            "day",
            sort=True,
            link="claims:carried_detail",
            link_to=attr("file_id"),
        ),
        Column("版本", _standing),
        Column("原系统已用", told),
    ),
    UsageFilter,
    person="person",
    empty="还没有转入任何人的已用情况",
    hint="文件经第二人审批后才计入",
)


def _old_files(user: User) -> QuerySet[OldFile]:
    rows = OldFile.objects.visible_to(user).defer("content")
    return rows.select_related("area", "requested_by")


OLD_FILE_LIST = sent_files(
    "原系统结算文件",
    "claims.view_carried",
    _old_files,
    (
        Column("种类", attr("get_kind_display"), link="claims:old_detail"),
        Column("原系统", attr("system")),
        Column("结算到", attr("upto"), "day", sort=True),
        Column("文件", attr("file_name")),
    ),
    {
        "新增": "new_count",
        "更正": "changed_count",
        "相同": "same_count",
        "不能读入": "refused_count",
    },
    beyond=(
        Column("总费用", attr("total_amount"), "yuan"),
        Column("原系统支付", attr("fund_amount"), "yuan"),
    ),
    empty="还没有读入过原系统的结算",
    hint="向原系统取得本年结算明细后上传；并行期每天一份",
    template="claims/carried/old_list.html",
)


def _old_rows(user: User) -> QuerySet[OldRow]:
    return OldRow.objects.filter(file__in=OldFile.objects.visible_to(user))


OLD_ROWS = judged_rows(
    "claims.view_carried",
    _old_rows,
    (
        Column("原结算单号", attr("number"), "code"),
        Column("姓名", attr("name"), "name"),
        Column("村组", attr("cover.division.place")),
    ),
    line=Column("行", lambda row: row.file.said(row.line)),
    template="claims/carried/old_detail.html",
)


class OldFilter(FilterForm):
    number = typed("原结算单号", "number__startswith", longest=40)
    institution = typed("就诊机构", "institution_name__contains")
    since = day("结算日期自", "settled_on__gte")
    until = day("至", "settled_on__lte")


def _old(user: User) -> QuerySet[OldSettlement]:
    rows = OldSettlement.objects.visible_to(user).filter(is_live=True)
    return rows.select_related("person", "division__parent", "file").defer("file__content")


OLD_SETTLEMENTS = Listing(
    "原系统结算",
    "claims.view_carried",
    _old,
    (
        Column("原结算单号", attr("number"), "code"),
        Column("参保人", attr("person.name"), "name"),
        Column("身份证号", attr("person.resident_id"), "id"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("就诊机构", attr("institution_name"), sort=True),
        Column("就诊日期", attr("starts"), "day", sort=True),
        Column("结算日期", attr("settled_on"), "day", sort=True),
        Column("发票号", attr("invoice_number"), "code"),
        Column("总费用", attr("total_amount"), "yuan", sort=True, total="total_amount"),
        Column("原系统支付", attr("fund_amount"), "yuan", sort=True, total="fund_amount"),
        Column("来源", lambda row: f"原系统（{row.file.system}）"),
    ),
    OldFilter,
    person="person",
    empty="没有符合条件的原系统结算",
    hint="放宽查询条件，或核对身份证号后再查",
)


def _recounts(user: User) -> QuerySet[Recount]:
    rows = Recount.objects.visible_to(user)
    return rows.select_related("area", "requested_by", "read_by", "signed_by")


COMPARED = (
    Column("状态", state(), "status", hint=attr("explained")),
    Column("笔数", attr("claims"), "whole"),
    Column("有差异", attr("differing"), "whole"),
    Column("不能重算", attr("uncomputed"), "whole"),
    Column("原系统支付", attr("theirs_amount"), "yuan"),
    Column("本系统应付", attr("ours_amount"), "yuan"),
    Column("差额", attr("change"), "yuan"),
    Column("签字", attr("signatures")),
)
RECOUNTS = Listing(
    "重算核对",
    "claims.view_carried",
    lambda user: _recounts(user).filter(day=None),
    (
        Column("待遇年度", attr("policy_year"), "whole", link="claims:recount"),
        Column("申请人", attr("requested_by.name")),
        Column("申请时间", attr("requested_at"), "minute", sort=True),
        *COMPARED,
    ),
    empty="还没有重算过",
    hint="读入原系统结算以后，按采用的办法逐笔重算",
    refresh=attr("is_unfinished"),
    template="claims/carried/recounts.html",
)
PARALLEL = Listing(
    "并行核对",
    "claims.view_carried",
    lambda user: _recounts(user).exclude(day=None).order_by("-day", "-pk"),
    (Column("日期", attr("day"), "day", link="claims:recount", sort=True), *COMPARED),
    empty="还没有并行期的核对",
    hint="并行期每天上传原系统当日结算，确认后自动核对",
    refresh=attr("is_unfinished"),
    template="claims/carried/parallel.html",
)


class DifferenceFilter(FilterForm):
    cause = chosen("差异原因", "cause", (*CAUSES.items(), ("uncomputed", "不能重算")))


def _differences(user: User, pk: int) -> QuerySet[RecountDifference]:
    seen = Recount.objects.visible_to(user).filter(pk=pk)
    rows = RecountDifference.objects.filter(recount__in=seen)
    return rows.select_related("old__person", "old__division__parent").order_by("cause", "pk")


DIFFERENCES = Listing(
    "差异清单",
    "claims.view_carried",
    _differences,
    (
        Column("差异原因", attr("cause_name")),
        Column("原结算单号", attr("old.number"), "code"),
        Column(
            "参保人",
            attr("old.person.name"),
            "name",
            link="claims:household",
            link_to=attr("old.person.household_id"),
        ),
        Column("村组", attr("old.division.place")),
        Column("就诊机构", attr("old.institution_name")),
        Column("就诊日期", attr("old.starts"), "day"),
        Column("差在", attr("what")),
        Column("原系统", attr("theirs")),
        Column("本系统", attr("ours")),
        Column("基金支付差额", attr("fund_amount"), "yuan", total="fund_amount"),
        Column("依据", attr("article")),
        Column("本系统算法", attr("sentence")),
    ),
    DifferenceFilter,
    export="claims.view_carried",
    empty="没有差异",
    key="differences",
    template="claims/carried/recount.html",
)


def _bed_files(user: User) -> QuerySet[BedFile]:
    rows = BedFile.objects.visible_to(user).defer("content")
    return rows.select_related("area", "institution", "requested_by")


BED_FILE_LIST = sent_files(
    "在院病人转入",
    "claims.view",
    _bed_files,
    (
        Column("文件", attr("file_name"), link="claims:bed_detail"),
        Column("机构", attr("institution.name")),
    ),
    {"可登记": "ready_count", "已登记": "same_count", "不能登记": "refused_count"},
    empty="还没有转入过在院病人",
    hint="换用本系统那天在院的病人，由本院一份文件登记",
    template="claims/carried/bed_list.html",
)


def _bed_rows(user: User) -> QuerySet[BedRow]:
    return BedRow.objects.filter(file__in=BedFile.objects.visible_to(user))


BED_ROWS = judged_rows(
    "claims.view",
    _bed_rows,
    (
        Column("住院号", attr("number"), "code"),
        Column("姓名", attr("name"), "name"),
        Column("入院日期", attr("starts"), "day"),
    ),
    line=Column("行", attr("line"), "whole"),
    template="claims/carried/bed_detail.html",
)
