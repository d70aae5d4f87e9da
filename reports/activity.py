"""What happened in care: visits, amounts and persons, read from settlements by settlement date.

Counts every settlement that was submitted and not withdrawn, paid or not (业务口径).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import ExtractMonth, ExtractYear, Greatest

from accounts.models import Division
from claims.models import Settlement, SettlementQuerySet, Visit
from lib.money import to_fen
from lib.periods import Month
from reports.indicators import MEASURES, Activity
from reports.population import township_of

PERIODS = ("month", "previous", "year")
OUTSIDE = "outside"
Key = tuple[str, str]
EVERYTHING: Key = ("all", "")


# By what persons are counted beside the whole, and where it stands.
GROUPS: dict[str, Any] = {
    "level": F("visit__level"),
    "care": F("visit__care"),
    "township": township_of("division__code"),
}
MONEY = {
    "cost": "total_amount",
    "in_scope": "in_scope_amount",
    "off_catalogue": "full_self_pay_amount",
    "paid": "fund_amount",
    "personal": "personal_amount",
    "serious": "serious_amount",
}


@dataclass(slots=True)
class Activities:
    """Activity by period and key: ("all", ""), ("level", "county"), ("township", code), …

    Keys that begin with "stay" are about hospital stays only. `persons` holds distinct persons,
    `beneficiaries` those the fund paid something for.
    """

    sums: dict[str, dict[Key, Activity]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )
    persons: dict[str, dict[Key, int]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )
    beneficiaries: dict[str, dict[Key, int]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )

    def of(self, period: str, kind: str = "all", code: str = "") -> Activity:
        """The sums of one key; nothing happened is a row of zeros."""
        return self.sums[period].get((kind, code), Activity())


def activities(*, area: Division, month: Month) -> Activities:
    """The activity of the month, of the one before, and of the year so far. Five statements."""
    found = Activities()
    for row in _cells(_settled(area, month)):
        activity = Activity(**{measure: row[measure] for measure in MEASURES})
        for period in _periods(Month(row["year"], row["month"]), month):
            for key in _keys(row):
                found.sums[period].setdefault(key, Activity()).add(activity)
    for kind in ("all", *GROUPS):
        _count_persons(found, _settled(area, month), month, kind)
    return found


def _settled(area: Division, month: Month) -> SettlementQuerySet:
    first = min(month.previous().first, Month(month.year, 1).first)
    return (
        Settlement.objects.effective()
        .filter(
            division__code__startswith=area.code,
            settled_on__gte=first,
            settled_on__lte=month.last,
        )
        .order_by()
    )


def _cells(rows: SettlementQuerySet) -> Iterator[dict[str, Any]]:
    """One row for every combination of month, township, level, care, place and source."""
    nights = Greatest(F("visit__ends") - F("visit__starts"), Value(timedelta(days=1)))
    serious, assisted = (
        Q(serious_amount__gt=0),
        Q(assistance_amount__gt=0) | Q(further_amount__gt=0),
    )
    cells: Iterable[Any] = rows.values(
        township=township_of("division__code"),
        level=F("visit__level"),
        year=ExtractYear("settled_on"),
        month=ExtractMonth("settled_on"),
        care=F("visit__care"),
        is_stay=F("visit__counts_as_stay"),
        place=F("visit__place"),
        source=F("visit__source"),
    ).annotate(
        visits=Count("pk"),
        compensated=Count("pk", filter=Q(fund_amount__gt=0)),
        days=Sum(nights),
        serious_visits=Count("pk", filter=serious),
        serious_cost=Sum("total_amount", filter=serious, default=0),
        assistance=Sum(F("assistance_amount") + F("further_amount")),
        assisted=Count("pk", filter=assisted),
        **{measure: Sum(column) for measure, column in MONEY.items()},
    )
    for cell in cells:
        direct = cell["visits"] if cell["source"] == Visit.Source.COUNTER else 0
        amounts = {name: to_fen(cell[name]) for name in (*MONEY, "serious_cost", "assistance")}
        yield {**cell, **amounts, "direct": direct, "days": cell["days"].days}


def _periods(one: Month, month: Month) -> Iterator[str]:
    if one == month:
        yield "month"
    if one == month.previous():
        yield "previous"
    if one.year == month.year:
        yield "year"


def _keys(row: dict[str, Any]) -> Iterable[Key]:
    keys = [
        EVERYTHING,
        ("level", row["level"]),
        ("township", row["township"]),
        ("care", row["care"]),
        ("place", row["place"]),
    ]
    if row["is_stay"]:
        keys += [
            ("stay", ""),
            ("stay level", row["level"]),
            ("stay township", row["township"]),
            ("stay place", row["place"]),
        ]
    return keys


def _count_persons(found: Activities, rows: SettlementQuerySet, month: Month, kind: str) -> None:
    """Different people, who cannot be added up from the cells."""
    paid = Q(fund_amount__gt=0)
    spans = {
        "month": Q(settled_on__gte=month.first),
        "previous": Q(settled_on__range=(month.previous().first, month.previous().last)),
        "year": Q(settled_on__gte=Month(month.year, 1).first),
    }
    counts = {
        name: Count("visit__person", distinct=True, filter=span & extra)
        for period, span in spans.items()
        for name, extra in ((period, Q()), (f"paid_{period}", paid))
    }
    groups: Iterable[Any] = (
        rows.values(group=GROUPS[kind]).annotate(**counts)
        if kind in GROUPS
        else [rows.aggregate(**counts)]
    )
    for row in groups:
        key = (kind, row.get("group", ""))
        for period in PERIODS:
            found.persons[period][key] = row[period]
            found.beneficiaries[period][key] = row[f"paid_{period}"]
