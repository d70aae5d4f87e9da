"""Every document is read as wide as it is, and tells sex and birth date where it can."""

from datetime import date

import pytest

from accounts.errors import Refusal
from enrollment.people.numbers import DOCUMENTS, NumberKind, indexes_of, read_number
from lib.resident_id import check_character

ON = date(2026, 3, 10)


def standard(first_17):
    return first_17 + check_character(first_17)


BORN_1980 = "19800101"
REAL = [
    ("resident_id", standard("500225" + BORN_1980 + "001"), "resident_id", "1"),
    ("birth_certificate", "Y500999001", "birth_certificate", ""),
    ("hmt_residence", standard("810000" + BORN_1980 + "002"), "hmt_residence", "2"),
    ("hmt_residence", standard("820000" + BORN_1980 + "001"), "hmt_residence", "1"),
    ("hmt_residence", standard("830000" + BORN_1980 + "001"), "hmt_residence", "1"),
    # Chosen as a resident id, as registers do: the number says itself what it is.
    ("resident_id", standard("830000" + BORN_1980 + "001"), "hmt_residence", "1"),
    ("resident_id", standard("911156" + BORN_1980 + "002"), "foreign_residence", "2"),
    ("foreign_residence", standard("911156" + BORN_1980 + "002"), "foreign_residence", "2"),
    ("foreign_residence", "USA110080010155", "foreign_residence", ""),
    ("passport", "MB123456", "passport", ""),  # Myanmar
    ("passport", "123456789", "passport", ""),  # USA
    ("passport", "M123A4567", "passport", ""),  # Korea
    ("passport", "E12345678", "passport", ""),  # China
    ("passport", "ab 1234-567", "passport", ""),
    ("passport", "12AB34567890123", "passport", ""),
    ("hk_macau_permit", "H12345678", "hk_macau_permit", ""),
    ("hk_macau_permit", "M1234567801", "hk_macau_permit", ""),
    ("taiwan_permit", "12345678", "taiwan_permit", ""),
    ("taiwan_permit", "0012345678（B）", "taiwan_permit", ""),
    ("officer", "南字第01234567号", "officer", ""),
    ("soldier", "士字第2012345号", "soldier", ""),
]


@pytest.mark.parametrize(("kind", "text", "read_as", "sex"), REAL)
def test_a_real_number_is_read(kind, text, read_as, sex):
    number = read_number(kind, text, on=ON)
    assert (number.kind, number.sex) == (read_as, sex)
    assert (number.birth_date == date(1980, 1, 1)) is bool(sex)
    assert number.index in indexes_of(text)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("resident_id", "50022519800101001", "18 位"),
        ("birth_certificate", "Y50099900", "一位字母加 9 位数字"),
        ("hmt_residence", standard("500225" + BORN_1980 + "001"), "81、82 或 83 开头"),
        ("hmt_residence", "810000" + BORN_1980 + "0010", "校验"),
        ("foreign_residence", standard("500225" + BORN_1980 + "001"), "9 开头"),
        ("foreign_residence", "911156" + BORN_1980 + "0020", "校验"),
        ("foreign_residence", "US110080010155", "旧版为 3 位字母"),
        ("passport", "A123", "5 至 15 位"),
        ("passport", "ZHANGSAN", "至少有一位数字"),
        ("hk_macau_permit", "K12345678", "H 或 M"),
        ("taiwan_permit", "1234567", "8 位数字"),
        ("officer", "01234567", "某字第"),
        ("", "1", "请选择证件类型"),
        ("none", "1", "请选择证件类型"),
    ],
)
def test_another_says_what_the_document_looks_like(kind, text, said):
    with pytest.raises(Refusal, match=said):
        read_number(kind, text, on=ON)


def test_every_kind_but_none_has_its_row():
    assert set(DOCUMENTS) == set(NumberKind.values) - {NumberKind.NONE}


def test_no_two_kinds_share_a_number_after_the_standard():
    first = [start for one in DOCUMENTS.values() for start in one.begins]
    assert len(set(first)) == len(first)
