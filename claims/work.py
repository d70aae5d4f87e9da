"""What waits in claims: for each hand its queue, for who entered it what came back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from claims.models import Settlement, SettlementQuerySet
from desk.listing import Column, attr
from desk.worklist import Finder, Hit, Trend, Work

# A quarter of the twenty working days within which a claim on paper is to be settled
# (城乡居民医保经办服务规程); no document shares them out among the four hands.
LATE = 5
# So long a returned claim reminds who entered it; then it is taken as given up. No norm.
REMEMBERED = timedelta(days=60)


def _claims(user: User) -> SettlementQuerySet:
    return Settlement.objects.visible_to(user)


def _to_review(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_review()


def _to_approve(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_approval()


def _to_pay(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_payment()


def _drafts(user: User) -> SettlementQuerySet:
    return _claims(user).filter(entered_by=user, status=Settlement.Status.DRAFT)


def _returned(user: User) -> SettlementQuerySet:
    """Own ones that came back and were not settled anew."""
    anew = Settlement.objects.effective().filter(visit=OuterRef("visit"))
    rows = _claims(user).filter(
        entered_by=user,
        status=Settlement.Status.WITHDRAWN,
        reviewed_by=None,
        submitted_at__date__gte=today() - REMEMBERED,
    )
    return rows.exclude(withdrawn_reason="").filter(~Exists(anew))


def _counted(user: User) -> SettlementQuerySet:
    return _claims(user).effective()


def _by_number(user: User, text: str, at_most: int) -> Iterator[Hit]:
    if not any(letter.isdigit() for letter in text):
        return
    rows = _claims(user).with_people().filter(number__istartswith=text)
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
        "待支付",
        "claims.pay",
        "claims:payment_queue",
        _to_pay,
        money=FUND,
        since=AT,
        late=LATE,
        listed=_shown(_to_pay),
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
)
TRENDS = (Trend("近 14 天结算的基金支付（元）", "claims.view", _counted, "settled_on", FUND),)
FINDERS = (Finder("claims.view", _by_number),)
