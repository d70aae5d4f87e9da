"""The draw and the estimate of samples: by hand, in any order of the rows, and many times over."""

import hashlib
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.sampling.draw import (
    Rates,
    Stratum,
    Unit,
    commitment,
    draw,
    how_many,
    read,
    risk_of,
    spelled,
)
from supervision.sampling.estimate import Estimate, Examined, estimate, student

TOWN = Stratum("H50022510101", "usual")
COUNTY = Stratum("H50022500001", "raised")
SEED = "00" * 32


def units(stratum: Stratum, count: int, start: int = 1) -> list[Unit]:
    return [Unit(f"JS2026{start + at:06d}", stratum, 10_000) for at in range(count)]


def test_the_draw_is_what_the_method_says_on_any_machine() -> None:
    """Worked out by the shell: `printf %s "00…00:JS2026000007" | sha256sum` gives 0868c52…, that of
    number 10 08888d1…, of number 9 117761b…; the other seven are greater."""
    (drawn,) = draw(SEED, units(TOWN, 10), Rates())
    assert [unit.number for unit in drawn.units] == ["JS2026000007", "JS2026000010"]
    assert (drawn.size, drawn.fund) == (10, 100_000)


def test_the_seed_is_told_by_its_digest_first() -> None:
    assert commitment("ab") == hashlib.sha256(b"ab").hexdigest()


def test_how_many_are_drawn() -> None:
    """10 % of 11 is 1.1: two; of 21 2.1: three; of one settlement that one; of ten two, as of one
    alone no spread is told; 100 % is all."""
    ten = Fraction(10)
    assert [how_many(size, ten) for size in (1, 2, 10, 11, 20, 21, 1000)] == [1, 2, 2, 2, 2, 3, 100]
    assert how_many(7, Fraction(100)) == 7


def test_risk() -> None:
    assert risk_of(fund=499_999, is_doubted=False, large_from=500_000) == "usual"
    assert risk_of(fund=500_000, is_doubted=False, large_from=500_000) == "raised"
    assert risk_of(fund=1, is_doubted=True, large_from=500_000) == "raised"


@given(st.integers(1, 80), st.integers(0, 40), st.randoms(), st.integers(10, 100))
def test_whatever_the_order_the_same_are_drawn(
    usual: int, raised: int, shuffled: random.Random, rate: int
) -> None:
    """Never fewer than the rate of any stratum, nobody twice, and the list says it all again."""
    rows = units(TOWN, usual) + units(COUNTY, raised, 500)
    rates = Rates(Fraction(rate), Fraction(100))
    found = draw(SEED, rows, rates)
    shuffled.shuffle(rows)
    assert draw(SEED, rows, rates) == found
    assert draw(SEED, read(spelled(rows)), rates) == found
    for one in found:
        assert len(one.units) * 100 >= one.size * rates.of(one.stratum.risk)
        assert len(set(one.units)) == len(one.units) <= one.size


def test_another_seed_draws_others_and_a_number_twice_is_refused() -> None:
    rows = units(TOWN, 200)
    assert draw("11" * 32, rows, Rates()) != draw(SEED, rows, Rates())
    with pytest.raises(ValueError, match="stands twice"):
        draw(SEED, [*rows, rows[0]], Rates())


def test_two_strata_by_hand() -> None:
    """Of 10 settlements 4 were examined, one with 4.00 too much: mean 1.00, s² 4.00 = 40 000 fen²,
    part of the variance 10 × 6 × 40 000 / 4 = 600 000. Of 6 two, 1.00 and 3.00 too much: mean 2.00,
    s² 20 000, part 6 × 4 × 20 000 / 2 = 240 000. Total 10 × 1.00 + 6 × 2.00 = 22.00. Variance
    840 000, root 916.515; freedom 840 000² / (600 000² / 3 + 240 000² / 1) = 3.97, t of 3: 3.182;
    half 2 916.35 fen."""
    found = estimate([Examined(10, (0, 0, 0, 400)), Examined(6, (100, 300))])
    assert found == Estimate(total=2200, low=-716, high=5116, examined=6, wrong=3, found=800)
    assert found.is_thin


def test_what_was_examined_whole_is_known() -> None:
    assert estimate([Examined(3, (0, -50, 100))]) == Estimate(50, 50, 50, 3, 2, 50)


def test_of_one_in_five_no_spread_is_told() -> None:
    found = estimate([Examined(5, (20,))])
    assert (found.total, found.low, found.high, found.is_bounded) == (100, 100, 100, False)
    with pytest.raises(ValueError, match="examined"):
        estimate([Examined(5, ())])


def test_student() -> None:
    """The table's own rows (two-sided 5 %): 12.706 of 1, 2.228 of 10, 2.042 of 30, 1.980 of 120."""
    told = [student(Fraction(n)) for n in (1, 10, 30, 45, 120, 5000)]
    assert told == [Fraction(n, 1000) for n in (12706, 2228, 2042, 2021, 1980, 1980)]


def test_many_samples_of_one_month_hold_what_the_interval_says() -> None:
    """A month of 1 200 settlements in three strata, every third wrong by up to 300.00; drawn 300
    times by other seeds. The estimates lie around the truth (within 2 %), and the interval holds it
    in 95 of 100 (here: 92 to 98, the spread of 300 tries)."""
    chance = random.Random(20260301)
    strata = {Stratum(f"H{at}", "usual"): size for at, size in ((1, 700), (2, 400), (3, 100))}
    rows, errors = list[Unit](), dict[str, int]()
    for stratum, size in strata.items():
        for unit in units(stratum, size, start=1000 * int(stratum.institution[1:])):
            rows.append(unit)
            errors[unit.number] = chance.randint(-5_000, 30_000) if chance.random() < 1 / 3 else 0
    truth, held, total = sum(errors.values()), 0, 0
    tries = 300
    for at in range(tries):
        drawn = draw(f"{at:064x}", rows, Rates(Fraction(20)))
        found = estimate(
            [Examined(one.size, tuple(errors[unit.number] for unit in one.units)) for one in drawn]
        )
        held += found.low <= truth <= found.high
        total += found.total
    assert abs(total / tries - truth) < 0.02 * truth
    assert 0.92 * tries <= held <= 0.98 * tries, held
