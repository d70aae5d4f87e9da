"""What happened in care: visits, amounts and persons, read from settlements by settlement date.

Counts every settlement that was submitted and neither withdrawn nor wholly back in the fund, paid
or not (业务口径): a visit for which nothing was due in the end is no help that was given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import ExtractMonth, ExtractYear, Greatest

from accounts.models import Division
from claims.models import Settlement, SettlementFund, SettlementQuerySet, Visit
from lib.money import to_fen
from lib.periods import Month
from reports.indicators import MEASURES, Activity
from reports.population import township_of

PERIODS = ("month", "previous", "year")
OUTSIDE = "outside"
# National codes of the funds (接口 fund_pay_type) whose payments R23 and R24 are about: 大病保险
# and 大病补充保险, 医疗救助. Which layer pays from them is the measures' own word.
SERIOUS, ASSISTANCE = ("390200", "390300"), ("610100",)
Key = tuple[str, str]
EVERYTHING: Key = ("all", "")


# By what persons are counted beside the whole, and where it stands.
GROUPS: dict[str, Any] = {
    "level": F("visit__level"),
    "care": F("visit__care"),
    "township": township_of("division__code"),
}
# Those that are sums over settlements; the others over what their layers pay.
READ = tuple(name for name in MEASURES if name not in ("serious", "assistance"))
MONEY = {
    "cost": "total_amount",
    "in_scope": "in_scope_amount",
    "off_catalogue": "full_self_pay_amount",
    "paid": "fund_amount",
    "personal": "personal_amount",
}


def cell(path: str = "") -> dict[str, Any]:
    """What a cell of the visits is, by the columns of a settlement; `path` leads to one."""
    return {
        "township": township_of(f"{path}division__code"),
        "level": F(f"{path}visit__level"),
        "year": ExtractYear(f"{path}settled_on"),
        "month": ExtractMonth(f"{path}settled_on"),
        "care": F(f"{path}visit__care"),
        "is_stay": F(f"{path}visit__counts_as_stay"),
        "place": F(f"{path}visit__place"),
        "source": F(f"{path}visit__source"),
    }


CELL = tuple(cell())


@dataclass(slots=True)
class Activities:
    """Activity by period and key: ("all", ""), ("level", "county"), ("township", code), …

    Keys that begin with "stay" are about hospital stays only. `persons` holds distinct persons,
    `beneficiaries` those the fund paid something for, `layers` fen by layer of payment; what no
    other layer paid is the base layer's and stands under "".
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
    layers: dict[str, dict[str, int]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )

    def of(self, period: str, kind: str = "all", code: str = "") -> Activity:
        """The sums of one key; nothing happened is a row of zeros."""
        return self.sums[period].get((kind, code), Activity())


def activities(*, area: Division, month: Month, base_layer: str) -> Activities:
    """The activity of the month, of the one before, and of the year so far. Six statements.

    `base_layer`: code of the layer that pays most claims and is not read, being the rest.
    """
    found, rows = Activities(), _settled(area, month)
    paid = _paid_beyond(rows, base_layer)
    for row in _cells(rows):
        beyond = paid.get(tuple(row[name] for name in CELL), [])
        activity = Activity(
            **{measure: row[measure] for measure in READ},
            serious=sum(fen for _, fund, fen in beyond if fund in SERIOUS),
            assistance=sum(fen for _, fund, fen in beyond if fund in ASSISTANCE),
        )
        for period in _periods(Month(row["year"], row["month"]), month):
            for key in _keys(row):
                found.sums[period].setdefault(key, Activity()).add(activity)
            _add_layers(found.layers[period], row["paid"], beyond, base_layer)
    for kind in ("all", *GROUPS):
        _count_persons(found, _settled(area, month), month, kind)
    return found


def _add_layers(
    layers: dict[str, int], paid: int, beyond: Iterable[tuple[str, str, int]], base_layer: str
) -> None:
    for layer, _, fen in beyond:
        if layer != base_layer:
            layers[layer] = layers.get(layer, 0) + fen
            paid -= fen
    layers[""] = layers.get("", 0) + paid


def _settled(area: Division, month: Month) -> SettlementQuerySet:
    first = min(month.previous().first, Month(month.year, 1).first)
    return (
        Settlement.objects.counted()
        .filter(
            division__code__startswith=area.code,
            settled_on__gte=first,
            settled_on__lte=month.last,
        )
        .order_by()
    )


# A stay that is settled in parts counts once, with its last part; each part's money where it is.
ENDED = Q(charged_to=None)


def _cells(rows: SettlementQuerySet) -> Iterator[dict[str, Any]]:
    """One row for every combination of month, township, level, care, place and source."""
    nights = Greatest(F("visit__ends") - F("visit__starts"), Value(timedelta(days=1)))
    serious, assisted = _paid_from(SERIOUS), _paid_from(ASSISTANCE)
    cells: Iterable[Any] = rows.values(**cell()).annotate(
        visits=Count("pk", filter=ENDED),
        compensated=Count("pk", filter=ENDED & Q(fund_amount__gt=0)),
        days=Sum(nights, filter=ENDED, default=timedelta()),
        serious_visits=Count("pk", filter=ENDED & serious),
        serious_cost=Sum("total_amount", filter=serious, default=0),
        assisted=Count("pk", filter=ENDED & assisted),
        **{measure: Sum(column) for measure, column in MONEY.items()},
    )
    for one in cells:
        direct = one["visits"] if one["source"] == Visit.Source.COUNTER else 0
        amounts = {name: to_fen(one[name]) for name in (*MONEY, "serious_cost")}
        yield {**one, **amounts, "direct": direct, "days": one["days"].days}


def _paid_from(fund_pay_types: tuple[str, ...]) -> Q:
    """Whether some layer paid the settlement from one of these funds. As IN, not EXISTS: PostgreSQL
    reads such rows once and looks each settlement up in memory (a hashed subplan)."""
    paid = SettlementFund.objects.filter(fund_pay_type__in=fund_pay_types).order_by()
    return Q(pk__in=paid.values("settlement"))


def _paid_beyond(
    rows: SettlementQuerySet, base_layer: str
) -> dict[tuple[Any, ...], list[tuple[str, str, int]]]:
    """Cell → (layer, national code of the fund, fen) of all layers but the base layer, which is
    read only where it is paid from a fund that R23 or R24 are about."""
    sums: Iterable[Any] = (
        SettlementFund.objects.filter(
            ~Q(layer=base_layer) | Q(fund_pay_type__in=SERIOUS + ASSISTANCE), settlement__in=rows
        )
        .order_by()
        .values("layer", "fund_pay_type", **cell("settlement__"))
        .annotate(paid=Sum("amount"))
    )
    found: dict[tuple[Any, ...], list[tuple[str, str, int]]] = {}
    for one in sums:
        found.setdefault(tuple(one[name] for name in CELL), []).append(
            (one["layer"], one["fund_pay_type"], to_fen(one["paid"]))
        )
    return found


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
