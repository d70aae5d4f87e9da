"""The samples, the full checks, the settlements of one, and the rates."""

from typing import Any

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


def _percent(row: Any) -> int | None:
    return row.examined * 100 // row.drawn if row.drawn else None


SAMPLE_LIST = Listing(
    "每月抽查",
    "supervision.view_samples",
    lambda user: _samples(user).filter(span=Sample.Span.MONTH),
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

FULL_CHECK_LIST = Listing(
    "季度全面检查",
    "supervision.view_samples",
    lambda user: _samples(user).filter(span=Sample.Span.QUARTER),
    (
        Column("季度", attr("period"), link="supervision:sample"),
        Column("统筹区", attr("area.name")),
        Column("逐笔核查的金额起点", attr("large_from"), "yuan"),
        Column("机构全部核查的疑点数", attr("full_doubts"), "whole"),
        Column("应查笔数", attr("drawn"), "whole"),
        Column("已查", attr("examined"), "whole"),
        Column("完成(%)", _percent, "whole"),
        Column("有差错", attr("wrong"), "whole"),
        Column("状态", state(), "status"),
    ),
    empty="还没有全面检查：有办法施行的县，系统在季度开始时列入",
    hint="每季度一次：疑点多的机构全部结算、大额结算逐笔核查，要求 100%",
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
        Column("季度逐笔核查的金额", attr("full_from"), "yuan"),
        Column("机构全部核查的疑点数", attr("full_doubts"), "whole"),
        Column("提出", attr("proposed_by.name")),
        Column("决定", attr("decided_by.name")),
        Column("决定日期", attr("decided_on"), "day"),
        Column("状态", state(), "status"),
    ),
    empty="还没有规定：一般 10%，重点 20%，5000 元起列为重点；季度 20000 元起、疑点 3 笔起",
    template="supervision/sampling/rates.html",
)
