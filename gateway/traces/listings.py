"""Codes that were sold twice; medicines without a code."""

from typing import Any

from accounts.models import User
from desk.filters import FilterForm, day, ticked, typed
from desk.listing import Column, Listing, attr
from gateway.traces.models import (
    NoCodeItem,
    NoCodeItemQuerySet,
    TraceCode,
    TraceCodeQuerySet,
)


class AgainFilter(FilterForm):
    code = typed("追溯码", "code__startswith", longest=30)
    institution = typed("机构", "sale__institution__name__contains")
    since = day("售出日期自", "sale__sold_at__date__gte")
    live = ticked("只看没有退回、撤销的", lambda rows, value: rows.live())


def _again(user: User) -> TraceCodeQuerySet:
    rows = TraceCode.objects.visible_to(user).again()
    related = ("sale__institution", "sale__visit", "again_of__sale__institution")
    return rows.select_related(*related).order_by("-pk")


def _visit(row: Any) -> int | None:
    found: int | None = row.sale.visit_id
    return found


def _insured(row: TraceCode) -> str:
    return "医保就诊" if row.sale.visit_id else "自费"


AGAIN = Listing(
    "追溯码重复售出",
    "supervision.view",
    _again,
    (
        Column("追溯码", attr("code"), "code", sort=True),
        Column("药品", attr("sale.name"), width=24),
        Column("此前售出", attr("again_of.sale.institution.name")),
        Column("时间", attr("again_of.sale.sold_at"), "minute"),
        Column("再次售出", attr("sale.institution.name"), sort="sale__institution__code"),
        Column("时间", attr("sale.sold_at"), "minute", sort=True),
        Column("购药", _insured, link="claims:visit", link_to=_visit),
        Column("拆零", lambda row: "是" if row.sale.is_split else ""),
        Column("转为疑点", attr("told_at"), "minute"),
        Column("退回、撤销", attr("freed_at"), "minute"),
    ),
    AgainFilter,
    empty="没有重复售出的追溯码",
    hint="一盒药的追溯码只应售出一次；涉及医保结算的同时列入疑点核查",
)


def _named(rows: Any, value: str) -> Any:
    return rows.filter(code__startswith=value) | rows.filter(name__contains=value)


class NoCodeFilter(FilterForm):
    text = typed("编码或名称", _named)


def _no_code(user: User) -> NoCodeItemQuerySet:
    return NoCodeItem.objects.visible_to(user).order_by("code", "first_day")


NO_CODE = Listing(
    "无码药品",
    "gateway.view_rules",
    _no_code,
    (
        Column("医保编码", attr("code"), "code", sort=True),
        Column("名称", attr("name"), sort=True),
        Column("启用", attr("first_day"), "day", sort=True),
        Column("停用", attr("last_day"), "day"),
    ),
    NoCodeFilter,
    empty="还没有登记无码药品",
    hint="登记在这里的药品没有追溯码也能结算",
    template="gateway/no_code.html",
)
