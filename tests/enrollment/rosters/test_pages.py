"""The clerk's pages: download, upload, read, confirm, download the verdict."""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditLine
from enrollment.models import Enrollment, Person
from enrollment.rosters.models import RegisterImport
from tests.enrollment.rosters.conftest import HEADER, as_csv, number, the_chens, the_yangs, xlsx


@pytest.fixture
def clerk(as_user: Callable[[Any], Client], cast: SimpleNamespace) -> Client:
    return as_user(cast.clerk_a)


@pytest.fixture
def send(
    clerk: Client, campaign: Any, village_a: Any, django_capture_on_commit_callbacks: Any
) -> Callable[..., Any]:
    def post(name: str, content: bytes | None = None, pk: int | None = None, **data: Any) -> Any:
        if content is not None:
            data["file"] = SimpleUploadedFile("桥亭村.xlsx", content)
        """Post, let the worker do what was asked, and look at the page it led to."""
        with django_capture_on_commit_callbacks(execute=True):
            url = reverse(f"enrollment:register_{name}", args=[pk] if pk else [])
            response = clerk.post(url, data)
        return clerk.get(response["Location"]) if response.status_code == 302 else response

    return post


def rows_of(response: Any) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_from_upload_to_confirmation(send: Callable[..., Any], clerk: Client) -> None:
    page = send("upload", xlsx([HEADER, *the_chens(), *the_yangs()]))
    register = RegisterImport.objects.get()
    assert "将参保" in page.content.decode()
    due = RegisterImport.objects.get().open_amount
    assert f"个人缴费合计 {due:.2f} 元？" in page.content.decode() and due > 0
    assert number("19780512") not in page.content.decode()
    page = send("confirm", pk=register.pk, sha256=register.sha256)
    assert "已导入" in page.content.decode()
    assert f"<dt>个人缴费合计</dt><dd>{due:.2f}</dd>" in page.content.decode()
    assert Enrollment.objects.count() == 4
    again = send("upload", xlsx([HEADER, *the_chens(), *the_yangs()]))
    assert again.status_code == 200
    listing = clerk.get(reverse("enrollment:register_list"))
    assert "桥亭村.xlsx" in listing.content.decode()


def test_the_verdict_goes_home_is_corrected_and_comes_back(send: Callable[..., Any]) -> None:
    chens = the_chens()
    chens[1][5] = "老表"
    chens[2][3] = "=1+1"
    send("upload", as_csv([HEADER, *chens, *the_yangs()]))
    register = RegisterImport.objects.get()
    assert register.open_households == 1
    response = send("verdict", pk=register.pk, reason="带回村里核对")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    place = {title: head.index(title) + 1 for title in head}
    assert "看不懂" in sheet.cell(3, place["原因"]).value
    assert sheet.cell(2, place["身份证号"]).number_format == "@"
    sheet.cell(3, place["与户主关系"]).value = "配偶"
    sheet.cell(4, place["姓名"]).value = "陈小明"
    buffer = io.BytesIO()
    sheet.parent.save(buffer)
    send("upload", buffer.getvalue())
    better = RegisterImport.objects.first()
    assert (better.error_count, better.open_households, better.open_people) == (0, 2, 4)
    export = AuditLine.objects.get(action="export")
    assert (export.after["what"], export.after["rows"]) == ("register_verdict", 5)


def test_the_village_template_is_prefilled_and_comes_back_as_it_is(
    send: Callable[..., Any], village_a: Any
) -> None:
    send("upload", xlsx([HEADER, *the_chens()]))
    first = RegisterImport.objects.get()
    send("confirm", pk=first.pk, sha256=first.sha256)
    # A year later: what they had is last year's cover.
    Enrollment.objects.update(year=2025, status="cancelled")
    response = send("template", village=village_a.pk, reason="交村里填写")
    rows = rows_of(response)
    place = {title: index for index, title in enumerate(rows[0])}
    assert [row[place["姓名"]] for row in rows[1:]] == ["陈国强", "李桂芳", "陈小明"]
    assert rows[1][place["身份证号"]] == number("19780512")
    assert rows[3][place["人员身份"]] == "在校学生"
    for row in rows[1:]:
        row[place["是否参保"]], row[place["缴费档次"]] = "是", "二档"
    send("upload", xlsx(rows))
    back = RegisterImport.objects.first()
    assert (back.right_count, back.error_count, back.open_people) == (3, 0, 3)
    send("confirm", pk=back.pk, sha256=back.sha256)
    assert Enrollment.objects.of_year(2026).count() == 3
    assert Person.objects.count() == 3


def test_a_file_that_cannot_be_read_says_why(send: Callable[..., Any]) -> None:
    page = send("upload", b"\xd0\xcf\x11\xe0old excel")
    assert "另存为 .xlsx" in page.content.decode()
    assert RegisterImport.objects.get().content == ""


def test_without_a_file_the_form_says_so(send: Callable[..., Any]) -> None:
    assert "请选择名册文件" in send("upload").content.decode()
    assert "文件是空的" in send("upload", b"").content.decode()


def test_a_file_beyond_all_measure_is_refused_unread(
    send: Callable[..., Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr("desk.import_pages.UploadForm.max_bytes", 1000)
    assert "请分成几个文件" in send("upload", b"x" * 1001).content.decode()
    assert not RegisterImport.objects.exists()


def test_giving_up_and_checking_again(send: Callable[..., Any]) -> None:
    send("upload", xlsx([HEADER, *the_chens()]))
    register = RegisterImport.objects.get()
    assert send("again", pk=register.pk).status_code == 200
    register.refresh_from_db()
    assert register.status == "checked"
    page = send("discard", pk=register.pk)
    assert "已放弃" in page.content.decode()
    page = send("confirm", pk=register.pk, sha256=register.sha256)
    assert "现为“已放弃”，不能办理“确认”" in page.content.decode()


def test_the_other_township_does_not_see_it(
    send: Callable[..., Any], as_user: Callable[[Any], Client], cast: SimpleNamespace
) -> None:
    send("upload", xlsx([HEADER, *the_chens()]))
    register = RegisterImport.objects.get()
    other = as_user(cast.clerk_b)
    for name in ("detail", "progress"):
        url = reverse(f"enrollment:register_{name}", args=[register.pk])
        assert other.get(url).status_code == 404
    for name in ("confirm", "discard", "verdict", "again"):
        url = reverse(f"enrollment:register_{name}", args=[register.pk])
        assert other.post(url).status_code == 404


def test_a_waiting_page_asks_on_until_the_work_is_done(clerk: Client, send: Any) -> None:
    send("upload", xlsx([HEADER, *the_chens()]))
    register = RegisterImport.objects.get()
    url = reverse("enrollment:register_progress", args=[register.pk])
    assert clerk.get(url)["HX-Refresh"] == "true"
    RegisterImport.objects.update(status="waiting", stage="正在逐行检查")
    response = clerk.get(url)
    assert "HX-Refresh" not in response
    assert "正在逐行检查" in response.content.decode()
