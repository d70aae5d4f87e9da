"""One value of a text at a time: what is understood, and what an officer is told word for word."""

from datetime import date

import pytest

from lib.json_lines import iso_date
from policies.problems import PackError, Problem
from policies.reading import MAX_NESTING, open_block
from policies.terms import MonthDay

FILE = "办法.yaml"


def block_of(value: str, key: str = "x"):
    return open_block(f"article: 第一条\n{key}: {value}\n", FILE)


def told(block) -> list[str]:
    return [str(problem) for problem in block.reader.problems]


def line_two(what: str, key: str = "x") -> list[str]:
    return [f"{FILE} 第2行 {key}：{what}。"]


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("0", 0),
        ("３０", 3_000),
        ("30", 3_000),
        ("22.5", 2_250),
        ("22.50", 2_250),
        ('"0.01"', 1),
        ("41.250", 4_125),
        ("10000000", 1_000_000_000),
    ],
)
def test_yuan_are_read_as_fen_and_never_through_a_float(written, fen):
    block = block_of(written)
    assert (block.fen("x"), told(block)) == (fen, [])


@pytest.mark.parametrize("written", ["30元", "-5", "1e3", ".5", "22.505", "二十"])
def test_what_is_no_amount(written):
    block = block_of(f'"{written}"')
    assert block.fen("x") == 0
    assert told(block) == line_two(
        f"“{written}”不是金额。改法：写元，最多两位小数，不写单位，例如 22.50"
    )


def test_an_amount_with_a_zero_too_many():
    block = block_of("10000000.01")
    block.fen("x")
    assert told(block) == line_two(
        "金额“10000000.01”过大。改法：核对是否多写了零；单笔限额不超过一千万元"
    )


@pytest.mark.parametrize(
    ("written", "ratio"),
    [
        ("0%", 0),
        ("50%", 5_000),
        ("62.5%", 6_250),
        ("0.01%", 1),
        ("100%", 10_000),
        ("07%", 700),
        ("８０％", 8_000),
    ],
)
def test_percentages(written, ratio):
    block = block_of(written)
    assert (block.ratio("x"), told(block)) == (ratio, [])


@pytest.mark.parametrize("written", ["50", "0.5", "五成", "5.123%", "50 %", "-1%", "%"])
def test_what_is_no_ratio(written):
    block = block_of(f'"{written}"')
    assert block.ratio("x") == 0
    assert told(block) == line_two(f"“{written}”不是比例。改法：写百分数，最多两位小数，例如 62.5%")


@pytest.mark.parametrize("written", ["100.01%", "650%"])
def test_a_ratio_above_the_whole(written):
    block = block_of(written)
    assert block.ratio("x") == 0
    assert told(block) == line_two(f"比例“{written}”不可能。改法：比例应当在 0% 到 100% 之间")


@pytest.mark.parametrize("written", ["3年", "2.0", "-1", "1_000", "9" * 10, "三"])
def test_what_is_no_whole_number(written):
    block = block_of(f'"{written}"')
    assert block.whole("x") == 0
    assert told(block) == line_two(f"“{written}”不是整数。改法：写不带单位的整数，例如 2")


def test_whole_numbers_and_what_stands_in_for_one():
    assert block_of("007").whole("x") == 7
    assert block_of("1").whole("y", 4) == 4
    missing = block_of("1")
    assert missing.whole("y") == 0
    assert told(missing) == [f"{FILE} 第1行 y：缺少“y”。改法：补上 y。"]


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-01-01", date(2026, 1, 1)), ('"2024-02-29"', date(2024, 2, 29))],
)
def test_days(written, day):
    block = block_of(written)
    assert (block.day("x"), told(block)) == (day, [])


@pytest.mark.parametrize(
    "written", ["2026/01/01", "2026-1-1", "20260101", "2026-W01-1", "一月一日"]
)
def test_what_is_no_day(written):
    block = block_of(f'"{written}"')
    assert block.day("x") == date(2000, 1, 1)
    assert told(block) == line_two(f"“{written}”不是日期。改法：写成 2025-01-01 的样子")
    assert iso_date(written) is None


def test_days_of_any_year():
    assert block_of('"12-10"').month_day("x") == MonthDay(12, 10)
    for written in ("02-29", "13-01", "1-1", "十月"):
        block = block_of(f'"{written}"')
        assert block.month_day("x") == MonthDay(1, 1)
        assert told(block) == line_two(
            f"“{written}”不是月日。改法：写成 '10-01' 的样子（不用 02-29）"
        )


def test_a_choice_lists_what_there_is():
    block = block_of("whole")
    assert block.choice("x", ("marginal", "whole")) == "whole"
    block = block_of("half")
    assert block.choice("x", ("marginal", "whole")) == "marginal"
    assert told(block) == line_two("“half”不是可选的写法。改法：可用：marginal、whole")
    assert block.choice("y", ("sum", "highest"), "sum") == "sum"


def test_yes_and_no_are_words():
    assert block_of("yes").yes("x", default=False) is True
    assert block_of("no").yes("x", default=True) is False
    assert block_of("1").yes("y", default=True) is True
    block = block_of("true")
    assert block.yes("x", default=False) is True  # told, so the text is refused anyhow
    assert told(block) == line_two("“true”不是可选的写法。改法：可用：yes、no")


@pytest.mark.parametrize("written", ["Stay", "1st", "住院", "in-patient", "a b"])
def test_codes_are_small_latin_letters(written):
    block = block_of(f'"{written}"')
    block.code("x")
    assert told(block) == line_two(
        f"代码“{written}”不合格。改法：用小写英文字母、数字和下划线，字母开头"
    )


@pytest.mark.parametrize("written", ["", "[1, 2]", "{a: 1}", '""', '"  "'])
def test_one_value_is_wanted(written):
    block = block_of(written)
    assert block.text("x") == ""
    assert told(block) == line_two("应当是一个值。改法：写一个数或一段文字")


def test_one_value_or_a_list_of_them():
    assert block_of("rural").values("x") == ("rural",)
    assert block_of("[rural, urban]").values("x") == ("rural", "urban")
    for written in ("[]", "[rural, [urban]]", "{a: b}"):
        block = block_of(written)
        assert block.values("x") == ()
        assert told(block) == line_two("应当是一个值或一列值。改法：写成 a 或 [a, b]")


def test_lists_of_blocks_know_their_place_and_article():
    block = open_block(
        "article: 第一条\nrows:\n  - {ratio: 50%}\n  - {ratio: 60%, article: 第二条}\n  - 70%\n",
        FILE,
    )
    first, second = block.blocks("rows")
    assert [first.where, first.line, first.article] == ["rows[1]", 3, "第一条"]
    assert [second.where, second.line, second.article] == ["rows[2]", 4, "第二条"]
    assert told(block) == [f"{FILE} 第5行 rows[3]：应当是“键: 值”结构。改法：写成 {{键: 值, …}}。"]
    assert block.blocks("nothing") == []


def test_a_block_without_an_article_above_it():
    block = open_block("rows: {ratio: 50%}\n", FILE)
    (row,) = block.blocks("rows")
    assert row.article == ""
    assert told(block) == [
        f"{FILE} 第1行 rows[1]：缺少条文依据。改法：写上 article，例如 article: 第二十三条(一)2。"
    ]


def test_a_key_that_nobody_asked_for_is_not_lost():
    block = open_block("article: 第一条\nnote: 说明\nassumption: 读法\nratoi: 50%\n", FILE)
    block.done()
    assert told(block) == [
        f"{FILE} 第4行 ratoi：不认识的键“ratoi”。"
        "改法：检查拼写，或删去；可用：article、assumption、note。"
    ]
    (assumption,) = block.reader.assumptions
    assert (assumption.article, assumption.text) == ("第一条", "读法")


def test_a_key_twice_is_told_at_the_second():
    block = open_block("a: 1\nb: 2\na: 3\n", FILE)
    assert told(block) == [f"{FILE} 第3行 a：同一个键写了两次。改法：删去其中一个。"]


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        ("a: [1\n", 2, "不是合格的 YAML"),
        ("a: 1\n\tb: 2\n", 2, "不是合格的 YAML：第 1 列用了制表符（Tab）缩进"),
        ("a: \x07\n", 1, "不是合格的 YAML：第 1 列含有控制字符"),
        ("- a\n- b\n", 1, "最外层不是“键: 值”结构"),
        ("", 1, "文件是空的"),
        ("#" * 1_000_001, 1, "文件过大"),
    ],
)
def test_what_is_no_text_of_measures_at_all(text, line, wrong):
    with pytest.raises(PackError) as caught:
        open_block(text, FILE)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.where) == (FILE, line, "文件")
    assert problem.wrong.startswith(wrong)


def test_brackets_as_deep_as_a_text_may_go():
    deep = MAX_NESTING - 1
    assert open_block("a: " + "[" * deep + "]" * deep, FILE).has("a")
    with pytest.raises(PackError, match="套得太深"):
        open_block("a: " + "[" * (deep + 1) + "]" * (deep + 1), FILE)


def test_problems_come_in_the_order_of_the_text_and_once_each():
    block = open_block("b: x\na: y\n", FILE)
    for key in ("a", "b", "a"):
        block.whole(key)
    with pytest.raises(PackError) as caught:
        block.reader.raise_problems()
    assert [problem.where for problem in caught.value.problems] == ["b", "a"]
    assert caught.value.problems[0] == Problem(
        FILE, 1, "b", "“x”不是整数", "写不带单位的整数，例如 2"
    )
