"""第二十六条: reserves, overspends, surpluses and quotas, to the fen."""

from pathlib import Path

import pytest

from policies.fund_rules import quota_split, reserve_extraction, share_overspend, split_surplus
from policies.loader import load_pack

DAZU_PATH = Path(__file__).resolve().parents[2] / "policies" / "packs" / "dazu.yaml"
DAZU = load_pack(DAZU_PATH)


def extract(risk_reserve):
    return reserve_extraction(
        DAZU, income=1_000_000, balances={"risk_reserve": risk_reserve}, fund_total=2_000_000
    )


def test_ten_percent_is_five_and_five():
    assert extract(0) == {"serious_reserve": 50_000, "risk_reserve": 50_000}


def test_risk_reserve_stops_only_above_fifteen_percent():
    assert extract(300_000)["risk_reserve"] == 50_000
    assert extract(300_001) == {"serious_reserve": 50_000, "risk_reserve": 0}


def test_an_odd_fen_is_never_lost():
    assert sum(share_overspend(DAZU, pool="township", overspend=101).values()) == 101
    assert split_surplus(DAZU, surplus=101) == {"risk_fund": 51, "next_year_pool": 50}


def test_without_any_reserve_institutions_bear_all():
    parts = share_overspend(DAZU, pool="county", overspend=10_000, reserve_left=0)
    assert parts == {"center": 0, "institutions": 10_000}


def test_unknown_pool_and_negative_amount():
    with pytest.raises(ValueError, match="没有规定“village”超支的分担"):
        share_overspend(DAZU, pool="village", overspend=1)
    with pytest.raises(ValueError, match="不能为负数"):
        split_surplus(DAZU, surplus=-1)


def test_pack_without_fund_rules():
    with pytest.raises(ValueError, match="没有基金管理规定"):
        split_surplus(load_pack(DAZU_PATH.with_name("yueyang.yaml")), surplus=1)


def test_quota_by_head_count():
    quota = quota_split(total=1_000_001, members={"龙岗": 2, "棠香": 1})
    assert quota == {"龙岗": 666_667, "棠香": 333_334}
