"""Windows, deadlines, tiers and bad input around premiums (amounts stand in tests/cases)."""

from datetime import date
from pathlib import Path

import pytest

from enrollment.premiums import (
    Payer,
    PremiumError,
    assess,
    cover,
    household_problem,
    remittance_deadline,
    tier_change_problem,
    window_problem,
)
from policies.loader import load_pack

DAZU = load_pack(Path(__file__).resolve().parents[2] / "policies" / "packs" / "dazu.yaml")


@pytest.mark.parametrize("day", [date(2025, 10, 1), date(2025, 11, 30)])
def test_first_and_last_day_of_the_window(day):
    assert window_problem(DAZU, year=2026, paid_on=day) is None


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2025, 9, 30), "还没有开始"), (date(2025, 12, 1), "过期不再收取")],
)
def test_outside_the_window(day, said):
    found = window_problem(DAZU, year=2026, paid_on=day)
    assert said in found
    assert "2025-10-01至2025-11-30" in found
    assert "第十五条" in found


def test_remittance_deadline_and_cover():
    assert remittance_deadline(DAZU, year=2026) == date(2025, 12, 10)
    assert cover(DAZU, year=2026) == (date(2026, 1, 1), date(2026, 12, 31))


def test_one_household_one_tier():
    assert household_problem(["tier1", "tier1"], DAZU) is None
    found = household_problem(["tier1", "tier2", "tier1"], DAZU)
    assert found == "同一家庭的所有成员须选择同一档次,现有一档、二档,请统一(第十六条(一))。"


def test_tier_is_locked_for_two_years():
    chosen = {"chosen_year": 2025, "chosen_tier": "tier1"}
    assert tier_change_problem(DAZU, year=2026, tier="tier1", **chosen) is None
    assert tier_change_problem(DAZU, year=2027, tier="tier2", **chosen) is None
    found = tier_change_problem(DAZU, year=2026, tier="tier2", **chosen)
    assert "2025年度选择了一档,2年内不得变更,最早2027年度可以改档" in found


def test_explains_itself():
    payer = Payer(
        birth_date=date(1980, 1, 1),
        tier="tier1",
        residence="urban",
        statuses=frozenset({"dibao"}),
    )
    assert assess(payer, DAZU, year=2026).explain().splitlines() == [
        "筹资标准100.00元(第十三条)。",
        "普补80.00元(其中中央财政40.00元、市财政30.00元、县财政10.00元)(第十四条(一))。",
        "特补60.00元(其中中央财政30.00元、市财政22.50元、县财政7.50元),"
        "抵缴保费10.00元,记账50.00元(第十四条(三)、(四)1)。",
        "个人缴费10.00元。",
    ]


@pytest.mark.parametrize(
    ("facts", "field", "said"),
    [
        ({"tier": ""}, "tier", "没有填写缴费档次"),
        ({"tier": "tier3"}, "tier", "缴费档次“tier3”不在办法中,可用:一档、二档"),
        ({"residence": "moon"}, "residence", "户籍类别“moon”不在办法中"),
        ({"statuses": frozenset({"rich"})}, "statuses", "办法没有这种人员身份:rich"),
    ],
)
def test_bad_input_names_the_field(facts, field, said):
    right = {"birth_date": date(1980, 1, 1), "tier": "tier1", "residence": "rural"}
    with pytest.raises(PremiumError) as caught:
        assess(Payer(**right | facts), DAZU, year=2026)
    assert caught.value.field == field
    assert said in str(caught.value)
