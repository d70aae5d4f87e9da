"""Fen, the one rounding, the one way to share out, and capital numerals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.money import half_up, spell_out, split, to_fen, to_yuan


def test_yuan_become_fen_exactly() -> None:
    assert to_fen("10.99") == 1099  # a peer's int(quantity × price) made this 10.00
    assert to_fen(" 120 ") == 12000
    assert to_fen(Decimal("0.10")) == 10
    assert to_fen("-3.05") == -305


@pytest.mark.parametrize("text", ["1.005", "一百", "", "1,000", "1e3", "NaN"])
def test_what_is_no_amount_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(ValueError, match="金额"):
        to_fen(text)
    with pytest.raises(ValueError, match="到分"):
        to_fen(Decimal("1.005"))


@given(st.integers(-(10**12), 10**12))
def test_yuan_and_fen_are_the_same_money(fen: int) -> None:
    assert to_fen(to_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("numerator", "denominator", "answer"),
    [
        (5, 10, 1),
        (4, 10, 0),
        (15, 10, 2),
        (-5, 10, -1),
        (-4, 10, 0),
        (0, 7, 0),
        (7, 7, 1),
    ],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, answer: int) -> None:
    assert half_up(numerator, denominator) == answer


def test_a_denominator_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        half_up(1, 0)


def test_dazu_splits_the_special_subsidy_75_to_25() -> None:
    # 第十四条(三)：另 55 元由市 75%、县 25% 分担
    assert split(5500, [75, 25]) == [4125, 1375]
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]


@given(
    st.integers(-(10**10), 10**10),
    st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(lambda w: sum(w) > 0),
)
def test_parts_sum_to_the_whole(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 5]])
def test_weights_that_share_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (12000, "壹佰贰拾元整"),
        (1099, "壹拾元玖角玖分"),
        (10050, "壹佰元伍角"),
        (10005, "壹佰元零伍分"),
        (100_0000_00, "壹佰万元整"),
        (1_0000_0001_00, "壹亿零壹元整"),
        (2000_0300_50, "贰仟万零叁佰元伍角"),
        (305, "叁元零伍分"),
        (30, "叁角"),
        (5, "伍分"),
        (-12000, "负壹佰贰拾元整"),
        (1010_00, "壹仟零壹拾元整"),
        (1_0010_00, "壹万零壹拾元整"),
    ],
)
def test_receipts_spell_amounts_out(fen: int, text: str) -> None:
    assert spell_out(fen) == text
