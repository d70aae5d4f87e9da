"""Segments to the fen against a plain calculation with fractions, in all four readings."""

from datetime import date
from fractions import Fraction
from math import floor

import pytest

from claims.adjudication import Bill, Case, Cases, Member, Visit, adjudicate
from policies.loader import load_text
from tests.policies.test_pack_checks import SMALL

BOUNDS = [(3_333, 3_333), (7_777, 6_667), (None, 1_234)]
DEDUCTIBLE = 1_111
SEGMENTS = """\
    band: {band}
    thresholds: {thresholds}
    segments:
      - {{up_to: 33.33, ratio: 33.33%}}
      - {{up_to: 77.77, ratio: 66.67%}}
      - {{ratio: 12.34%}}
"""
ACCUMULATING = """\
layers:
  - code: serious
    name: 大病
    article: 第六条
    book: resident
    fund_pay_type: "390200"
    base: in_scope_rest
    accumulates: base
    deductible: {amounts: 11.11}
"""


def owed(amount, marginal, gross):
    """What is owed for ``amount`` fen of in-scope cost, as an exact fraction of fen."""
    taken = min(amount, DEDUCTIBLE)
    low, high = (taken, amount) if gross else (0, amount - taken)
    if not marginal:
        ratio = next(r for bound, r in BOUNDS if bound is None or high <= bound)
        return Fraction((high - low) * ratio, 10_000)
    total, start = Fraction(0), 0
    for bound, ratio in BOUNDS:
        end = high if bound is None else min(high, bound)
        total += Fraction(max(0, end - max(start, low)) * ratio, 10_000)
        start = bound
    return total


def half_up(value):
    return floor(value + Fraction(1, 2))


def claims(amounts, person):
    day = date(2026, 5, 1)
    return [
        Case(
            member=Member(person=person(n), household=person(n), birth_date=day, tier=""),
            visit=Visit(key=str(n), care="inpatient", level="county", starts=day, ends=day),
            bill=Bill(amounts={"in_scope": amount}),
        )
        for n, amount in enumerate(amounts)
    ]


READINGS = [(band, thresholds) for band in ("marginal", "whole") for thresholds in ("net", "gross")]


@pytest.mark.parametrize(("band", "thresholds"), READINGS)
def test_single_visits(band, thresholds):
    text = SMALL.replace("    ratio: 60%\n", SEGMENTS.format(band=band, thresholds=thresholds))
    text = text.replace("amount: 200}", "amount: 11.11}")
    terms = load_text(text, "分段.yaml")
    amounts = list(range(0, 12_000, 7))
    out = adjudicate(Cases.from_cases(claims(amounts, str), terms), terms)
    wanted = [half_up(owed(each, band == "marginal", thresholds == "gross")) for each in amounts]
    assert out.fund_pay.tolist() == wanted


@pytest.mark.parametrize("thresholds", ["net", "gross"])
def test_a_year_of_visits_comes_to_the_years_own_sum(thresholds):
    text = SMALL.replace("ratio: 60%", "ratio: 0%").replace(
        "  paid: {", "  base: {title: 累计, owner: person}\n  paid: {"
    )
    text += ACCUMULATING + SEGMENTS.format(band="marginal", thresholds=thresholds)
    terms = load_text(text, "分段.yaml")
    amounts = [700, 5, 1_300, 333, 0, 2_500, 1, 4_444, 899]
    out = adjudicate(Cases.from_cases(claims(amounts, lambda _: "一人"), terms), terms)
    paid = out.layers["serious"].cumsum().tolist()
    sums = [sum(amounts[: at + 1]) for at in range(len(amounts))]
    assert paid == [half_up(owed(each, True, thresholds == "gross")) for each in sums]
