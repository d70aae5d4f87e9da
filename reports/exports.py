"""A finished report as a workbook, one sheet per table. Amounts and percentages are numbers."""

from collections.abc import Mapping
from typing import Any

from accounts.audit import record_export
from accounts.models import User
from lib.tables.writing import Heading, Sheet
from reports.models import MonthlyReport
from reports.showing import sections

# What a sheet is called where the table's title is longer than a sheet's name may be (31).
SHEETS = {
    "funding": "筹资",
    "identities": "特殊人群",
    "townships": "乡镇",
    "institutions": "医疗机构",
    "tiers": "档次",
    "statuses": "困难身份",
    "diseases": "住院病种",
    "large": "大额与异常",
}


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
    found = [_about(report, figures)]
    for key, grid in sections(figures).items():
        if grid.rows or key != "layers":
            sheet = grid.sheet()
            found.append(Sheet(SHEETS.get(key, grid.title), sheet.columns, sheet.rows))
    return found


def _about(report: MonthlyReport, figures: Mapping[str, Any]) -> Sheet:
    closed = "已结账" if figures.get("closed", True) else "未结账，数字会变"
    return Sheet(
        "说明",
        (Heading("项目", "text"), Heading("内容", width=60)),
        [
            ("报表", str(report)),
            ("统筹区", figures["area"]["name"]),
            ("统计期间", f"{figures['first_day']} 至 {figures['last_day']}"),
            ("会计期间", closed),
            ("第几次编制", report.edition),
            ("业务数据口径", "结算日期；已提交且未撤回的结算单，含未支付"),
            ("收支数据口径", "凭证入账日期（支付期）"),
            ("筹资口径", f"归属 {figures['policy_year']} 年度，自开始缴费至本月末"),
            ("累计结余", "资产减负债，不含预收以后年度的筹资"),
            ("适用办法", f"{figures['measures']['name']} 第{figures['measures']['version']}版"),
            ("数据指纹", report.sha256),
        ],
    )
