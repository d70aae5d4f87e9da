"""What waits in the clearing with institutions, each with its clock; what is owed for it."""

from decimal import Decimal
from typing import Any

from django.db.models import Q, Subquery, Sum

from accounts.models import User
from claims.clearing.listings import clearings_of
from claims.clearing.models import (
    Clearing,
    ClearingClaim,
    ClearingQuerySet,
    ClearingRule,
    Deduction,
    DeductionQuerySet,
)
from claims.models import Settlement, SettlementFund
from desk.worklist import Work
from funds.models import ZERO, Book

Status = Clearing.Status
CLEARINGS, MONEY = "claims:clearings", "paid_amount"
# A declaration is paid in 20 working days: a third of them to check, as no norm parts them.
LATE = 7


def undeclared(user: User) -> Any:
    """Approved for an institution, under a rule of monthly clearing, and in no clearing."""
    waiting = Settlement.objects.visible_to(user).awaiting_payment()
    # The first page counts every kind in one statement of its own: no rule is read before.
    rules = ClearingRule.objects.filter(
        area__code=user.county_code, status=ClearingRule.Status.APPROVED
    )
    first = Subquery(rules.order_by("-pk").values("first_month")[:1])
    cleared = ClearingClaim.objects.live().values("settlement")
    rows = waiting.filter(pay_to=Settlement.PayTo.INSTITUTION, settled_on__gte=first)
    return rows.exclude(pk__in=cleared).annotate(payable=Settlement.PAYABLE)


def _in(status: Clearing.Status) -> Any:
    def rows(user: User) -> ClearingQuerySet:
        return clearings_of(user).filter(status=status)

    return rows


def _overdue(user: User) -> ClearingQuerySet:
    return clearings_of(user).owed()


def _unconfirmed(user: User) -> ClearingQuerySet:
    return clearings_of(user).filter(status__in=(Status.DECLARED, Status.CHECKED, Status.ISSUED))


def _disputed(user: User) -> DeductionQuerySet:
    return Deduction.objects.visible_to(user).disputed()


def _answered(user: User) -> DeductionQuerySet:
    return Deduction.objects.visible_to(user).answered()


def _work(title: str, permission: str, status: Clearing.Status, **clock: Any) -> Work:
    return Work(
        title, permission, CLEARINGS, _in(status), query=f"status={status}", money=MONEY, **clock
    )


WORK = (
    Work(
        "待月结申报",
        "claims.declare_clearing",
        "claims:clearings",
        undeclared,
        money="payable",
        since="approved_at",
    ),
    _work("月结待确认", "claims.declare_clearing", Status.ISSUED, due="answer_by"),
    _work("月结待核对", "claims.check_clearing", Status.DECLARED, since="declared_on", late=LATE),
    _work("月结待签发", "claims.issue_clearing", Status.CHECKED, since="declared_on", due="pay_by"),
    Work(
        "月结异议待答复",
        "claims.check_clearing",
        "claims:disputes",
        _disputed,
        query="status=disputed",
        money="amount",
        since="disputed_at",
        late=LATE,
    ),
    Work(
        "月结答复待批",
        "claims.issue_clearing",
        "claims:disputes",
        _answered,
        query="status=answered",
        money="amount",
        since="disputed_at",
        late=LATE,
    ),
)

# The order of a confirmed clearing is owed among the orders (funds/payments/work.py).
OWED = (
    Work(
        "机构已复核，未月结申报",
        "funds.view_payments",
        "claims:clearings",
        undeclared,
        money="payable",
        since="approved_at",
    ),
    Work(
        "机构月结，未签发、确认",
        "funds.view_payments",
        "claims:clearings",
        _unconfirmed,
        money=MONEY,
        since="declared_on",
        due="pay_by",
    ),
)


def borne_beside(user: User) -> Decimal:
    """Yuan of these that other funds bear than the residents' (funds/payments/owing.py): all that
    their layers pay, since deposits, debts and advances are taken of the residents' fund alone;
    what a deduction takes of them is not counted off."""
    months = ClearingClaim.objects.live().filter(clearing__in=_unconfirmed(user))
    rows = SettlementFund.objects.filter(
        Q(settlement__in=months.values("settlement"))
        | Q(settlement__in=undeclared(user).order_by().values("pk"))
    ).exclude(book=Book.FundType.RESIDENT)
    found: Decimal = rows.aggregate(total=Sum("amount", default=ZERO))["total"]
    return found
