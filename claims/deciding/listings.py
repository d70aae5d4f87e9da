"""The county's rules for reviewing, the latest first."""

from accounts.models import User
from claims.deciding.models import ReviewRule, ReviewRuleQuerySet
from desk.listing import Column, Listing, attr, state


def rules_of(user: User) -> ReviewRuleQuerySet:
    rows = ReviewRule.objects.visible_to(user)
    return rows.select_related("area", "proposed_by", "decided_by").order_by("-pk")


RULE_LIST = Listing(
    "审核规程",
    "claims.view_rules",
    rules_of,
    (
        Column("号", lambda row: str(row.pk), "code", link="claims:rule"),
        Column("统筹区", attr("area.name")),
        Column("第二人复核：超过", attr("second_above"), "yuan"),
        Column("第三人复核：超过", attr("third_above"), "yuan"),
        Column("可批量：不超过", attr("batch_up_to"), "yuan"),
        Column("抽查 %", attr("sample_share"), "whole"),
        Column("承诺工作日", attr("promised_days"), "whole"),
        Column("提出", attr("proposed_by.name")),
        Column("决定", attr("decided_by.name")),
        Column("决定日期", attr("decided_on"), "day"),
        Column("状态", state(), "status"),
    ),
    empty="还没有审核规程",
    hint="没有规程时每笔由一人复核，不能批量",
    template="claims/deciding/rules.html",
)
