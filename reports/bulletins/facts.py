"""What stands in a bulletin: from the months' reports as they are kept, and supervision's own
counts. No name, no illness, and no figure of fewer people than a notice would tell."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from accounts.errors import Refusal
from accounts.models import Division
from accounts.templatetags.hezuo import fen, yuan
from claims.recovery.models import RecoveryReceipt
from funds.models import Voucher
from funds.named import BACK_TO_PAYERS
from lib.money import to_fen
from lib.periods import Month
from reports.bulletins.cells import Care, may_tell, told
from reports.models import MonthlyReport
from supervision.cases.models import Case
from supervision.inspections.models import Inspection
from supervision.inspections.order_models import Order
from supervision.publishing import MIN_ALIKE
from supervision.sampling.models import SampleItem

ZERO = Decimal(0)
FEW = f"少于 {MIN_ALIKE}"
# So many fit the one page; the rest stands on the month's report.
MAX_TOWNSHIPS = 40


def months_of(first: date, last: date) -> list[Month]:
    found = [Month.of(first)]
    while found[-1] < Month.of(last):
        found.append(found[-1].next())
    return found


def reports_of(area: Division, months: Sequence[Month]) -> list[MonthlyReport]:
    """The latest edition of each month. Raises Refusal naming the month that has none."""
    done = MonthlyReport.objects.filter(area=area, status=MonthlyReport.Status.DONE)
    years = {month.year for month in months}
    found = {one.as_month: one for one in done.filter(year__in=years).order_by("edition")}
    for month in months:
        if month not in found:
            raise Refusal(f"{month.words}的基金运行月报还没有编制，请先编制", "period")
    return [found[month] for month in months]


def facts_of(area: Division, period: str, first: date, last: date) -> dict[str, Any]:
    """Plain JSON. Seven statements, however large the county. Raises Refusal without reports."""
    months = months_of(first, last)
    every = [one.figures or {} for one in reports_of(area, months)]
    final = every[-1]
    return {
        "area": area.name,
        "period": period,
        "from": f"{first}",
        "to": f"{last}",
        "enrollment": _enrollment(final),
        "townships": _townships(final)[:MAX_TOWNSHIPS],
        "townships_left": max(0, len(_townships(final)) - MAX_TOWNSHIPS),
        "fund": _fund(final, months),
        "care": _care(every),
        "supervision": _supervised(area, months) | {"recovered": _recovered(area, months, final)},
        "editions": [f"{one}" for one in months],
    }


def _percent(ratio: int | None) -> str:
    return "—" if ratio is None else f"{ratio / 100:.2f}%"


def _enrollment(figures: dict[str, Any]) -> dict[str, Any]:
    said = figures["enrollment"]
    total = said["funding_total"]
    return {
        "eligible": said["eligible"],
        "enrolled": said["enrolled"],
        "households": said["households"],
        "rate": _percent(said["rate"]),
        "due": yuan(Decimal(total["due"])),
        "received": yuan(Decimal(total["received"])),
        "received_rate": _percent(total["rate"]),
    }


def _townships(figures: dict[str, Any]) -> list[list[str]]:
    """Who is enrolled is public (docs/decisions/0046): of each township, the highest rate first."""
    rows = [row for row in figures["townships"] if row["code"] and row.get("eligible")]
    rows.sort(key=lambda row: (-(row["rate"] or 0), row["code"]))
    return [
        [row["name"], f"{row['eligible']}", f"{row['enrolled']}", _percent(row["rate"])]
        for row in rows
    ]


def _fund(figures: dict[str, Any], months: Sequence[Month]) -> dict[str, str]:
    wanted = {str(month) for month in months}
    flows = [row for row in figures["flows"] if row["month"] in wanted]

    def total(name: str) -> str:
        return yuan(sum((Decimal(row[name]) for row in flows), ZERO))

    return {
        "income": total("income"),
        "expenditure": total("expenditure"),
        "income_year": yuan(Decimal(figures["income"]["total"]["year"])),
        "expenditure_year": yuan(Decimal(figures["expenditure"]["total"]["year"])),
        "balance": yuan(Decimal(figures["funds"]["balance"])),
    }


def _care(every: Sequence[dict[str, Any]]) -> dict[str, Any]:
    months = [
        [
            Care(row["name"], row["month"]["visits"], _fen(row), row["month"]["persons"])
            for row in figures["care"]
        ]
        for figures in every
    ]
    rows = told(months, MIN_ALIKE)
    return {
        "rows": [[one.name, f"{one.visits}", fen(one.paid)] for one in rows],
        "visits": f"{sum(one.visits for one in rows)}",
        "paid": fen(sum(one.paid for one in rows)),
        "is_few": not rows,
    }


def _fen(row: dict[str, Any]) -> int:
    return to_fen(Decimal(row["month"]["paid"]))


def _recovered(area: Division, months: Sequence[Month], figures: dict[str, Any]) -> str:
    """The year's sum, in a quarter's bulletin alone, where of each quarter so far nobody or enough
    different parties paid back and nobody was given anything back. "" where it is not told."""
    if len(months) == 1:
        return ""
    days = (date(months[-1].year, 1, 1), months[-1].last)
    paid_back = RecoveryReceipt.objects.filter(
        recovery__division__code__startswith=area.code, received_on__range=days
    ).values_list(
        *("received_on", "recovery__debtor", "recovery__institution"),
        *("recovery__household", "recovery__debtor_name"),
    )
    quarters = defaultdict[int, set[tuple[object, ...]]](set)
    for day, kind, institution, household, name in paid_back:
        quarters[(day.month - 1) // 3].add((kind, institution or household or name))
    given = Voucher.objects.filter(
        book__area=area, event__in=BACK_TO_PAYERS, occurred_on__range=days
    )
    if not may_tell(quarters.values(), MIN_ALIKE) or given.exists():
        return ""
    row = next(one for one in figures["indicators"] if one["key"] == "recovered")
    return yuan(Decimal(row["year"] or 0))


def _supervised(area: Division, months: Sequence[Month]) -> dict[str, Any]:
    """Four statements: visits with the institutions, orders, examined settlements, cases. A
    settlement that a month's sample and the quarter's full check both drew is one."""
    first, last = months[0].first, months[-1].last
    visits = Inspection.objects.filter(
        place__sweep__area=area,
        status=Inspection.Status.DONE,
        finished_at__date__range=(first, last),
    ).exclude(kind=Inspection.Kind.SELF)
    seen = visits.aggregate(
        visits=Count("pk"), institutions=Count("place__institution", distinct=True)
    )
    orders = Order.objects.filter(
        inspection__place__sweep__area=area, issued_at__date__range=(first, last)
    )
    examined = SampleItem.objects.filter(
        sample__area=area, checked_at__date__range=(first, last)
    ).aggregate(
        examined=Count("settlement", distinct=True),
        wrong=Count("settlement", distinct=True, filter=Q(status=SampleItem.Status.WRONG)),
    )
    cases = Case.objects.filter(
        area=area, status__in=Case.DECISION_STANDS, decided_on__range=(first, last)
    ).only("decided_on", "party", "institution", "person", "party_name", "loss_amount")
    return {
        **{name: f"{count}" for name, count in (seen | examined).items()},
        "orders": f"{orders.count()}",
        "cases": f"{len(cases)}",
        "loss": _loss(cases),
    }


def _loss(cases: Iterable[Case]) -> str:
    """What the cases came to, where of each month nobody or enough different parties bear it: a
    case without a loss hides nobody's. "" where it is not told."""
    months, total = defaultdict[Month, set[tuple[object, ...]]](set), ZERO
    for case in cases:
        if case.loss_amount and case.decided_on:
            who = case.institution_id or case.person_id or case.party_name
            months[Month.of(case.decided_on)].add((case.party, who))
            total += case.loss_amount
    return yuan(total) if months and may_tell(months.values(), MIN_ALIKE) else ""
