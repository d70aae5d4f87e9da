"""Reviews of alerts: the office's, and what an institution was told of."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, Value

from accounts.clock import start_of, today
from accounts.models import User
from accounts.templatetags.hezuo import mask_name
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state
from supervision.grouping import Late, event_rules, stake, titles_of
from supervision.reviewing.models import AlertReview

OPEN, LATE = "unfinished", "late"
# A told review whose notice is not served by then is late. Ours: no norm names the days. Of the
# calendar: what waits is put together without a look at the holidays.
SERVING_DAYS = 14


def reviews_of(user: User) -> Any:
    rows = AlertReview.objects.visible_to(user)
    rows = rows.annotate(
        stake=stake("alert"),
        rules=event_rules("alert"),
        is_inside=Value(not user.institution_code),
    )
    return rows.select_related("alert__settlement__visit__person")


def _rules(row: Any) -> str:
    """For the institution it is what it was told: a rule may say who told of it."""
    return titles_of(row.rules) if row.is_inside else "见告知内容"


def _late(row: AlertReview) -> Any:
    is_late = row.status not in AlertReview.OVER and row.due_on and row.due_on < today()
    if row.waits_for_service:
        return Late.UNSERVED
    return Late.LATE if is_late else ""


def is_late() -> Q:
    """Of what is not over: its term has passed, or it was told long ago and nobody served it."""
    unserved = Q(status=AlertReview.Status.TOLD, due_on=None)
    day = today() - timedelta(days=SERVING_DAYS)
    return Q(due_on__lt=today()) | unserved & Q(second_at__lt=start_of(day))


def _standing(rows: Any, value: str) -> Any:
    if value in {OPEN, LATE}:
        rows = rows.exclude(status__in=AlertReview.OVER)
        return rows.filter(is_late()) if value == LATE else rows
    return rows.filter(status=value)


class ReviewFilter(FilterForm):
    status = chosen(
        "状态",
        _standing,
        [(OPEN, "办理中"), (LATE, "已逾期"), *AlertReview.Status.choices],
        initial=OPEN,
    )


REVIEW_LIST = Listing(
    "疑点审核与申诉",
    "supervision.view_reviews",
    reviews_of,
    (
        Column("结算单", attr("alert.settlement.number"), "code", link="supervision:review"),
        Column("参保人", lambda row: mask_name(row.alert.settlement.visit.person.name)),
        Column("规则", _rules),
        Column("就诊机构", attr("alert.settlement.visit.institution_name")),
        Column(
            "涉及基金",
            attr("stake"),
            "yuan",
            sort=True,
        ),
        Column("初审意见", attr("get_proposed_display")),
        Column("本环节期限", attr("due_on"), "day", hint=_late, sort=True),
        Column("状态", state(), "status"),
    ),
    ReviewFilter,
    empty="没有符合条件的疑点审核",
    hint="初审、复审由不同的人办理；拟认定属实的先告知机构申诉，核实以后由另一人处理",
)
