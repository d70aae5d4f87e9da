"""The chart of an analysis: months from left to right, everything else as bars."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

from lib.charts import Label, Series, bar_chart, column_chart, line_chart
from reports.analysis.answer import Row
from reports.analysis.asked import Asked
from reports.analysis.table import TITLES, title_of
from reports.drawing import in_percent, in_yuan

MAX_BARS = 12  # two bars each, they still stand on one sheet across
HEIGHT = 260


def chart(asked: Asked, rows: Sequence[Row]) -> SafeString:
    """Everything in it is escaped where it is drawn. "" where there is nothing to draw."""
    shown = [row for row in rows if row.value is not None or row.before is not None]
    if not shown:
        return SafeString("")
    is_months = asked.dimension.key == "month"
    shown = list(rows) if is_months else shown[:MAX_BARS]
    series = [Series(asked.measure.indicator.name, [row.value for row in shown])]
    if asked.against != "none":
        series.append(Series(TITLES[asked.against], [row.before for row in shown]))
    label, title = _label(asked), title_of(asked)
    if not is_months:
        names = [_short(row.name) for row in shown]
        return mark_safe(bar_chart(title, names, series, label=label))  # noqa: S308 - see docstring
    names = [_month(row.code, len(shown)) for row in shown]
    draw = column_chart if asked.is_shared_out else line_chart
    return mark_safe(draw(title, names, series, label=label, height=HEIGHT))  # noqa: S308 - same


def is_cut(asked: Asked, rows: Sequence[Row]) -> bool:
    """Whether the chart shows the first rows only."""
    return asked.dimension.key != "month" and len(rows) > MAX_BARS


def _label(asked: Asked) -> Label:
    match asked.measure.indicator.unit:
        case "yuan":  # each by itself: a village's clinic and a hospital stand on one chart
            return lambda fen: in_yuan(abs(fen))(fen)
        case "ratio" | "points":
            return in_percent
        case "hundredth":
            return lambda value: f"{value / 100:.1f}"
    return lambda value: f"{value:,}"


def _short(name: str) -> str:
    """As much of it as leaves room for the bars."""
    return name if len(name) <= 16 else f"{name[:15]}…"


def _month(code: str, number: int) -> str:
    """Of few months 2026-03, of many the month, in January with its year."""
    if number <= 9:
        return code
    year, _, month = code.partition("-")
    return f"{year[2:]}年" if month == "01" and number > 12 else str(int(month)) + "月"
