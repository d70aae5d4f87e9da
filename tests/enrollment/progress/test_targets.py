"""Targets and cadres: typed by the township, or read from its spreadsheet, all or nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.progress.models import SpecialTarget, VillageTarget
from enrollment.progress.targets import LAYOUT, TargetEntry, read_targets, set_targets
from tests.conftest import file_of, make_division, table_in
from tests.enrollment.conftest import text_of

pytestmark = pytest.mark.django_db
URL = "/enrollment/watch/targets"
HEADER = tuple(LAYOUT.titles.values())


def table(*rows):
    return io.BytesIO(file_of([HEADER, *rows]))


def test_a_spreadsheet_sets_people_and_cadres(cast, campaign, village_a):
    entries = read_targets(
        user=cast.clerk_a,
        file=table(("", "龙水镇桥亭村", "１２００", "谭明芳", "杨大山", "13812345678")),
    )
    assert set_targets(actor=cast.clerk_a, campaign=campaign, entries=entries) == 1
    row = VillageTarget.objects.get()
    assert (row.division, row.people, row.cadres) == (village_a, 1200, "谭明芳、杨大山")
    assert row.phone == "13812345678"
    again = read_targets(
        user=cast.clerk_a, file=table((village_a.code, "", 1200, "谭明芳", "杨大山", ""))
    )
    assert set_targets(actor=cast.clerk_a, campaign=campaign, entries=again) == 0
    line = AuditLine.objects.get(action="enrollment.set_targets")
    assert line.after["targets"][0]["people"] == 1200
    assert "138" not in str(line.after)


def test_every_wrong_row_is_named_and_nothing_is_written(cast, campaign, town_a, village_a):
    make_division("500225101202", "同名村", town_a)
    make_division("500225101203", "同名村", town_a)
    with pytest.raises(Refusal) as refusal:
        read_targets(
            user=cast.clerk_a,
            file=table(
                (village_a.code, "", 900, "", "", ""),
                ("500225102201", "万古镇石庙村", 500, "", "", ""),
                ("", "同名村", 500, "", "", ""),
                ("", "没有的村", 500, "", "", ""),
                (village_a.code, "", "约九百", "", "", ""),
                (village_a.code, "", 0, "", "", ""),
                (village_a.code, "", 900, "", "", "电话见通讯录"),
            ),
        )
    told = refusal.value.message
    for words in (
        "第 3 行：本辖区没有代码为 500225102201 的村组",
        "第 4 行：“同名村”有几个同名村组，请填区划代码",
        "第 5 行：“没有的村”本辖区没有这个村组",
        "第 6 行：任务数“约九百”应为 1 至 100000 的整数",
        "第 7 行：任务数“0”",
        "第 8 行：联系电话应为",
        "没有写入任何内容",
    ):
        assert words in told
    assert "第 2 行" not in told


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
        read_targets(user=cast.clerk_a, file=io.BytesIO(content))


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


def test_template_goes_out_and_comes_back(cast, campaign, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    content = clerk.post(f"{URL}/template").getvalue()
    rows = table_in(content)
    assert rows == [list(HEADER), [village_a.code, "龙水镇桥亭村", "", "", "", ""]]
    rows[1][2:5] = ["980", "谭明芳", "杨大山"]
    file = SimpleUploadedFile("任务表.xlsx", file_of(rows))
    page = clerk.post(f"{URL}/upload", {"file": file}, follow=True)
    assert "已读入 1 个村组，1 处有改动" in text_of(page)
    wrong = SimpleUploadedFile("任务表.xlsx", b"\x89PNG....")
    assert "只能读取" in text_of(clerk.post(f"{URL}/upload", {"file": wrong}))
    assert AuditLine.objects.filter(action="export", after__what="targets_template").count() == 1


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
