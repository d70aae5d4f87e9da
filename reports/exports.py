"""A finished report as a workbook, one sheet per table. Amounts and percentages are numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts.audit import record_export
from accounts.models import User
from lib.spreadsheets import workbook_bytes
from reports.activity import PERIODS
from reports.models import MonthlyReport

Sheet = list[Sequence[Any]]
PERIOD_NAMES = ("本月", "上月", "本年累计")
UNITS = {"ratio": "%", "yuan": "元", "count": "人次/人", "hundredth": "天/月"}


def export_report(*, actor: User, report: MonthlyReport) -> bytes:
    """The workbook of a finished report; noted in the audit trail as an export."""
    sheets = _sheets(report)
    record_export(
        actor=actor,
        what=str(report),
        rows=sum(len(rows) for rows in sheets.values()),
        criteria={"report": report.pk, "edition": report.edition, "sha256": report.sha256},
    )
    return workbook_bytes(sheets)


def _sheets(report: MonthlyReport) -> dict[str, Sheet]:
    figures: dict[str, Any] = report.figures or {}
    return {
        "说明": [
            ("项目", "内容"),
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
        "收入": _money_lines(figures["income"]),
        "支出": _money_lines(figures["expenditure"]),
        "各月收支": [
            ("月份", "收入(元)", "支出(元)", "月末累计结余(元)"),
            *(
                (row["month"], *_amounts(row, ("income", "expenditure", "balance")))
                for row in figures["flows"]
            ),
        ],
        "筹资": [
            ("资金来源", "应到位(元)", "已到位(元)", "到位率(%)"),
            *(
                (row["name"], *_amounts(row, ("due", "received")), _percent(row["rate"]))
                for row in figures["enrollment"]["funding"]
            ),
        ],
        "机构级别": _performance(figures["levels"]),
        "就医类别": _performance(figures["care"]),
        "乡镇": _townships(figures["townships"]),
        "指标": [
            ("代码", "指标", "单位", *PERIOD_NAMES),
            *(
                (row["code"], row["name"], UNITS[row["unit"]], *(_cell(row, p) for p in PERIODS))
                for row in figures["indicators"]
            ),
        ],
    }


def _money_lines(section: Mapping[str, Any]) -> Sheet:
    return [
        ("科目编号", "科目名称", *(f"{name}(元)" for name in PERIOD_NAMES)),
        *((line["code"], line["name"], *_amounts(line, PERIODS)) for line in section["lines"]),
        ("", "合计", *_amounts(section["total"], PERIODS)),
    ]


def _performance(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    amounts = ("cost", "in_scope", "paid", "average_cost", "average_paid")
    table: Sheet = [
        (
            "类别",
            "期间",
            "人次",
            "人数",
            "总费用(元)",
            "政策范围内费用(元)",
            "基金支付(元)",
            "次均费用(元)",
            "次均补偿(元)",
            "实际补偿比(%)",
            "政策范围内补偿比(%)",
        )
    ]
    for row in rows:
        for period, title in zip(PERIODS, PERIOD_NAMES, strict=True):
            done = row[period]
            ratios = (_percent(done["actual_ratio"]), _percent(done["in_scope_ratio"]))
            table.append(
                (
                    row["name"],
                    title,
                    done["visits"],
                    done["persons"],
                    *_amounts(done, amounts),
                    *ratios,
                )
            )
    return table


TOWNSHIP_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("code", "代码", "text"),
    ("name", "乡镇", "text"),
    ("eligible", "应参人数", "text"),
    ("enrolled", "参保人数", "text"),
    ("rate", "参保率(%)", "ratio"),
    ("visits", "就诊人次", "text"),
    ("stays", "住院人次", "text"),
    ("cost", "总费用(元)", "yuan"),
    ("average_stay_cost", "次均住院费用(元)", "yuan"),
    ("settled", "结算基金支付(元)", "yuan"),
    ("actual_ratio", "实际补偿比(%)", "ratio"),
    ("beneficiary_rate", "受益面(%)", "ratio"),
    ("spent_month", "本月支出(元)", "yuan"),
    ("spent", "本年支出(元)", "yuan"),
    ("quota", "参考额度(元)", "yuan"),
    ("use_rate", "额度使用率(%)", "ratio"),
    ("overspend", "超支额(元)", "yuan"),
)


def _townships(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    write: dict[str, Callable[[Any], Any]] = {
        "text": lambda value: value,
        "ratio": _percent,
        "yuan": _amount,
    }
    return [
        tuple(title for _, title, _ in TOWNSHIP_COLUMNS),
        *(
            tuple(write[kind](row.get(column)) for column, _, kind in TOWNSHIP_COLUMNS)
            for row in rows
        ),
    ]


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
