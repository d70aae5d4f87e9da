"""Visits that were registered: who is in hospital now, and the bill of one of them."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from accounts.clock import today
from accounts.models import User
from accounts.scoping import ScopedQuerySet
from claims.models import BillLine, Visit
from desk.filters import FilterForm, chosen, typed, whole
from desk.listing import Column, Listing, attr, state
from institutions.categories import CATEGORY_NAMES
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms

Status = Visit.Status


def registered(user: User) -> ScopedQuerySet[Visit]:
    """Registered visits that the user may see."""
    return Visit.objects.visible_to(user).filter(is_registered=True)


def _shown(user: User) -> ScopedQuerySet[Visit]:
    return registered(user).select_related("person", "division__parent", "institution__division")


def _so_long(rows: ScopedQuerySet[Visit], days: int) -> ScopedQuerySet[Visit]:
    """In the bed for so many days: until today, or until the discharge."""
    gone = timedelta(days=days)
    left = ~Q(status=Status.OPEN) & Q(ends__gte=F("starts") + gone)
    return rows.filter(Q(status=Status.OPEN, starts__lte=today() - gone) | left)


def days_of(visit: Visit) -> int:
    """Days since the admission, until today or the discharge."""
    return ((visit.days.ends or today()) - visit.starts).days


def terms_now(area_code: str) -> Terms | None:
    """The measures in force, for their words; None where there are none."""
    pack = Pack.objects.in_force(area_code, today()).first()
    return terms_of(pack) if pack else None


def _told(user: User, rows: list[Visit]) -> list[Any]:
    """With the name of the care, the days and what the bill has come to: two statements."""
    told: list[Any] = list(rows)
    place = rows[0].institution if rows else None
    terms = terms_now(place.division.county_code) if place else None
    names = terms.vocabulary["care"] if terms else {}
    live = BillLine.objects.filter(visit__in=rows, is_live=True).order_by()
    sums = dict(live.values("visit").annotate(sum=Sum("amount")).values_list("visit", "sum"))
    for row in told:
        row.care_name = names.get(row.care, row.care)
        row.day_count = days_of(row)
        row.billed = sums.get(row.pk, 0)
    return told


class InBedFilter(FilterForm):
    status = chosen("状态", "status", Status.choices, initial=Status.OPEN)
    institution = typed("就诊机构", "institution_name__contains")
    number = typed("住院号", "admission_number__startswith", longest=30)
    days = whole("住院满（天）", _so_long)


IN_BED = Listing(
    "在院病人",
    "claims.view",
    _shown,
    (
        Column("参保人", attr("person.name"), "name", link="claims:visit"),
        Column("身份证号", attr("person.resident_id"), "id"),
        Column("住院号/门诊号", attr("admission_number"), "code", sort=True),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("就诊机构", attr("institution_name"), sort=True),
        Column("就医类别", attr("care_name")),
        Column("入院日期", attr("starts"), "day", sort=True),
        Column("天数", attr("day_count"), "whole"),
        Column("出院日期", attr("days.ends"), "day", sort="ends"),
        Column("已录费用", attr("billed"), "yuan"),
        Column("状态", state(), "status"),
    ),
    InBedFilter,
    person="person",
    empty="没有符合条件的就诊",
    hint="病人入院时办理“入院登记”；已出院的请在“状态”中选择",
    gather=_told,
    template="claims/visits/in_bed.html",
)


def _bill(user: User, visit: Visit) -> QuerySet[BillLine]:
    return visit.lines.select_related("batch").order_by("line_number")


def _place(line: BillLine) -> str:
    if not line.is_live:
        return "已撤销"
    return f"第 {line.part} 次" if line.part else ""


BILL = Listing(
    "费用明细",
    "claims.view",
    _bill,
    (
        Column("行", attr("line_number"), "whole"),
        Column("批次", attr("batch.number"), "code"),
        Column("计费日期", attr("charged_on"), "day"),
        Column("编码", attr("item_code"), "code"),
        Column("项目", attr("item_name")),
        Column("费用类别", lambda line: CATEGORY_NAMES.get(line.category, "其他费")),
        Column("数量", attr("quantity"), "number"),
        Column("单价", attr("unit_price"), "number"),
        Column("金额", attr("amount"), "yuan"),
        Column("结算", _place),
    ),
    key="lines",
    empty="还没有费用",
    hint="费用可以逐行录入，也可以用表格上传",
    template="claims/visits/visit.html",
)
