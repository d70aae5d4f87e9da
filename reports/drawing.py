"""The charts of a report, drawn from its snapshot."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from lib.charts import Series, bar_chart, column_chart, line_chart
from lib.money import half_up, to_fen
from reports.indicators import without_refunds


def drawings(figures: Mapping[str, Any]) -> dict[str, SafeString]:
    """Name → SVG. Everything in them comes from the snapshot and is escaped where it is drawn."""
    counted = "，不含退还的保费" if without_refunds(figures) else ""
    flows, towns, levels = figures["flows"], figures["townships"], figures["levels"]
    months = [str(int(row["month"][5:])) + "月" for row in flows]
    svgs = {
        "flows": column_chart(
            "近十二个月基金收入与支出（按入账日期）",
            months,
            [
                Series("收入", _fen(flows, "income")),
                Series("支出", _fen(flows, "expenditure")),
            ],
            label=_short(flows, "income", "expenditure"),
            height=250,
        ),
        "balance": line_chart(
            "近十二个月末基金累计结余",
            months,
            [Series("累计结余", _fen(flows, "balance"))],
            label=_short(flows, "balance"),
            height=250,
        ),
        "townships": bar_chart(
            f"各乡镇本年累计基金支出（按入账日期{counted}）",
            [row["name"] for row in towns],
            [Series("本年支出", _fen(towns, "spent"))],
            label=_short(towns, "spent"),
        ),
        "levels": bar_chart(
            "各级机构本年补偿比",
            [row["name"] for row in levels],
            [
                Series("实际补偿比", [row["year"]["actual_ratio"] for row in levels]),
                Series("政策范围内补偿比", [row["year"]["in_scope_ratio"] for row in levels]),
            ],
            label=in_percent,
        ),
    }
    return {name: mark_safe(svg) for name, svg in svgs.items()}  # noqa: S308 - see docstring


def _fen(rows: Sequence[Mapping[str, Any]], column: str) -> list[int]:
    return [to_fen(row[column]) for row in rows]


def _short(rows: Sequence[Mapping[str, Any]], *columns: str) -> Callable[[int], str]:
    """Labels in yuan, or in 万元 when the amounts are large, with no more digits than help."""
    return in_yuan(max((abs(fen) for column in columns for fen in _fen(rows, column)), default=0))


def in_yuan(largest: int) -> Callable[[int], str]:
    """How to label amounts of up to `largest` fen."""
    if largest < 10_000_00:
        return lambda fen: f"{half_up(fen, 100):,}元"
    if largest < 1_000_000_00:
        return lambda fen: _tenths(half_up(fen, 1_000_00)) + "万"
    return lambda fen: f"{half_up(fen, 10_000_00):,}万"


def in_percent(ratio: int) -> str:
    """A ratio in 1/10000 as a label."""
    return _tenths(half_up(ratio, 10)) + "%"


def _tenths(count: int) -> str:
    """123 → 12.3, 120 → 12."""
    return f"{Decimal(count).scaleb(-1):,.1f}".removesuffix(".0")
