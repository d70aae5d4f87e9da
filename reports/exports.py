"""A finished report as a workbook, one sheet per table. Amounts and percentages are numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts.audit import record_export
from accounts.models import User
from lib.tables.writing import Heading, Kind, Sheet, headings
from reports.activity import PERIODS
from reports.indicators import UNITS
from reports.models import MonthlyReport
from reports.tables import PERFORMANCE, TOWNSHIPS, Column, Unit

PERIOD_NAMES = ("本月", "上月", "本年累计")


def export_report(*, actor: User, report: MonthlyReport) -> list[Sheet]:
    """The sheets of a finished report; noted in the audit trail as an export."""
    sheets = _sheets(report)
    record_export(
        actor=actor,
        what=str(report),
        rows=sum(len(list(sheet.rows)) for sheet in sheets),
        criteria={"report": report.pk, "edition": report.edition, "sha256": report.sha256},
    )
    return sheets


def _sheets(report: MonthlyReport) -> list[Sheet]:
    figures: dict[str, Any] = report.figures or {}
    return [
        _about(report, figures),
        _money_lines("收入", figures["income"]),
        _money_lines("支出", figures["expenditure"]),
        Sheet(
            "各月收支",
            (Heading("月份", "text"), *_yuan("收入(元)", "支出(元)", "月末累计结余(元)")),
            [
                (row["month"], *_amounts(row, ("income", "expenditure", "balance")))
                for row in figures["flows"]
            ],
        ),
        Sheet(
            "筹资",
            (
                Heading("资金来源", "text"),
                *_yuan("应到位(元)", "已到位(元)"),
                Heading("到位率(%)", "number"),
            ),
            [
                (row["name"], *_amounts(row, ("due", "received")), _percent(row["rate"]))
                for row in figures["enrollment"]["funding"]
            ],
        ),
        _performance("机构级别", figures["levels"]),
        _performance("就医类别", figures["care"]),
        *_layers(figures.get("layers", [])),
        _townships(figures["townships"]),
        Sheet(
            "指标",
            (*headings("代码", "指标", "单位", kind="text"), *headings(*PERIOD_NAMES)),
            [
                (row["code"], row["name"], UNITS[row["unit"]], *(_cell(row, p) for p in PERIODS))
                for row in figures["indicators"]
            ],
        ),
    ]


def _about(report: MonthlyReport, figures: Mapping[str, Any]) -> Sheet:
    return Sheet(
        "说明",
        (Heading("项目", "text"), Heading("内容", width=60)),
        [
            ("报表", str(report)),
            ("统筹区", figures["area"]["name"]),
            ("统计期间", f"{figures['first_day']} 至 {figures['last_day']}"),
            ("第几次编制", report.edition),
            ("业务数据口径", "结算日期；已提交且未撤回的结算单，含未支付"),
            ("收支数据口径", "凭证入账日期（支付期）"),
            ("筹资口径", f"归属 {figures['policy_year']} 年度，自开始缴费至本月末"),
            ("适用办法", f"{figures['measures']['name']} 第{figures['measures']['version']}版"),
            ("数据指纹", report.sha256),
        ],
    )


def _yuan(*titles: str) -> tuple[Heading, ...]:
    return headings(*titles, kind="yuan")


def _layers(rows: Sequence[Mapping[str, Any]]) -> list[Sheet]:
    """Only where more than the base layer paid: older figures and simpler measures have none."""
    titles = (Heading("代码", "text"), Heading("支付层次", "text"))
    columns = (*titles, *_yuan(*(f"{name}(元)" for name in PERIOD_NAMES)))
    lines = [(row["code"], row["name"], *_amounts(row, PERIODS)) for row in rows]
    return [Sheet("支付层次", columns, lines)] if lines else []


def _money_lines(title: str, section: Mapping[str, Any]) -> Sheet:
    return Sheet(
        title,
        (
            Heading("科目编号", "code"),
            Heading("科目名称", "text", width=30),
            *_yuan(*(f"{name}(元)" for name in PERIOD_NAMES)),
        ),
        [
            *((line["code"], line["name"], *_amounts(line, PERIODS)) for line in section["lines"]),
            ("", "合计", *_amounts(section["total"], PERIODS)),
        ],
    )


KINDS: dict[Unit, Kind] = {
    "code": "code",
    "text": "text",
    "count": "whole",
    "yuan": "yuan",
    "ratio": "number",
}


def _headings(columns: Iterable[Column[Any]]) -> tuple[Heading, ...]:
    return tuple(Heading(column.heading, KINDS[column.unit]) for column in columns)


def _cells(columns: Iterable[Column[Any]], row: Mapping[str, Any]) -> list[Any]:
    write: dict[str, Callable[[Any], Any]] = {"ratio": _percent, "yuan": _amount}
    return [write.get(column.unit, _as_it_is)(row.get(column.key)) for column in columns]


def _performance(title: str, rows: Iterable[Mapping[str, Any]]) -> Sheet:
    return Sheet(
        title,
        (*headings("类别", "期间", kind="text"), *_headings(PERFORMANCE)),
        [
            (row["name"], name, *_cells(PERFORMANCE, row[period]))
            for row in rows
            for period, name in zip(PERIODS, PERIOD_NAMES, strict=True)
        ],
    )


def _townships(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    return Sheet("乡镇", _headings(TOWNSHIPS), [_cells(TOWNSHIPS, row) for row in rows])


def _as_it_is(value: Any) -> Any:
    return value


def _amounts(row: Mapping[str, Any], columns: Iterable[str]) -> list[Decimal | None]:
    return [_amount(row[column]) for column in columns]


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _percent(ratio: int | None) -> Decimal | None:
    return None if ratio is None else Decimal(ratio).scaleb(-2)


def _cell(row: Mapping[str, Any], period: str) -> Any:
    value = row[period]
    if row["unit"] == "ratio":
        return _percent(value)
    return value if row["unit"] == "count" else _amount(value)
