"""Applications for assistance, and people whose own pay of the year is large."""

from accounts.models import User
from accounts.scoping import ScopedQuerySet
from claims.assistance.models import (
    AidApplication,
    AidApplicationQuerySet,
    AidCase,
)
from claims.second.listings import has_second
from desk.filters import FilterForm, chosen, ticked, typed
from desk.listing import Column, Listing, attr, state


class AidFilter(FilterForm):
    number = typed("救助单号", "number__startswith", longest=24)
    status = chosen("状态", "status", AidApplication.Status.choices)
    kind = typed("救助种类", "kind_name__contains")


def applications(user: User) -> AidApplicationQuerySet:
    """With what the columns read, in one statement."""
    return AidApplication.objects.visible_to(user).select_related("person", "division__parent")


AIDS = Listing(
    "医疗救助申请",
    "claims.view_aid",
    applications,
    (
        Column("救助单号", attr("number"), "code", link="claims:aid", sort=True),
        Column("申请人", attr("person.name"), "name"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("救助种类", attr("kind_name"), sort=True),
        Column("救助对象", attr("held_name")),
        Column("个人自付", attr("own_amount"), "yuan", total="own_amount"),
        Column("救助金额", attr("amount"), "yuan", sort=True, total="amount"),
        Column("申请日期", attr("applied_on"), "day", sort=True),
        Column("公示截止", attr("public_to"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    AidFilter,
    person="person",
    template="claims/assistance/applications.html",
    beside=lambda request: {"has_second": has_second(request.user)},
    empty="没有救助申请",
    hint="点“受理申请”，或从高额自付预警进入",
)


def _checked(rows: ScopedQuerySet[AidCase], value: str) -> ScopedQuerySet[AidCase]:
    return rows.filter(is_poor={"no": None, "poor": True, "not": False}[value])


class CaseFilter(FilterForm):
    status = chosen("状态", "status", AidCase.Status.choices)
    listed = ticked("只看应救未救", "is_listed")
    level = typed("预警等级", "level")
    checked = chosen("民政核查", _checked, [("no", "待核查"), ("poor", "符合"), ("not", "不符合")])


def cases(user: User) -> ScopedQuerySet[AidCase]:
    """With what the columns read, in one statement."""
    return AidCase.objects.visible_to(user).select_related("person", "division__parent")


CASES = Listing(
    "高额自付预警",
    "claims.view_aid",
    cases,
    (
        Column("参保人", attr("person.name"), "name", link="claims:aid_case"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("年度", attr("policy_year")),
        Column("个人自付", attr("own_amount"), "yuan", sort=True, total="own_amount"),
        Column("等级", attr("level")),
        Column("民政核查", attr("checked_told")),
        Column("应救未救", lambda row: "是" if row.is_listed else ""),
        Column("发现日期", attr("found_on"), "day", sort=True),
        Column("办理期限", attr("due_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    CaseFilter,
    person="person",
    template="claims/assistance/cases.html",
    empty="没有高额自付的人员",
    hint="县级审核岗点“更新预警名单”，从本年已审结的结算单中查找",
)
