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
from accounts.services import load_divisions
from desk.administration.resources import DivisionResource
from tests.masterdata import confirm, faults, send

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)
URL = "/accounts/divisions/load"
HEADER = ["代码", "名称"]


def workbook(rows: list[list[object]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("区划.xlsx", buffer.getvalue())


def test_a_spreadsheet_adds_and_renames(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.sysadmin)
    # Excel keeps long codes as numbers; the portal reads them back as codes.
    page = send(
        client,
        URL,
        [
            HEADER,
            [500225103, "珠溪镇"],
            [500225103201, "官仓村"],
            [50022510320101, "一组"],
            ["500225101", "龙水街道"],
        ],
        first_day="2026-01-01",
    )
    assert "新增 3" in page and "变更 1" in page and "原：龙水镇" in page
    assert 'value="2026-01-01"' in page  # the day that was asked beside the file is shown again
    assert not Division.objects.filter(code="500225103").exists()
    response = confirm(client, URL)
    assert "新增 3 条，变更 1 条" in response
    group = Division.objects.get(code="50022510320101")
    assert (group.level, group.parent.name, group.parent.parent.name) == (
        "group",
        "官仓村",
        "珠溪镇",
    )
    assert group.first_day == date(2026, 1, 1)
    assert Division.objects.get(code="500225101").name == "龙水街道"
    line = AuditLine.objects.get(action="accounts.rename_division")
    assert (line.before["name"], line.after["name"]) == ("龙水镇", "龙水街道")
    line = AuditLine.objects.get(action="desk.load_master_file")
    assert {k: line.after[k] for k in ("kind", "new", "changed", "same")} == {
        "kind": "区划表", "new": 3, "changed": 1, "same": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "rows,message",
    [
        ([["500225109", "对的镇"], ["5002251", "某镇"]], "第 3 行"),
        ([["5002251", "某镇"]], "第 2 行：区划代码：区划代码“5002251”应为 6、9、12 或 14 位"),
        ([["50022510A", "某镇"]], "只能是数字"),
        ([["500225110", ""]], "名称：没有填写，请补上"),
        ([["500225110", "甲" * 61]], "名称：最多 60 个字，现有 61 个"),
        ([["500225110", "甲镇"], ["500225110", "乙镇"]], "第 3 行：区划代码：第 2 行已经有了"),
        ([["500225110201", "无主村"]], "上级 500225110 既不在表中也未建立"),
    ],
)
def test_a_wrong_row_refuses_the_whole_table(
    cast: SimpleNamespace, rows: list[list[object]], message: str
) -> None:
    before = Division.objects.count()
    told = faults(DivisionResource(cast.sysadmin, DAY), [HEADER, *rows])
    assert len(told) == 1 and message in told[0]
    assert Division.objects.count() == before


def test_a_village_without_a_township_is_refused_at_the_writing_too(cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="上级 500225110 既不在表中也未建立"):
        load_divisions(actor=cast.sysadmin, names={"500225110201": "无主村"}, first_day=DAY)


def test_a_file_that_is_no_table_of_divisions_is_refused(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.sysadmin)
    for content, message in (
        (b"%PDF-1.7", "只能读取"),
        ("甲,乙\n1,2\n".encode(), "找不到表头"),
        ("代码,名称\n,\n".encode(), "表头下面没有数据"),
    ):
        file = SimpleUploadedFile("区划.xlsx", content)
        page = client.post(URL, {"file": file, "first_day": "2026-01-01"}).content.decode()
        assert message in page
    page = client.post(URL, {"file": workbook([HEADER, ["500225110", "甲镇"]])})
    assert "请填写新增区划的启用日期" in page.content.decode()


def test_the_same_table_twice_adds_nothing(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.sysadmin)
    send(client, URL, [HEADER, ["500225103", "珠溪镇"]], first_day="2026-01-01")
    confirm(client, URL)
    page = send(client, URL, [HEADER, ["500225103", "珠溪镇"]], first_day="2026-01-01")
    assert "无变化 1" in page and "与现有数据完全一致" in page
    assert Division.objects.filter(code="500225103").count() == 1


def test_an_officer_sees_only_the_own_county(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    page = as_user(cast.other_officer).get("/accounts/divisions").content.decode()
    assert "荣昌县" in page
    assert "龙水镇" not in page
