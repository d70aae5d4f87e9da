"""Funding plans in a table: asked for, granted, arrived."""

from typing import Any

from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state, visible
from funds.plans.models import FundingPlan


class PlanFilter(FilterForm):
    status = chosen("状态", "status", FundingPlan.Status.choices)


def _months(row: Any) -> str:
    return str(row.as_month)


PLANS_LIST = Listing(
    "用款计划",
    "funds.view",
    visible(FundingPlan, "book__area", "made_by", "checked_by"),
    (
        Column("月份", _months, link="funds:plan"),
        Column("状态", state(), "status"),
        Column("申请金额", attr("amount"), "yuan", sort=True),
        Column("财政批复", attr("granted"), "yuan"),
        Column("编制", attr("made_by.name")),
        Column("审核", attr("checked_by.name")),
        Column("批复文号", attr("granted_document")),
        Column("账套", attr("book")),
    ),
    filters=PlanFilter,
    export="funds.export",
    empty="没有用款计划",
    template="funds/plans/list.html",
)
