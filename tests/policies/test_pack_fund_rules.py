"""第二十六条: reserves, overspends, surpluses and quotas, to the fen."""

from pathlib import Path

import pytest

from policies.fund_rules import quota_split, reserve_extraction, share_overspend, split_surplus
from policies.loader import PackError, load_pack, load_text
from policies.numbers import numbers_of

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


def test_limits_of_surplus_alone_are_a_rule_on_the_fund():
    """浏阳 一1: 基金年度结余控制在8%以内; no reserves, no quotas, and nothing to share out."""
    terms = load_pack(DAZU_PATH.with_name("liuyang.yaml"))
    limit = terms.fund.surplus_limits["annual"]
    assert (limit.most, limit.warn, limit.article) == (800, None, "一1")
    assert reserve_extraction(terms, income=100, balances={}, fund_total=100) == {}
    dazu = DAZU.fund.surplus_limits
    assert {name: (one.warn, one.most) for name, one in dazu.items()} == {
        "annual": (1200, 1500), "cumulative": (2000, 2500),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("warn_above: 12%, most: 15%", "warn_above: 16%, most: 15%", "预警线高于上限"),
        ("    township: {township: 40%, institutions: 60%}\n", "", "没有写街镇超支由谁承担"),
        (
            "  beyond_reserve: {institutions: 100%, article: 第二十六条(三)}\n",
            "",
            "缺少“beyond_reserve”",
        ),
    ],
)
def test_what_cannot_be_is_told(old, new, told):
    text = DAZU_PATH.read_text(encoding="utf-8")
    assert text.count(old) == 1
    with pytest.raises(PackError) as caught:
        load_text(text.replace(old, new), "大足.yaml")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("held_months: 12", "held_months: 一年", "“一年”不是整数"),
        ("held_months: 12", "held_months: 121", "“121”太长，最多 120 个月"),
        ("    held_months: 12\n", "", ""),
        ("article: 第二十三条(五)}\n  - kind: first",
         "article: 第二十三条(五), held_months: 12}\n  - kind: first", "只有首诊机构选定"),
    ],
)  # fmt: skip
def test_how_long_a_first_institution_is_held(old, new, told):
    """第二十一条: 一年内不得变更; a county that does not say so holds nothing."""
    assert DAZU.filings["first"].held_months == 12
    text = DAZU_PATH.read_text(encoding="utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new)
    if not told:
        assert load_text(text, "大足.yaml").filings["first"].held_months == 0
        return
    with pytest.raises(PackError) as caught:
        load_text(text, "大足.yaml")
    assert told in str(caught.value)


def test_the_editor_knows_it_as_a_number_of_months():
    numbers = numbers_of(DAZU_PATH.read_text(encoding="utf-8"))
    (found,) = [one for one in numbers if one.place.endswith("held_months")]
    assert (found.kind, found.text, found.article, found.unit) == ("count", "12", "第二十一条", "")
    assert "几个月内不得变更" in found.item
