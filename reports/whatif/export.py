"""A finished what-if as a workbook, one sheet per table. Amounts and percentages are numbers."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from accounts.audit import record_export
from accounts.models import User
from lib.money import to_yuan
from lib.tables.writing import Heading, Sheet, headings
from reports.whatif.models import Simulation

YUAN = ("总费用(元)", "实际基金支出(元)", "试算基金支出(元)", "增减(元)")
RATIOS = ("实际补偿比(%)", "试算补偿比(%)", "政策范围内实际(%)", "政策范围内试算(%)")
HEAD = (
    Heading("名称", "text", width=30),
    Heading("笔数", "whole"),
    *headings(*YUAN, kind="yuan"),
    *headings(*RATIOS, kind="number"),
)
SIDES = (("better", "个人负担减少"), ("worse", "个人负担增加"))


def export_simulation(*, actor: User, simulation: Simulation) -> list[Sheet]:
    """The sheets of a finished what-if; noted in the audit trail as an export."""
    figures: dict[str, Any] = simulation.figures or {}
    sheets = _sheets(simulation, figures)
    record_export(
        actor=actor,
        what=f"政策试算 {simulation}",
        rows=sum(len(list(sheet.rows)) for sheet in sheets),
        criteria={"simulation": simulation.pk, "sha256": simulation.sha256},
    )
    return sheets


def _sheets(simulation: Simulation, figures: Mapping[str, Any]) -> list[Sheet]:
    sheets = [
        _about(simulation, figures),
        Sheet("合计", HEAD, [_row(figures["total"])]),
        Sheet(
            "层次",
            (Heading("层次", "text"), *headings("实际(元)", "试算(元)", "增减(元)", kind="yuan")),
            [
                (row["name"], *(to_yuan(row[key]) for key in ("before", "after", "change")))
                for row in figures["layers"]
            ],
        ),
    ]
    for table in figures["tables"]:
        title = table["title"].partition("（")[0]
        sheets.append(Sheet(title, HEAD, [_row(row) for row in table["rows"]]))
    sheets.append(_gains(figures["gains"]))
    if figures["fund"]:
        sheets += _fund(figures["fund"])
    return sheets


def _about(simulation: Simulation, figures: Mapping[str, Any]) -> Sheet:
    policy, baseline, check = figures["policy"], figures["baseline"], figures["check"]
    return Sheet(
        "说明",
        (Heading("项目", "text"), Heading("内容", width=60)),
        [
            ("统筹区", figures["area"]["name"]),
            ("试算年度", f"{simulation.year}"),
            ("试算办法", f"{simulation.name} {policy['title']}"),
            ("文本核对码", policy["sha256"]),
            ("实际适用办法", f"{baseline['name']} 第{baseline['version']}版"),
            ("结算单", figures["claims"]),
            ("就诊人数", figures["persons"]),
            ("口径", "已提交且未撤回的结算单，按结算先后逐笔累计；实际为当时结算的金额"),
            ("重算核对笔数", check["compared"]),
            ("其中与原结算不一致", check["differing"]),
        ],
    )


def _row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        row["name"],
        row["claims"],
        *(to_yuan(row[key]) for key in ("total", "before", "after", "change")),
        *(
            _percent(row[key])
            for key in ("actual_before", "actual_after", "in_scope_before", "in_scope_after")
        ),
    )


def _percent(ratio: int | None) -> Decimal | None:
    return None if ratio is None else Decimal(ratio).scaleb(-2)


def _gains(gains: Mapping[str, Any]) -> Sheet:
    rows: list[tuple[Any, ...]] = []
    for unit, key in (("人", "persons"), ("笔", "claims")):
        for side, name in SIDES:
            rows += _spread(unit, name, gains[key][side])
        rows.append((unit, "不变", gains[key]["same"], None, None, None))
    columns = (
        *headings("口径", "变化", kind="text"),
        Heading("数量", "whole"),
        Heading("金额合计(元)", "yuan"),
        Heading("百分位", "whole"),
        Heading("变化不超过(元)", "yuan"),
    )
    return Sheet("得失", columns, rows)


def _spread(unit: str, name: str, spread: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    yield unit, name, spread["count"], to_yuan(spread["sum"]), None, None
    for each in spread["quantiles"]:
        yield unit, name, None, None, each["percent"], to_yuan(each["amount"])


def _fund(fund: Mapping[str, Any]) -> list[Sheet]:
    waiting = fund["waiting"]
    keys = ("income", "spent_before", "spent_after", "balance_before", "balance_after")
    return [
        Sheet(
            "基金",
            (Heading("项目", "text", width=20), *headings("实际", "试算", kind="number")),
            [
                *(
                    (name, to_yuan(fund[f"{key}_before"]), to_yuan(fund[f"{key}_after"]))
                    for name, key in (("支出(元)", "spent"), ("累计结余(元)", "balance"))
                ),
                ("可支付月数", _percent(fund["months_before"]), _percent(fund["months_after"])),
                ("已结算未支付(元)", to_yuan(waiting["before"]), to_yuan(waiting["after"])),
            ],
        ),
        Sheet(
            "基金各月",
            (
                Heading("月份", "text"),
                *headings("收入(元)", "实际支出(元)", "试算支出(元)", kind="yuan"),
                *headings("实际结余(元)", "试算结余(元)", kind="yuan"),
            ),
            [(row["month"], *(to_yuan(row[key]) for key in keys)) for row in fund["months"]],
        ),
    ]
