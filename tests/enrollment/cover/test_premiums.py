"""Windows, deadlines, tiers and bad input around premiums (amounts stand in tests/cases)."""

from datetime import date
from pathlib import Path

import pytest

from enrollment.cover.premiums import (
    Payer,
    PremiumError,
    assess,
    campaign_reward,
    cover,
    enrolment_window,
    household_problem,
    late_cover,
    remittance_deadline,
    tier_change_problem,
    waiting_months,
)
from policies.loader import load_pack, load_text

PACKS = Path(__file__).resolve().parents[3] / "policies" / "packs"
DAZU = load_pack(PACKS / "dazu.yaml")
RESIDENT = load_pack(PACKS / "resident-2025.yaml")
DISTRICT = load_pack(PACKS / "district-premiums.yaml")
TOWNSHIP = load_pack(PACKS / "township-campaign.yaml")
LIU = Payer(birth_date=date(1985, 3, 1))


def test_remittance_deadline_and_cover():
    assert remittance_deadline(DAZU, year=2026) == date(2025, 12, 10)
    assert cover(DAZU, year=2026) == (date(2026, 1, 1), date(2026, 12, 31))


def test_one_household_one_tier():
    assert household_problem(["tier1", "tier1"], DAZU) is None
    found = household_problem(["tier1", "tier2", "tier1"], DAZU)
    assert found == "同一家庭的所有成员须选择同一档次，现有一档、二档，请统一（第十六条(一)）。"


def test_tier_is_locked_for_two_years():
    chosen = {"chosen_year": 2025, "chosen_tier": "tier1"}
    assert tier_change_problem(DAZU, year=2026, tier="tier1", **chosen) is None
    assert tier_change_problem(DAZU, year=2027, tier="tier2", **chosen) is None
    found = tier_change_problem(DAZU, year=2026, tier="tier2", **chosen)
    assert "2025年度选择了一档，2年内不得变更，最早2027年度可以改档" in found


def test_explains_itself():
    payer = Payer(
        birth_date=date(1980, 1, 1),
        tier="tier1",
        residence="urban",
        statuses=frozenset({"dibao"}),
    )
    steps = assess(payer, DAZU, year=2026).steps
    assert [(step.before, step.after) for step in steps] == [
        (0, 10_000),
        (10_000, 2_000),
        (2_000, 1_000),
        (1_000, 1_000),
    ]
    assert [step.sentence for step in assess(payer, DAZU, year=2026).steps] == [
        "筹资标准100.00元（第十三条）。",
        "普补80.00元（其中中央财政40.00元、市财政30.00元、县财政10.00元）（第十四条(一)）。",
        "特补60.00元（其中中央财政30.00元、市财政22.50元、县财政7.50元），"
        "抵缴保费10.00元，记账50.00元（第十四条(三)、(四)1）。",
        "个人缴费10.00元。",
    ]


@pytest.mark.parametrize(
    ("facts", "field", "said"),
    [
        ({"tier": ""}, "tier", "没有填写缴费档次"),
        ({"tier": "tier3"}, "tier", "缴费档次“tier3”不在办法中，可用：一档、二档"),
        ({"residence": "moon"}, "residence", "户籍类别“moon”不在办法中"),
        ({"statuses": frozenset({"rich"})}, "statuses", "办法没有这种人员身份：rich"),
    ],
)
def test_bad_input_names_the_field(facts, field, said):
    right = {"birth_date": date(1980, 1, 1), "tier": "tier1", "residence": "rural"}
    with pytest.raises(PremiumError) as caught:
        assess(Payer(**right | facts), DAZU, year=2026)
    assert caught.value.field == field
    assert said in str(caught.value)


@pytest.mark.parametrize(("from_year", "months"), [("1", 5), ("2", 4)])
def test_v15_two_years_gap_by_either_reading(from_year, months):
    text = (PACKS / "resident-2025.yaml").read_text("utf-8")
    old = "variable_wait_from_year: 1"
    assert text.count(old) == 1
    terms = load_text(text.replace(old, f"variable_wait_from_year: {from_year}"), "样本")
    assert waiting_months(terms, gap_years=2) == months


@pytest.mark.parametrize(
    ("gap", "repaired", "months"),
    [(0, 0, 3), (1, 0, 4), (3, 2, 4), (3, 9, 3), (4, 4, 6), (4, 0, 7), (10, 0, 13)],
)
def test_waiting_months_and_their_repair(gap, repaired, months):
    found = waiting_months(RESIDENT, gap_years=gap, repaired_years=repaired)
    assert found == months


def test_no_waiting_rule_means_no_waiting():
    assert waiting_months(DAZU, gap_years=5) == 0
    payer = Payer(birth_date=date(1980, 1, 1), tier="tier1", residence="rural")
    found = late_cover(payer, DAZU, year=2026, paid_on=date(2026, 3, 1), gap_years=1)
    assert found == (date(2026, 3, 1), date(2026, 12, 31))


def test_late_cover_starts_after_the_waiting_months():
    found = late_cover(LIU, RESIDENT, year=2025, paid_on=date(2025, 5, 31), gap_years=1)
    assert found == (date(2025, 9, 30), date(2025, 12, 31))


def test_paid_before_the_year_waits_from_payment_but_not_before_the_year():
    found = late_cover(LIU, RESIDENT, year=2025, paid_on=date(2024, 9, 20), gap_years=0)
    assert found[0] == date(2025, 1, 1)


def test_newborn_within_ninety_days_is_covered_from_birth():
    baby = Payer(birth_date=date(2025, 4, 1))
    found = late_cover(baby, RESIDENT, year=2025, paid_on=date(2025, 6, 30), gap_years=0)
    assert found[0] == date(2025, 4, 1)
    late = late_cover(baby, RESIDENT, year=2025, paid_on=date(2025, 7, 1), gap_years=0)
    assert late[0] == date(2025, 10, 1)


def test_exempt_people_do_not_wait():
    soldier = Payer(birth_date=date(2000, 1, 1), statuses=frozenset({"veteran"}))
    found = late_cover(soldier, RESIDENT, year=2025, paid_on=date(2025, 9, 1), gap_years=3)
    assert found[0] == date(2025, 9, 1)


def test_district_resumes_in_july_after_a_gap():
    found = late_cover(LIU, DISTRICT, year=2009, paid_on=date(2008, 11, 1), gap_years=1)
    assert found == (date(2009, 7, 1), date(2009, 12, 31))
    first_time = late_cover(LIU, DISTRICT, year=2009, paid_on=date(2008, 11, 1), gap_years=0)
    assert first_time[0] == date(2009, 1, 1)


@pytest.mark.parametrize(
    ("enrolled", "fen"), [(950, 47_500), (949, 28_470), (900, 27_000), (899, 0)]
)
def test_village_reward_by_rate(enrolled, fen):
    assert campaign_reward(TOWNSHIP, enrolled=enrolled, due=1000) == fen
    assert campaign_reward(TOWNSHIP, enrolled=enrolled, due=0) == 0
    assert campaign_reward(DAZU, enrolled=enrolled, due=1000) == 0


def test_window_over_new_year():
    assert enrolment_window(TOWNSHIP, year=2013) == (date(2012, 11, 1), date(2013, 1, 10))
    assert remittance_deadline(TOWNSHIP, year=2013) == date(2013, 1, 15)
    assert remittance_deadline(DISTRICT, year=2009) is None


def test_subsidies_above_the_premium_are_a_wrong_pack():
    text = (PACKS / "street-campaign.yaml").read_text("utf-8")
    terms = load_text(text.replace("standards: 100", "standards: 50"), "样本")
    with pytest.raises(PremiumError, match="财政专项补助超过了应缴保费"):
        assess(LIU, terms, year=2010)


def test_grants_only_for_those_whom_a_row_names():
    text = (PACKS / "dazu.yaml").read_text("utf-8")
    row = "        - {when: {tier: tier2}, amount: 40, article: 第二十三条(二)1}\n"
    assert text.count(row) == 1
    terms = load_text(text.replace(row, ""), "样本")
    payer = Payer(birth_date=date(1980, 1, 1), tier="tier2", residence="rural")
    assert assess(payer, terms, year=2026).grants == {}


def test_pack_without_premiums():
    text = (PACKS / "yueyang.yaml").read_text("utf-8")
    with pytest.raises(PremiumError, match="没有规定筹资"):
        assess(LIU, load_text(text, "样本"), year=2023)
