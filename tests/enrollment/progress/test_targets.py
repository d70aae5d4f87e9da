"""Targets and cadres: typed by the township, or read from its spreadsheet, all or nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.progress.models import SpecialTarget, VillageTarget
from enrollment.progress.resources import TargetResource
from enrollment.progress.targets import TargetEntry, set_targets
from tests.conftest import file_of, make_division, table_in
from tests.enrollment.conftest import OCTOBER, text_of
from tests.masterdata import confirm, faults, send

pytestmark = pytest.mark.django_db
URL = "/enrollment/watch/targets"
FILE = f"{URL}/file"
HEADER = ["区划代码", "村组", "任务数", "驻村干部", "村责任人", "联系电话"]


def test_a_spreadsheet_sets_people_and_cadres(cast, campaign, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    page = send(clerk, FILE, [
        HEADER, ["", "龙水镇桥亭村", "１２００", "谭明芳", "杨大山", "13812345678"],
    ])  # fmt: skip
    assert "新增 1" in page and "138****5678" in page and "13812345678" not in page
    assert not VillageTarget.objects.exists()
    assert "新增 1 条" in confirm(clerk, FILE)
    row = VillageTarget.objects.get()
    assert (row.division, row.people, row.cadres) == (village_a, 1200, "谭明芳、杨大山")
    assert row.phone == "13812345678"
    again = [HEADER, [village_a.code, "", 1200, "谭明芳", "杨大山", ""]]
    assert "与现有数据完全一致" in send(clerk, FILE, again)
    line = AuditLine.objects.get(action="enrollment.set_targets")
    assert line.after["targets"][0]["people"] == 1200
    assert "138" not in str(line.after)


def test_every_wrong_row_is_named_and_nothing_is_written(cast, campaign, town_a, village_a):
    make_division("500225101202", "同名村", town_a)
    make_division("500225101203", "同名村", town_a)
    told = faults(TargetResource(cast.clerk_a, OCTOBER), [
        HEADER,
        [village_a.code, "", 900, "", "", ""],
        ["500225102201", "万古镇石庙村", 500, "", "", ""],
        ["", "同名村", 500, "", "", ""],
        ["", "没有的村", 500, "", "", ""],
        ["500225101202", "", "约九百", "", "", ""],
        ["500225101203", "", 0, "", "", "电话见通讯录"],
        ["", "龙水镇桥亭村", 901, "谭" * 41, "", ""],
    ])  # fmt: skip
    assert told == [
        "第 3 行：区划代码：本辖区没有代码为 500225102201 的村组",
        "第 4 行：区划代码：“同名村”有几个同名村组，请填区划代码",
        "第 5 行：区划代码：“没有的村”本辖区没有这个村组",
        "第 6 行：任务数：“约九百”应为 1 至 100000 的整数",
        "第 7 行：任务数：“0”应为 1 至 100000 的整数；联系电话：应为 11 位手机号或带区号的固定电话",
        "第 8 行：区划代码：第 2 行已经有了，请合并成一行；"
        "驻村干部：最多 40 个字，现有 41 个，请缩短",
    ]
    assert not VillageTarget.objects.exists()


@pytest.mark.parametrize(
    "content,words",
    [
        (b"%PDF-1.7", "只能读取"),
        (file_of([["姓名", "电话"]]), "找不到表头（至少要有任务数）"),
        (file_of([HEADER]), "表头下面没有数据"),
        ("任务数\n5\n".encode(), "表头缺少“区划代码”或“村组”列"),
    ],
)
def test_a_file_that_is_no_task_table_is_refused(cast, campaign, content, words):
    with pytest.raises(Refusal, match=words):
        TargetResource(cast.clerk_a, OCTOBER).plan(content)


def test_the_same_village_twice_is_refused(cast, campaign, village_a):
    entries = [TargetEntry(division=village_a, people=n) for n in (5, 6)]
    with pytest.raises(Refusal, match="出现了两次"):
        set_targets(actor=cast.clerk_a, campaign=campaign, entries=entries)


def test_the_clerk_types_and_the_phone_stays_when_left_blank(cast, campaign, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    name = f"p{village_a.pk}"
    facts = {f"{name}-people": "1150", f"{name}-village_cadre": "杨大山",
             f"{name}-phone": "13812345678"}  # fmt: skip
    assert "1 处有改动" in text_of(clerk.post(URL, facts, follow=True))
    facts |= {f"{name}-phone": ""}
    page = clerk.post(URL, facts, follow=True)
    assert "138****5678" in text_of(page)
    row = VillageTarget.objects.get()
    assert (row.people, row.phone) == (1150, "13812345678")
    wrong = text_of(clerk.post(URL, facts | {f"{name}-people": "很多"}))
    assert "任务数应为整数" in wrong and "没有写入任何内容" in wrong
    assert clerk.get(f"{URL}?under=500225102").status_code == 404


def test_the_table_goes_out_and_comes_back(cast, campaign, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    assert "请写明导出用途" in text_of(clerk.post(f"{FILE}/export", follow=True))
    content = clerk.post(f"{FILE}/export", {"reason": "下达任务"}).getvalue()
    rows = table_in(content)
    assert rows == [HEADER, [village_a.code, "龙水镇桥亭村", "", "", "", ""]]
    rows[1][2:6] = ["980", "谭明芳", "杨大山", "13812345678"]
    send(clerk, FILE, rows)
    assert "新增 1 条" in confirm(clerk, FILE)
    out = table_in(clerk.post(f"{FILE}/export", {"reason": "调整任务"}).getvalue())
    assert out[1] == [village_a.code, "龙水镇桥亭村", "980", "谭明芳", "杨大山", ""]
    assert "无变化 1" in send(clerk, FILE, out)
    wrong = SimpleUploadedFile("任务表.xlsx", b"\x89PNG....")
    assert "只能读取" in text_of(clerk.post(FILE, {"file": wrong}))
    assert AuditLine.objects.filter(action="export", after__what="任务表").count() == 2


def test_a_preview_costs_the_same_for_many_villages(cast, campaign, town_a, village_a):
    others = [make_division(f"500225101{at}", f"第{at}村", town_a) for at in range(300, 340)]

    def statements(places):
        content = file_of([HEADER, *([place.code, "", 900, "", "", ""] for place in places)])
        with CaptureQueriesContext(connection) as found:
            TargetResource(cast.clerk_a, OCTOBER).plan(content)
        return len(found)

    assert statements([village_a]) == statements([village_a, *others])


def test_only_the_county_sets_the_groups_that_are_watched(cast, campaign, town_a, as_user):
    assert as_user(cast.clerk_a).post(f"{URL}/special", {"dibao": "100"}).status_code == 403
    accountant = as_user(cast.accountant)
    assert "请至少选择一类" in text_of(accountant.post(f"{URL}/special", {}))
    accountant.post(f"{URL}/special", {"dibao": "100", "student": "98.5"})
    assert dict(SpecialTarget.objects.values_list("code", "ratio")) == {
        "dibao": 10_000,
        "student": 9850,
    }
    assert "不能大于 100" in text_of(accountant.post(f"{URL}/special", {"dibao": "101"}))
    line = AuditLine.objects.get(action="enrollment.set_special_targets")
    assert line.after == {"dibao": 10_000, "student": 9850}
