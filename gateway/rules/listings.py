"""The county's rules for the interface, the latest first."""

from accounts.models import User
from desk.listing import Column, Listing, attr, state
from gateway.rules.models import InterfaceRule, InterfaceRuleQuerySet


def _rules(user: User) -> InterfaceRuleQuerySet:
    rows = InterfaceRule.objects.visible_to(user)
    return rows.select_related("area", "proposed_by", "decided_by").order_by("-pk")


RULE_LIST = Listing(
    "接口规定",
    "gateway.view_rules",
    _rules,
    (
        Column("号", lambda row: str(row.pk), "code", link="gateway:rule"),
        Column("统筹区", attr("area.name")),
        Column("没有对照不收，自", attr("mapped_from"), "day"),
        Column("没有追溯码不结算，自", attr("traced_from"), "day"),
        Column("提出", attr("proposed_by.name")),
        Column("决定", attr("decided_by.name")),
        Column("决定日期", attr("decided_on"), "day"),
        Column("状态", state(), "status"),
    ),
    empty="还没有接口规定",
    hint="没有规定时，没有对照和没有追溯码的只作提示，照常办理",
    template="gateway/rules.html",
)
