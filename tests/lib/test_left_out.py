"""What the reader does not read is told, and refused where it would turn a row round."""

import re

import pytest

from lib.tables.layout import SHEET_LINES, Column, Layout, said
from lib.tables.reading import SpreadsheetError, Table, read
from lib.tables.unread import reversal
from tests.lib.workbooks import data, row, text, workbook

PEOPLE = Layout(
    (Column("name", "姓名"), Column("born", "出生日期", day=True)), ("name",), many_sheets=True
)
ONE = Layout(PEOPLE.columns, PEOPLE.required)
HEAD = row(1, "姓名", "出生日期")


def cells(table: Table) -> list[tuple[int, str, str]]:
    return [(one.line, one.cells["name"], one.cells["born"]) for one in table.rows]


def test_a_sheet_for_each_village_is_read_whole() -> None:
    content = workbook(
        {
            "石梁村": data(HEAD, row(2, "蓝一山", "1980-01-05")),
            "黎家店村": data(row(1, "出生日期", "姓名"), row(2, "1981-02-06", "蓝二河")),
        }
    )
    table = read(content, PEOPLE)
    assert cells(table) == [
        (2, "蓝一山", "1980-01-05"), (SHEET_LINES + 2, "蓝二河", "1981-02-06"),
    ]  # fmt: skip
    assert table.left_out == ()
    assert said(table.rows[1].line, ["石梁村", "黎家店村"]) == "2（黎家店村）"


def test_where_one_sheet_is_wanted_two_are_refused_by_name() -> None:
    content = workbook({"甲": data(HEAD, row(2, "蓝一山")), "乙": data(HEAD, row(2, "蓝二河"))})
    with pytest.raises(SpreadsheetError, match="“甲”、“乙” 2 张工作表都有表头和数据"):
        read(content, ONE)
    empty = workbook({"甲": data(HEAD), "乙": data(HEAD, row(2, "蓝二河"))})
    assert cells(read(empty, ONE)) == [(2, "蓝二河", "")]


def test_sheets_that_are_hidden_or_have_no_header_are_told() -> None:
    content = workbook(
        {
            "名册": data(HEAD, row(2, "蓝一山")),
            "去年": data(HEAD, row(2, "蓝二河"), row(3, "蓝三江")),
            "黎家店村": data(row(1, "蓝四海", "1984-01-01")),
            "填写说明": data(row(1, "一行一人")),
            "空表": data(),
        },
        states={"去年": "veryHidden"},
    )
    assert read(content, PEOPLE).left_out == (
        "隐藏的工作表“去年”（3 行）没有读入",
        "工作表“黎家店村”没有要读的表头，1 行没有读入",
    )
    only = workbook({"名册": data(HEAD, row(2, "蓝一山"))}, states={"名册": "hidden"})
    with pytest.raises(SpreadsheetError, match="隐藏的工作表“名册”不读"):
        read(only, PEOPLE)


def test_columns_that_are_not_known_are_told_and_numbers_of_rows_are_not() -> None:
    content = workbook(
        {
            "名册": data(
                row(1, "序号", "姓名", "爱好", "空列", ""), row(2, "1", "蓝一山", "钓鱼", "", "甲")
            )
        }
    )
    assert read(content, PEOPLE).left_out == ("没有读入的列：“爱好”、没有标题的第 5 列",)


def test_hidden_rows_and_columns_are_read_and_told() -> None:
    hidden = '<cols><col min="2" max="2" hidden="1"/></cols>'
    rows = data(HEAD, row(2, "蓝一山", "1980-01-05").replace("<row ", '<row hidden="1" '))
    table = read(workbook({"名册": hidden + rows}), PEOPLE)
    assert cells(table) == [(2, "蓝一山", "1980-01-05")]
    assert table.left_out == ("隐藏的列“出生日期”也已读入", "隐藏的第 2 行也已读入")


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("票据状态", "已作废"), ("票据状态", "待定"), ("状态", "红冲"), ("收支方向", "支出"),
        ("借贷标志", "借"), ("备注", "已作废"), ("备注", "7月已退费"), ("", "作 废"),
        ("是否作废", "是"), ("是否有效", "否"), ("退费标志", "Y"),
        ("备注", "本人已去世"), ("冲正日期", "2026-01-05"),
    ],
)  # fmt: skip
def test_a_column_that_turns_a_row_round_refuses_the_file(title: str, value: str) -> None:
    content = workbook(
        {"缴费": data(row(1, "姓名", title), row(2, "蓝一山", ""), row(3, "王䶮", value))}
    )
    shown = re.escape(f"第 3 行的“{title or '第 2 列'}”写着“{value}”")
    with pytest.raises(SpreadsheetError, match=shown):
        read(content, PEOPLE)


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("票据状态", "正常"), ("收支方向", "收入"), ("借贷标志", "贷"), ("备注", "未作废"),
        ("是否作废", "否"), ("是否有效", "是"), ("婚姻状态", "离异"), ("备注", "在外打工"),
    ],
)  # fmt: skip
def test_a_column_that_says_the_row_holds_is_only_told(title: str, value: str) -> None:
    content = workbook({"缴费": data(row(1, "姓名", title), row(2, "王䶮", value))})
    assert read(content, PEOPLE).left_out == (f"没有读入的列：“{title}”",)
    assert not reversal(title, value)


def test_every_row_that_may_be_turned_round_is_named_at_once() -> None:
    rows = [row(n, f"王{n}", "已作废" if n % 2 else "红冲") for n in range(2, 30)]
    with pytest.raises(SpreadsheetError) as told:
        read(workbook({"缴费": data(row(1, "姓名", "状态"), *rows)}), PEOPLE)
    assert "第 2、4、6、8、10、12、14、16、18、20 等 14 行的“状态”写着“红冲”" in str(told.value)
    assert "等 14 行的“状态”写着“已作废”" in str(told.value)


def test_a_formula_that_nobody_computed_is_no_empty_cell() -> None:
    formula = data(HEAD, f'<row r="2">{text("蓝一山", "A2")}<c r="B2"><f>A1&amp;"x"</f></c></row>')
    with pytest.raises(SpreadsheetError, match="B2 等 1 个单元格的公式没有算出结果"):
        read(workbook({"名册": formula}), PEOPLE)
    blank = formula.replace('<c r="B2">', '<c r="B2" t="str">').replace("</f>", "</f><v></v>")
    assert cells(read(workbook({"名册": blank}), PEOPLE)) == [(2, "蓝一山", "")]


def test_the_example_of_a_template_is_nobody() -> None:
    content = workbook({"名册": data(HEAD, row(2, "示例：张三", "1980-01-01"), row(3, "蓝一山"))})
    assert cells(read(content, PEOPLE)) == [(3, "蓝一山", "")]


# The formats that the file format itself knows as days, times and durations, and one that it
# does not: a bare number in a column of days is a day of the workbook's own date system.
BUILT_IN = [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]


@pytest.mark.parametrize("number_format", [*BUILT_IN, 0, 1, 165])
@pytest.mark.parametrize(("from_1904", "serial"), [(False, 27399), (True, 25937)])
def test_a_day_in_every_format_of_both_date_systems(
    number_format: int, from_1904: bool, serial: int
) -> None:
    """5 January 1975 is the 27 399th day since 30 December 1899, the 25 937th since 1904."""
    content = workbook(
        {
            "名册": data(
                HEAD, f'<row r="2">{text("端木午", "A2")}<c r="B2" s="1"><v>{serial}</v></c></row>'
            )
        },
        head='<workbookPr date1904="1"/>' if from_1904 else "",
        styles=f'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="{number_format}"/></cellXfs>',
    )
    assert cells(read(content, PEOPLE)) == [(2, "端木午", "1975-01-05")]
