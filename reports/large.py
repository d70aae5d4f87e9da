"""Large and doubtful claims of a month (大额与异常补偿表): case by case, without anybody's name."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, When

from accounts.models import Division
from claims.deciding.models import ReviewRule
from claims.models import Settlement, SettlementQuerySet
from lib.money import to_fen, told
from lib.periods import Month
from supervision.models import Alert

# A page of cases; the largest first. No norm: what an officer reads through in a sitting.
MAX_CASES = 30
LARGEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeClaim:
    """`why`: what brought it here, in words. Amounts in fen."""

    pk: int
    number: str
    institution: str
    care: str
    cost: int
    paid: int
    why: str


def large_claims(*, area: Division, month: Month) -> list[LargeClaim]:
    """Those above the county's amount for a second approval, those that screening found and nobody
    cleared, and without such a rule the ten largest. Four statements."""
    rule = ReviewRule.objects.in_force(area.code)
    above = rule.second_above if rule is not None else None
    alerts = Alert.objects.exclude(status=Alert.Status.DISMISSED)
    of_month = Settlement.objects.counted().filter(
        division__code__startswith=area.code, settled_on__range=(month.first, month.last)
    )
    large = Q(fund_amount__gt=above) if above is not None else Q(pk__in=_largest(of_month))
    # Two searches by index, not one through all claims of the month.
    found_large = of_month.filter(large).order_by().values("pk")
    in_doubt = of_month.filter(pk__in=alerts.order_by().values("settlement")).order_by()
    rows: Any = (
        Settlement.objects.filter(pk__in=found_large.union(in_doubt.values("pk")))
        .annotate(is_large=Case(When(large, then=True), default=False))
        .select_related("visit")
        .order_by("-fund_amount", "number")
    )
    cases = list(rows[:MAX_CASES])
    found: dict[int, list[str]] = {}
    for alert in alerts.filter(settlement__in=cases).order_by("rule"):
        found.setdefault(alert.settlement_id, []).append(alert.rule_title)
    size = "本月大额" if above is None else f"基金支付超过 {told(above)} 元"
    return [
        LargeClaim(
            pk=one.pk,
            number=one.number,
            institution=one.visit.institution_name,
            care=one.visit.care,
            cost=to_fen(one.total_amount),
            paid=to_fen(one.fund_amount),
            why="；".join([size] * one.is_large + found.get(one.pk, [])),
        )
        for one in cases
    ]


def _largest(rows: SettlementQuerySet) -> list[int]:
    paid = rows.filter(fund_amount__gt=0).order_by("-fund_amount", "number")
    return list(paid.values_list("pk", flat=True)[:LARGEST])
