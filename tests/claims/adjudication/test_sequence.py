"""Files of claims: usage carried forward in a row, every wrong line told, nothing half-done."""

import json

import pytest

from claims.adjudication.sequence import settle_lines
from tests.claims.adjudication.stories import terms_of

DAZU = terms_of("dazu")
MECHANISMS = terms_of("mechanisms")


def line(
    person="王", household="王家", care="inpatient", starts="2026-03-01", amount="1000.00", **more
):
    value = {
        "member": {
            "person": person,
            "household": household,
            "birth_date": "1970-05-01",
            "tier": "tier2",
        },
        "visit": {"key": person + starts, "care": care, "level": "county", "starts": starts},
        "bill": {"classes": {"in_scope": amount}},
    }
    return json.dumps(value | more, ensure_ascii=False)


def paid(*lines):
    return [value.get("fund_pay", "错") for value in settle_lines(lines, DAZU)]


def test_a_persons_claims_in_a_row_share_one_ceiling():
    assert paid(line(amount="100200.00"), line(starts="2026-05-01", amount="100200.00")) == [
        "50000.00",
        "10000.00",
    ]


def test_a_new_year_starts_afresh():
    assert paid(line(amount="200200.00"), line(starts="2027-01-01", amount="100200.00")) == [
        "60000.00",
        "50000.00",
    ]


def test_family_shares_its_account_but_not_its_ceilings():
    first = line(care="outpatient", amount="30.00", used={"household_account": "40.00"})
    second = line("王二", care="outpatient", amount="30.00")
    assert paid(first, second) == ["30.00", "10.00"]
    assert paid(line(amount="200200.00"), line("王二", amount="100200.00")) == [
        "60000.00",
        "50000.00",
    ]


def test_another_household_between_breaks_the_row():
    other = line("李", "李家")
    assert paid(line(amount="200200.00"), other, line(amount="1200.00")) == [
        "60000.00",
        "400.00",
        "500.00",
    ]


def test_stated_usage_replaces_what_was_carried():
    stated = line(starts="2026-05-01", amount="100200.00", used={"annual_paid": "0.00"})
    assert paid(line(amount="200200.00"), stated) == ["60000.00", "50000.00"]


def told(person, household, care, starts, amount, **more):
    """A line under the mechanisms pack, whose year starts on 1 July."""
    value = {
        "member": {"person": person, "household": household, "birth_date": "1990-01-01"},
        "visit": {"key": "一", "care": care, "level": "county", "starts": starts},
        "bill": {"classes": {"main": amount}},
    }
    value["member"]["sex"] = "male"
    return json.dumps(value | more, ensure_ascii=False)


@pytest.mark.parametrize(
    ("care", "amount", "visits", "fund"),
    [
        # 100 a month: 75, then 25 left; August afresh
        ("cap_month", "150.00", ["2026-07-01", "2026-07-31", "2026-08-01"], "75 25 75"),
        # 60 a day
        ("cap_today", "100.00", ["2026-07-01", "2026-07-01", "2026-07-02"], "50 10 50"),
        # 50 of deductible a quarter: (60-50)/2, then all of 60, then afresh
        ("quarter", "60.00", ["2026-07-01", "2026-09-30", "2026-10-01"], "5 30 5"),
        # 1000 in a lifetime, whatever the insurance year
        ("cap_life", "1500.00", ["2026-06-30", "2026-07-01", "2028-01-01"], "750 250 0"),
        # 500 a stay, at most 800 a year
        ("ceiling", "1000.00", ["2026-06-01", "2026-06-30", "2026-07-01"], "250 350 250"),
        # the second stay halves the deductible of 300; July afresh
        ("later", "1300.00", ["2026-06-01", "2026-06-30", "2026-07-01"], "500 575 500"),
    ],
)
def test_every_period_is_carried_as_long_as_it_lasts(care, amount, visits, fund):
    lines = [told("张", "张家", care, day, amount) for day in visits]
    found = [value["fund_pay"] for value in settle_lines(lines, MECHANISMS)]
    assert found == [f"{amount}.00" for amount in fund.split()]


def test_a_family_limit_is_carried_to_the_brother_and_what_it_leaves_is_told():
    lines = [
        told("兄", "张家", "cap_household", "2026-07-01", "400.00"),
        told("弟", "张家", "cap_household", "2026-07-02", "400.00"),
        told("弟", "张家", "later", "2026-07-03", "1300.00"),
    ]
    first, second, third = settle_lines(lines, MECHANISMS)
    assert first["used_after"] == {"household_paid": "200.00"}
    assert second["used_after"] == {"household_paid": "300.00"}
    assert third["used_after"] == {"household_paid": "300.00", "stays@county": 1}


def test_a_person_and_a_household_of_one_name_keep_their_own_counters():
    lines = [
        told("张", "张", "cap_life", "2026-07-01", "1500.00"),
        told("李", "张", "cap_life", "2026-07-01", "1500.00"),
    ]
    found = [value["fund_pay"] for value in settle_lines(lines, MECHANISMS)]
    assert found == ["750.00", "750.00"]


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ("{", "case", "不是合格的 JSON，请检查引号、逗号和括号"),
        ("[" * 100_000, "case", "不是合格的 JSON，请检查引号、逗号和括号"),
        ('{"member": 1, "member": 2}', "member", "字段“member”写了两次，请删去一个"),
        (
            '{"visit": {"key": 1, "care": 2, "care": 3}}',
            "care",
            "字段“care”写了两次，请删去一个",
        ),
        (
            line(memo="x"),
            "memo",
            "不认识的字段“memo”，可用：member、visit、bill、observation、used",
        ),
        (
            line(starts="1999-01-01"),
            "starts",
            "1999-01-01 不在《大足县城乡居民合作医疗保险办法》有效期 2012-01-01 至 2027-12-31 内，"
            "请选用当日有效的办法",
        ),
    ],
)
def test_a_wrong_line_is_told_and_holds_its_household_back(wrong, field, message):
    """What the wrong line used is not known: the same person's next claim is not settled as if
    there had been none. Another person's is."""
    lines = [line(), wrong, "", line(amount="1200.00"), line("乙", "乙家"), line("丙", "丙家")]
    values = list(settle_lines(lines, DAZU))
    assert [sorted(value) == ["error"] for value in values] == [False, True, True, False, False]
    assert values[1] == {"error": {"line": 2, "field": field, "message": message}}
    assert values[2]["error"] == {
        "line": 4,
        "field": "case",
        "message": "同一户前面的第 2 行没有试算，累计不全；请先改正那一行再试算",
    }


def test_a_line_that_nobody_can_read_may_be_the_next_households():
    """The first claim of 乙 is lost, and nobody knows whose it was: 乙 waits, 丙 does not."""
    lines = [line("甲", "甲家"), "{", line("乙", "乙家"), line("乙", "乙家"), line("丙", "丙家")]
    values = list(settle_lines(lines, DAZU))
    assert ["error" in value for value in values] == [False, True, True, True, False]
    assert "第 2 行没有试算" in values[3]["error"]["message"]


def test_a_refused_claim_of_another_household_holds_nobody_else_back():
    lines = [line("甲", "甲家", starts="1999-01-01"), line("乙", "乙家")]
    assert ["error" in value for value in settle_lines(lines, DAZU)] == [True, False]


def test_a_person_is_the_same_with_marks_that_nobody_sees():
    """400.00 each: the second claim finds what the first one used."""
    first, second = settle_lines([line("甲", "甲家"), line("甲\u200b", "甲\ufeff家")], DAZU)
    assert first["used_after"]["annual_paid"] == "400.00"
    assert second["used_after"]["annual_paid"] == "800.00"


def test_lines_are_counted_with_the_blank_ones():
    (value,) = settle_lines(["", "  ", "{"], DAZU)
    assert value["error"]["line"] == 3


def test_decision_reads_aloud():
    (value,) = settle_lines([line(amount="1000.00")], DAZU)
    assert [step["sentence"] for step in value["steps"]] == [
        "二档住院起付线200.00元（县级医院），从1000.00元中扣除200.00元，余800.00元"
        "（第二十三条(二)2）。",
        "二档住院800.00元按50%（县级医院、成年人）计算，为400.00元（第二十三条(二)2）。",
        "年累计报销限额60000.00元（成年人），此前已报销0.00元，加本次400.00元为400.00元，"
        "还剩59600.00元（第二十三条(二)2）。",
        "总费用1000.00元，基金支付400.00元，个人负担600.00元，其中现金600.00元。",
    ]
    assert value["used_after"] == {"annual_paid": "400.00", "inpatient_visits": 1}


def test_refusal_reads_aloud():
    (value,) = settle_lines([line().replace('"starts"', '"reasons": ["traffic"], "starts"')], DAZU)
    assert value["refusal"] == {
        "code": "accident",
        "article": "第二十五条(三)",
        "sentence": "工伤事故、交通事故、医疗事故或其他责任事故造成的伤害"
        "（第二十五条(三)），不予支付。",
    }
    assert value["fund_pay"] == "0.00"
