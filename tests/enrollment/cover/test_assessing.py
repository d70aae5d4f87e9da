"""From the measures' premium to the columns of an enrolment."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.errors import Refusal
from enrollment.cover.assessing import assess_person, read_payer
from policies.loader import load_pack

PACKS = Path(__file__).resolve().parents[3] / "policies" / "packs"
DAZU = load_pack(PACKS / "dazu.yaml")
TOWNSHIP = load_pack(PACKS / "township-campaign.yaml")


def assessed(terms, *statuses, tier="", residence="rural", born=date(1980, 1, 1), year=2026):
    payer = read_payer(
        birth_date=born,
        sex="1",
        residence=residence,
        tier=tier,
        statuses=frozenset(statuses),
        terms=terms,
    )
    return assess_person(payer, terms, year=year)


def test_what_somebody_else_pays_is_not_collected():
    wubao = assessed(TOWNSHIP, "wubao", year=2013)
    assert (wubao.standard, wubao.personal, wubao.other) == (6000, 0, 6000)
    assert assessed(TOWNSHIP, year=2013).personal == 6000


def test_measures_without_tiers_ignore_statuses_they_do_not_know():
    assert assessed(TOWNSHIP, "student", year=2013).personal == 6000


@pytest.mark.parametrize("tier", ["tier1", "tier2"])
@pytest.mark.parametrize("residence", ["rural", "urban", "outside"])
@pytest.mark.parametrize(
    "statuses", [(), ("wubao",), ("dibao", "student"), ("low_income_elderly",), ("student",)]
)
def test_every_column_together_is_the_premium(tier, residence, statuses):
    found = assessed(DAZU, *statuses, tier=tier, residence=residence, born=date(1950, 1, 1))
    columns = found.columns()
    paid = sum(
        columns[f"{name}_amount"]
        for name in ("personal", "central", "provincial", "city", "county", "other")
    )
    assert columns["premium_amount"] == paid - columns["credit_amount"]
    assert columns["premium_amount"] in {Decimal(100), Decimal(200)}


@pytest.mark.parametrize(
    ("statuses", "residence", "deciding"),
    [
        ((), "rural", ""),
        (("student",), "rural", ""),
        (("student", "wubao"), "rural", "wubao"),
        (("dibao", "severe_disability"), "rural", "dibao"),
        (("dibao", "wubao"), "rural", "wubao"),
        (("dibao", "student"), "urban", "dibao"),
        (("wubao",), "outside", ""),
    ],
)
def test_the_status_that_decided_is_named(statuses, residence, deciding):
    found = assessed(DAZU, *statuses, tier="tier1", residence=residence)
    assert found.deciding_status == deciding


def test_an_unknown_tier_is_a_refusal_at_the_tier():
    with pytest.raises(Refusal) as refused:
        assessed(DAZU, tier="gold")
    assert refused.value.field == "tier"
