"""The papers as workbooks: rows of plain cells, the first one the header."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from enrollment.progress.missing import MissingHousehold
from enrollment.progress.rewards import RewardReport
from enrollment.progress.sheets import Sheet, SheetRow
from lib.money import to_yuan
from lib.resident_id import mask

Rows = list[Sequence[Any]]
SHEET = (
    "区划代码", "区划", "责任干部", "户数", "已参保户数", "应参保人数", "已参保人数", "参保率",
    "任务数", "缺口", "特殊人群应参", "特殊人群已参", "特殊人群参保率", "资助人数", "使用收据",
    "个人缴费", "其中现金", "代缴", "已缴存", "现金未缴存", "比上次增加人数", "比上次增加金额",
)  # fmt: skip


def _rate(ratio: int | None) -> str:
    return "" if ratio is None else f"{Decimal(ratio) / 100:.2f}%"


def _sheet_row(row: SheetRow) -> Sequence[Any]:
    return (
        row.code, row.name, row.cadres, row.households, row.enrolled_households, row.people,
        row.enrolled, _rate(row.rate), row.target, row.shortfall, row.special_people,
        row.special_enrolled, _rate(row.special_rate), row.aided, row.receipts, row.personal,
        row.cash, row.aid, row.remitted, row.unremitted, row.more_people, row.more_personal,
    )  # fmt: skip


def sheet_rows(sheet: Sheet) -> Rows:
    return [SHEET, *(_sheet_row(row) for row in [*sheet.rows, sheet.total])]


def missing_rows(households: Sequence[MissingHousehold]) -> Rows:
    """Ids are masked: the list is for people who know their neighbours."""
    rows: Rows = [("村组", "户编号", "户主", "姓名", "身份证号", "漏户/漏人", "情况", "原因")]
    for row in households:
        for member in row.members:
            person = member.person
            rows.append(
                (
                    row.household.division.name,
                    row.household.number,
                    row.head,
                    person.name,
                    mask(person.resident_id),
                    "漏户" if row.is_whole else "漏人",
                    member.state,
                    "",
                )
            )
    return rows


def reward_rows(report: RewardReport) -> Rows:
    rows: Rows = [
        ("区划代码", "村", "责任干部", "应参保", "已参保", "参保率", "每人奖励（元）", "奖励（元）",
         "遗失票据本", "扣款（元）", "应发（元）")
    ]  # fmt: skip
    for row in report.rows:
        place = row.place
        rows.append(
            (place.code, place.name, place.cadres, place.people, place.enrolled,
             _rate(place.rate), to_yuan(row.per_person), to_yuan(row.reward), row.lost_books,
             to_yuan(row.deduction), to_yuan(row.net))
        )  # fmt: skip
    rows.append(
        ("", "合计", "", sum(row.place.people for row in report.rows), report.enrolled, "", "",
         to_yuan(report.reward), sum(row.lost_books for row in report.rows),
         to_yuan(report.deduction), to_yuan(report.net))
    )  # fmt: skip
    kind = "示例口径" if report.scale.is_example else "本区办法"
    rows.append(("", f"依据：{report.scale.source}（{kind}）"))
    return rows
