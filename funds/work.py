"""What waits in the books: months that are over and still open."""

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.worklist import Finder, Hit, Work
from funds.budget.models import Budget, BudgetQuerySet
from funds.drafts import work as drafts
from funds.ledgers.behind import behind
from funds.models import Period, PeriodQuerySet, Voucher
from funds.opening.models import Opening, OpeningQuerySet
from funds.plans.models import FundingPlan, FundingPlanQuerySet
from funds.reconciling.models import Adjustment
from funds.reviewing import work as reviewing
from funds.switching.models import ChartSwitch, ChartSwitchQuerySet
from lib.periods import Month


def _over(user: User) -> PeriodQuerySet:
    rows = Period.objects.visible_to(user).of_business().open()
    return rows.through(Month.of(today()).previous())


def _by_label(user: User, text: str, at_most: int) -> Iterator[Hit]:
    """2026-03-0012, as it is printed, and the claims, receipts or batches that it books."""
    year, _, rest = text.partition("-")
    month, _, number = rest.partition("-")
    if not (year.isdecimal() and month.isdecimal() and number.isdecimal()):
        return
    if len(year) != 4 or len(number) > 9:
        return
    rows = Voucher.objects.visible_to(user).filter(
        period__year=int(year), period__month=int(month[:2]), number=int(number)
    )
    related = ("book__area", "reversal_of", "reversal", "draft")
    for row in rows.select_related(*related)[:at_most]:
        yield Hit(
            "凭证",
            row.summary,
            f"{row.label} {row.book}",
            reverse("funds:voucher", args=[row.pk]),
        )
        for one in islice((one for one in behind(user, row) if one.address), at_most):
            yield Hit(one.what, one.title, f"记入 {row.label}", one.address)


def _plans(user: User) -> FundingPlanQuerySet:
    return FundingPlan.objects.visible_to(user).filter(status=FundingPlan.Status.MADE)


def _budgets(user: User) -> BudgetQuerySet:
    rows = Budget.objects.visible_to(user).filter(status=Budget.Status.PROPOSED)
    return rows.exclude(proposed_by=user)


def _charts(user: User) -> ChartSwitchQuerySet:
    rows = ChartSwitch.objects.visible_to(user).filter(status=ChartSwitch.Status.PROPOSED)
    return rows.exclude(proposed_by=user)


def _openings(user: User) -> OpeningQuerySet:
    return Opening.objects.visible_to(user).proposed().exclude(proposed_by=user)


def _adjustments(user: User) -> ScopedQuerySet[Adjustment]:
    return Adjustment.objects.visible_to(user).filter(status=Adjustment.Status.MADE)


WORK = (
    Work("过月未结账", "funds.close_period", "funds:periods", _over, unit="个月", late=None),
    Work(
        "余额调节表待复核",
        "funds.review_voucher",
        "funds:adjustments",
        _adjustments,
        unit="张",
        since="made_at",
        late=None,
    ),
    Work(
        "预算待审批",
        "funds.adopt_budget",
        "funds:budget",
        _budgets,
        unit="份",
        query="waiting=1",
        since="proposed_on",
        is_rare=True,
    ),
    Work(
        "期初余额待审批",
        "funds.agree_opening",
        "funds:opening",
        _openings,
        unit="份",
        query="waiting=1",
        money="total",
        since="proposed_on",
        is_rare=True,
    ),
    Work(
        "改用科目表待审批",
        "funds.agree_chart",
        "funds:charts",
        _charts,
        unit="份",
        query="waiting=1",
        since="proposed_on",
        is_rare=True,
    ),
    Work(
        "用款计划待审核",
        "funds.check_plan",
        "funds:plans",
        _plans,
        unit="份",
        query="status=made",
        money="amount",
        since="made_on",
        late=None,
    ),
    *drafts.WORK,
    *reviewing.WORK,
)
FINDERS = (Finder("funds.view", _by_label),)
