"""The corners of single functions: lines, observations, openings, reading a decision."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from claims.adjudication import (
    Bill,
    BillItem,
    Case,
    CaseError,
    Cases,
    Member,
    Opening,
    Visit,
    adjudicate,
    bill_from_lines,
    merge_observation,
    settle,
    subject_of,
)
from claims.adjudication.columns import EPOCH
from claims.adjudication.usage import insurance_years
from policies.loader import load_text
from policies.terms import InsuranceYear, MonthDay
from tests.claims.adjudication.stories import CASES, sentences, terms_of

DAZU = terms_of("dazu")
MECHANISMS = terms_of("mechanisms")
ZHANG = Member(person="张", household="张家", birth_date=date(1990, 1, 1), tier="tier1", sex="male")


def visit(care="plain", day=date(2026, 7, 1), **more):
    return Visit(key="一", care=care, level="county", starts=day, ends=day, **more)


def case(care="plain", day=date(2026, 7, 1), amount=100_000, member=ZHANG):
    return Case(member=member, visit=visit(care, day), bill=Bill(amounts={"main": amount}))


@cache
def edited(pack, old, new):
    """A pack of the cases with a piece of its text replaced."""
    text = (CASES / "packs" / f"{pack}.yaml").read_text("utf-8")
    assert text.count(old) == 1
    return load_text(text.replace(old, new), f"{pack}.yaml")


def test_bed_limit_needs_the_level():
    bed = BillItem(bill_class="bed", amount=25_000, units=50_000)
    with pytest.raises(CaseError) as caught:
        bill_from_lines([bed], MECHANISMS)
    assert caught.value.field == "level"
    assert str(caught.value) == "床位费按医疗机构级别限价，请填写医疗机构级别"
    bill = bill_from_lines([bed], MECHANISMS, subject_of(ZHANG, visit(), MECHANISMS))
    assert bill.over_limit == {"bed": 10_000}


def test_the_lower_of_line_limit_and_class_limit_counts():
    subject = subject_of(ZHANG, visit(), MECHANISMS)
    items = [
        BillItem(bill_class="bed", amount=25_000, units=50_000, limit=12_000),
        BillItem(bill_class="bed", amount=5_000, units=50_000),
    ]
    assert bill_from_lines(items, MECHANISMS, subject).over_limit == {"bed": 13_000}


def test_line_rules_come_before_the_lines_own_share():
    items = [
        BillItem(bill_class="material", amount=10_000, first_self_pay=0),
        BillItem(bill_class="main", amount=10_000, first_self_pay=500),
    ]
    assert bill_from_lines(items, MECHANISMS).own_self_pay == {"material": 1_000, "main": 500}


def test_a_lines_own_share_is_of_what_is_within_the_limit():
    line = BillItem(bill_class="main", amount=10_000, limit=8_000, first_self_pay=1_000)
    bill = bill_from_lines([line], MECHANISMS)
    assert (bill.over_limit, bill.own_amount, bill.own_self_pay) == (
        {"main": 2_000},
        {"main": 8_000},
        {"main": 800},
    )


def test_a_line_outside_the_catalogue_does_not_end_the_bill():
    items = [
        BillItem(bill_class="own", amount=500, limit=1, first_self_pay=1_000),
        BillItem(bill_class="main", amount=10_000, limit=8_000, first_self_pay=1_000),
    ]
    assert bill_from_lines(items, MECHANISMS) == Bill(
        amounts={"own": 500, "main": 10_000},
        over_limit={"main": 2_000},
        own_amount={"main": 8_000},
        own_self_pay={"main": 800},
    )


def test_one_class_with_a_limit_a_share_of_its_own_and_the_rest():
    """乙类 pays 10 % first.  1000 yuan limited to 800: 80; 500 at 20 %: 100; 300: 30."""
    items = [
        BillItem(bill_class="class_b", amount=100_000, limit=80_000),
        BillItem(bill_class="class_b", amount=50_000, first_self_pay=2_000),
        BillItem(bill_class="class_b", amount=30_000),
    ]
    decision = settle(replace(case(), bill=bill_from_lines(items, MECHANISMS)), MECHANISMS, {})
    assert (decision.total, decision.over_limit) == (180_000, 20_000)
    assert (decision.first_self_pay, decision.in_scope) == (21_000, 139_000)
    assert decision.fund_pay == 69_500
    assert [step.sentence for step in decision.steps[:2]] == [
        "乙类中超过限价的200.00元不在报销范围（费用归类）。",
        "乙类1600.00元，其中500.00元逐项先自付100.00元，1100.00元先自付10%即110.00元，"
        "合计先自付210.00元，其余1390.00元进入报销范围（费用归类）。",
    ]
    assert [(step.before, step.after) for step in decision.steps[:2]] == [
        (180_000, 160_000),
        (160_000, 139_000),
    ]


def test_a_level_without_a_limit_has_none():
    terms = edited("mechanisms", "        - {when: {level: township}, amount: 15}\n", "")
    bed = [BillItem(bill_class="bed", amount=25_000, units=50_000)]
    town = replace(visit(), level="township")
    assert bill_from_lines(bed, terms, subject_of(ZHANG, town, terms)).over_limit == {}
    assert bill_from_lines(bed, terms, subject_of(ZHANG, visit(), terms)).over_limit == {
        "bed": 10_000
    }


def test_what_the_institution_bears_adds_up():
    """Unreasonable 300, and 50 of the 200 outside the catalogue that pass a tenth of 1500."""
    terms = edited("corners", "effect: notice", "effect: institution")
    poor = replace(ZHANG, statuses=frozenset({"dibao"}))
    bill = Bill(amounts={"main": 100_000, "hospital": 30_000, "own": 20_000})
    stay = Case(member=poor, visit=visit("reached"), bill=bill)
    decision = settle(stay, terms, {})
    assert (decision.full_self_pay, decision.hospital_part) == (50_000, 35_000)
    assert decision.fund_pay == 60_000
    assert decision.personal == 150_000 - 35_000 - 60_000
    (step,) = [step for step in decision.steps if step.code == "consent_limit"]
    assert (step.before, step.after, step.parameter) == (20_000, 15_000, "150.00元")
    assert step.sentence == (
        "目录外费用200.00元超过总费用1500.00元的10%（低保）即150.00元，"
        "超出50.00元由医疗机构负担（占比）。"
    )


@pytest.mark.parametrize("starts", ["01-01", "01-15", "07-01", "11-30"])
def test_insurance_years_by_column_are_those_by_date(starts):
    terms = replace(MECHANISMS, year=InsuranceYear(MonthDay(*map(int, starts.split("-"))), "一"))
    days = [date(2025, 12, 25) + timedelta(days=each) for each in range(400)]
    columns = np.array([(day - EPOCH).days for day in days])
    assert insurance_years(columns, terms).tolist() == [terms.year.of(day) for day in days]
    first, last = terms.year.bounds(2026)
    assert terms.year.of(first) == terms.year.of(last) == 2026
    assert terms.year.of(first - timedelta(days=1)) == 2025


def test_observation_only_where_the_pack_merges_it_and_in_time():
    observed = Bill(amounts={"main": 5_000, "tcm": 1_000}, over_limit={"tcm": 1})
    stay = replace(case(), bill=Bill(amounts={"main": 100_000, "class_b": 700}))
    merged = merge_observation(stay, observed, date(2026, 7, 1), MECHANISMS)
    assert merged.bill.amounts == {"main": 105_000, "class_b": 700, "tcm": 1_000}
    assert merged.bill.over_limit == {"tcm": 1}
    for ended in (date(2026, 6, 29), date(2026, 7, 2)):
        with pytest.raises(CaseError) as caught:
            merge_observation(stay, observed, ended, MECHANISMS)
        assert caught.value.field == "observation"
        assert str(caught.value) == f"留观结束日 {ended} 不在入院前 1 天内（留观），请分开结算"
    with pytest.raises(CaseError) as caught:
        merge_observation(stay, observed, date(2026, 7, 1), DAZU)
    assert caught.value.field == "observation"
    assert str(caught.value) == "办法没有规定急诊留观并入住院，请分开结算"


def test_opening_columns_are_the_same_as_opening_by_name():
    wife = Member(person="王", household="张家", birth_date=date(1991, 1, 1), tier="", sex="female")
    li = Member(person="李", household="李家", birth_date=date(1980, 1, 1), tier="", sex="male")
    claims = [case("later"), case("ceiling", member=wife), case("plain", member=li)]
    cases = Cases.from_cases(claims, MECHANISMS)
    named = {"张": {"stays@county": 1}, "王": {"deductible_paid": 60_000}}
    named["李家"] = {"family_money": 700}
    stays = np.zeros((3, len(MECHANISMS.vocabulary["level"])), dtype=np.int64)
    stays[0, list(MECHANISMS.vocabulary["level"]).index("county")] = 1
    columns = Opening(
        {
            "stays": stays,
            "deductible_paid": np.array([0, 60_000, 0]),
            "family_money": np.array([0, 700]),
        }
    )
    by_name = adjudicate(cases, MECHANISMS, named, keep_steps=True)
    by_column = adjudicate(cases, MECHANISMS, columns, keep_steps=True)
    assert [by_column.one(at) for at in range(3)] == [by_name.one(at) for at in range(3)]
    assert [int(paid) for paid in by_name.fund_pay] == [42_500, 40_000, 50_000]
    assert int(by_name.account[2]) == 700


def test_a_claim_of_ten_thousand_million_fen_does_not_overflow():
    decision = settle(case("gross_segments", amount=10**11), MECHANISMS, {})
    assert decision.fund_pay == 40_000 + 240_000 + (10**11 - 500_000) * 7 // 10


def test_no_baby_pays_no_benefit_per_baby():
    stay = Case(member=ZHANG, visit=visit("birth", babies=0), bill=Bill(amounts={"main": 100_000}))
    assert settle(stay, MECHANISMS, {}).fund_pay == 0


def test_a_counter_moves_only_by_what_the_institution_left_to_pay():
    """The institution bears 900 of 1000 yuan: a floor of 30 % of all can pay only the rest."""
    own = 90_000
    stay = Case(
        member=ZHANG,
        visit=visit("floor_total", facts=frozenset({"consent_limited"})),
        bill=Bill(amounts={"main": 100_000 - own, "own": own}),
    )
    decision = settle(stay, MECHANISMS, {})
    assert decision.hospital_part == own - 10_000
    assert decision.fund_pay == 20_000
    assert decision.personal == 0


def test_a_negative_balance_pays_nothing():
    decision = settle(case(), MECHANISMS, {"family_money": -100})
    assert decision.account == 0
    assert decision.cash == decision.personal


def test_a_decision_reads_aloud_and_knows_its_length():
    decisions = adjudicate(Cases.from_cases([case(), case()], MECHANISMS), MECHANISMS)
    assert len(decisions) == 2
    assert decisions.one(1).steps == ()
    assert decisions.one(1).changes == ()
    assert sentences(settle(case(), MECHANISMS, {})) == (
        "一半1000.00元按50%计算，为500.00元（一半）。\n"
        "总费用1000.00元，基金支付500.00元，个人负担500.00元，其中现金500.00元。"
    )


def test_a_bonus_is_told_in_points_and_everything_else_in_money():
    poor = replace(ZHANG, statuses=frozenset({"dibao"}))
    steps = settle(case("bonus_sum", member=poor), MECHANISMS, {}).steps
    assert [(step.code, step.unit) for step in steps] == [
        ("bonus", "ratio"),
        ("ratio", "fen"),
        ("cash", "fen"),
    ]


def test_a_counter_that_is_moved_twice_is_told_once():
    """100 of the deductible of 300 on the main cost, 150 and 50 on what is paid beside it."""
    bill = Bill(amounts={"main": 10_000, "tcm": 15_000, "herb": 10_000, "b": 10_000})
    decision = settle(replace(case("streams"), bill=bill), terms_of("corners"), {"borne": 0})
    assert [(c.counter, c.before, c.after) for c in decision.changes] == [
        ("borne", 0, 30_000),
        ("other", 0, 30_000),
    ]


def test_segments_are_read_aloud_one_by_one():
    first = sentences(settle(case("net_segments", amount=720_000), MECHANISMS, {}))
    assert (
        "净额分段1000.00元按50%（1000.00元以内的部分），"
        "4000.00元按60%（超过1000.00元至5000.00元的部分），"
        "2000.00元按70%（超过5000.00元的部分）计算，为4300.00元"
    ) in first
    later = settle(case("gross_serious", amount=400_000), MECHANISMS, {"serious_base": 150_000})
    assert (
        "大病毛额500.00元按60%（2000.00元以内的部分，含起付线），"
        "1500.00元按70%（超过2000.00元的部分，含起付线）计算，为1350.00元"
    ) in sentences(later)
    band = settle(case("net_band", amount=720_000), MECHANISMS, {})
    whole = "净额所在段7000.00元按70%（合计超过5000.00元）计算，为4900.00元（比例三）"
    assert whole in sentences(band)


@pytest.mark.parametrize(
    ("earlier", "taken"),
    [
        (0, "从2000.00元中扣除1000.00元，余1000.00元"),
        (60_000, "此前累计中已扣600.00元，本次从2000.00元中扣除400.00元，余1600.00元"),
    ],
)
def test_a_yearly_deductible_takes_only_what_is_left_of_it(earlier, taken):
    second = settle(case("second", amount=400_000), MECHANISMS, {"serious_base": earlier})
    assert f"大病起付线1000.00元，{taken}（大病）" in sentences(second)


def test_a_share_without_an_upper_bound():
    terms = edited("mechanisms", ", least: 200, most: 1000}", ", least: 200}")
    assert settle(case("share", amount=2_000_000), terms, {}).deductible == 200_000
