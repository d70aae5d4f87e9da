"""Files of claims: usage carried forward in a row, every wrong line told, nothing half-done."""

import json

import pytest

from claims.adjudication.sequence import settle_lines
from tests.adjudication.stories import terms_of

DAZU = terms_of("dazu")


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


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ("{", "case"),
        ("[" * 100_000, "case"),
        ('{"member": 1, "member": 2}', "member"),
        (line(memo="x"), "memo"),
        (line(starts="1999-01-01"), "starts"),
    ],
)
def test_a_wrong_line_is_told_and_uses_nothing(wrong, field):
    values = list(settle_lines([line(amount="200200.00"), wrong, "", line(amount="1200.00")], DAZU))
    assert [sorted(value) == ["error"] for value in values] == [False, True, False]
    assert values[1]["error"]["line"] == 2
    assert values[1]["error"]["field"] == field
    assert values[2]["fund_pay"] == "0.00"


def test_decision_reads_aloud():
    (value,) = settle_lines([line(amount="1000.00")], DAZU)
    assert [step["sentence"] for step in value["steps"]] == [
        "二档住院起付线200.00元，从1000.00元中扣除200.00元，余800.00元（第二十三条(二)2）。",
        "二档住院800.00元按50%计算，为400.00元（第二十三条(二)2）。",
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
