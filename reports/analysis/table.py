"""An answer as a list: its columns follow the unit of the measure."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from desk.columns import Kind
from desk.filters import FilterForm
from desk.listing import Column, Listing, attr
from reports.analysis.answer import Answer, Row
from reports.analysis.asked import Asked
from reports.indicators import Part, Unit, ratio

KINDS: dict[Unit, Kind] = {
    "yuan": "fen",
    "count": "whole",
    "ratio": "percent",
    "points": "number",
    "hundredth": "number",
}
TITLES = {"last_year": "上年同期", "previous": "上期", "peers": "同级中位数"}


def listing_of(asked: Asked, answer: Answer, form: FilterForm) -> Listing:
    """One list for this answer. Sorting, the workbook and its reason are those of every list."""
    return Listing(
        title_of(asked),
        "reports.analyse",
        lambda user: answer.rows,
        (
            Column(asked.dimension.title, attr("name"), width=28),
            *_values(asked),
            *_compared(asked),
            *_parts(asked, answer),
        ),
        lambda data, user: form,
        export="reports.export",
        empty="这段时间没有发生",
        template="reports/analysis.html",
        route="reports:analysis",
        whole=answer.whole if answer.rows else None,
    )


def title_of(asked: Asked) -> str:
    return f"{asked.measure.indicator.name}（按{asked.dimension.title}，{asked.months}）"


def _scaled(unit: Unit, value: Callable[[Row], int | None]) -> Callable[[Row], Any]:
    """Hundredths and points as the number that is read."""
    if unit not in ("hundredth", "points"):
        return value

    def scaled(row: Row) -> Decimal | None:
        found = value(row)
        return None if found is None else Decimal(found).scaleb(-2)

    return scaled


def _values(asked: Asked) -> list[Column]:
    indicator, unit = asked.measure.indicator, asked.measure.indicator.unit
    name = (
        indicator.name if unit in ("ratio", "points") else f"{indicator.name}（{unit_of(asked)}）"
    )
    leads = None if asked.measure.is_quotient else _top
    return [
        Column(name, _scaled(unit, lambda row: row.value), KINDS[unit], leads=leads, sort="value")
    ]


def unit_of(asked: Asked) -> str:
    names: dict[Unit, str] = {"yuan": "元", "count": "人次", "hundredth": "天"}
    if asked.measure.indicator.key in ("enrolled", "beneficiaries"):
        return "人"
    return names.get(asked.measure.indicator.unit, "")


def _top(row: Row) -> str:
    return row.leads.top


def _bottom(row: Row) -> str:
    return row.leads.bottom


def _compared(asked: Asked) -> list[Column]:
    if asked.against == "none":
        return []
    unit, title = asked.measure.indicator.unit, TITLES[asked.against]
    before = Column(title, _scaled(unit, lambda row: row.before), KINDS[unit], sort="before")
    told = "与中位数相差" if asked.against == "peers" else "增减"
    if unit in ("ratio", "points"):
        points = _scaled("points", lambda row: row.change)
        return [before, Column(f"{told}（百分点）", points, "number", sort="change")]
    return [before, Column(told, lambda row: row.growth, "percent", sort="growth")]


def _parts(asked: Asked, answer: Answer) -> list[Column]:
    """What was divided by what, or which share of the whole a row is."""
    indicator = asked.measure.indicator
    if indicator.bottom is not None:
        return [
            _part(indicator.top, lambda row: row.top, _top, "top"),
            _part(indicator.bottom, lambda row: row.bottom, _bottom, "bottom"),
        ]
    if not asked.is_shared_out:
        return []
    whole = answer.whole.value or 0
    share = Column("占合计", lambda row: ratio(row.value or 0, whole), "percent", sort="share")
    return [share]


def _part(part: Part, value: Callable[[Row], Any], leads: Callable[[Row], str], key: str) -> Column:
    kind: Kind = "whole" if part.is_counted else "fen"
    return Column(part.name, value, kind, leads=leads, sort=key)
