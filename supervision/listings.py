"""Alerts of screening, and the villages that have a notice to put up."""

from collections.abc import Sequence
from typing import Any

from accounts.clock import today
from accounts.models import User
from accounts.templatetags.hezuo import mask_name
from desk.filters import FilterForm, chosen, month, typed
from desk.listing import Column, Listing, attr, state
from lib.periods import Month
from supervision.grouping import Late, codes_of, event_rules, events_of, of_rule, stake
from supervision.models import Alert, AlertQuerySet, VisitDenial, VisitDenialQuerySet
from supervision.notices import VillageTotal, villages_with_payments
from supervision.releasing import UNASKED, WAITS, to_ask, to_release
from supervision.rules import RULES

UNREVIEWED, LATE = "unreviewed", "late"


def _standing(rows: Any, value: str) -> Any:
    if value == LATE:
        return rows.overdue(today())
    return rows.unreviewed() if value == UNREVIEWED else rows.filter(status=value)


def _held(rows: Any, value: str) -> Any:
    every = Alert.objects.all()
    return events_of(rows, to_ask(every) if value == UNASKED else to_release(every))


class AlertFilter(FilterForm):
    status = chosen(
        "状态",
        _standing,
        [(UNREVIEWED, "待初审"), (LATE, "初审已逾期"), *Alert.Status.choices],
        initial=Alert.Status.OPEN,
    )
    certainty = chosen("类型", "certainty", Alert.Certainty.choices)
    rule = chosen(
        "规则", of_rule, [(one.code, f"{one.code} {one.title}") for one in RULES.values()]
    )
    held = chosen(
        "暂停支付",
        _held,
        [(WAITS, "已处理，待解除"), (UNASKED, "已支付，未提出追回")],
    )
    institution = typed("就诊机构", "settlement__visit__institution_name__contains")


def _alerts(user: User) -> AlertQuerySet:
    """One row for each event, what costs the fund most first."""
    rows = Alert.objects.visible_to(user).leading().annotate(stake=stake(), rules=event_rules())
    read = rows.select_related("settlement__visit__person", "division__parent")
    return read.order_by("-stake", "-pk")


def _more(row: Alert) -> str:
    number = len(row.rules)  # type: ignore[attr-defined]
    return f"等 {number} 项发现" if number > 1 else ""


def _late(row: Alert) -> Any:
    is_late = row.status == Alert.Status.OPEN and row.due_on and row.due_on < today()
    return Late.LATE if is_late else ""


def _withdrawn(row: Alert) -> str:
    settlement = row.settlement
    withdrawn = settlement.status == settlement.Status.WITHDRAWN
    return settlement.get_status_display() if withdrawn else ""


# As on the page of the alert: what is looked for is the bill, not the name.
PATIENT = Column(
    "参保人",
    lambda row: mask_name(row.settlement.visit.person.name),
    link="supervision:alert",
)
ALERT_LIST = Listing(
    "疑点核查",
    "supervision.view",
    _alerts,
    (
        PATIENT,
        Column("发现", attr("finding"), hint=_more),
        Column("涉及基金", attr("stake"), "yuan", sort=True),
        Column("规则", lambda row: codes_of(row.rules), sort="rule"),
        Column("类型", state("certainty"), "status", sort="certainty"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("总费用", attr("settlement.total_amount"), "yuan", sort=True),
        Column("发现时间", attr("found_at"), "day", sort=True),
        Column("初审期限", attr("due_on"), "day", hint=_late, sort=True),
        Column("状态", state(), "status"),
        Column("结算单", attr("settlement.number"), "code", hint=_withdrawn),
    ),
    AlertFilter,
    empty="没有符合条件的疑点",
    hint="系统每五分钟筛查一次新提交的结算单；同一事件的几项发现合为一条，涉及基金多的在前",
)


class DenialFilter(FilterForm):
    status = chosen("状态", "status", VisitDenial.Status.choices, initial=VisitDenial.Status.OPEN)


def denials(user: User) -> VisitDenialQuerySet:
    """Visits that were denied before they were settled."""
    rows = VisitDenial.objects.visible_to(user)
    return rows.select_related("visit__person", "division__parent")


DENIAL_LIST = Listing(
    "否认在院就诊",
    "supervision.view",
    denials,
    (
        Column("参保人", attr("visit.person.name"), "name", link="supervision:denial"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("就诊机构", attr("visit.institution_name")),
        Column("就诊日期", attr("visit.starts"), "day", sort="visit__starts"),
        Column("就诊状态", state("visit.status"), "status"),
        Column("登记时间", attr("told_at"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    DenialFilter,
    person="visit__person",
    empty="没有符合条件的记录",
    hint="病人否认尚未结算的就诊，由乡镇在就诊页登记",
)


def _last_month() -> Month:
    return Month.of(today()).previous()


class NoticeFilter(FilterForm):
    month = month("支付月份", "", initial=_last_month)

    def narrow(self, rows: Any) -> Sequence[VillageTotal]:
        """The villages with payments in the month; last month when none is asked for."""
        wanted = self.filled().get("month") or _last_month()
        return villages_with_payments(user=self.user, month=wanted)


def _no_month(user: User) -> Sequence[VillageTotal]:
    """The filter always names the month."""
    return ()


NOTICES = Listing(
    "报销公示",
    "supervision.notices",
    _no_month,
    (
        Column("乡镇", attr("village.parent.name")),
        Column("村", attr("village.name")),
        Column("人次", attr("claims"), "whole", total="claims"),
        Column("人数", attr("persons"), "whole"),
        Column("医疗费总额", attr("total"), "yuan"),
        Column("基金支付", attr("fund"), "yuan", total="fund"),
        Column(
            "",
            lambda row: "公示表",
            link="supervision:notice",
            link_to=lambda row: (row.village.code, row.month),
            where="page",
        ),
    ),
    NoticeFilter,
    empty="这个月没有已支付的报销",
    hint="公示按支付日期统计，可换一个月份查询",
)
