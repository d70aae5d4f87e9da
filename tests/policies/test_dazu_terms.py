"""What the Dazu measures say, article by article, as the engine and the windows read them."""

from datetime import date

import pytest

from policies.loader import load_pack
from policies.terms import MonthDay, Subject, Table
from tests.conftest import PACKS

DAZU = load_pack(PACKS / "dazu.yaml")
LEVELS = ("township", "central", "county", "city", "province")


def person(*statuses: str, flags: dict[str, set[str]] | None = None, **facts: str | int) -> Subject:
    numbers = {name: value for name, value in facts.items() if isinstance(value, int)}
    categories = {name: value for name, value in facts.items() if isinstance(value, str)}
    held = {"status": set(statuses)} | (flags or {})
    return Subject(
        categories={"residence": "rural", "tier": "tier1", "age_group": "adult"} | categories,
        flags={name: frozenset(values) for name, values in held.items()},
        numbers=numbers,
    )


def value(table: Table, subject: Subject) -> int | None:
    row = table.find(subject)
    return None if row is None else row.value


def subsidy(code: str, subject: Subject) -> tuple[int, int, dict[str, int]] | None:
    """(amount, toward the premium, by payer) in fen of the first row that fits."""
    (rule,) = (one for one in DAZU.premium.subsidies if one.code == code)
    for row in rule.rows:
        if subject.meets(row.condition):
            return row.amount, row.toward_premium, dict(row.shares)
    return None


def test_in_force_from_2012_to_2027_and_a_year_is_a_calendar_year():
    assert (DAZU.title, DAZU.version) == ("大足县城乡居民合作医疗保险办法", 1)
    assert DAZU.covers(date(2012, 1, 1)) and DAZU.covers(date(2027, 12, 31))
    assert not DAZU.covers(date(2011, 12, 31)) and not DAZU.covers(date(2028, 1, 1))
    assert DAZU.year.of(date(2026, 12, 31)) == 2026
    assert DAZU.year.bounds(2026) == (date(2026, 1, 1), date(2026, 12, 31))


def test_article_13_the_two_standards():
    standards = DAZU.premium.standards
    assert value(standards, person(tier="tier1")) == 10_000
    assert value(standards, person(tier="tier2")) == 20_000
    assert {row.article for row in standards.rows} == {"第十三条"}


def test_article_14_the_general_subsidy_is_80_and_nothing_for_people_from_outside():
    assert subsidy("general", person()) == (
        8_000, 8_000, {"central": 4_000, "city": 3_000, "county": 1_000},
    )  # fmt: skip
    assert subsidy("general", person(residence="outside")) == (0, 0, {})


@pytest.mark.parametrize(
    ("who", "amount", "toward", "shares"),
    [
        (person("wubao"), 2_000, 2_000, {"county": 2_000}),
        (person("dibao"), 1_000, 1_000, {"county": 1_000}),
        (person("wubao", "dibao"), 2_000, 2_000, {"county": 2_000}),
        (person("severe_disability"), 1_000, 1_000, {"county": 1_000}),
        (
            person("dibao", residence="urban", age_group="minor"),
            6_000,
            1_000,
            {"central": 500, "city": 4_125, "county": 1_375},
        ),
        (
            person("dibao", "student", residence="urban"),
            6_000,
            1_000,
            {"central": 500, "city": 4_125, "county": 1_375},
        ),
        (
            person("dibao", "student", residence="urban", tier="tier2"),
            6_000,
            6_000,
            {"central": 500, "city": 4_125, "county": 1_375},
        ),
        (
            person("low_income_elderly", residence="urban", age=60),
            6_000,
            1_000,
            {"central": 3_000, "city": 2_250, "county": 750},
        ),
        (
            person("low_income_elderly", residence="urban", tier="tier2", age=75),
            6_000,
            6_000,
            {"central": 3_000, "city": 2_250, "county": 750},
        ),
    ],
)
def test_article_14_the_special_subsidy(who, amount, toward, shares):
    assert subsidy("special", who) == (amount, toward, shares)
    assert sum(shares.values()) == amount


@pytest.mark.parametrize(
    "who",
    [
        person(),
        person("family_planning"),
        person("student"),
        person("low_income_elderly", residence="urban", age=59),
        person("wubao", residence="outside"),
    ],
)
def test_article_14_who_gets_no_special_subsidy(who):
    assert subsidy("special", who) is None


def test_articles_15_and_16_when_to_pay_and_how_long_a_tier_binds():
    window = DAZU.premium.window
    assert (window.opens, window.closes, window.remit_by) == (
        MonthDay(10, 1),
        MonthDay(11, 30),
        MonthDay(12, 10),
    )
    assert (window.opens_offset, window.closes_offset, window.remit_offset) == (-1, -1, -1)
    assert (DAZU.premium.tier_lock_years, DAZU.premium.tier_lock_article) == (2, "第十六条(一)")
    assert DAZU.premium.same_tier_article == "第十六条(一)"


def test_article_23_what_the_family_account_is_given():
    (grant,) = DAZU.premium.grants
    assert grant.counter == "household_account"
    assert value(grant.amounts, person(tier="tier1")) == 2_000
    assert value(grant.amounts, person(tier="tier2")) == 4_000


@pytest.mark.parametrize(
    ("code", "tier", "age_group", "ratios"),
    [
        ("inpatient_tier1", "tier1", "adult", (6_000, 5_500, 4_000, 2_500, 2_500)),
        ("inpatient_tier1", "tier1", "minor", (6_000, 5_500, 4_000, 2_500, 2_500)),
        ("inpatient_tier2", "tier2", "adult", (7_000, 6_500, 5_000, 3_500, 3_500)),
        ("inpatient_tier2", "tier2", "minor", (7_500, 7_000, 5_500, 4_000, 4_000)),
    ],
)
def test_article_23_deductibles_and_ratios_of_a_stay(code, tier, age_group, ratios):
    scheme = DAZU.benefit(code).scheme
    (segment,) = scheme.ratio.segments
    facts = {"tier": tier, "age_group": age_group, "care": "inpatient"}
    at = [person(level=level, **facts) for level in LEVELS]
    assert tuple(value(segment.ratios, each) for each in at) == ratios
    assert [value(scheme.deductible.amounts, each) for each in at] == [
        3_000, 10_000, 20_000, 100_000, 100_000,
    ]  # fmt: skip


def test_article_23_one_point_more_from_the_third_year_on_every_second_year():
    (bonus,) = DAZU.benefit("inpatient_tier2").scheme.bonuses
    growth = bonus.growth
    assert (growth.field, growth.start, growth.every) == ("years", 3, 2)
    assert (growth.step, growth.ceiling) == (100, 500)
    assert DAZU.benefit("inpatient_tier1").scheme.bonuses == ()


@pytest.mark.parametrize(
    ("code", "facts", "limit"),
    [
        ("inpatient_tier1", {"care": "inpatient", "tier": "tier1"}, 3_000_000),
        ("inpatient_tier2", {"care": "inpatient", "tier": "tier2"}, 6_000_000),
        (
            "inpatient_tier2",
            {"care": "inpatient", "tier": "tier2", "age_group": "minor"},
            7_200_000,
        ),
        ("special_minor", {"care": "special", "tier": "tier2", "age_group": "minor"}, 7_200_000),
        ("special_adult", {"care": "special", "tier": "tier2"}, 6_000_000),
        ("chronic", {"care": "chronic", "tier": "tier1"}, 50_000),
        ("chronic", {"care": "chronic", "tier": "tier2"}, 70_000),
        ("tuberculosis", {"care": "tuberculosis"}, 50_000),
    ],
)
def test_article_23_the_most_that_is_paid_in_a_year(code, facts, limit):
    (cap,) = DAZU.benefit(code).scheme.caps
    ill = {"disease": {"leukemia", "dialysis", "diabetes"}}
    assert value(cap.limits, person(level="county", flags=ill, **facts)) == limit
    assert DAZU.counters[cap.counter].period == "year"


def test_article_23_flat_sums_for_births():
    prenatal, delivery = DAZU.benefit("prenatal").flat, DAZU.benefit("delivery").flat
    assert value(prenatal.amounts, person(care="prenatal")) == 10_000
    assert value(delivery.amounts, person(care="delivery")) == 40_000
    assert (delivery.per, delivery.base) == ("visit", "in_scope")


@pytest.mark.parametrize(
    ("fact", "share"), [(set(), 10_000), ({"special_approved"}, 5_000), ({"emergency"}, 5_000)]
)
def test_article_23_examinations_and_blood_need_approval(fact, share):
    for code in ("special_exam", "blood"):
        shares = DAZU.bill.classes[code].shares
        assert value(shares, person(flags={"fact": fact})) == share


def refused(subject: Subject) -> list[str]:
    return [rule.code for rule in DAZU.refusals if subject.meets(rule.condition)]


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({}, []),
        ({"fact": {"non_contracted"}}, ["non_contracted"]),
        ({"fact": {"non_contracted", "emergency"}}, []),
        ({"reason": {"traffic"}}, ["accident"]),
        ({"reason": {"crime", "self_harm"}}, ["crime", "self_harm"]),
        ({"fact": {"trauma"}}, ["trauma_uncertified"]),
        ({"fact": {"trauma", "trauma_certified"}}, []),
        ({"fact": {"claimed_late"}}, ["claimed_late"]),
    ],
)
def test_article_25_what_is_not_paid_for_a_stay_in_the_county(facts, codes):
    stay = person(care="inpatient", place="local", level="county", flags=facts)
    assert refused(stay) == codes


@pytest.mark.parametrize(
    ("facts", "fact", "codes"),
    [
        ({"referral": "referred"}, set(), []),
        ({"referral": "none"}, set(), ["unapproved_referral"]),
        ({"referral": "none"}, {"working_away"}, ["not_notified"]),
        ({"referral": "none"}, {"working_away", "notified"}, []),
        ({"referral": "none"}, {"emergency"}, []),
        ({"referral": "referred"}, {"psychiatric"}, ["psychiatric_outside"]),
    ],
)
def test_articles_23_and_25_stays_outside(facts, fact, codes):
    stay = person(care="inpatient", place="outside", level="county", flags={"fact": fact}, **facts)
    assert refused(stay) == codes


def test_article_25_outpatient_outside_is_never_paid():
    assert refused(person(care="outpatient", place="outside")) == ["outside_outpatient"]


def test_article_30_how_much_outside_of_the_catalogue_is_too_much():
    limit = DAZU.bill.consent_limit
    assert limit.effect == "notice"
    assert [value(limit.ratios, person(level=level)) for level in ("village", *LEVELS)] == [
        1_000, 1_000, 1_000, 500, 500, 500,
    ]  # fmt: skip


def test_article_31_one_prescription():
    limits = DAZU.prescriptions
    assert [value(limits.amounts, person(level=level)) for level in ("village", *LEVELS)] == [
        1_500, 2_500, 2_500, 4_000, None, None,
    ]  # fmt: skip
    assert (limits.max_drugs, limits.max_antibiotics) == (5, 2)
    assert (limits.max_days, limits.max_days_chronic) == (3, 15)


def test_deadlines_and_who_pays():
    assert {code: deadline.days for code, deadline in DAZU.deadlines.items()} == {
        "notify": 3,
        "claim": 30,
    }
    assert DAZU.layer_names == {"basic": "基本医疗统筹"}
    stay, outpatient = (DAZU.payer_of("basic", code) for code in ("inpatient_tier2", "outpatient"))
    assert (stay.book, stay.fund_pay_type) == ("resident", "390100")
    assert (outpatient.book, outpatient.fund_pay_type) == ("resident", "390500")


def test_what_is_not_there_is_said_by_its_code():
    with pytest.raises(KeyError, match="dental"):
        DAZU.benefit("dental")
    with pytest.raises(KeyError, match="serious"):
        DAZU.payer_of("serious", "inpatient_tier2")
    assert [DAZU.age_group(age) for age in (0, 17, 18, 99)] == ["minor", "minor", "adult", "adult"]


def test_every_reading_that_is_ours_is_marked_for_the_county_to_confirm():
    told = {assumption.article for assumption in DAZU.assumptions}
    assert {"第三十九条", "第十四条(二)", "第二十三条(三)", "第三十条", "第三十一条"} <= told
    assert len(DAZU.assumptions) == len(set(DAZU.assumptions)) >= 14
