"""What waits in claims: for each hand its queue, for who entered it what came back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from accounts.scoping import ScopedQuerySet
from claims.filings.listings import to_decide
from claims.models import Invoice, Settlement, SettlementQuerySet, Visit
from claims.quotas.models import Allotment, AllotmentQuerySet
from claims.refunds.listings import COLUMNS as REFUND_COLUMNS
from claims.refunds.listings import refunds_of
from claims.refunds.models import PatientRefund, PatientRefundQuerySet
from claims.visits.listings import registered
from desk.listing import Column, attr
from desk.worklist import Finder, Hit, Trend, Work

# Days in one hand. No norm gives it: counties promise a claim on paper in fifteen to twenty
# working days or in thirty days (practice, from no regulation), shared here among four hands.
LATE = 5
# Days after the discharge: the patient pays the own share on leaving. No norm gives a figure.
LATE_AT_HOSPITAL = 3
# So long a returned claim reminds who entered it; then it is taken as given up. No norm.
REMEMBERED = timedelta(days=60)


def _claims(user: User) -> SettlementQuerySet:
    return Settlement.objects.visible_to(user)


def _to_review(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_review()


def _to_approve(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_approval_of(user)


def _refunds(user: User) -> PatientRefundQuerySet:
    return PatientRefund.objects.visible_to(user).due()


def _drafts(user: User) -> SettlementQuerySet:
    return _claims(user).filter(entered_by=user, status=Settlement.Status.DRAFT)


def _returned(user: User) -> SettlementQuerySet:
    """Own ones that came back and were not settled anew. A claim that is entered once more is
    another visit, which reminds for itself: of the same person, from the same day or with the same
    invoice."""
    anew = Settlement.objects.effective().filter(visit=OuterRef("visit"))
    person = Q(visit__person=OuterRef("visit__person"), entered_at__gt=OuterRef("entered_at"))
    discarded = Q(status=Settlement.Status.WITHDRAWN, withdrawn_reason="")
    later = Settlement.objects.exclude(discarded).filter(person)
    same_day = later.filter(
        visit__starts=OuterRef("visit__starts"), visit__care=OuterRef("visit__care")
    )
    invoices = Invoice.objects.filter(visit=OuterRef(OuterRef("visit")))
    same_invoice = later.filter(visit__invoices__number__in=invoices.values("number"))
    rows = _claims(user).filter(
        entered_by=user,
        status=Settlement.Status.WITHDRAWN,
        submitted_at__date__gte=today() - REMEMBERED,
    )
    rows = rows.exclude(withdrawn_reason="")
    return rows.filter(~Exists(anew), ~Exists(same_day), ~Exists(same_invoice))


def _discharged(user: User) -> ScopedQuerySet[Visit]:
    """Registered visits that are over and were not settled."""
    return registered(user).filter(status=Visit.Status.CLOSED)


def _counted(user: User) -> SettlementQuerySet:
    return _claims(user).effective()


def _by_number(user: User, text: str, at_most: int) -> Iterator[Hit]:
    if not any(letter.isdigit() for letter in text):
        return
    rows = _claims(user).with_people().filter(number__startswith=text)
    for row in rows[:at_most]:
        yield Hit(
            "结算单",
            row.visit.person.name,
            f"{row.visit.institution_name} {row.visit.starts:%Y-%m-%d} {row.number}",
            reverse("claims:claim", args=[row.pk]),
        )


def _shown(rows: Any) -> Any:
    """The queue with what the columns read."""
    return lambda user: rows(user).with_people(), COLUMNS


# What the first page shows of a queue.
COLUMNS = (
    Column("参保人", attr("visit.person.name"), "name", link="claims:claim"),
    Column("村组", attr("division.place")),
    Column("就诊机构", attr("visit.institution_name")),
    Column("总费用", attr("total_amount"), "yuan"),
    Column("基金支付", attr("fund_amount"), "yuan"),
    Column("已等", attr("submitted_at"), "waited"),
)


def _allotments(user: User) -> AllotmentQuerySet:
    rows = Allotment.objects.visible_to(user).filter(status=Allotment.Status.PROPOSED)
    return rows.exclude(proposed_by=user)


FUND = "fund_amount"
AT = "submitted_at"
WORK = (
    Work(
        "待初审",
        "claims.review",
        "claims:review_queue",
        _to_review,
        money=FUND,
        since=AT,
        late=LATE,
        listed=_shown(_to_review),
    ),
    Work(
        "待复核",
        "claims.approve",
        "claims:approval_queue",
        _to_approve,
        money=FUND,
        since=AT,
        late=LATE,
        listed=_shown(_to_approve),
    ),
    Work(
        "备案待审批",
        "claims.decide_filing",
        "claims:filings",
        to_decide,
        query="status=proposed",
        since="proposed_on",
        late=LATE,
    ),
    Work(
        "额度分配待审批",
        "claims.decide_allotment",
        "claims:quotas",
        _allotments,
        since="proposed_on",
        late=LATE,
    ),
    Work(
        "应退患者",
        "claims.give_refund",
        "claims:refunds",
        _refunds,
        money="amount",
        since="asked_at",
        late=LATE,
        listed=(lambda user: refunds_of(user).due(), REFUND_COLUMNS),
    ),
    Work(
        "草稿未提交",
        "claims.enter",
        "claims:list",
        _drafts,
        query="status=draft",
        money=FUND,
        since="entered_at",
        late=LATE,
    ),
    Work(
        "被退回，待重新办理",
        "claims.enter",
        "claims:list",
        _returned,
        query="status=withdrawn",
        money=FUND,
        since=AT,
        late=0,
    ),
    Work(
        "出院待结算",
        "claims.enter_counter",
        "claims:visits",
        _discharged,
        unit="人",
        query="status=closed",
        since="ends",
        late=LATE_AT_HOSPITAL,
    ),
)
TRENDS = (Trend("近 14 天结算的基金支付（元）", "claims.view", _counted, "settled_on", FUND),)
FINDERS = (Finder("claims.view", _by_number),)
