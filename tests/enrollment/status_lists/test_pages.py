"""The pages of lists, from the upload to the exported difference."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditLine
from enrollment.status_lists.models import StatusList
from tests.enrollment.conftest import resident_id
from tests.enrollment.people.conftest import MARCH, named
from tests.enrollment.rosters.conftest import as_csv
from tests.enrollment.status_lists.conftest import HEADER, aid
from tests.enrollment.status_lists.test_statuses import FIVE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_march(settings):
    settings.TODAY = MARCH


def go(client, name, one, data=None):
    return client.post(reverse(f"enrollment:{name}", args=[one.pk]), data or {}, follow=True)


def test_a_list_from_the_upload_to_the_register(
    cast, chens, as_user, django_capture_on_commit_callbacks
):
    client = as_user(cast.reviewer)
    assert "还没有导入过名单" in client.get(reverse("enrollment:list_list")).content.decode()
    stranger = ["周不识", resident_id("19700101", 9), "低保"]
    content = as_csv([*aid(*FIVE), stranger])
    form = {"kind": "civil_affairs", "month": "2026-03", "effective_on": "2026-03-01"}
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(
            reverse("enrollment:list_upload"),
            form | {"file": SimpleUploadedFile("3月名单.csv", content)},
            follow=True,
        )
    one = StatusList.objects.get()
    page = client.get(reverse("enrollment:list_detail", args=[one.pk]))
    text = page.content.decode()
    assert "陈国强" in text and "周不识" in text and "确认更新" in text
    assert named("陈国强").resident_id not in text and stranger[1] not in text
    with django_capture_on_commit_callbacks(execute=True):
        go(client, "list_confirm", one, {"sha256": one.sha256})
    text = client.get(reverse("enrollment:list_detail", args=[one.pk])).content.decode()
    assert "已导入" in text and "确认更新" not in text
    page = client.post(
        reverse("enrollment:list_upload"),
        form | {"file": SimpleUploadedFile("again.csv", content)},
        follow=True,
    )
    assert "这份文件已经上传过" in page.content.decode()
    assert (
        "农村五保"
        in client.get(reverse("enrollment:household_detail", args=[chens.pk])).content.decode()
    )


def test_the_difference_goes_out_as_a_workbook_and_is_recorded(cast, chens, uploaded, as_user):
    stranger = ["=周不识", resident_id("19700101", 9), "低保"]
    one = uploaded(as_csv([*aid(*FIVE), stranger]))
    away = reverse("enrollment:list_difference", args=[one.pk])
    response = as_user(cast.auditor).post(away, {"reason": "与民政部门核对"})
    book = openpyxl.load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["汇总", "新增", "变更", "取消", "未登记", "暂不处理"]
    added = list(book["新增"].iter_rows(values_only=True))
    chen = named("陈国强")
    assert added[1][:5] == ("2", "陈国强", chen.resident_id, chens.number, "龙水镇桥亭村")
    unknown = list(book["未登记"].iter_rows(values_only=True))[1]
    assert unknown[1:3] == ("'=周不识", stranger[1])
    line = AuditLine.objects.get(action="export")
    assert (line.user, line.after["what"], line.after["rows"]) == (
        cast.auditor, "list_difference", 6,
    )  # fmt: skip


def test_a_short_list_is_let_pass_by_the_approver_only(cast, chens, uploaded, confirmed, as_user):
    confirmed(uploaded(aid(*FIVE), month=MARCH.replace(month=2)))
    short = uploaded(aid(*FIVE[:3]))
    reviewer, approver = as_user(cast.reviewer), as_user(cast.approver)
    detail = reverse("enrollment:list_detail", args=[short.pk])
    text = reviewer.get(detail).content.decode()
    assert "少 40%" in text and "确认更新" not in text and "放行理由" not in text
    assert go(reviewer, "list_release", short, {"reason": "自己放行"}).status_code == 403
    assert (
        "放行后才能更新"
        in go(reviewer, "list_confirm", short, {"sha256": short.sha256}).content.decode()
    )
    assert "写明人数骤减" in go(approver, "list_release", short, {"reason": "嗯"}).content.decode()
    assert (
        "已放行"
        in go(approver, "list_release", short, {"reason": "年审清退，已核对来函"}).content.decode()
    )
    assert "确认更新" in reviewer.get(detail).content.decode()
    assert "已导入" not in go(reviewer, "list_again", short).content.decode()


def test_another_county_sees_nothing_and_townships_have_no_lists(cast, chens, uploaded, as_user):
    one = uploaded(aid(*FIVE))
    detail = reverse("enrollment:list_detail", args=[one.pk])
    assert as_user(cast.other_officer).get(detail).status_code == 404
    assert as_user(cast.clerk_a).get(detail).status_code == 403
    assert as_user(cast.supervisor).get(detail).status_code == 200


def test_the_naming_systems_stand_side_by_side(cast, as_user):
    text = as_user(cast.reviewer).get(reverse("enrollment:list_identities")).content.decode()
    for word in ("7019", "低保中重残重病人员", "民政城乡低保对象", "低保对象", "办法未设"):
        assert word in text


def test_progress_refresh_discard_and_strange_filters(cast, chens, uploaded, as_user):
    client = as_user(cast.reviewer)
    one = uploaded(aid(*FIVE))
    progress = client.get(reverse("enrollment:list_progress", args=[one.pk]))
    assert progress["HX-Refresh"] == "true"
    detail = reverse("enrollment:list_detail", args=[one.pk])
    for query in ("verdict=x", "page=0", "page=abc", "verdict=same", "verdict=held"):
        assert client.get(f"{detail}?{query}").status_code == 200
    assert go(client, "list_confirm", one, {"sha256": "x"}).status_code == 200
    assert "已放弃" in go(client, "list_discard", one).content.decode()


def test_statements_of_the_page_do_not_grow_with_the_list(cast, register, village_a, uploaded,
                                                           as_user):  # fmt: skip
    client = as_user(cast.reviewer)
    register(village_a, ("陈国强", "19780512", "0"))
    counts = []
    for size in (1, 40):
        people = [[f"外人{i}", resident_id("19600101", i), "低保"] for i in range(size)]
        one = uploaded([HEADER, *people])
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("enrollment:list_detail", args=[one.pk]))
        counts.append(len(captured))
    assert counts[0] == counts[1]
