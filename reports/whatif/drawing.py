"""The charts of a what-if, drawn from its figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from lib.charts import Series, bar_chart, line_chart
from reports.drawing import in_yuan


def drawings(figures: Mapping[str, Any]) -> dict[str, SafeString]:
    """Name → SVG. Everything in them comes from the figures and is escaped where it is drawn."""
    svgs = {}
    by_code = {table["code"]: table["rows"] for table in figures["tables"]}
    levels = by_code.get("level", [])
    if levels:
        svgs["levels"] = bar_chart(
            "各级机构基金支出",
            [row["name"] for row in levels],
            [
                Series("实际", [row["before"] for row in levels]),
                Series("试算", [row["after"] for row in levels]),
            ],
            label=_short(levels, "before", "after"),
        )
    if figures["fund"]:
        months = figures["fund"]["months"]
        svgs["balance"] = line_chart(
            "各月末累计结余",
            [f"{int(row['month'][5:])}月" for row in months],
            [
                Series("实际", [row["balance_before"] for row in months]),
                Series("试算", [row["balance_after"] for row in months]),
            ],
            label=_short(months, "balance_before", "balance_after"),
            height=340,
        )
    return {name: mark_safe(svg) for name, svg in svgs.items()}  # noqa: S308 - see docstring


def _short(rows: Sequence[Mapping[str, Any]], *columns: str) -> Callable[[int], str]:
    """Labels in yuan, or in 万元 when the amounts are large."""
    return in_yuan(max((abs(row[column]) for row in rows for column in columns), default=0))
