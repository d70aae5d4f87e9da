"""Old settlements beside our measures: what was planted is found by its cause, and nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bench.old_county import WRONG, OldCounty, old_county, with_more_rules
from claims.adjudication import Bill, Case, Decision, Member, Visit, settle
from claims.carried.comparing import CAUSES, Old, Told, compare
from policies.loader import load_text
from policies.terms import Terms

DAZU = Path(__file__).resolve().parents[3] / "policies" / "packs" / "dazu.yaml"


@pytest.fixture(scope="module")
def terms() -> Terms:
    return load_text(with_more_rules(DAZU.read_text(encoding="utf-8")), name="试验")


@pytest.fixture(scope="module")
def county(terms: Terms) -> OldCounty:
    return old_county(terms, 20_000)


def test_fifty_planted_differences_of_ten_causes_are_found_and_none_invented(
    terms: Terms, county: OldCounty
) -> None:
    assert Counter(county.planted.values()) == dict.fromkeys(WRONG, 5)
    assert WRONG.keys() <= CAUSES.keys()
    found = compare(county.olds, terms, county.start)
    assert {one.key: one.cause for one in found} == county.planted
    assert all(one.ours != one.theirs and one.article for one in found)


def test_an_old_system_that_pays_alike_differs_in_nothing(terms: Terms) -> None:
    same = old_county(terms, 2_000, each=0)
    assert compare(same.olds, terms, same.start) == []


def one(key: str, level: str, yuan: int, day: int) -> Case:
    """A stay of 王建国 in June, 50 % at the county's hospital, 70 % at the township's."""
    member = Member(
        person="p1", household="h1", birth_date=date(1970, 5, 1), sex="male", tier="tier2",
        residence="rural",
    )  # fmt: skip
    when = date(2026, 6, day)
    visit = Visit(key=key, care="inpatient", level=level, starts=when, ends=when)
    return Case(member=member, visit=visit, bill=Bill(amounts={"in_scope": yuan * 100}))


def told(decision: Decision) -> Told:
    return Told(
        fund=decision.fund_pay, layers=dict(decision.layers), in_scope=decision.in_scope,
        deductible=decision.deductible, cash=decision.cash,
    )  # fmt: skip


def test_one_difference_brings_about_no_other(terms: Terms) -> None:
    """The first stay of 80 000.00 was settled as if in a township: (80 000 − 30) × 70 % =
    55 979.00 instead of (80 000 − 200) × 50 % = 39 900.00. The second, of 20 000.00, found 4 021.00
    of the cap of 60 000.00 left there, and would here find 20 100.00. Only the first differs."""
    first, second = one("1", "county", 80_000, 1), one("2", "county", 20_000, 20)
    there = settle(replace(first, visit=replace(first.visit, level="township")), terms, {})
    assert there.layers["basic"] == 5_597_900
    after = settle(second, terms, there.usage_after({}))
    assert after.layers["basic"] == 402_100
    olds = [Old(1, first, told(there)), Old(2, second, told(after))]
    found = compare(olds, terms, {})
    assert [(each.key, each.cause, each.ours, each.theirs) for each in found] == [
        (1, "level", 20_000, 3_000)
    ]


def test_what_no_single_change_explains_is_carried_on_as_it_was_paid(terms: Terms) -> None:
    """The first was paid at 45 %: 35 910.00, so 24 090.00 of the cap are left: the second of
    60 000.00, (60 000 − 100) × 50 % = 29 950.00, is capped there at 24 090.00 and here too."""
    first, second = one("1", "county", 80_000, 1), one("2", "county", 60_000, 20)
    right = settle(first, terms, {})
    paid = 3_591_000
    wrong = replace(
        told(right), fund=paid + right.layers["serious"],
        layers={**right.layers, "basic": paid}, cash=None,
    )  # fmt: skip
    used = {**right.usage_after({}), "annual_paid": paid}
    after = settle(second, terms, used)
    assert after.layers["basic"] == 2_409_000
    found = compare([Old(1, first, wrong), Old(2, second, told(after))], terms, {})
    assert [(each.key, each.cause, each.fund) for each in found] == [(1, "ratio", 399_000)]
