"""The system administrator loads the county's divisions from a spreadsheet."""

import io
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from accounts.services import load_division_table
from lib.tables.reading import Row

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


def workbook(rows: list[list[object]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("区划.xlsx", buffer.getvalue())


def below_a_header(rows: list[list[str]]) -> list[Row]:
    return [
        Row(line, {"code": code, "name": name}) for line, (code, name) in enumerate(rows, start=2)
    ]


def test_a_spreadsheet_adds_and_renames(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    # Excel keeps long codes as numbers; the portal reads them back as codes.
    file = workbook(
        [
            ["代码", "名称"],
            [500225103, "珠溪镇"],
            [500225103201, "官仓村"],
            ["50022510320101", "一组"],
            ["500225101", "龙水街道"],
        ]
    )
    response = as_user(cast.sysadmin).post(
        "/accounts/divisions/load", {"file": file, "first_day": "2026-01-01"}, follow=True
    )
    assert "新增 3 个，改名 1 个" in response.content.decode()
    group = Division.objects.get(code="50022510320101")
    assert (group.level, group.parent.name, group.parent.parent.name) == (
        "group",
        "官仓村",
        "珠溪镇",
    )
    assert Division.objects.get(code="500225101").name == "龙水街道"
    line = AuditLine.objects.get(action="accounts.rename_division")
    assert (line.before["name"], line.after["name"]) == ("龙水镇", "龙水街道")


@pytest.mark.parametrize(
    "rows,message",
    [
        ([["500225109", "对的镇"], ["5002251", "某镇"]], "第 3 行"),
        ([["5002251", "某镇"]], "第 2 行：区划代码“5002251”应为 6、9、12 或 14 位"),
        ([["50022510A", "某镇"]], "只能是数字"),
        ([["500225110", ""]], "名称为空"),
        ([["500225110", "甲镇"], ["500225110", "乙镇"]], "第 3 行：代码 500225110 在表中出现两次"),
        ([["500225110201", "无主村"]], "上级 500225110 既不在表中也未建立"),
        ([["", ""]], "表中没有区划"),
    ],
)
def test_a_wrong_row_refuses_the_whole_table(
    cast: SimpleNamespace, rows: list[list[str]], message: str
) -> None:
    before = Division.objects.count()
    with pytest.raises(Refusal) as refusal:
        load_division_table(actor=cast.sysadmin, rows=below_a_header(rows), first_day=DAY)
    assert message in refusal.value.message
    assert Division.objects.count() == before


def test_a_file_that_is_no_table_of_divisions_is_refused(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.sysadmin)
    for content, message in ((b"%PDF-1.7", "只能读取"), ("甲,乙\n1,2\n".encode(), "找不到表头")):
        file = SimpleUploadedFile("区划.xlsx", content)
        form = {"file": file, "first_day": "2026-01-01"}
        response = client.post("/accounts/divisions/load", form, follow=True)
        assert message in response.content.decode()


def test_the_same_table_twice_adds_nothing(cast: SimpleNamespace) -> None:
    rows = [["500225103", "珠溪镇"]]
    assert load_division_table(actor=cast.sysadmin, rows=below_a_header(rows), first_day=DAY) == (
        1,
        0,
    )
    assert load_division_table(actor=cast.sysadmin, rows=below_a_header(rows), first_day=DAY) == (
        0,
        0,
    )


def test_an_officer_sees_only_the_own_county(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    page = as_user(cast.other_officer).get("/accounts/divisions").content.decode()
    assert "荣昌县" in page
    assert "龙水镇" not in page
