"""Fines by hand from the articles, and the published figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.causes import causes
from supervision.cases.fines import fine_problem, multiple


@pytest.mark.parametrize(
    ("loss", "hundredths", "fine"),
    [
        (54_166_97, 500, 270_834_85),  # 富顺: five times
        (3_678_00, 200, 7_356_00),  # 乌兰察布: twice
        (1_819_25, 30, 545_78),  # 赣县: 30 % of 1,819.25 is 545.775
    ],
)
def test_published_figures(loss: int, hundredths: int, fine: int) -> None:
    assert multiple(loss, hundredths) == fine


def test_the_35_causes() -> None:
    found = causes()
    assert list(found) == [f"{at:02d}" for at in range(1, 36)]
    subjects = [one.subject for one in found.values()]
    assert [subjects.count(one) for one in ("agency", "institution", "person", "other")] == [
        2, 24, 8, 1,
    ]  # fmt: skip
    assert {code for code, one in found.items() if one.sums} == {f"{at:02d}" for at in range(3, 11)}
    assert {code for code, one in found.items() if not one.times and not one.sums} == {
        "27", "28", "29",
    }  # fmt: skip
    assert found["24"].range_told == "条例 第四十条：处损失金额 2 倍以上 5 倍以下罚款"
    assert found["09"].range_told == "条例 第三十九条：处 10,000.00 元以上、50,000.00 元以下罚款"


@pytest.mark.parametrize(
    ("cause", "factor", "fine", "lighter", "words"),
    [
        ("24", 500, 270_834_85, False, ""),
        ("24", 501, 1, False, "超过 条例 第四十条 的幅度（2 至 5 倍）"),
        ("24", 199, 1, False, "减轻处罚的请写明理由"),
        ("24", 100, 1, True, ""),
        ("13", 200, 7_356_00, False, ""),
        ("13", 201, 1, True, "超过"),
        ("09", None, 50_000_00, False, ""),
        ("09", None, 50_000_01, True, "10,000.00 至 50,000.00 元"),
        ("09", None, 9_999_99, False, "低于"),
        ("27", None, 1, False, "没有规定罚款"),
        ("27", None, 0, False, ""),
        ("34", 300, 1, False, ""),
        ("34", 301, 1, False, "1 至 3 倍"),
    ],
)
def test_a_fine_lies_within_its_article(
    cause: str, factor: int | None, fine: int, lighter: bool, words: str
) -> None:
    found = fine_problem(causes()[cause], factor=factor, fine=fine, lighter=lighter)
    assert words in found and bool(words) == bool(found)


@given(st.integers(0, 10**12), st.integers(0, 500))
def test_a_multiple_is_right_to_half_a_fen(fen: int, hundredths: int) -> None:
    assert abs(multiple(fen, hundredths) * 100 - fen * hundredths) <= 50
