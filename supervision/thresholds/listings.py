"""Versions of the rules, and what a trial found."""

from typing import Any

from accounts.models import User
from desk.decision_lists import DecisionFilter
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state, visible
from supervision.rules import RULES
from supervision.thresholds.models import RuleTrial, RuleVersion, TrialHit

# Trials among which one chooses; who wants an older one tries its version anew.
OFFERED = 50


class VersionFilter(DecisionFilter):
    decides = "supervision.decide_rule_version"


VERSION_LIST = Listing(
    "规则版本",
    "supervision.view",
    visible(RuleVersion, "area", "proposed_by", "decided_by"),
    (
        Column("版本", str, link="supervision:rule_version"),
        Column("统筹区", attr("area.name")),
        Column("生效日期", attr("first_day"), "day", sort=True),
        Column("停用的规则", lambda row: "、".join(row.off)),
        Column("理由", attr("reason"), width=30),
        Column("提出", attr("proposed_by.name")),
        Column("提出日期", attr("proposed_on"), "day", sort=True),
        Column("决定", attr("decided_by.name")),
        Column("决定日期", attr("decided_on"), "day"),
        Column("状态", state(), "status"),
    ),
    VersionFilter,
    empty="没有符合条件的版本；没有规定的，按默认阈值筛查",
    hint="阈值、规则启停和审核期限由基金监管岗提出，试运行以后由复核岗决定",
    template="supervision/thresholds/versions.html",
)


def _differing(rows: Any, value: str) -> Any:
    return rows.new() if value == "new" else rows.gone()


class HitFilter(FilterForm):
    trial = chosen("试运行", "trial", initial="")
    difference = chosen("变化", _differing, [("new", "新增"), ("gone", "减少")])
    rule = chosen("规则", "rule", [(one.code, f"{one.code} {one.title}") for one in RULES.values()])

    def offer(self) -> None:
        """The latest by itself."""
        rows = RuleTrial.objects.visible_to(self.user).select_related("version")[:OFFERED]
        found = [(str(one.pk), f"{one.version}，{one}") for one in rows]
        self.choose("trial", found)
        self.fields["trial"].initial = found[0][0] if found else ""


def _hits(user: User) -> Any:
    return TrialHit.objects.visible_to(user).select_related("settlement__visit")


TRIAL_HITS = Listing(
    "试运行命中",
    "supervision.view",
    _hits,
    (
        Column("结算单", attr("settlement.number"), "code", link="claims:claim",
            link_to=attr("settlement_id")),
        Column("规则", attr("rule"), "code", sort="rule"),
        Column("变化", attr("difference")),
        Column("就诊机构", attr("settlement.visit.institution_name")),
        Column("就诊日期", attr("settlement.visit.starts"), "day", sort=True),
        Column("总费用", attr("settlement.total_amount"), "yuan", sort=True),
        Column("基金支付", attr("settlement.fund_amount"), "yuan", sort=True,
               total="settlement__fund_amount"),
        Column("发现", attr("finding"), width=60),
    ),
    HitFilter,
    export="supervision.view",
    empty="没有符合条件的命中",
    hint="试运行不生成疑点，也不暂停支付",
    template="supervision/thresholds/hits.html",
)  # fmt: skip
