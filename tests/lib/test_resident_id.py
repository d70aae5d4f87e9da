"""Resident ids as people bring them: V16 of the domain vectors and the usual typing sins."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.resident_id import (
    ResidentIdError,
    check_character,
    mask,
    masked_in,
    parse,
    people_masked,
)

TODAY = date(2026, 1, 1)
GOOD = "11010519491231002X"


def test_a_right_number_tells_birth_and_sex() -> None:
    person = parse(GOOD, TODAY)
    assert (person.number, person.division_code) == (GOOD, "110105")
    assert (person.birth_date, person.sex) == (date(1949, 12, 31), "2")


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_typing_habits_are_forgiven(typed: str) -> None:
    assert parse(typed, TODAY).number == GOOD


def test_fifteen_digits_are_raised_to_eighteen() -> None:
    assert parse("110105491231002", TODAY).number == GOOD


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("110105194912310020", "校验不符"),  # V16
        ("11010519491231002", "应为 18 位，现为 17 位"),
        ("", "应为 18 位，现为 0 位"),
        ("11010519491331002X", "不是真实的出生日期"),
        ("1101051949A231002X", "只能是数字"),
        ("110105202703010021", "早或晚于今天"),
        ("11010518491231002X", "不合理"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str, reason: str) -> None:
    with pytest.raises(ResidentIdError, match=reason):
        parse(typed, TODAY)


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(position: int, shift: int) -> None:
    digit = str((int(GOOD[position]) + shift) % 10)
    with pytest.raises(ResidentIdError):
        parse(GOOD[:position] + digit + GOOD[position + 1 :], TODAY)


@given(st.text(max_size=25))
def test_any_text_is_answered_in_chinese(text: str) -> None:
    try:
        assert parse(text, TODAY).number[-1] in "0123456789X"
    except ResidentIdError as error:
        assert "身份证号" in str(error)


def test_lists_show_only_the_area() -> None:
    assert mask(GOOD) == "110105************"
    assert mask("E12345678") == "E1*******"
    assert mask("1234") == "****"
    assert check_character(GOOD[:17]) == "X"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王建国持 11010519491231002X 到窗口", "王建国持 110105************ 到窗口"),
        ("110105 19491231 002X", "11" + "*" * 18),
        ("电话 13800138000，023-43728888", "电话 13*********，02**********"),
        ("138-0013-8000", "13***********"),
        ("2026-03-02 至 2026-03-09 花费 12345.67 元", "2026-03-02 至 2026-03-09 花费 12345.67 元"),
    ],
)
def test_numbers_in_a_sentence_are_masked(typed: str, kept: str) -> None:
    assert masked_in(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("51022519800101123x", "510225************"),
        ("510225 19800101 1234", "51******************"),
        ("电话13900001234转", "电话13*********转"),
        ("+8613900001234", "+86***********"),
        ("510225800101123", "51*************"),
        ("510225-800101-123", "51***************"),
        ("5102 2519 8001 0112 3x", "51" + "*" * 20),
        ("护照 E12345678，通行证H08888888", "护照 E1*******，通行证H0*******"),
        ("护照号 EA1234567", "护照号 EA*******"),
        ("国药准字H20061234 3 盒，批号E20260912", "国药准字H20061234 3 盒，批号E20260912"),
        ("批准文号：H20113201", "批准文号：H20113201"),
        ("检字001-20261130，0012 20261201", "检字001-20261130，0012 20261201"),
        ("编号 023-20261130", "编号 023-20261130"),
        ("510225 1980 0101 1234", "51*******************"),
        ("510225 1980-01-01 123X", "51********************"),
        ("138.1234.5678、138–1234–5678", "13***********、13***********"),
        ("008613812345678", "00*************"),
        ("卡号 6222 0212 3456 7890 123", "卡号 62*********************"),
        ("座机 023-43728888、（0838）7654321", "座机 02**********、（0***********"),
        ("机构 H50022500001，医师 D500225000001", "机构 H50022500001，医师 D500225000001"),
        ("渝医保〔2026〕12号 2026-0001234", "渝医保〔2026〕12号 2026-0001234"),
        ("500225202600000012", "500225202600000012"),
        ("邮件号 1139000012345", "邮件号 1139000012345"),
        ("2026-03-17，3,678.00 元", "2026-03-17，3,678.00 元"),
    ],
)
def test_people_are_masked_and_papers_keep_their_numbers(typed: str, kept: str) -> None:
    assert people_masked(typed) == kept
