"""A finished what-if as a workbook, one sheet per table. Amounts and percentages are numbers."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts.audit import record_export
from accounts.models import User
from lib.money import to_yuan
from lib.spreadsheets import workbook_bytes
from reports.whatif.models import Simulation

Sheet = list[Sequence[Any]]
HEAD = (
    "名称", "笔数", "总费用(元)", "实际基金支出(元)", "试算基金支出(元)", "增减(元)",
    "实际补偿比(%)", "试算补偿比(%)", "政策范围内实际(%)", "政策范围内试算(%)",
)  # fmt: skip
SIDES = (("better", "个人负担减少"), ("worse", "个人负担增加"))


def export_simulation(*, actor: User, simulation: Simulation) -> bytes:
    """The workbook of a finished what-if; noted in the audit trail as an export."""
    figures: dict[str, Any] = simulation.figures or {}
    sheets = _sheets(simulation, figures)
    record_export(
        actor=actor,
        what=f"政策试算 {simulation}",
        rows=sum(len(rows) for rows in sheets.values()),
        criteria={"simulation": simulation.pk, "sha256": simulation.sha256},
    )
    return workbook_bytes(sheets)


def _sheets(simulation: Simulation, figures: Mapping[str, Any]) -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = {
        "说明": _about(simulation, figures),
        "合计": [HEAD, _row(figures["total"])],
        "层次": [
            ("层次", "实际(元)", "试算(元)", "增减(元)"),
            *(
                (row["name"], *(to_yuan(row[key]) for key in ("before", "after", "change")))
                for row in figures["layers"]
            ),
        ],
    }
    for table in figures["tables"]:
        title = table["title"].partition("（")[0]
        sheets[title] = [HEAD, *(_row(row) for row in table["rows"])]
    sheets["得失"] = _gains(figures["gains"])
    if figures["fund"]:
        sheets["基金"] = _fund(figures["fund"])
    return sheets


def _about(simulation: Simulation, figures: Mapping[str, Any]) -> Sheet:
    policy, baseline, check = figures["policy"], figures["baseline"], figures["check"]
    return [
        ("项目", "内容"),
        ("统筹区", figures["area"]["name"]),
        ("试算年度", f"{simulation.year}"),
        ("试算办法", f"{simulation.name} {policy['title']}"),
        ("文本指纹", policy["sha256"]),
        ("实际适用办法", f"{baseline['name']} 第{baseline['version']}版"),
        ("结算单", figures["claims"]),
        ("就诊人数", figures["persons"]),
        ("口径", "已提交且未撤回的结算单，按结算先后逐笔累计；实际为当时结算的金额"),
        ("重算核对笔数", check["compared"]),
        ("其中与原结算不一致", check["differing"]),
    ]


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
    rows: Sheet = [("口径", "变化", "数量", "金额合计(元)", "百分位", "变化不超过(元)")]
    for unit, key in (("人", "persons"), ("笔", "claims")):
        for side, name in SIDES:
            rows += _spread(unit, name, gains[key][side])
        rows.append((unit, "不变", gains[key]["same"], None, None, None))
    return rows


def _spread(unit: str, name: str, spread: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    yield unit, name, spread["count"], to_yuan(spread["sum"]), None, None
    for each in spread["quantiles"]:
        yield unit, name, None, None, each["percent"], to_yuan(each["amount"])


def _fund(fund: Mapping[str, Any]) -> Sheet:
    rows: Sheet = [("项目", "实际", "试算")]
    for name, key in (("支出(元)", "spent"), ("累计结余(元)", "balance")):
        rows.append((name, to_yuan(fund[f"{key}_before"]), to_yuan(fund[f"{key}_after"])))
    rows.append(("可支付月数", _percent(fund["months_before"]), _percent(fund["months_after"])))
    waiting = fund["waiting"]
    rows.append(("已结算未支付(元)", to_yuan(waiting["before"]), to_yuan(waiting["after"])))
    rows.append(())
    rows.append(
        ("月份", "收入(元)", "实际支出(元)", "试算支出(元)", "实际结余(元)", "试算结余(元)")
    )
    for row in fund["months"]:
        keys = ("income", "spent_before", "spent_after", "balance_before", "balance_after")
        rows.append((row["month"], *(to_yuan(row[key]) for key in keys)))
    return rows
