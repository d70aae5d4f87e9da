"""The samples, the settlements of one, and the rates."""

from accounts.models import User
from accounts.templatetags.hezuo import mask_name
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state, visible
from supervision.sampling.models import (
    Sample,
    SampleItem,
    SampleItemQuerySet,
    SampleQuerySet,
    SampleStratum,
    SamplingRate,
)


def _samples(user: User) -> SampleQuerySet:
    rows = Sample.objects.visible_to(user).with_progress().select_related("area")
    return rows.defer("secret").order_by("-first_on", "-pk")


SAMPLE_LIST = Listing(
    "每月抽查",
    "supervision.view_samples",
    _samples,
    (
        Column("月份", lambda row: f"{row.first_on:%Y-%m}", link="supervision:sample"),
        Column("统筹区", attr("area.name")),
        Column(
            "封存种子", attr("sealed_on"), "day", hint=lambda row: "迟于本月" if row.is_late else ""
        ),
        Column("抽取笔数", attr("drawn"), "whole"),
        Column("已核查", attr("examined"), "whole"),
        Column("有差错", attr("wrong"), "whole"),
        Column("状态", state(), "status"),
    ),
    empty="还没有抽查：有办法施行的县，系统每月 1 日封存当月的种子",
    hint="每月不少于 10%，按机构和风险分层；种子先封存，月结束后抽取时公布",
    template="supervision/sampling/list.html",
)


class ItemFilter(FilterForm):
    status = chosen("状态", "status", SampleItem.Status.choices)
    risk = chosen("风险", "stratum__risk", SampleStratum.Risk.choices)


def items_of(user: User, sample: Sample) -> SampleItemQuerySet:
    rows = SampleItem.objects.visible_to(user).filter(sample=sample)
    return rows.select_related("stratum", "settlement__visit__person").order_by("position")


ITEM_LIST = Listing(
    "抽取的结算",
    "supervision.view_samples",
    lambda user: SampleItem.objects.visible_to(user).none(),
    (
        Column("序号", attr("position"), "whole", link="supervision:sample_item"),
        Column("结算单", attr("settlement.number"), "code"),
        Column("参保人", lambda row: mask_name(row.settlement.visit.person.name)),
        Column("机构", attr("settlement.visit.institution_name")),
        Column("风险", state("stratum.risk"), "status"),
        Column("结算日期", attr("settlement.settled_on"), "day"),
        Column("基金支付", attr("fund_amount"), "yuan"),
        Column("状态", state(), "status"),
        Column("差错金额", attr("error_amount"), "yuan"),
    ),
    ItemFilter,
    empty="没有符合条件的结算",
    template="supervision/sampling/sample.html",
    key="items",
)

RATE_LIST = Listing(
    "抽查率",
    "supervision.view_samples",
    visible(SamplingRate, "area", "proposed_by", "decided_by"),
    (
        Column("号", lambda row: str(row.pk), "code", link="supervision:sampling_rate"),
        Column("统筹区", attr("area.name")),
        Column("一般(%)", attr("usual")),
        Column("重点(%)", attr("raised")),
        Column("列为重点的金额", attr("large_from"), "yuan"),
        Column("提出", attr("proposed_by.name")),
        Column("决定", attr("decided_by.name")),
        Column("决定日期", attr("decided_on"), "day"),
        Column("状态", state(), "status"),
    ),
    empty="还没有规定：一般 10%，重点 20%，单笔基金支付 5000 元起列为重点",
    template="supervision/sampling/rates.html",
)
