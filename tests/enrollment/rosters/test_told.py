"""Nothing of a register is overwritten, dropped or put into a household without being said."""

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from enrollment.collection.models import ReceiptBook
from enrollment.models import Enrollment, Household, Person
from enrollment.rosters import cells
from enrollment.rosters.models import RegisterImport, RegisterRow
from lib.tables.layout import SHEET_LINES
from tests.enrollment.rosters.conftest import (
    HEADER,
    PAID,
    number,
    saved,
    the_chens,
    the_yangs,
    told,
    xlsx,
)

Upload = Callable[..., RegisterImport]
Confirm = Callable[[RegisterImport], RegisterImport]
MAN, SON = number("19800105"), number("20100105")
OTHER_MAN, OTHER_SON = number("19810206"), number("20110206")
SHORT = ["组", "户序号", "姓名", "身份证号", "与户主关系", "户籍", "缴费档次", "是否参保"]


def by_sheet(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


def family(one: str, other: str, *names: str) -> list[list[Any]]:
    return [
        ["", "1", names[0], one, "户主", "农村", "二档", "是"],
        ["", "", names[1], other, "子", "农村", "", "是"],
    ]


def test_a_sheet_for_each_village_becomes_the_households_of_both(
    uploaded: Upload, confirmed: Confirm, village_a: Any, county: Any
) -> None:
    """The villages stand in the titles of the sheets alone, and each numbers from 1."""
    content = by_sheet(
        桥亭村=[SHORT, *family(MAN, SON, "蓝一山", "蓝小山")],
        黎家店村=[SHORT, *family(OTHER_MAN, OTHER_SON, "蓝二河", "蓝小河")],
    )
    other = type(village_a).objects.create(
        code=village_a.code[:9] + "002", name="黎家店村", level=village_a.level,
        parent=village_a.parent, first_day=village_a.first_day,
    )  # fmt: skip
    register = confirmed(uploaded(content))
    assert (register.new_households, register.new_people, register.open_people) == (2, 4, 4)
    homes = {one.members.first().name: one.division for one in Household.objects.all()}
    assert homes == {"蓝一山": village_a, "蓝二河": other}
    assert register.sheets == ["桥亭村", "黎家店村"]
    assert register.said(SHEET_LINES + 3) == "3（黎家店村）"


def test_what_was_not_read_stands_on_the_page(uploaded: Upload, as_user: Any, cast: Any) -> None:
    book = openpyxl.Workbook()
    for row in [[*HEADER, "微信"], *([*one, "wx"] for one in the_chens())]:
        book.active.append(row)
    hidden = book.create_sheet("杨家")
    for row in [HEADER, *the_yangs()]:
        hidden.append(row)
    hidden.sheet_state = "hidden"
    register = uploaded(saved(book))
    page = as_user(cast.clerk_a).get(reverse("enrollment:register_detail", args=[register.pk]))
    words = page.content.decode()
    assert "隐藏的工作表“杨家”（3 行）没有读入" in words
    assert "没有读入的列：“微信”" in words
    assert "桥亭村" in words  # the place of every row


def heads(*rows: list[Any]) -> bytes:
    return xlsx([["村", "户主姓名", *SHORT[2:]], *rows])


def test_two_households_told_apart_by_the_heads_name_alone(uploaded: Upload) -> None:
    rows = [
        ["桥亭村", "闻人甲", "闻人甲", number("19750105"), "户主", "农村", "二档", "是"],
        ["桥亭村", "闻人甲", "闻人小甲", number("20050105"), "子", "农村", "二档", "是"],
        [
            "桥亭村",
            "欧阳乙",
            "司马丙",
            number("19760105", male=False),
            "配偶",
            "农村",
            "二档",
            "是",
        ],
        ["桥亭村", "欧阳乙", "欧阳小乙", number("20060105"), "子", "农村", "二档", "是"],
    ]
    register = uploaded(heads(*rows))
    assert (register.household_count, register.open_households, register.open_people) == (2, 1, 2)
    problems = told(register)
    assert problems[2] == problems[3] == []
    assert problems[4][0] == ("error head_name: 户主“欧阳乙”没有自己的一行，请在本户补上户主这一行")
    assert problems[5] == [
        "error household_number: 本户第 4 行（司马丙）有错误，更正后整户一起导入"
    ]


def test_the_head_need_not_stand_first_where_every_row_names_him(uploaded: Upload) -> None:
    rows = [
        ["桥亭村", "闻人甲", "闻人小甲", number("20050105"), "子", "农村", "二档", "是"],
        ["桥亭村", "闻人甲", "闻人甲", number("19750105"), "户主", "农村", "二档", "是"],
    ]
    register = uploaded(heads(*rows))
    assert (register.household_count, register.open_people) == (1, 2)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({(2, "户主姓名"): "杨大山"}, 4, "error head_name: 户主姓名“杨大山”与本户第 2 行的不同"),
        ({(0, "户主姓名"): "陈国强", (1, "户主姓名"): "陈国强", (0, "姓名"): "陈国庆"}, 2,
         "error head_name: 户主姓名写“陈国强”，这一行的户主却是“陈国庆”"),
        ({(0, "联系电话"): "13800000001", (1, "联系电话"): "13800000002"}, 3,
         "warning phone: 联系电话与本户第 2 行不同，只登记那一行的“13800000001”"),
        ({(1, "住址"): "甲路", (2, "住址"): "乙路"}, 4,
         "warning address: 住址与本户第 3 行不同，只登记那一行的“甲路”"),
    ],
)  # fmt: skip
def test_what_speaks_against_one_household_is_told(
    uploaded: Upload, change: dict[tuple[int, str], str], line: int, words: str
) -> None:
    header = [*HEADER, "户主姓名", "联系电话", "住址"]
    rows = [[*one, "", "", ""] for one in the_chens()]
    for row in rows:
        row[2] = "1"  # the household's number in every row
    for (at, title), value in change.items():
        rows[at][header.index(title)] = value
    problems = told(uploaded(xlsx([header, *rows])))[line]
    assert any(problem.startswith(words) for problem in problems), problems


def test_rows_of_one_household_far_apart_are_told(uploaded: Upload) -> None:
    chens, yangs = the_chens(), the_yangs()
    chens[2][2] = "1"
    yangs[1][2] = "2"
    register = uploaded(xlsx([HEADER, *chens[:2], *yangs, chens[2]]))
    assert told(register)[6] == [
        "warning household_key: 与本户第 2 行不相邻，按相同的户编号（户序号）并为一户，请核对"
    ]


# GB/T 4761: the first digit of the code that the standard gives the word.
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("配偶 妻 夫 丈夫 妻子", "1"), ("子 长子 养子 女婿 28", "2"),
        ("女 次女 儿媳 儿媳妇 38", "3"),
        ("孙子 孙女 外孙 外孙女 孙媳 曾孙", "4"), ("父亲 母亲 岳父 岳母 公公 婆婆 继母", "5"),
        ("祖父 祖母 外祖父 曾祖母 爷爷", "6"), ("兄 弟 姐姐 妹妹 嫂 弟媳 姐夫 妹夫", "7"),
        ("伯父 舅母 侄子 外甥女 表兄 其他 非亲属 97", "8"),
    ],
)  # fmt: skip
def test_relations_are_those_of_the_standard(words: str, code: str) -> None:
    assert {word: cells.relationship(word) for word in words.split()} == dict.fromkeys(
        words.split(), code
    )


@pytest.mark.parametrize("word", ["媳妇", "老表", "干儿子", "9", "00", "亲戚"])
def test_a_word_of_two_meanings_or_none_is_asked_never_taken_for_another(
    uploaded: Upload, word: str
) -> None:
    rows = the_chens()
    rows[1][5] = word
    (problem,) = told(uploaded(xlsx([HEADER, *rows])))[3]
    assert problem.startswith(f"error relationship: 与户主关系“{word}”看不懂")


def test_a_change_of_somebody_known_is_shown_before_and_after(
    uploaded: Upload, confirmed: Confirm
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    rows = the_chens()
    rows[1][5], rows[1][6] = "弟媳", "城镇"
    register = uploaded(xlsx([HEADER, *rows]))
    problems = told(register)[3]
    assert (
        "warning relationship: 系统中与户主关系为“配偶”，确认后改为“兄弟姐妹”，请核对" in problems
    )
    assert "warning residence: 系统中户籍为“农村户籍”，确认后改为“城镇户籍”，请核对" in problems
    assert RegisterRow.objects.get(register=register, line=3).verdict == "w"
    assert Person.objects.get(name="李桂芳").relationship == "1"


def test_a_receipt_or_an_amount_beside_a_no_is_refused(
    uploaded: Upload, book_a: ReceiptBook
) -> None:
    rows = [[*row, "", "", ""] for row in the_chens()]
    for row in rows:
        row[9] = "否"
    rows[0][11:13] = ["LS01", 7]
    rows[1][10] = 120
    problems = told(uploaded(xlsx([PAID, *rows])))
    assert problems[2][0] == (
        "error receipt_number: 写了收据“LS01 7”，本户却没有人参保：参保的请填“是”，"
        "没有收款的请清空票据本号和票号"
    )
    assert problems[3][0].startswith("error amount: 写了个人缴费 120.00 元，是否参保却不是“是”")


def test_a_total_beside_a_head_who_does_not_join_is_compared(uploaded: Upload) -> None:
    """One son joins for 120.00; the head, who does not, bears the household's amount."""
    rows = [[*row, "", "", ""] for row in the_chens()]
    rows[0][9] = rows[1][9] = "否"
    rows[0][10] = 360
    assert told(uploaded(xlsx([PAID, *rows])))[2] == [
        "error amount: 名册写 360.00 元，本户应缴 120.00 元，请核对档次、身份和实收"
    ]
    rows[0][10] = 120
    assert told(uploaded(xlsx([PAID, *rows])))[2] == []


def test_who_is_new_in_a_household_where_nobody_joins_is_told(uploaded: Upload) -> None:
    rows = the_yangs()
    rows[0][9] = "否"
    register = uploaded(xlsx([HEADER, *rows]))
    words = ["warning joins: 本户没有人参保，这次不登记此人"]
    assert told(register) == {2: words, 3: words}


def test_one_number_in_two_groups_is_asked(uploaded: Upload) -> None:
    rows = [["桥亭村", *row] for row in family(MAN, SON, "蓝一山", "蓝小山")]
    rows[0][1], rows[1][1], rows[1][2] = "一组", "二组", "1"
    problems = told(uploaded(xlsx([["村", *SHORT], *rows])))[3]
    assert problems[0].startswith("error village: 村组“桥亭村二组”与本户第 2 行的“桥亭村一组”不同")


def test_a_village_other_than_the_registered_one_moves_nobody(
    uploaded: Upload, confirmed: Confirm
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    rows = the_chens()
    rows[0][0] = "黎家店村"
    problems = told(uploaded(xlsx([HEADER, *rows])))[2]
    assert any("名册写“黎家店村”，本户登记在龙水镇桥亭村，仍按登记" in one for one in problems)


def test_a_prefilled_row_without_an_answer_is_no_mistake_but_said(
    uploaded: Upload, confirmed: Confirm
) -> None:
    """Who was not covered last year is handed out without 是否参保; a newcomer must have one."""
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    Enrollment.objects.filter(person__name="李桂芳").update(status="cancelled")
    rows = the_chens()
    rows[1][9] = ""
    register = uploaded(xlsx([HEADER, *rows]))
    assert told(register)[3] == [
        "warning joins: 是否参保没有填写，这次不为此人参保；要参保请填“是”后重新上传"
    ]
    newcomers = the_yangs()
    newcomers[1][9] = ""
    assert told(uploaded(xlsx([HEADER, *newcomers])))[3] == [
        "error joins: 是否参保没有填写，请填“是”或“否”"
    ]
