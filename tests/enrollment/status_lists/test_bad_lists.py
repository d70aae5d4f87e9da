"""A list with anything wrong is refused whole, with the rows named; nothing ever breaks."""

import re
import zipfile
from io import BytesIO

import pytest
from django.urls import reverse

from enrollment.models import IdentityStatus, Person
from enrollment.status_lists.models import ListLine, StatusList
from tests.conftest import table_in
from tests.enrollment.conftest import resident_id
from tests.enrollment.people.conftest import named
from tests.enrollment.rosters.conftest import as_csv, xlsx
from tests.enrollment.status_lists.conftest import HEADER, aid, row

pytestmark = pytest.mark.django_db
GOOD = (("陈国强", "低保"), ("李桂芳", "低保"), ("张素珍", "特困人员"))


def with_id(*numbers):
    """The good list with other numbers in its first rows."""
    rows = aid(*GOOD)
    for place, number in enumerate(numbers, start=1):
        rows[place][1] = number
    return rows


def bomb():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 30_000_000)
    return buffer.getvalue()


BAD = {
    "blank id": (lambda: with_id(""), r"第 2 行没有身份证号"),
    "two blank ids": (lambda: with_id("", " \u3000"), r"第 2、3 行没有身份证号"),
    "wrong check digit": (lambda: with_id("500225197805120019"), r"第 2 行身份证号"),
    "seventeen digits": (lambda: with_id("50022519780512003"), r"第 2 行身份证号"),
    "id as a number": (lambda: with_id(5.00225197805120e17), r"第 2 行身份证号"),
    "words for an id": (lambda: with_id("待补"), r"第 2 行身份证号"),
    "a letter of one computer": (
        lambda: [HEADER, ["陈国\ue863", named("陈国强").resident_id, "低保"]],
        r"第 2 行的“姓名”第 3 个字（U\+E863）是自造字，别的电脑显示不出，可能是“䶮”",
    ),
    "a control letter": (
        lambda: as_csv([HEADER, ["陈国强", named("陈国强").resident_id, "低\x1b保"]]),
        r"第 2 行的“.+”第 2 个字（U\+001B）是终端控制符",
    ),
    "no name": (lambda: [HEADER, ["", resident_id("19600101"), "低保"]], r"第 2 行没有姓名"),
    "two names for one id": (
        lambda: [*aid(*GOOD), ["陈国墙", named("陈国强").resident_id, "低保"]],
        r"第 5 行与第 2 行身份证号相同而姓名不同",
    ),
    "unknown identity": (lambda: aid(*GOOD, ("陈小红", "富裕户")), r"第 5 行身份没有填写，或不在"),
    "blank identity": (lambda: aid(*GOOD, ("陈小红", "")), r"第 5 行身份没有填写"),
    "somebody else's identity": (lambda: aid(("陈小红", "在校学生")), r"第 2 行身份"),
    "no column of ids": (lambda: [["姓名", "救助类型"], ["陈国强", "低保"]], "身份证号"),
    "no column of identities": (lambda: [["姓名", "身份证号"], row("陈国强")], "身份"),
    "two columns of ids": (
        lambda: [["姓名", "身份证号", "身份", "证件号码"], row("陈国强", "低保", "1")],
        "两列",
    ),
    "header only": (lambda: [HEADER], "没有数据"),
    "no header": (lambda: aid(*GOOD)[1:], "表头"),
    "another table": (lambda: [["药品", "单价"], ["阿莫西林", "12"]], "表头"),
    "very long cell": (lambda: aid(("陈国强", "低保" * 500)), "过长"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n0000", "xlsx"),
    "old excel": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为"),
    "broken zip": (lambda: b"PK\x03\x04rubbish", "损坏"),
    "bomb": (bomb, "展开后过大"),
    "not text": (lambda: b"\xff\xfe\x00\x01\x80\x81", "编码|表头"),
    "nulls": ("姓名,身份证号,身份\0".encode, "编码"),
    "open quote": ('姓名,身份证号,身份\n"陈国强,1,低保'.encode, "行|没有数据"),
    "formula": (lambda: with_id("=1+1"), r"B2 等 1 个单元格的公式没有算出结果"),
    "many bad rows": (
        lambda: [HEADER, *([f"人{i}", "", "低保"] for i in range(30))],
        r"等 30 行没有身份证号",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_list_is_refused_whole(chens, uploaded, name):
    make, words = BAD[name]
    one = uploaded(make())
    assert one.status == "failed"
    assert re.search(words, one.failure), one.failure
    assert (one.content, ListLine.objects.count()) == ("", 0)
    assert not IdentityStatus.objects.exists()


@pytest.mark.parametrize(
    ("kind", "rows", "words"),
    [
        ("deaths", lambda: [["姓名", "身份证号"], row("陈国强")], "死亡日期"),
        (
            "deaths",
            lambda: [["姓名", "身份证号", "死亡日期"], row("陈国强", "")],
            "第 2 行没有死亡",
        ),
        (
            "deaths",
            lambda: [["姓名", "身份证号", "死亡日期"], row("陈国强", "2026-13-01")],
            "第 2 行没有死亡日期",
        ),
        (
            "deaths",
            lambda: [["姓名", "身份证号", "死亡日期"], row("陈国强", "2027-01-01")],
            "晚于今天",
        ),
        (
            "deaths",
            lambda: [
                ["姓名", "身份证号", "死亡日期"],
                row("陈国强", "2026-01-01"),
                row("陈国强", "2026-01-02"),
            ],
            "第 3 行与第 2 行是同一人而内容不同",
        ),
        ("employees", lambda: [["姓名", "身份证号"], row("陈国强")], "参保地"),
        ("employees", lambda: [["姓名", "身份证号", "参保地"], row("陈国强", "")], "没有参保地"),
        (
            "employees",
            lambda: [["姓名", "身份证号", "参保地", "参保日期"], row("陈国强", "大足", "去年")],
            "参保日期看不懂",
        ),
    ],
)
def test_deaths_and_employees_are_read_as_strictly(chens, uploaded, kind, rows, words):
    one = uploaded(rows(), kind)
    assert one.status == "failed" and words in one.failure


def test_honest_sins_of_spreadsheets_are_forgiven(chens, uploaded):
    """A title above, full-width digits, blanks, an apostrophe, a column too many, GBK."""
    rows = [
        ["大足县 2026 年 3 月救助对象名单"],
        ["序号", " 姓 名 ", "*身份证号码（18位）", "救助类别"],
    ]
    for place, (name, identity) in enumerate(GOOD, start=1):
        number = named(name).resident_id
        wide = number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        typed = (f"'{number}", wide, f" {number[:6]} {number[6:]} ")[place - 1]
        rows.append([place, f"{name[:1]} {name[1:]}", typed, identity])
    for content in (xlsx(rows), as_csv(rows, "gb18030")):
        one = uploaded(content)
        assert (one.status, one.added_count, one.failure) == ("checked", 3, "")


def test_the_page_answers_whatever_is_sent(cast, chens, as_user, settings):
    settings.TODAY = None
    client = as_user(cast.reviewer)
    url = reverse("enrollment:list_upload")
    good = {"kind": "disabled", "month": "2026-03", "effective_on": "2026-03-01"}
    for change in (
        {"kind": "x"}, {"month": "March"}, {"month": ""}, {"effective_on": "1"}, {"file": "no"},
    ):  # fmt: skip
        page = client.post(url, good | change)
        assert page.status_code == 200 and "hz-fielderror" in page.content.decode()
    assert not StatusList.objects.exists()


def test_what_looks_like_the_register_is_the_register(chens, uploaded):
    """Another dot, a mark of a chat program, a radical of a PDF: nobody is left over."""
    person = named("陈国强")
    Person.objects.filter(pk=person.pk).update(name="买买提•⽅")
    wrapped = f'="{person.resident_id}"'
    one = uploaded(as_csv([HEADER, ["买买提\u200b.方", wrapped, "低保\ufeff"]]))
    assert (one.status, one.failure) == ("checked", "")
    assert [line.verdict for line in one.lines.all()] == [ListLine.Verdict.ADDED]


def test_every_row_of_a_refused_list_can_be_taken_home(cast, chens, uploaded, as_user):
    """30 rows without a number: the message names 20, the workbook all of them with the cause."""
    rows = [list(aid(GOOD[0])[1]) for n in range(30)]
    for one in rows:
        one[1] = ""
    one = uploaded([HEADER, *rows])
    assert (one.status, len(one.faults)) == ("failed", 30)
    assert "等 30 行没有身份证号" in one.failure
    client = as_user(cast.reviewer)
    assert "下载全部退回原因" in client.get(f"/enrollment/lists/{one.pk}").content.decode()
    told = table_in(client.post(f"/enrollment/lists/{one.pk}/faults").getvalue())
    assert told[:2] == [["行", "原因"], ["2", "没有身份证号"]]
    assert len(told) == 31
