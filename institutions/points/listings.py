"""Who has how many points this year, the decisions, what is asked back, the county's terms."""

from typing import Any

from django.db.models import IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Least

from accounts.clock import today
from accounts.models import User
from desk.columns import state
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr, visible
from institutions.models import Eligibility, Practitioner
from institutions.points.arithmetic import GROUNDS, SUSPENDED_FROM
from institutions.points.models import (
    PointAppeal,
    PointAppealQuerySet,
    PointRecord,
    PointRecordQuerySet,
    PointTerms,
)

VIEW = "institutions.view_points"


def with_points(rows: Any, year: int) -> Any:
    """Practitioners with `total`, the points of the year that stand."""
    given = PointRecord.objects.filter(
        practitioner=OuterRef("pk"), status=PointRecord.Status.APPROVED, decided_on__year=year
    )
    back = PointAppeal.objects.filter(
        record__practitioner=OuterRef("pk"),
        record__decided_on__year=year,
        status=PointAppeal.Status.DECIDED,
    )

    def total(found: Any, column: str) -> Any:
        sums = found.order_by().values(_person(found)).annotate(all=Sum(column)).values("all")
        return Coalesce(Subquery(sums, output_field=IntegerField()), 0)

    return rows.annotate(total=total(given, "points") - total(back, "points_back"))


def _person(found: Any) -> str:
    return "practitioner" if found.model is PointRecord else "record__practitioner"


def _register(user: User) -> Any:
    day = today()
    rows = Practitioner.objects.visible_to(user).select_related("institution")
    held = Eligibility.objects.decided().filter(practitioner=OuterRef("pk"), first_day__lte=day)
    held = held.filter(Q(last_day=None) | Q(last_day__gte=day))
    found = with_points(rows, day.year).annotate(held=Subquery(held.values("state")[:1]))
    return found.order_by("-total", "code")


def shown_state(row: Any) -> Any:
    """Normal where nothing was decided."""
    if row.held and row.held != Eligibility.State.NORMAL:
        return Eligibility.State(row.held)
    return "可以支付"


def _named(rows: Any, value: str) -> Any:
    return rows.filter(Q(code__startswith=value) | Q(name__contains=value))


def waiting(rows: Any) -> Any:
    """Of whom a second person has something to decide, with `waits_since`: his eligibility, points,
    or the answer to what was asked back of them."""
    mine, proposed = OuterRef("pk"), PointRecord.Status.PROPOSED
    asked = PointAppeal.objects.filter(record__practitioner=mine)
    days = [
        _first(Eligibility.objects.filter(practitioner=mine, status=proposed), "proposed_on"),
        _first(PointRecord.objects.filter(practitioner=mine, status=proposed), "proposed_on"),
        _first(asked.filter(status=PointAppeal.Status.ANSWERED), "lodged_on"),
    ]
    # LEAST of PostgreSQL passes over what is not there.
    found = rows.annotate(waits_since=Least(*days))
    return found.filter(waits_since__isnull=False)


def _first(rows: Any, day: str) -> Subquery:
    return Subquery(rows.order_by(day).values(day)[:1])


def _with(rows: Any, value: str) -> Any:
    if value == "waits":
        return waiting(rows)
    if value == "held":
        return rows.filter(held__in=[Eligibility.State.SUSPENDED, Eligibility.State.ENDED])
    return rows.filter(total__gt=0)


class RegisterFilter(FilterForm):
    text = typed("代码或姓名", _named)
    institution = typed("机构代码或名称", lambda rows, value: rows.filter(
        Q(institution__code=value) | Q(institution__name__contains=value)))  # fmt: skip
    only = chosen(
        "范围", _with, [("waits", "待审批"), ("points", "今年有记分"), ("held", "暂停、终止中")]
    )


REGISTER = Listing(
    "支付资格登记",
    VIEW,
    _register,
    (
        Column("人员代码", attr("code"), "code", link="institutions:points_person", sort=True),
        Column("姓名", attr("name")),
        Column("机构", attr("institution.name"), sort="institution__code"),
        Column("职称", attr("title")),
        Column("本年记分", attr("total"), "whole", sort="total"),
        Column("支付资格", shown_state, "status"),
    ),
    RegisterFilter,
    empty="没有符合条件的人员",
    hint=f"按自然年度记分，1 月 1 日清零；满 {SUSPENDED_FROM} 分暂停，满 12 分终止",
)


class PointsFilter(FilterForm):
    status = chosen("状态", "status", PointRecord.Status.choices)
    code = typed("人员代码", "practitioner__code", longest=20)
    ground = chosen("记分情形", "ground", [(one.code, one.name) for one in GROUNDS])


def records_of(user: User) -> PointRecordQuerySet:
    rows = PointRecord.objects.visible_to(user).with_back()
    return rows.select_related("practitioner__institution", "proposed_by", "decided_by")


RECORDS = Listing(
    "支付资格记分",
    VIEW,
    records_of,
    (
        Column("人员代码", attr("practitioner.code"), "code", link="institutions:points"),
        Column("姓名", attr("practitioner.name")),
        Column("机构", attr("practitioner.institution.name")),
        Column("记分情形", attr("get_ground_display")),
        Column("责任", attr("get_degree_display")),
        Column("记分", attr("points"), "whole", sort=True),
        Column("已减", attr("back"), "whole"),
        Column("文号", attr("evidence")),
        Column("决定日期", attr("decided_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    PointsFilter,
    template="institutions/points/list.html",
    empty="没有记分",
    hint="先处理机构，后按责任给人员记分",
)


class AppealFilter(FilterForm):
    status = chosen("状态", "status", PointAppeal.Status.choices)
    kind = chosen("种类", "kind", PointAppeal.Kind.choices)


def appeals_of(user: User) -> PointAppealQuerySet:
    rows = PointAppeal.objects.visible_to(user)
    return rows.select_related("record__practitioner__institution", "answered_by", "decided_by")


def _given_back(row: PointAppeal) -> int | None:
    """What two people decided; an answer that waits is nobody's yet."""
    return row.points_back if row.status == PointAppeal.Status.DECIDED else None


APPEALS = Listing(
    "减分申请",
    VIEW,
    appeals_of,
    (
        Column("人员代码", attr("record.practitioner.code"), "code", link="institutions:points",
               link_to=attr("record_id")),
        Column("姓名", attr("record.practitioner.name")),
        Column("机构", attr("record.practitioner.institution.name")),
        Column("种类", attr("get_kind_display")),
        Column("申请减", attr("asked_back"), "whole"),
        Column("答复减", _given_back, "whole"),
        Column("申请日期", attr("lodged_on"), "day", sort=True),
        Column("申诉期限", attr("record.appeal_by"), "day"),
        Column("状态", state(), "status"),
    ),
    AppealFilter,
    empty="没有申请",
)  # fmt: skip

TERMS_LIST = Listing(
    "记分办法",
    VIEW,
    visible(PointTerms, "proposed_by", "decided_by"),
    (
        Column("依据文件", attr("evidence"), link="institutions:point_terms_one"),
        Column("9 分暂停（月）", attr("months_nine"), "whole"),
        Column("10 分（月）", attr("months_ten"), "whole"),
        Column("11 分（月）", attr("months_eleven"), "whole"),
        Column("申诉期限（工作日）", attr("days_to_appeal"), "whole"),
        Column("学习修复最多减", attr("max_course"), "whole"),
        Column("提醒自", attr("reminded_from"), "whole"),
        Column("申请人", attr("proposed_by.name")),
        Column("审批人", lambda row: row.decided_by.name if row.decided_by else ""),
        Column("状态", state(), "status"),
    ),
    template="institutions/points/terms.html",
    empty="县里还没有记分办法，不能记分",
    hint="暂停 1 至 6 个月，由县里在范围内确定；满 12 分终止的年限由国家规定",
)
