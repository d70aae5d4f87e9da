"""Payment methods, deposits and gates, worked out by hand (fen)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.clearing.gates import Position, against, months_payable
from claims.clearing.methods import (
    Case,
    amounts_by_points,
    by_bed_day,
    by_budget,
    by_disease,
    by_head,
    by_item,
    by_points,
)
from claims.clearing.sums import returned, statement, taken
from lib.workdays import after_workdays, is_workday

# 1,000.00, 500.00 and 200.00 by items; 8, 5 and 0 days in bed.
CASES = [
    Case(100_000, days=8, disease="K35", group="A"),
    Case(50_000, days=5, disease="O80", group="B"),
    Case(20_000, group="B"),
]
MONEY = st.integers(0, 10**9)


def test_methods_by_hand() -> None:
    assert by_item(CASES) == [100_000, 50_000, 20_000]
    # 8 × 110.00 = 880.00, 5 × 110.00 = 550.00, the outpatient visit by items.
    assert by_bed_day(CASES, 11_000) == [88_000, 55_000, 20_000]
    # 300 people × 5.00 = 1,500.00 over 1,700.00: 882.352…, 441.176…, 176.470… → 882.35 441.18
    # 176.47, the cent to the largest remainder.
    assert by_head(CASES, 300, 500) == [88_235, 44_118, 17_647]
    # Appendix at a price of 900.00, birth of 600.00; what has no price by items.
    assert by_disease(CASES, {"K35": 90_000, "O80": 60_000}) == [90_000, 60_000, 20_000]
    # The budget has 850.00 left of 1,700.00: half of each.
    assert by_budget(CASES, 85_000) == [50_000, 25_000, 10_000]
    assert by_budget(CASES, 170_000) == by_item(CASES)
    assert by_budget(CASES, -1) == [0, 0, 0]


def test_points_by_hand() -> None:
    """A weighs 100 points, B 50: 200 points of three cases, 1,500.01 to share: 7.50005 a point."""
    assert by_points(CASES, {"A": 100, "B": 50}, 150_001) == [75_001, 37_500, 37_500]
    # Among hospitals: 600 and 300 points of 9,000.00.
    assert amounts_by_points(900_000, {"H1": 600, "H2": 300}) == {"H1": 600_000, "H2": 300_000}
    with pytest.raises(ValueError, match="B"):
        by_points(CASES, {"A": 100}, 1)
    assert by_points([], {}, 100) == by_head([], 3, 100) == []
    assert amounts_by_points(5, {}) == {}


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=30), MONEY)
def test_what_is_shared_out_sums_to_the_fen(items: list[int], amount: int) -> None:
    cases = [Case(fen, group="A" if fen % 2 else "B") for fen in items]
    assert sum(by_head(cases, 1, amount)) == amount
    assert sum(by_points(cases, {"A": 3, "B": 7}, amount)) == amount
    assert sum(by_budget(cases, amount)) == min(amount, sum(items))
    assert all(
        paid <= case.items for paid, case in zip(by_budget(cases, amount), cases, strict=True)
    )


def test_statement_by_hand() -> None:
    """17,345.67 claimed, 345.66 deducted: 17,000.01 agreed; 10 % is 1,700.001 → 1,700.00; a debt of
    2,000.00 and 500.00 in advance leave 12,800.01."""
    found = statement(1_734_567, 34_566, percent=10, debt=200_000, prepaid=50_000)
    assert (found.agreed, found.deposit, found.paid) == (1_700_001, 170_000, 1_280_001)
    # A debt that is larger than the month takes it all, and the advance waits.
    found = statement(10_000, 0, percent=5, debt=99_999, prepaid=77)
    assert (found.deposit, found.set_off, found.prepaid, found.paid) == (500, 9_500, 0, 0)
    with pytest.raises(ValueError, match="deducted"):
        statement(1, 2, percent=0)


@given(MONEY, st.integers(0, 100), MONEY, MONEY, st.data())
def test_a_statement_adds_up(
    claimed: int, percent: int, debt: int, prepaid: int, data: st.DataObject
) -> None:
    deducted = data.draw(st.integers(0, claimed))
    one = statement(claimed, deducted, percent=percent, debt=debt, prepaid=prepaid)
    parts = (one.deducted, one.deposit, one.set_off, one.prepaid, one.paid)
    assert sum(parts) == claimed
    assert min(parts) >= 0


@given(st.lists(MONEY, min_size=1, max_size=12), st.data())
def test_parts_are_taken_to_the_fen(amounts: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, sum(amounts)))
    second = data.draw(st.integers(0, sum(amounts) - first))
    one, other, rest = taken(amounts, [first, second])
    assert (sum(one), sum(other)) == (first, second)
    assert [a + b + c for a, b, c in zip(one, other, rest, strict=True)] == amounts
    assert min([*one, *other, *rest]) >= 0


def test_deposit_comes_back_by_the_score() -> None:
    """1,700.00: all from 95 points on, 94 points give 94 %."""
    assert returned(170_000, 95, 95) == 170_000
    assert returned(170_000, 94, 95) == 159_800
    assert returned(333, 50, 95) == 167  # 1.665 → 1.67
    assert returned(170_000, 0, 95) == 0
    with pytest.raises(ValueError, match="0 to 100"):
        returned(1, 101, 95)


def test_gates_of_prepayment() -> None:
    """12,000,000.00 a year spent, 6,000,000.00 there: six months to the day. The hospital got
    2,400,000.00, that is 200,000.00 a month."""
    good = Position(600_000_000, 1_200_000_000, 1_200_000_000)
    assert months_payable(good) == 60
    assert against(good, 240_000_000, 20_000_000) == []
    assert len(against(good, 240_000_000, 20_000_001)) == 1
    # Nine months with payments of 1,000,000.00 each: 6,000,000.00 last six, not eight.
    spring = Position(599_999_999, 1_200_000_000, 900_000_000, months=9)
    assert "5.9 个月" in against(spring, 240_000_000, 1)[0]
    short = against(Position(599_999_999, 1_200_000_000, 1_200_000_000), 240_000_000, 1)
    assert short == ["基金累计结余可支付月数为 5.9 个月，不足 6 个月，不能预付"]
    deficit = against(Position(10**12, 5, 1_200_000_000), 240_000_000, 1)
    assert deficit == ["近十二个月基金当期赤字，不能预付"]
    assert against(Position(5, 0, 0), 0, 0)[0].startswith("基金累计结余可支付月数为 无法计算")


def test_working_days() -> None:
    """Friday 10 April 2026 and twenty working days: 8 May; 11 May with one day off, and a worked
    Saturday takes it back."""
    friday, labour, saturday = date(2026, 4, 10), date(2026, 5, 1), date(2026, 5, 9)
    assert after_workdays(friday, 20) == date(2026, 5, 8)
    assert after_workdays(friday, 20, off={labour}) == date(2026, 5, 11)
    assert after_workdays(friday, 20, off={labour}, on={saturday}) == saturday
    assert after_workdays(friday, 0) == friday
    assert not is_workday(saturday)
    with pytest.raises(ValueError, match="negative"):
        after_workdays(friday, -1)
