"""One claim as JSON: every field lands where it belongs, what is left out has its default."""

from datetime import date

import pytest

from claims.adjudication import (
    Bill,
    BillItem,
    Case,
    Cases,
    Member,
    Visit,
    bill_from_lines,
    settle,
    subject_of,
)
from claims.adjudication.columns import MAX_BILL, CaseError
from claims.adjudication.wire import read_case, write_decision
from policies.terms import Subject
from tests.claims.adjudication.stories import sentences, terms_of

DAZU = terms_of("dazu")
MECHANISMS = terms_of("mechanisms")
BORN = date(1970, 5, 1)
DAY = date(2026, 3, 1)


def test_every_field_of_a_claim():
    written = {
        "member": {
            "person": "王秀英",
            "household": "王家",
            "birth_date": "1970-05-01",
            "sex": "female",
            "tier": "tier2",
            "residence": "rural",
            "statuses": ["dibao", "wubao"],
            "consecutive_years": 7,
            "claim_free_years": "2",
            "cover_from": "2026-01-15",
            "cover_to": "2026-12-31",
        },
        "visit": {
            "key": "住院一",
            "care": "inpatient",
            "level": "county",
            "place": "outside",
            "referral": "referred",
            "starts": "2026-03-01",
            "ends": "2026-03-09",
            "diseases": ["flu"],
            "procedures": ["dialysis"],
            "facts": ["special_approved"],
            "reasons": ["traffic"],
            "babies": 3,
            "prior_deductible": "12.34",
        },
        "bill": {"classes": {"in_scope": "1000.05", "blood": "0.07"}},
        "used": {"annual_paid": "55.55", "inpatient_visits": 2},
    }
    case, used = read_case(written, DAZU)
    assert case == Case(
        member=Member(
            person="王秀英",
            household="王家",
            birth_date=BORN,
            sex="female",
            tier="tier2",
            residence="rural",
            statuses=frozenset({"dibao", "wubao"}),
            consecutive_years=7,
            claim_free_years=2,
            cover_from=date(2026, 1, 15),
            cover_to=date(2026, 12, 31),
        ),
        visit=Visit(
            key="住院一",
            care="inpatient",
            level="county",
            place="outside",
            referral="referred",
            starts=DAY,
            ends=date(2026, 3, 9),
            diseases=frozenset({"flu"}),
            procedures=frozenset({"dialysis"}),
            facts=frozenset({"special_approved"}),
            reasons=frozenset({"traffic"}),
            babies=3,
            prior_deductible=1_234,
        ),
        bill=Bill(amounts={"in_scope": 100_005, "blood": 7}),
    )
    assert used == {"annual_paid": 5_555, "inpatient_visits": 2}


MINIMAL = {
    "member": {"person": "王", "birth_date": "1970-05-01"},
    "visit": {"key": "一", "care": "inpatient", "level": "county", "starts": "2026-03-01"},
    "bill": {"classes": {"in_scope": "1000.00"}},
}


def test_what_is_left_out():
    case, used = read_case(MINIMAL, DAZU)
    assert case == Case(
        member=Member(person="王", household="王", birth_date=BORN, tier=""),
        visit=Visit(key="一", care="inpatient", level="county", starts=DAY, ends=DAY),
        bill=Bill(amounts={"in_scope": 100_000}),
    )
    assert used == {}
    member, visit = case.member, case.visit
    assert (member.sex, member.residence, member.statuses) == ("", "", frozenset())
    assert (member.consecutive_years, member.claim_free_years) == (1, 0)
    assert (member.cover_from, member.cover_to) == (None, None)
    assert (visit.place, visit.referral, visit.babies) == ("local", "none", 1)
    assert visit.prior_deductible == 0
    assert case.bill.total == 100_000
    assert case.bill.over_limit == case.bill.own_amount == case.bill.own_self_pay == {}


@pytest.mark.parametrize(("ends", "days"), [(1, 1), (2, 1), (3, 2), (31, 30)])
def test_days_in_care(ends, days):
    stay = Visit(key="一", care="inpatient", level="", starts=DAY, ends=date(2026, 3, ends))
    assert stay.days == days


LINES = [
    (
        {"class": "bed", "quantity": "5", "unit_price": "50.00", "limit": "120.00"},
        BillItem(bill_class="bed", amount=25_000, limit=12_000, unit_price=5_000, units=50_000),
        Bill(amounts={"bed": 25_000}, over_limit={"bed": 13_000}),
    ),
    (
        {"class": "bed", "quantity": "0.5", "unit_price": "60.00"},
        BillItem(bill_class="bed", amount=3_000, unit_price=6_000, units=5_000),
        Bill(amounts={"bed": 3_000}, over_limit={"bed": 1_500}),
    ),
    (
        {"class": "bed", "amount": "200.00", "quantity": "2.0001"},
        BillItem(bill_class="bed", amount=20_000, units=20_001),
        Bill(amounts={"bed": 20_000}, over_limit={"bed": 14_000}),
    ),
    (
        {"class": "bed", "amount": "40.00"},
        BillItem(bill_class="bed", amount=4_000),
        Bill(amounts={"bed": 4_000}, over_limit={"bed": 1_000}),
    ),
    (
        {"class": "main", "amount": "100.00", "first_self_pay": "12.5%"},
        BillItem(bill_class="main", amount=10_000, first_self_pay=1_250),
        Bill(amounts={"main": 10_000}, own_amount={"main": 10_000}, own_self_pay={"main": 1_250}),
    ),
    (
        {"class": "main", "amount": "100.00", "first_self_pay": "7.05%", "limit": None},
        BillItem(bill_class="main", amount=10_000, first_self_pay=705),
        Bill(amounts={"main": 10_000}, own_amount={"main": 10_000}, own_self_pay={"main": 705}),
    ),
    (
        {"class": "main", "amount": "100.00", "first_self_pay": "100%"},
        BillItem(bill_class="main", amount=10_000, first_self_pay=10_000),
        Bill(amounts={"main": 10_000}, own_amount={"main": 10_000}, own_self_pay={"main": 10_000}),
    ),
    (
        {"class": "material", "amount": "1000.00", "origin": "imported"},
        BillItem(bill_class="material", amount=100_000, origin="imported"),
        Bill(
            amounts={"material": 100_000},
            own_amount={"material": 100_000},
            own_self_pay={"material": 20_000},
        ),
    ),
    (
        {"class": "material", "amount": "1000.00", "unit_price": "1000.01", "origin": "imported"},
        BillItem(bill_class="material", amount=100_000, unit_price=100_001, origin="imported"),
        Bill(
            amounts={"material": 100_000},
            own_amount={"material": 100_000},
            own_self_pay={"material": 40_000},
        ),
    ),
    (
        {"class": "own", "amount": "0.09", "limit": "0.01", "first_self_pay": "10%"},
        BillItem(bill_class="own", amount=9, limit=1, first_self_pay=1_000),
        Bill(amounts={"own": 9}),
    ),
]


@pytest.mark.parametrize(("line", "item", "bill"), LINES)
def test_one_line(line, item, bill):
    """The county's bed day counts up to 30 yuan; imported material up to 1000 yuan pays 20 %."""
    visit = {"key": "一", "care": "plain", "level": "county", "starts": "2026-07-01"}
    written = MINIMAL | {"visit": visit, "bill": {"lines": [line]}}
    case, _ = read_case(written, MECHANISMS)
    subject = subject_of(case.member, case.visit, MECHANISMS)
    assert case.bill == bill == bill_from_lines([item], MECHANISMS, subject)


def test_a_line_of_which_only_the_amount_is_known():
    item = BillItem(bill_class="main", amount=1)
    assert (item.limit, item.first_self_pay, item.unit_price) == (None, None, None)
    assert (item.units, item.origin) == (10_000, "")


def test_lines_of_one_class_add_up():
    """Rounded line by line: 10 % of 0.05, 0.05 and 1.00 is 0.01 + 0.01 + 0.10."""
    line = {"class": "main", "first_self_pay": "10%"}
    lines = [line | {"amount": amount} for amount in ("0.05", "0.05", "1.00")]
    visit = {"key": "一", "care": "plain", "level": "county", "starts": "2026-07-01"}
    case, _ = read_case(MINIMAL | {"visit": visit, "bill": {"lines": lines}}, MECHANISMS)
    assert case.bill == Bill(
        amounts={"main": 110}, own_amount={"main": 110}, own_self_pay={"main": 12}
    )


def test_an_observation_may_have_lines_too():
    visit = {"key": "一", "care": "plain", "level": "township", "starts": "2026-07-02"}
    bed = {"class": "bed", "quantity": "1", "unit_price": "20.00"}
    observation = {"ended": "2026-07-01", "bill": {"lines": [bed]}}
    written = MINIMAL | {
        "visit": visit,
        "bill": {"classes": {"main": "3.00"}},
        "observation": observation,
    }
    case, _ = read_case(written, MECHANISMS)
    assert case.bill.amounts == {"main": 300, "bed": 2_000}
    assert case.bill.over_limit == {"bed": 500}
    assert (case.bill.own_amount, case.bill.own_self_pay) == ({}, {})


def test_sums_of_observed_shares():
    lines = [{"class": "main", "amount": "10.00", "first_self_pay": "10%", "limit": "9.00"}]
    written = MINIMAL | {
        "visit": {"key": "一", "care": "plain", "level": "county", "starts": "2026-07-01"},
        "bill": {"lines": lines},
        "observation": {"ended": "2026-07-01", "bill": {"lines": lines}},
    }
    case, _ = read_case(written, MECHANISMS)
    assert case.bill == Bill(
        amounts={"main": 2_000},
        over_limit={"main": 200},
        own_amount={"main": 1_800},
        own_self_pay={"main": 180},
        observed=1_000,
    )


def test_the_subject_of_a_visit():
    baby = Member(
        person="婴",
        household="家",
        birth_date=date(2026, 3, 2),
        tier="tier1",
        sex="male",
        residence="urban",
        statuses=frozenset({"wubao"}),
        consecutive_years=4,
        claim_free_years=2,
    )
    visit = Visit(
        key="一",
        care="inpatient",
        level="township",
        starts=DAY,
        ends=date(2026, 3, 5),
        place="outside",
        referral="unreferred",
        diseases=frozenset({"a"}),
        procedures=frozenset({"b"}),
        facts=frozenset({"c"}),
        reasons=frozenset({"d"}),
        babies=3,
    )
    assert subject_of(baby, visit, DAZU) == Subject(
        categories={
            "care": "inpatient",
            "level": "township",
            "place": "outside",
            "referral": "unreferred",
            "tier": "tier1",
            "residence": "urban",
            "sex": "male",
            "age_group": DAZU.age_group(0),
        },
        flags={
            "status": frozenset({"wubao"}),
            "disease": frozenset({"a"}),
            "procedure": frozenset({"b"}),
            "fact": frozenset({"c"}),
            "reason": frozenset({"d"}),
        },
        numbers={"age": 0, "years": 4, "claim_free": 2, "days": 4, "babies": 3},
    )


def test_columns_of_one_claim():
    """A child born during its mother's stay is nought years old; 1970-01-01 is day nought."""
    member = Member(person="婴", household="家", birth_date=date(2026, 7, 3), tier="", sex="male")
    visit = Visit(key="一", care="plain", level="county", starts=date(2026, 7, 1),
                  ends=date(2026, 7, 4), babies=0, prior_deductible=5)  # fmt: skip
    cases = Cases.from_cases([Case(member=member, visit=visit, bill=Bill(amounts={}))], MECHANISMS)
    assert cases.counted_on.tolist() == [20_635]
    assert {name: column.tolist() for name, column in cases.numbers.items()} == {
        "age": [0], "years": [1], "claim_free": [0], "days": [3], "babies": [0],
    }  # fmt: skip
    assert cases.prior_deductible.tolist() == [5]
    assert (cases.keys, cases.persons, cases.households) == (["一"], ["婴"], ["家"])
    assert cases.over_limit is cases.own_amount is cases.own_self_pay is None


@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (date(2026, 3, 2), None, False),
        (None, date(2026, 2, 28), False),
        (date(2026, 1, 1), date(2026, 2, 28), False),
    ],
)
def test_the_first_and_last_day_of_cover(first, last, covered):
    member = Member(
        person="王", household="王", birth_date=BORN, tier="tier2", cover_from=first, cover_to=last
    )
    visit = Visit(key="一", care="inpatient", level="county", starts=DAY, ends=DAY)
    decision = settle(
        Case(member=member, visit=visit, bill=Bill(amounts={"in_scope": 100_000})), DAZU, {}
    )
    assert decision.fund_pay == (40_000 if covered else 0)
    if not covered:
        assert decision.refusal.code == "outside_cover"
        assert decision.refusal.article == DAZU.cover.article
        assert decision.refusal.sentence == (
            f"费用不发生在参保缴费的待遇期内（{DAZU.cover.article}），不予支付。"
        )


def test_the_largest_bill_that_is_believed():
    member = Member(person="王", household="王", birth_date=BORN, tier="tier2")
    visit = Visit(key="一", care="inpatient", level="county", starts=DAY, ends=DAY)
    assert MAX_BILL == 100_000_000_000
    Cases.from_cases(
        [Case(member=member, visit=visit, bill=Bill(amounts={"in_scope": MAX_BILL}))], DAZU
    )
    with pytest.raises(CaseError, match=r"^费用类别“in_scope”的金额不合理，应为零到十亿元$"):
        Cases.from_cases(
            [Case(member=member, visit=visit, bill=Bill(amounts={"in_scope": MAX_BILL + 1}))], DAZU
        )


def test_a_visit_that_no_benefit_is_for():
    member = Member(person="王", household="王", birth_date=BORN, tier="", sex="male")
    day = date(2026, 7, 1)
    visit = Visit(key="一", care="once", level="county", starts=day, ends=day)
    case = Case(member=member, visit=visit, bill=Bill(amounts={"main": 100_000}))
    decision = settle(case, MECHANISMS, {})
    assert (decision.benefit, decision.fund_pay, decision.cash) == ("", 0, 100_000)
    assert write_decision(decision, {}, MECHANISMS)["refusal"] == {
        "code": "no_benefit",
        "article": "其他",
        "sentence": "没有规定（其他），不予支付。",
    }
    assert sentences(decision) == (
        "没有规定（列名治疗一年一次起付，不属于“透析”），基金不予支付（其他）。\n"
        "总费用1000.00元，基金支付0.00元，个人负担1000.00元，其中现金1000.00元。"
    )


def test_a_usage_change_knows_its_owner_and_unit():
    member = Member(person="王", household="家", birth_date=BORN, tier="", sex="male")
    day = date(2026, 7, 1)
    stay = Visit(key="一", care="later", level="county", starts=day, ends=day)
    bill = Bill(amounts={"main": 100_000})
    (change,) = settle(Case(member=member, visit=stay, bill=bill), MECHANISMS, {}).changes
    assert (change.counter, change.owner, change.unit) == ("stays@county", "person", "count")
    assert (change.before, change.after, change.delta) == (0, 1, 1)
    visit = Visit(key="二", care="plain", level="county", starts=day, ends=day)
    case = Case(member=member, visit=visit, bill=bill)
    (change,) = settle(case, MECHANISMS, {"family_money": 700}).changes
    assert (change.counter, change.owner, change.unit) == ("family_money", "household", "fen")
    assert (change.before, change.after, change.delta) == (700, 0, -700)
