"""From what was found in a sample to the whole: the stratified estimator with its 95 % interval.

Pure, exact fractions of fen up to the one square root. W. G. Cochran, Sampling Techniques, 3rd ed.
1977, sections 5.3 to 5.4: of stratum h with N settlements, n of them examined, mean error y and
variance s² (divisor n - 1)

    total    T = Σ N y
    variance V = Σ N (N - n) s² / n
    interval T ± t √V, with t of Student's distribution at the effective degrees of freedom
             f = V² / Σ (g² / (n - 1)), g = N (N - n) s² / n   (formula 5.16)

A stratum that was examined whole has no variance. An error is what the fund paid too much (fen,
above zero) or too little (below zero); 0 where the claim agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from lib.money import half_up

# Student's t, two-sided 95 %, in 1/1000, at 1 to 30 degrees of freedom; beyond them at the next
# lower of the last rows, so that the interval is never too narrow.
STUDENT = (
    12706, 4303, 3182, 2776, 2571, 2447, 2365, 2306, 2262, 2228,
    2201, 2179, 2160, 2145, 2131, 2120, 2110, 2101, 2093, 2086,
    2080, 2074, 2069, 2064, 2060, 2056, 2052, 2048, 2045, 2042,
)  # fmt: skip
BEYOND = ((120, 1980), (60, 2000), (40, 2021), (30, 2042))
# With fewer wrong ones the interval says little: errors of a fund are few and uneven. A rule of
# thumb of auditors, no norm.
MIN_WRONG = 5


@dataclass(frozen=True)
class Examined:
    """A stratum: how many settlements it has, and the error of each that was examined (fen)."""

    size: int
    errors: tuple[int, ...]


@dataclass(frozen=True)
class Estimate:
    """Fen that the fund paid too much in all, and between which bounds with 95 %. `is_bounded`: a
    spread could be told, as two of each stratum that is not known whole were examined."""

    total: int
    low: int
    high: int
    examined: int
    wrong: int
    found: int
    is_bounded: bool = True

    @property
    def is_thin(self) -> bool:
        """Too few wrong ones for the interval to be trusted."""
        return self.wrong < MIN_WRONG


def student(freedom: Fraction) -> Fraction:
    """t of the interval; of what lies between two rows the lower one, which is wider."""
    whole = max(1, int(freedom))
    if whole <= len(STUDENT):
        return Fraction(STUDENT[whole - 1], 1000)
    return Fraction(next(t for least, t in BEYOND if whole >= least), 1000)


def estimate(strata: Sequence[Examined]) -> Estimate:
    """The whole from its strata. Raises ValueError where nothing of a stratum was examined or
    more than it has."""
    total, variance, spread = Fraction(0), Fraction(0), Fraction(0)
    is_bounded = True
    for one in strata:
        drawn = len(one.errors)
        if not 0 < drawn <= one.size:
            raise ValueError("a stratum is examined in part or whole")
        total += Fraction(one.size * sum(one.errors), drawn)
        if drawn == one.size:
            continue
        if drawn == 1:
            is_bounded = False
            continue
        part = one.size * (one.size - drawn) * _variance(one.errors) / drawn
        variance += part
        spread += part * part / (drawn - 1)
    half = _half_width(variance, spread)
    return Estimate(
        total=_rounded(total),
        low=_rounded(total - half),
        high=_rounded(total + half),
        examined=sum(len(one.errors) for one in strata),
        wrong=sum(1 for one in strata for error in one.errors if error),
        found=sum(sum(one.errors) for one in strata),
        is_bounded=is_bounded,
    )


def _variance(errors: Sequence[int]) -> Fraction:
    mean = Fraction(sum(errors), len(errors))
    return sum(((error - mean) ** 2 for error in errors), Fraction(0)) / (len(errors) - 1)


def _half_width(variance: Fraction, spread: Fraction) -> Fraction:
    """t √V, the root taken downward to a millionth of a fen."""
    if not variance:
        return Fraction(0)
    t = student(variance * variance / spread)
    millions = 10**12 * variance.numerator // variance.denominator
    return t * Fraction(isqrt(millions), 10**6)


def _rounded(value: Fraction) -> int:
    return half_up(value.numerator, value.denominator)
