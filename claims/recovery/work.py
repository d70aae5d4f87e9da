"""What waits in recovery: for each hand its debts, and what was computed anew."""

from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q, Sum

from accounts.models import User
from accounts.scoping import ScopedQuerySet
from accounts.templatetags.hezuo import mask_name
from claims.dependence import listings as dependence
from claims.dependence.models import (
    Dependent,
    SupplementPart,
    SupplementQuerySet,
)
from claims.models import Settlement
from claims.recovery.listings import to_approve, to_receive, to_review
from claims.recovery.models import Recovery, RecoveryQuerySet
from claims.work import LATE
from desk.worklist import Work, numbered
from funds.models import ZERO, Book
from lib.money import told

RECOVERIES, SUPPLEMENTS = "claims:recoveries", "claims:supplements"


def _recomputed(user: User) -> ScopedQuerySet[Dependent]:
    """What was settled anew and is not reviewed yet, for every hand that the old one had."""
    waits = Dependent.objects.visible_to(user).filter(anew__status=Settlement.Status.SUBMITTED)
    had = ("entered_by", "reviewed_by", "approved_by")
    return waits.filter(reduce(or_, (Q(**{f"settlement__{hand}": user}) for hand in had)))


def _more(title: str, permission: str, rows: Callable[[User], SupplementQuerySet]) -> Work:
    return Work(
        title,
        permission,
        SUPPLEMENTS,
        rows,
        query="status=to_pay",
        money="amount",
        since="dependent__found_at",
        late=LATE,
    )


WORK = (
    Work(
        "追回待初审",
        "claims.review_recovery",
        RECOVERIES,
        to_review,
        query="status=proposed",
        money="amount",
        since="proposed_at",
        late=LATE,
    ),
    Work(
        "追回待复核",
        "claims.approve_recovery",
        RECOVERIES,
        to_approve,
        money="amount",
        since="proposed_at",
        late=LATE,
    ),
    Work(
        "应收追回",
        "claims.receive_recovery",
        RECOVERIES,
        to_receive,
        query="status=approved",
        money="amount",
        since="approved_at",
        due="due_on",
    ),
    _more("补付待复核", "claims.approve", dependence.to_approve),
    _more("补付没有收款人", "claims.enter_paper", dependence.to_name),
    Work(
        "随前一笔重算，待重新审核",
        "claims.view",
        "claims:dependents",
        _recomputed,
        money="new_amount",
        since="found_at",
        late=LATE,
    ),
)

# Once approved it is owed among the orders (funds/payments/work.py).
OWED = (_more("补付，未复核", "funds.view_payments", dependence.unapproved),)


def borne_beside(user: User) -> Decimal:
    """Yuan of these that other funds bear than the residents' (funds/payments/owing.py)."""
    rows = SupplementPart.objects.filter(supplement__in=dependence.unapproved(user))
    others = rows.exclude(book=Book.FundType.RESIDENT)
    found: Decimal = others.aggregate(total=Sum("amount", default=ZERO))["total"]
    return found


def _recoveries(user: User) -> RecoveryQuerySet:
    return Recovery.objects.visible_to(user)


def _debtor(row: Recovery) -> str:
    is_institution = row.debtor == Recovery.Debtor.INSTITUTION
    return row.debtor_name if is_institution else mask_name(row.debtor_name)


FINDERS = (
    numbered(
        "claims.view_recoveries",
        "追回单",
        "claims:recovery",
        _recoveries,
        lambda row: f"{_debtor(row)} {told(row.amount)} 元，{row.get_status_display()}",
    ),
)
