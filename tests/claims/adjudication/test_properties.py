"""What must hold for any claim under the shipped packs, and one by one against all at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.adjudication import Bill, Case, Cases, Member, Visit, adjudicate, settle
from tests.claims.adjudication.at_random import OneByOne, random_cases
from tests.claims.adjudication.stories import terms_of
from tests.claims.adjudication.test_stories import check_identities

DAZU = terms_of("dazu")
AMOUNT = st.integers(0, 30_000_000)
CARES = sorted(DAZU.vocabulary["care"])
LEVELS = sorted(DAZU.vocabulary["level"])


@st.composite
def cases(draw, person=None):
    name = person or draw(st.sampled_from(["甲", "乙", "丙"]))
    start = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 700)))
    codes = lambda kind: st.frozensets(st.sampled_from(sorted(DAZU.vocabulary[kind])), max_size=4)  # noqa: E731
    return Case(
        member=Member(
            person=name,
            household="一家",
            birth_date=draw(
                st.sampled_from([date(1960, 1, 1), date(2008, 6, 1), date(2020, 1, 1)])
            ),
            tier=draw(st.sampled_from(["tier1", "tier2"])),
            statuses=draw(codes("status")),
            consecutive_years=draw(st.integers(1, 14)),
            cover_from=draw(st.sampled_from([None, date(2026, 3, 1)])),
        ),
        visit=Visit(
            key="一",
            care=draw(st.sampled_from(CARES)),
            level=draw(st.sampled_from(LEVELS)),
            place=draw(st.sampled_from(["local", "local", "outside"])),
            referral=draw(st.sampled_from(["none", "referred", "unreferred"])),
            starts=start,
            ends=start + timedelta(days=draw(st.integers(0, 120))),
            diseases=draw(codes("disease")),
            facts=draw(codes("fact")) - {"claimed_late"},
        ),
        bill=Bill(
            amounts=draw(st.dictionaries(st.sampled_from(sorted(DAZU.bill.classes)), AMOUNT))
        ),
    )


USED = st.fixed_dictionaries(
    {
        "annual_paid": st.integers(0, 7_000_000),
        "chronic_paid": st.integers(0, 70_000),
        "household_account": st.integers(0, 20_000),
        "credit": st.integers(0, 5_000),
        "psychiatric_days": st.integers(0, 90),
    }
)


@given(cases(), USED)
@settings(max_examples=150, deadline=None)
def test_parts_make_the_bill_and_caps_hold(case, used):
    decision = settle(case, DAZU, used)
    check_identities(decision)
    assert decision.fund_pay <= decision.in_scope <= decision.total
    after = decision.usage_after(used)
    for counter, limit in (("annual_paid", 7_200_000), ("chronic_paid", 70_000)):
        assert after[counter] <= max(limit, used[counter])
    assert after["household_account"] >= 0
    assert after["credit"] >= 0
    assert after["psychiatric_days"] <= 90


@given(st.lists(cases(), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_batch_is_the_same_as_one_by_one(claims):
    start = {
        "甲": {"annual_paid": 5_900_000, "credit": 5_000},
        "一家": {"household_account": 8_000},
    }
    batch = adjudicate(Cases.from_cases(claims, DAZU), DAZU, start, keep_steps=True)
    kept = {}
    for number, claim in enumerate(claims):
        year = DAZU.year.of(claim.visit.starts)
        person, home = (claim.member.person, year), (claim.member.household, year)
        kept.setdefault(person, dict(start.get(claim.member.person, {})))
        kept.setdefault(home, dict(start.get(claim.member.household, {})))
        decision = settle(claim, DAZU, kept[person] | kept[home])
        assert decision == batch.one(number)
        for change in decision.changes:
            kept[person if change.owner == "person" else home][change.counter] = change.after


@given(cases(person="甲"), st.integers(1, 1_000_000))
@settings(max_examples=80, deadline=None)
def test_more_in_scope_cost_never_gives_less_help(case, more):
    dearer = dict(case.bill.amounts)
    dearer["in_scope"] = dearer.get("in_scope", 0) + more
    before = settle(case, DAZU, {}).fund_pay
    after = settle(
        Case(member=case.member, visit=case.visit, bill=Bill(amounts=dearer)), DAZU, {}
    ).fund_pay
    assert after >= before


PACKS_WITH_BENEFITS = (
    "by-discharge",
    "dazu",
    "mechanisms",
    "more-terms",
    "nanjing-2012",
    "resident-2025",
    "ruian",
    "yueyang",
)


@pytest.mark.parametrize("pack", PACKS_WITH_BENEFITS)
def test_a_large_batch_keeps_every_identity(pack):
    terms = terms_of(pack)
    cases = random_cases(terms, 20_000, seed=7, people=9_000)
    out = adjudicate(cases, terms, start_of(cases, terms))
    parts = out.full_self_pay + out.over_limit + out.first_self_pay + out.in_scope
    assert (out.total == parts).all()
    assert (out.fund_pay == sum(out.layers.values())).all()
    assert (out.personal == out.total - out.fund_pay - out.hospital_part + out.beyond).all()
    assert (out.cash == out.personal - out.account - out.credit).all()
    for amount in (
        out.cash,
        out.beyond,
        out.hospital_part,
        out.account,
        out.credit,
        *out.layers.values(),
    ):
        assert amount.min() >= 0
    assert (out.fund_pay > 0).sum() > 1_000
    for name, counter in terms.counters.items():
        assert out.usage.values[name].min() >= 0, name
        if counter.kind == "balance":
            assert out.usage.values[name].max() <= START


START = 8_000


def start_of(cases, terms):
    """Some money on every balance."""
    balances = {
        name: START for name, counter in terms.counters.items() if counter.kind == "balance"
    }
    return {name: balances for name in (*cases.persons, *cases.households)}


@pytest.mark.parametrize("pack", PACKS_WITH_BENEFITS)
def test_random_claims_one_by_one_are_the_batch_bit_for_bit(pack):
    terms = terms_of(pack)
    cases = random_cases(terms, 300, seed=11, people=60)
    start = start_of(cases, terms)
    batch = adjudicate(cases, terms, start, keep_steps=True)
    apart = OneByOne(terms, start)
    for at in range(len(cases)):
        assert apart.settle(cases, at) == batch.one(at)


@pytest.mark.parametrize("pack", ["dazu", "resident-2025", "yueyang"])
def test_annual_ceilings_hold_over_any_sequence(pack):
    terms = terms_of(pack)
    cases = random_cases(terms, 5_000, seed=5, people=50)
    out = adjudicate(replace(cases, amounts=cases.amounts * 50), terms)
    highest = {
        "annual_paid": 7_200_000,
        "chronic_paid": 70_000,
        "tb_paid": 50_000,
        "basic_paid": 10_000_000 if pack == "resident-2025" else 15_000_000,
        "aid_paid": 5_000_000,
        "serious_paid": 36_000_000 if pack == "resident-2025" else 40_000_000,
        "further_paid": 10_000_000,
    }
    reached = {name for name in terms.counters if name in highest}
    for name in reached:
        assert out.usage.values[name].max() <= highest[name], name
    assert any(out.usage.values[name].max() == highest[name] for name in reached)


def test_counters_move_by_what_is_paid_and_by_nothing_else():
    cases = random_cases(DAZU, 20_000, seed=3, people=4_000, rare=0.3)
    out = adjudicate(cases, DAZU, start_of(cases, DAZU))
    codes = [benefit.code for benefit in DAZU.benefits]

    def paid(*benefits):
        return sum(int(out.fund_pay[out.benefit == codes.index(code)].sum()) for code in benefits)

    values = out.usage.values
    inpatient = ("inpatient_tier1", "inpatient_tier2")
    assert values["annual_paid"].sum() == paid(*inpatient, "special_minor", "special_adult")
    assert values["chronic_paid"].sum() == paid("chronic")
    assert values["tb_paid"].sum() == paid("tuberculosis")
    account = values["household_account"]
    assert len(account) * START - account.sum() == paid("outpatient") > 0
    credit = values["credit"]
    assert len(credit) * START - credit.sum() == out.credit.sum() > 0
    stays = sum(int((out.benefit == codes.index(code)).sum()) for code in inpatient)
    assert values["inpatient_visits"].sum() == stays
