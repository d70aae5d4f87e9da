"""Claims in tables: all of them, and the two queues. What waits for payment: funds/payments."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, Q, Sum, When
from django.utils import timezone

from accounts.clock import today
from accounts.models import Division, User
from accounts.permissions import Request
from claims.deciding.batches import MOST, clean
from claims.deciding.models import Approval, ReviewRule
from claims.models import Settlement, SettlementQuerySet, Visit
from desk.filters import ANY, FilterForm, amount, chosen, day, typed, whole
from desk.kept import among
from desk.listing import Column, Listing, attr, state
from desk.workdays import calendar
from enrollment.models import Household
from lib.money import told
from policies.models import Pack
from policies.services import terms_of

NUMBER = Column("结算单号", attr("number"), "code", link="claims:claim", sort=True)
OF_SETTLEMENT = Column(
    "结算单号",
    attr("settlement.number"),
    "code",
    link="claims:claim",
    link_to=attr("settlement_id"),
)
PERSON = (
    Column("参保人", attr("visit.person.name"), "name"),
    Column("身份证号", attr("visit.person.resident_id"), "id"),
    Column("村组", attr("division.place"), sort="division__code"),
)
VISIT = (
    Column("就诊机构", attr("visit.institution_name"), sort=True),
    Column("就诊日期", attr("visit.starts"), "day", sort=True),
)
AMOUNTS = (
    Column("总费用", attr("total_amount"), "yuan", sort=True, total="total_amount"),
    Column("基金支付", attr("fund_amount"), "yuan", sort=True, total="fund_amount"),
)


def _standing(path: str) -> Case:
    """What was withdrawn or refused, and what is no more than a draft, adds nothing to a sum: a
    claim that was settled anew would be counted twice."""
    return Case(When(status__in=Settlement.NOT_COUNTED, then=None), default=F(path))


STANDING_AMOUNTS = tuple(replace(one, total=_standing(one.total)) for one in AMOUNTS)


class ClaimFilter(FilterForm):
    number = typed("结算单号", "number__startswith", longest=24)
    status = chosen("状态", "status", Settlement.Status.choices)
    source = chosen("结算方式", "visit__source", Visit.Source.choices)
    institution = typed("就诊机构", "visit__institution_name__contains")
    since = day("结算日期自", "settled_on__gte")
    until = day("至", "settled_on__lte")


def _claims(user: User) -> SettlementQuerySet:
    return Settlement.objects.visible_to(user).with_people()


CLAIMS = Listing(
    "结算查询",
    "claims.view",
    _claims,
    (
        NUMBER,
        *PERSON,
        *VISIT,
        *STANDING_AMOUNTS,
        Column("结算日期", attr("settled_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    ClaimFilter,
    person="visit__person",
    empty="没有符合条件的结算单",
    hint="放宽查询条件，或核对身份证号后再查",
    template="claims/list.html",
)


def _of_household(user: User, household: Household) -> SettlementQuerySet:
    """What was claimed for those who live there now, wherever they lived then, and for those who
    have left while they lived there."""
    people = list(household.members.values_list("pk", flat=True))
    # The visits are found first: beside so many joins PostgreSQL would ask every claim.
    visits = Visit.objects.filter(Q(person__in=people) | Q(household=household)).order_by()
    return _claims(user).filter(among("visit", ArraySubquery(visits.values("pk"))))


HOUSEHOLD = Listing(
    "家庭成员结算单",
    "claims.view",
    _of_household,
    CLAIMS.columns,
    empty="这一户没有结算单",
    template="claims/household.html",
)

# Who, what, the money, how long it waits; the number is for finding.
WAITING = (
    Column("参保人", attr("visit.person.name"), "name", link="claims:claim"),
    PERSON[-1],  # a masked number tells nobody apart
    *VISIT,
    Column("结算方式", lambda row: row.visit.get_source_display().removeprefix("定点机构")),
    *AMOUNTS,
    Column("已等", attr("submitted_at"), "waited", sort=True),
    Column("承诺期限", attr("promised")),
    Column("疑点", attr("found"), "whole"),
    Column("录入人", attr("entered_by.name")),
    NUMBER,
)


APPROVING = tuple(
    Column("前一手", attr("last_hand")) if one.title == "录入人" else one for one in WAITING
)


def _townships(user: User) -> list[tuple[str, str]]:
    rows = Division.objects.visible_to(user).filter(level=Division.Level.TOWNSHIP)
    return list(rows.order_by("code").values_list("code", "name"))


def _cares(user: User) -> list[tuple[str, str]]:
    """The kinds of care of the measures in force; none in force, none offered."""
    pack = Pack.objects.in_force(user.county_code, today()).first()
    return list(terms_of(pack).vocabulary["care"].items()) if pack else []


def _waiting_for(rows: SettlementQuerySet, days: int) -> SettlementQuerySet:
    return rows.filter(submitted_at__date__lte=today() - timedelta(days=days))


def _with_findings(rows: SettlementQuerySet, value: str) -> SettlementQuerySet:
    looked = rows.filter(screened__isnull=False)
    if value == "open":
        return looked.exclude(screened__open=[])
    return looked.filter(screened__open=[]) if value == "none" else rows.filter(screened=None)


class QueueFilter(FilterForm):
    care = chosen("就医类别", "visit__care")
    township = chosen("乡镇", "division__code__startswith")
    institution = typed("就诊机构", "visit__institution_name__contains")
    least = amount("基金支付从", "fund_amount__gte")
    most = amount("到", "fund_amount__lte")
    waited = whole("至少已等（天）", _waiting_for)
    risk = chosen(
        "疑点", _with_findings, [("open", "有未核查的"), ("none", "没有"), ("new", "未筛查")]
    )

    def offer(self) -> None:
        self.choose("care", [ANY, *_cares(self.user)])
        self.choose("township", [ANY, *_townships(self.user)])


def _told_waiting(user: User, rows: list[Settlement]) -> list[Any]:
    """How long is left of what the county promises, and how much supervision found: a statement for
    the rules and one for the announced days off, the findings came with the rows."""
    rule = ReviewRule.objects.in_force(user.county_code)
    days = rule.promised_days if rule else ReviewRule().promised_days
    first = min((timezone.localdate(row.submitted_at) for row in rows), default=today())
    worked = calendar(first)
    for row in cast("list[Any]", rows):
        gone = worked.between(timezone.localdate(row.submitted_at), today())
        left = days - gone
        row.promised = f"剩 {left} 个工作日" if left >= 0 else f"超 {-left} 个工作日"
        row.found = len(row.screened.open) if hasattr(row, "screened") else None
    return rows


def _beside_approval(request: Request) -> dict[str, Any]:
    """How many clean small claims may pass together, and how much that is."""
    rule = ReviewRule.objects.in_force(request.user.county_code)
    if rule is None or rule.batch_up_to is None:
        return {}
    rows = clean(_claims(request.user), rule).exclude(reviewed_by=request.user)
    found = rows.aggregate(count=Count("pk"), total=Sum("payable"))
    count, total = min(found["count"], MOST), found["total"] or 0
    return {
        "clean_count": found["count"],
        "clean_title": f"批量复核（{count} 笔）",
        "clean_question": f"可以批量复核的有 {found['count']} 笔，合计 {told(total)} 元。"
        f"先按规程随机抽查，抽中的须逐笔办理。现在抽取？",
    }


def _to_review(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_review().select_related("screened").order_by("id")


def _to_approve(user: User) -> SettlementQuerySet:
    rows = _claims(user).awaiting_approval_of(user).select_related("screened", "reviewed_by")
    return rows.order_by("id")


def _told_approving(user: User, rows: list[Any]) -> list[Any]:
    """The same, and whose hand it comes from: the reviewer's, or that of who approved it first."""
    given = Approval.objects.filter(settlement__in=rows, holds=True).order_by("rank")
    agreed = {one.settlement_id: one.by.name for one in given.select_related("by")}
    for row in _told_waiting(user, rows):
        name = agreed.get(row.pk)
        by = row.reviewed_by or row.entered_by  # what was taken over names no reviewer
        row.last_hand = f"{name}复核" if name else f"{by.name}初审"
    return rows


SOON = "新提交的结算单会出现在这里"
REVIEW = Listing(
    "待初审",
    "claims.review",
    _to_review,
    WAITING,
    QueueFilter,
    empty="没有等待初审的结算单",
    hint=SOON,
    gather=_told_waiting,
)
APPROVAL = Listing(
    "待复核",
    "claims.approve",
    _to_approve,
    APPROVING,
    QueueFilter,
    empty="没有等待复核的结算单",
    hint=SOON,
    gather=_told_approving,
    template="claims/approval_queue.html",
    beside=_beside_approval,
)
