"""One understanding of what people type: equal for the eye, equal for the program."""

from datetime import date

import pytest

from lib import typed_text
from lib.letters import fold, odd


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("\u202d500225197501052115\u202c", "500225197501052115"),
        ("公孙\u200b戊", "公孙戊"),
        ("公孙己\ufeff", "公孙己"),
        ("\u200e5002", "5002"),
        ("soft\u00adhyphen", "softhyphen"),
        ("凌\ufe00", "凌"),  # a variation selector
        ('="500225197501052211"', "500225197501052211"),
        ('="说""是"""', '说"是"'),
        ("⽅圆", "方圆"),  # Kangxi radical
        ("⻩小明", "黄小明"),  # CJK radicals supplement
        ("凌\uf955", "凌凌"),  # compatibility ideograph
        ("ﬁle", "file"),
        ("Ｈ１２", "H12"),
        ("N\u0303o", "Ño"),
        ("上\u3000下\x0b左\u2028右", "上 下 左 右"),
        ("李〇（二），见“附件”。", "李〇（二），见“附件”。"),  # Chinese punctuation stays
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("𠮷田花", "𠮷田花"),
    ],
)
def test_what_looks_equal_is_equal(typed: str, seen: str) -> None:
    assert fold(typed) == seen
    assert fold(seen) == seen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("张\ue000", "第 2 个字（U+E000）是自造字，别的电脑显示不出，"),
        ("张\ue863", "第 2 个字（U+E863）是自造字，别的电脑显示不出，可能是“䶮”，"),
        ("张\ue816", "可能是“𠂇”，"),
        ("\U000f0001", "第 1 个字（U+F0001）是自造字"),
        ("a\x0bb", "第 2 个字（U+000B）是从 Word 粘贴的换行，请删去后重新输入"),
        ("\x1b[0m", "第 1 个字（U+001B）是终端控制符"),
        ("a\x00", "第 2 个字（U+0000）是空字符"),
        ("\x7f", "（U+007F）是看不见的控制符"),
        ("\x9b", "（U+009B）是看不见的控制符"),
        ("\ud800", "（U+D800）是残缺的字"),
        ("李\ufffd", "第 2 个字（U+FFFD）是转换编码时已丢失的字"),
        ("\ufdd0", "（U+FDD0）不是任何字"),
        ("١٢", "第 1 个字（U+0661）不是通用的数字（应写 1）"),
    ],
)
def test_what_nobody_can_read_is_named(text: str, words: str) -> None:
    assert words in odd(text)


@pytest.mark.parametrize("text", ["王䶮", "\U0002ebf0", "℃ ≥ ½ é Ж 😀", "一\r\n二\t三", ""])
def test_what_somebody_reads_is_left(text: str) -> None:
    assert odd(text) == ""


DOTTED = "买合木提·艾合买提"


@pytest.mark.parametrize("dot", [*"·•・·‧．.。∙●･⋅․", "•  ", " · ", "··"])
def test_names_have_one_dot(dot: str) -> None:
    assert typed_text.name(f"买合木提{dot}艾合买提") == DOTTED
    assert typed_text.name_problem(DOTTED) == ""


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("李○", "李〇"),
        ("王◯一", "王〇一"),
        ("李〇", "李〇"),
        ("欧阳\u3000娜娜", "欧阳娜娜"),
        ("⻩ 小 明", "黄小明"),
        ("凌\uf955", "凌凌"),
        ("O’BRIEN  KATE", "O'BRIEN KATE"),
        ("José  María", "José María"),
        ("Anna Maria J. Smith", "Anna Maria J. Smith"),
        ("'张三", "张三"),
    ],
)
def test_names_have_one_spelling(typed: str, name: str) -> None:
    assert typed_text.name(typed) == name
    assert typed_text.name(name) == name
    assert typed_text.name_problem(name) == ""


@pytest.mark.parametrize(
    "typed", ["冯 小兰", "冯小兰·", "冯\u3000小\u200b兰", "冯·小兰。", "冯小兰"]
)
def test_one_person_has_the_same_letters(typed: str) -> None:
    assert typed_text.letters(typed) == "冯小兰"
    assert typed_text.letters("李○") == typed_text.letters("李 〇") == "李〇"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("张\ue000", "第 2 个字（U+E000）是自造字"),
        ("Аня", "第 1 个字“А”（U+0410）不是汉字或拉丁字母，请按证件重新输入"),
        ("张?", "第 2 个字“?”（U+003F）不是汉字或拉丁字母"),
        ("张□", "第 2 个字“□”（U+25A1）"),
        ("张伟（小）", "第 3 个字“(”（U+0028）"),
        ("张伟2", "第 3 个字“2”（U+0032）"),
        ("张😀", "第 2 个字“😀”（U+1F600）"),
        ("阿·", "的间隔号前后都应有字，请按证件补全"),
    ],
)
def test_what_stands_in_no_name_is_named(name: str, words: str) -> None:
    assert typed_text.name_problem(typed_text.name(name)).startswith(words)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1e9", "“1e9”是科学记数法，请写成 1000000000"),
        ("1.5E+3", "“1.5E+3”是科学记数法，请写成 1500"),
        ("12e-1", "请写成 1.2"),
        ("-25E-4", "请写成 -0.0025"),
        ("1_000", "“1_000”里有下划线，请写成 1000"),
        ("½", "“½”是一个符号，请写成 0.5"),
        ("②", "“②”是一个符号，请写成 2"),
    ],
)
def test_numbers_only_for_programs_are_told_as_people_write_them(typed: str, words: str) -> None:
    assert words in typed_text.figure_problem(typed_text.figure(typed))


@pytest.mark.parametrize(
    "text", ["1e9", "1_000", "١٢", "½", "10²", "Infinity", "NaN", "-", "1,20", "0x10", "⑩", "1.2.3"]
)
def test_what_is_no_amount(text: str) -> None:
    assert typed_text.amount(text) is None
    assert not typed_text.FIGURE.fullmatch(typed_text.figure(text))


@pytest.mark.parametrize(
    ("text", "fen"),
    [("１，２００．５０", 120050), ("￥1,220.50元", 122050), ("10。5", 1050), ('="12.00"', 1200)],
)
def test_amounts_as_people_write_them(text: str, fen: int) -> None:
    assert typed_text.amount(text) == fen


def test_days_lie_within_the_years_that_the_portal_knows() -> None:
    assert typed_text.day("1899-12-31") is None
    assert typed_text.day("0200-01-01") is None
    assert typed_text.day("2101-01-01") is None
    assert typed_text.day("١٩٧٨-05-12") is None
    assert typed_text.written_day("28622") is None  # a spreadsheet's number is no writing
    assert typed_text.written_day("２０２６年３月１日") == date(2026, 3, 1)


def test_numbers_and_phones_lose_what_nobody_sees() -> None:
    assert typed_text.number("\u202d5002 2519\u200b75-0105‑2115\u202c") == "500225197501052115"
    assert typed_text.phone("\u202a138–1234–5678") == "13812345678"
    assert typed_text.plain("二\u200b档（甲）") == "二档(甲)"
