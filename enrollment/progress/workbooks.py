"""The papers as workbooks."""

from collections.abc import Sequence
from typing import Any

from enrollment.progress.missing import MissingHousehold
from enrollment.progress.rewards import RewardReport
from enrollment.progress.sheets import Sheet as ProgressSheet
from enrollment.progress.sheets import SheetRow
from lib.resident_id import mask
from lib.tables.writing import Heading, Sheet, headings

PLACE = (Heading("区划代码", "code"), Heading("区划", "text"), Heading("责任干部", "text"))
SHEET = (
    *PLACE,
    *headings("户数", "已参保户数", "应参保人数", "已参保人数", kind="whole"),
    Heading("参保率", "percent"),
    *headings("任务数", "缺口", "特殊人群应参", "特殊人群已参", kind="whole"),
    Heading("特殊人群参保率", "percent"),
    *headings("资助人数", "使用收据", kind="whole"),
    *headings("个人缴费", "其中现金", "代缴", "已缴存", "现金未缴存", kind="yuan"),
    Heading("比上次增加人数", "whole"),
    Heading("比上次增加金额", "yuan"),
)
MISSING = (
    Heading("村组", "text"),
    Heading("户编号", "code"),
    *headings("户主", "姓名", kind="text"),
    Heading("身份证号", "code"),
    *headings("漏户/漏人", "情况", "原因", kind="text"),
)
REWARDS = (
    Heading("区划代码", "code"),
    Heading("村", "text", width=24),
    Heading("责任干部", "text"),
    *headings("应参保", "已参保", kind="whole"),
    Heading("参保率", "percent"),
    *headings("每人奖励（元）", "奖励（元）", kind="fen"),
    Heading("遗失票据本", "whole"),
    *headings("扣款（元）", "应发（元）", kind="fen"),
)


def _sheet_row(row: SheetRow) -> Sequence[Any]:
    return (
        row.code, row.name, row.cadres, row.households, row.enrolled_households, row.people,
        row.enrolled, row.rate, row.target, row.shortfall, row.special_people,
        row.special_enrolled, row.special_rate, row.aided, row.receipts, row.personal,
        row.cash, row.aid, row.remitted, row.unremitted, row.more_people, row.more_personal,
    )  # fmt: skip


def sheet_of(sheet: ProgressSheet) -> Sheet:
    return Sheet("进度表", SHEET, [_sheet_row(row) for row in [*sheet.rows, sheet.total]])


def missing_sheet(households: Sequence[MissingHousehold]) -> Sheet:
    """Ids are masked: the list is for people who know their neighbours."""
    rows = [
        (
            row.household.division.name,
            row.household.number,
            row.head,
            member.person.name,
            mask(member.person.resident_id),
            "漏户" if row.is_whole else "漏人",
            member.state,
            "",
        )
        for row in households
        for member in row.members
    ]
    return Sheet("未参保名单", MISSING, rows)


def reward_sheet(report: RewardReport) -> Sheet:
    rows: list[tuple[Any, ...]] = []
    for row in report.rows:
        place = row.place
        rows.append(
            (place.code, place.name, place.cadres, place.people, place.enrolled,
             place.rate, row.per_person, row.reward, row.lost_books, row.deduction, row.net)
        )  # fmt: skip
    rows.append(
        ("", "合计", "", sum(row.place.people for row in report.rows), report.enrolled, None, None,
         report.reward, sum(row.lost_books for row in report.rows), report.deduction, report.net)
    )  # fmt: skip
    kind = "示例口径" if report.scale.is_example else "本区办法"
    told = f"依据：{report.scale.source}（{kind}）"
    rows.append(("", told, *(None for _ in REWARDS[2:])))
    return Sheet("奖励测算", REWARDS, rows)
