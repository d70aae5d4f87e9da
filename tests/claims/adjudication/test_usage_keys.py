"""Usage to date from case to case: under which key it is kept, and what is left is told.

The measures pay 80% at every level, at most 1000 yuan a year in township hospitals and 5000 in
county ones, each level counted for itself, and 600 yuan a quarter for outpatients.
"""

from datetime import date

import pytest

from claims.adjudication import Bill, Case, CaseError, Member, Visit, settle
from claims.adjudication.wire import read_case
from policies.loader import load_text

PACK = """
format: 2
area: {code: "000000", name: 两级县}
title: 两级限额办法
version: 1
source: 自拟
valid: {from: 2026-01-01, to: 2027-12-31}
year: {starts: "01-01", article: 第一条}
cover: {article: 第一条}
vocabulary:
  care:
    inpatient: {name: 住院, bed: yes, counts_as_stay: yes, booked_as: inpatient, med_type: "21"}
    clinic: {name: 门诊, bed: no, counts_as_stay: no, booked_as: outpatient, med_type: "11"}
  level: {township: 乡镇卫生院, county: 县级医院}
counters:
  level_paid: {title: 同级医院年支付, owner: person, by: level}
  quarter_paid: {title: 门诊季支付, owner: household, period: quarter}
bill:
  article: 第二条
  classes: [{code: main, name: 目录内, kind: covered, first_self_pay: 0%}]
base_layer: {code: basic, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}
benefits:
  - code: inpatient
    name: 住院
    article: 第三条
    when: {care: inpatient}
    kind: scheme
    ratio: 80%
    caps:
      - code: level
        name: 同级医院年限额
        counter: level_paid
        limits:
          - {when: {level: township}, amount: 1000}
          - {when: {level: county}, amount: 5000}
  - code: clinic
    name: 门诊
    article: 第四条
    when: {care: clinic}
    kind: scheme
    ratio: 80%
    caps:
      - {code: visit, name: 每次限额, limits: 500}
      - {code: quarter, name: 季限额, counter: quarter_paid, limits: 600}
otherwise: {name: 没有规定, article: 第三条}
"""
TERMS = load_text(PACK, "两级县.yaml")
LUO = Member(person="罗桂英", household="罗家", birth_date=date(1961, 4, 2), tier="")


def visit(level, yuan, care="inpatient", day=date(2026, 2, 3)):
    stay = Visit(key=f"{level}{day}", care=care, level=level, starts=day, ends=day)
    return Case(member=LUO, visit=stay, bill=Bill(amounts={"main": yuan * 100}))


def run(*cases):
    """(paid in yuan, usage afterwards) of each case, usage handed on as the portal does."""
    used, found = {}, []
    for each in cases:
        decision = settle(each, TERMS, used)
        used = decision.usage_after(used)
        found.append((decision.fund_pay // 100, dict(used)))
    return found


def left(decision):
    return [step.sentence for step in decision.steps if step.code == "cap_left"]


def test_each_level_uses_up_its_own_limit():
    """800 of the township's 1000; 2400 of the county's 5000; then 200 are left in the township."""
    first, second, third, fourth = run(
        visit("township", 1000),
        visit("county", 3000),
        visit("township", 1000),
        visit("county", 4000),
    )
    assert first == (800, {"level_paid@township": 80_000})
    assert second == (2400, {"level_paid@township": 80_000, "level_paid@county": 240_000})
    assert third[0] == 200
    assert fourth == (2600, {"level_paid@township": 100_000, "level_paid@county": 500_000})


def test_what_is_left_is_told_for_the_level_of_the_visit():
    decision = settle(visit("county", 3000), TERMS, {"level_paid@township": 90_000})
    assert left(decision) == [
        "同级医院年限额5000.00元（县级医院），此前已报销0.00元，加本次2400.00元为2400.00元，"
        "还剩2600.00元（第三条）。"
    ]


def test_what_is_left_of_the_quarter_is_told_when_another_limit_cut():
    """80% of 900 are 720, at most 500 a visit: 100 of the quarter's 600 are left."""
    decision = settle(visit("county", 900, care="clinic"), TERMS, {"quarter_paid@2025Q4": 60_000})
    assert decision.fund_pay == 50_000
    assert left(decision) == [
        "季限额600.00元，此前已报销0.00元，加本次500.00元为500.00元，还剩100.00元（第四条）。"
    ]


def test_nothing_left_is_told_by_the_limit_that_cut_and_not_twice():
    decision = settle(visit("township", 2000), TERMS, {})
    assert decision.fund_pay == 100_000
    assert [step.code for step in decision.steps] == ["ratio", "cap", "cash"]


def test_quarters_are_kept_apart():
    first, second, third = run(
        visit("county", 600, care="clinic", day=date(2026, 3, 31)),
        visit("county", 600, care="clinic", day=date(2026, 3, 31)),
        visit("county", 600, care="clinic", day=date(2026, 4, 1)),
    )
    assert [first[0], second[0], third[0]] == [480, 120, 480]
    assert third[1] == {"quarter_paid@2026Q1": 60_000, "quarter_paid@2026Q2": 48_000}


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("level_paid", "level_paid@township"),
        ("level_paid@city", "level_paid@township"),
        ("level_paid@county@2026Q1", "level_paid@township"),
        ("quarter_paid", "quarter_paid@2026Q1"),
        ("quarter_paid@2026Q5", "quarter_paid@2026Q1"),
        ("quarter_paid@202601", "quarter_paid@2026Q1"),
    ],
)
def test_a_misspelt_key_is_refused_because_it_would_count_for_nothing(key, right):
    value = {
        "member": {"person": "罗桂英", "birth_date": "1961-04-02"},
        "visit": {"key": "一", "care": "clinic", "level": "county", "starts": "2026-02-03"},
        "bill": {"classes": {"main": "100.00"}},
        "used": {key: "10.00"},
    }
    with pytest.raises(CaseError, match=f"写成 {right} 的样子") as found:
        read_case(value, TERMS)
    assert found.value.field == f"used.{key}"


def test_a_counter_by_level_has_no_key_without_one():
    with pytest.raises(ValueError, match="level_paid: kept by level"):
        TERMS.counters["level_paid"].key(date(2026, 2, 3))
