"""What people type into cells, and how rows become households. No database."""

from datetime import date
from typing import Any

import pytest

from enrollment.people import identities
from enrollment.rosters import cells
from enrollment.rosters.columns import NAMES, REGISTER
from enrollment.rosters.households import Register, collect
from lib import typed_text
from lib.tables.layout import read_header
from lib.tables.reading import Sheet

TIERS = (("tier1", "一档"), ("tier2", "二档"))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("姓名", "name"),
        ("* 姓 名", "name"),
        ("身份证号码（18位）", "resident_id"),
        ("公民身份号码\n", "resident_id"),
        ("与户主的关系", "relationship"),
        ("村/组", "village"),
        ("联系电话(手机)", "phone"),
        ("身份证复印件", None),
        ("", None),
    ],
)
def test_columns_are_known_by_many_names(title: str, name: str | None) -> None:
    assert REGISTER.column_of(title) == name


def test_a_header_needs_three_known_columns_and_none_twice() -> None:
    assert read_header(["姓名", "金额"], REGISTER) is None
    header = read_header(["序号", "姓名", "身份证号", "关系", "身份证"], REGISTER)
    assert header is not None
    assert header.places["resident_id"] == 2
    assert "第 3、5 列" in header.problems[0]
    missing = read_header(["姓名", "电话", "住址"], REGISTER)
    assert missing is not None
    assert missing.missing == ("resident_id", "relationship")


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.relationship, "长子", "2"),
        (cells.relationship, " 户 主 ", "0"),
        (cells.relationship, "３", "3"),
        (cells.relationship, "亲戚", None),
        (cells.residence, "非农业户口", "urban"),
        (cells.residence, "外县籍（持居住证）", "outside"),
        (cells.residence, "", ""),
        (cells.residence, "火星", None),
        (typed_text.yes_or_no, "√", True),
        (typed_text.yes_or_no, "Ｙ", True),
        (typed_text.yes_or_no, "不参保", False),
        (typed_text.yes_or_no, "", None),
        (typed_text.name, " 陈 国 强　", "陈国强"),
        (typed_text.name, "买买提•吐尔逊", "买买提·吐尔逊"),
        (typed_text.name, "John  Smith", "John Smith"),
        (typed_text.phone, "138-1234-5678", "13812345678"),
        (typed_text.phone, "+86 13812345678", "13812345678"),
        (typed_text.phone, "023-43721234", "023-43721234"),
        (typed_text.phone, "１３８１２３４５６７８", "13812345678"),
        (typed_text.phone, "12345", None),
        (typed_text.phone, "", ""),
        (typed_text.amount, "￥1,220.50元", 122050),
        (typed_text.amount, "120.005", None),
        (typed_text.amount, "一百", None),
        (cells.household_number, "'5002250101000001", "5002250101000001"),
        (cells.household_number, "500225010100000102", "5002250101000001"),
        (cells.household_number, "12", None),
        (cells.household_number, "", ""),
        (cells.receipt_number, "LS01-00000012", 12),
        (cells.receipt_number, "№0007", 7),
        (cells.receipt_number, "七", None),
        (cells.sex, "女性", "2"),
        (cells.sex, "?", None),
    ],
)
def test_cells(read: Any, text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    "text", ["1978-05-12", "1978/5/12", "1978.05.12", "1978年5月12日", "19780512", "28622",
             "1978-05-12 00:00:00", "１９７８-5-12"],
)  # fmt: skip
def test_dates_in_every_writing(text: str) -> None:
    assert typed_text.day(text) == date(1978, 5, 12)


@pytest.mark.parametrize("text", ["三月", "1978-13-01", "19781301", "0", "999999999", ""])
def test_what_is_no_date(text: str) -> None:
    assert typed_text.day(text) is None


def test_statuses_in_one_cell() -> None:
    assert identities.statuses("低保、在校学生") == (frozenset({"dibao", "student"}), ())
    assert identities.statuses("重度残疾（一、二级）") == (frozenset({"severe_disability"}), ())
    both = frozenset({"severe_disability", "student"})
    assert identities.statuses("重度残疾(一、二级)、在校学生") == (both, ())
    assert identities.statuses("在校学生，重度残疾（一、二级）") == (both, ())
    assert identities.statuses("普通居民") == (frozenset(), ())
    assert identities.statuses("低保;困难户") == (frozenset({"dibao"}), ("困难户",))


@pytest.mark.parametrize("text", ["二档", "2", "第二档", "２档", "tier2", "二"])
def test_tiers_by_name_and_number(text: str) -> None:
    assert cells.tier(text, TIERS) == "tier2"


def test_an_unknown_tier_is_none() -> None:
    assert cells.tier("三档", TIERS) is None


def gathered(*rows: dict[str, str], columns: set[str] | None = None) -> Register:
    lines = [(line, [row.get(name, "") for name in NAMES]) for line, row in enumerate(rows, 2)]
    known = frozenset(columns or NAMES) - {"joins"}
    return collect(Sheet(("名册",), known, frozenset(), (), iter([lines])))


def row(name: str, relationship: str = "其他", **cells_: str) -> dict[str, str]:
    return {"name": name, "resident_id": "x", "relationship": relationship} | cells_


def test_without_any_number_a_head_begins_a_household() -> None:
    register = gathered(
        row("甲", "户主", village="桥亭村", phone="1"), row("乙"), row("丙", "户主"), row("丁")
    )
    assert [[one.name for one in home.rows] for home in register.households] == [
        ["甲", "乙"], ["丙", "丁"],
    ]  # fmt: skip
    assert [home.village for home in register.households] == ["桥亭村", "桥亭村"]
    assert [home.phone for home in register.households] == ["1", ""]


def test_merged_cells_leave_the_number_in_the_first_row_only() -> None:
    register = gathered(
        row("甲", "户主", household_key="1"),
        row("乙"),
        row("丙", "户主", household_key="2"),
        row("丁", household_key="1"),  # sorted by name: the rest of household 1 comes later
    )
    assert [[one.name for one in home.rows] for home in register.households] == [
        ["甲", "乙", "丁"], ["丙"],
    ]  # fmt: skip


def test_a_certificate_number_is_the_household_and_the_member() -> None:
    register = gathered(
        row("甲", household_number="500225010100000101"),
        row("乙", household_number="500225010100000102"),
    )
    assert len(register.households) == 1


def test_the_same_key_in_another_village_is_another_household() -> None:
    register = gathered(
        row("甲", household_key="1", village="桥亭村"),
        row("乙", household_key="1", village="石庙村"),
    )
    assert len(register.households) == 2


def test_footnotes_and_repeated_headers_are_left_aside() -> None:
    register = gathered(
        row("甲", "户主"),
        {"name": "姓名", "resident_id": "身份证号", "relationship": "与户主关系"},
        row("乙"),
        {"village": "合计", "name": "2 人"},
        {"village": "填表人：王五"},
    )
    assert [one.name for one in register.households[0].rows] == ["甲", "乙"]
    assert register.footnotes == 3
