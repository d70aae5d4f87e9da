"""What institutions call the items of the catalogue, in a table to be decided on."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from accounts.models import User
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr, state
from institutions.listings import of_institution
from institutions.models import (
    CatalogueItem,
)
from institutions.sent_models import CodeMapping, CodeMappingQuerySet


def _named(rows: Any, value: str) -> Any:
    own = Q(own_code__startswith=value) | Q(own_name__contains=value)
    return rows.filter(own | Q(code__startswith=value))


class MappingFilter(FilterForm):
    status = chosen("状态", "status", CodeMapping.Status.choices)
    institution = typed("机构代码或名称", of_institution)
    kind = chosen("目录类别", "kind", CodeMapping.Kind.choices)
    text = typed("编码或名称", _named)

    def offer(self) -> None:
        # Who decides comes to decide.
        if self.user.may("institutions.keep"):
            self.fields["status"].initial = CodeMapping.Status.PROPOSED
        if self.user.institution_code:
            del self.fields["institution"]


def mappings_of(user: User) -> CodeMappingQuerySet:
    rows = CodeMapping.objects.visible_to(user).select_related(
        "institution__division", "proposed_by", "decided_by"
    )
    return rows.order_by("institution__code", "own_code", "pk")


def _beside_the_catalogue(user: User, rows: list[Any]) -> Sequence[Any]:
    """With what the catalogue calls the code: two names to be compared. One statement."""
    codes = {row.code for row in rows}
    area = user.county_code or user.institution_code[1:7]
    items = CatalogueItem.objects.filter(area__code=area, code__in=codes).order_by("first_day")
    by_code = {item.code: item for item in items}
    for row in rows:
        row.item = by_code.get(row.code)
    return rows


def _unit(row: Any) -> str:
    item = row.item
    return f"{item.get_payment_class_display()} {item.unit}" if item else ""


MAPPING_LIST = Listing(
    "目录对照",
    "institutions.view",
    mappings_of,
    (
        Column("机构", attr("institution.name"), sort="institution__code"),
        Column("机构项目编码", attr("own_code"), "code", link="institutions:mapping", sort=True),
        Column("机构项目名称", attr("own_name"), hint=attr("told_details"), width=30),
        Column("医保编码", attr("code"), "code", sort=True),
        Column("医保目录名称", attr("item.name"), hint=_unit, width=30),
        Column("目录类别", attr("get_kind_display")),
        Column("启用", attr("first_day"), "day", sort=True),
        Column("停用", attr("last_day"), "day"),
        Column("提交", attr("proposed_at"), "day", sort=True),
        Column("状态", state(), "status", hint=attr("decision")),
    ),
    MappingFilter,
    tick="mappings",
    gather=_beside_the_catalogue,
    empty="没有符合条件的对照",
    hint="定点机构的系统上传，或用表格提交；同意后，费用明细按对照核对",
    template="institutions/mappings.html",
    route="institutions:mappings",
)
