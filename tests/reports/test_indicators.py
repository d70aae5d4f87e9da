"""The indicators, first with the printed figures of a district's year, then by hand."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.money import to_fen
from policies.terms.fund import SurplusLimit
from reports import indicators
from reports.indicators import BASES, INDICATORS, UNITS, Activity, Facts, State
from reports.thresholds import BOUNDS, bounds


def wan(text: str) -> int:
    """万元 → fen."""
    return to_fen(text) * 10_000


FORMULAS = {one.key: one.formula for one in INDICATORS}


def value(key, **facts):
    return FORMULAS[key](Facts(**facts))


def at_end(key, enrolled=0, **state):
    return value(key, enrolled=enrolled, end=State(**state))


def test_every_indicator_is_one_row():
    """Keys are unique, codes and names together too; each has a unit, a source and a value."""
    assert len(FORMULAS) == len(INDICATORS)
    assert len({(one.code, one.name) for one in INDICATORS}) == len(INDICATORS)
    assert [one.code for one in INDICATORS] == sorted(one.code for one in INDICATORS)
    assert {one.unit for one in INDICATORS} <= UNITS.keys()
    assert all(one.source and one.top.name for one in INDICATORS)
    assert {one.basis for one in INDICATORS} == BASES.keys()
    assert set(BOUNDS) <= FORMULAS.keys()
    assert {one.formula(Facts()) for one in INDICATORS} == {None, 0}


def test_a_quotient_is_its_parts():
    """What the report prints beside a figure gives the figure."""
    facts = Facts(
        everything=Activity(visits=4, compensated=3, cost=700, paid=300, in_scope=500),
        stays=Activity(visits=3, compensated=2, cost=500, paid=200, days=29),
        enrolled=7,
        end=State(raised=900, due=1_000, spent=300, eligible=8),
    )
    for one in INDICATORS:
        if one.bottom is not None and one.adjusted is None:
            top, bottom = one.top.of(facts), one.bottom.of(facts)
            scale = indicators.SCALES[one.unit]
            assert one.formula(facts) == indicators.quotient(top, bottom, scale), one.key
            assert one.told == f"{one.top.name} ÷ {one.bottom.name}"


class TestBounds:
    @pytest.mark.parametrize(
        ("key", "value", "month", "found"),
        [
            ("balance_rate", 2_500, 12, "wait"),
            ("balance_rate", 2_501, 12, "bad"),
            ("balance_rate", 2_000, 12, "good"),
            ("balance_rate", 9_000, 3, ""),  # the year's funds are there and not spent yet
            ("enrollment_rate", 9_935, 3, "good"),
            ("enrollment_rate", 9_750, 3, "wait"),
            ("enrollment_rate", 9_699, 3, "bad"),
            ("months_payable", 299, 3, "bad"),
            ("visits", 5, 3, ""),
            ("balance_rate", None, 12, ""),
        ],
    )
    def test_three_colours(self, key, value, month, found):
        bound = BOUNDS.get(key)
        assert (bound.standing(value, month) if bound else "") == found

    def test_what_the_measures_say_takes_the_place(self):
        """A county that allows 8 % a year and warns from 6 % on."""
        limits = {
            "annual": SurplusLimit(800, 600, "第十条"),
            "cumulative": SurplusLimit(2_000, None, "同上"),
        }
        fund = SimpleNamespace(surplus_limits=limits)
        found = bounds(SimpleNamespace(fund=fund))
        assert found["surplus_rate"].standing(801, 12) == "bad"
        assert found["surplus_rate"].standing(601, 12) == "wait"
        assert found["surplus_rate"].source == "第十条"
        assert found["balance_rate"].standing(2_000, 12) == "good"
        assert bounds(SimpleNamespace(fund=None)) == BOUNDS

    def test_the_bound_is_told_in_its_unit(self):
        assert BOUNDS["balance_rate"].told("ratio") == "（≤25.00%）"
        assert BOUNDS["months_payable"].told("hundredth") == "（≥3.00）"


class TestTheDistrictOf2021:
    """The review says 57.58 of 57.96 (ten thousand persons) = 99.35 %, and closes its sums."""

    def test_enrollment_rates(self):
        assert (
            at_end("enrollment_rate", 575_800, eligible=579_600) == 9934
        )  # 99.344 %, printed as 99.35
        assert at_end("enrollment_rate", 575_850, eligible=579_600) == 9935
        assert (
            at_end("special_group_rate", special_enrolled=32_893, special_eligible=32_924) == 9991
        )  # people out of poverty

    def test_funding_levels_sum_to_the_funds_raised(self):
        levels = [wan(t) for t in ("15670.73", "23464.13", "2943.23", "2237.48")]
        raised = wan("44315.57")
        assert sum(levels) == raised
        assert at_end("subsidy_share", subsidies=sum(levels[1:]), raised=raised) == 6464
        assert at_end("raised_per_person", 575_800, raised=raised) == 76_963  # 769.63 yuan
        assert at_end("premium_per_person", 575_800, premiums=levels[0]) == 27_216

    def test_kinds_of_care_sum_to_the_payments_but_for_a_rounded_cent(self):
        visits = [66_825, 126_552, 667_941]
        paid = [wan(t) for t in ("21898.64", "2060.32", "4111.34")]
        assert sum(visits) == 861_318
        assert sum(paid) - wan("28070.29") == wan("0.01")
        assert at_end("use_rate", spent=sum(paid), raised=wan("44315.57")) == 6334
        assert (
            at_end("pace_deviation", spent=sum(paid), raised=wan("44315.57"), month=9)
            == 6334 - 7500
        )
        assert (
            value("hospitalisation_rate", stays=Activity(visits=66_825), enrolled=575_800) == 1161
        )
        assert (
            value(
                "beneficiary_rate_visits",
                everything=Activity(compensated=861_318),
                enrolled=575_800,
            )
            == 14_959
        )
        assert (
            value("average_stay_payment", stays=Activity(paid=paid[0], compensated=visits[0]))
            == 327_701
        )

    def test_assistance(self):
        assert (
            value(
                "average_assistance",
                everything=Activity(assistance=wan("1520.33"), assisted=45_433),
            )
            == 33_463
        )


class TestByHand:
    def test_ratios_of_one_county_hospital_stay(self):
        """Bill 5000.00, in scope 4300.00, self-paid 300.00, the fund pays 2050.00."""
        stay = Activity(
            visits=1,
            cost=500_000,
            in_scope=430_000,
            off_catalogue=30_000,
            paid=205_000,
            personal=295_000,
        )
        facts = {"everything": stay, "stays": stay}
        assert value("actual_ratio", **facts) == value("stay_actual_ratio", **facts) == 4100
        assert value("in_scope_ratio", **facts) == value("stay_in_scope_ratio", **facts) == 4767
        assert value("off_catalogue_share", **facts) == 600
        assert value("average_stay_personal", **facts) == 295_000

    def test_outside_shares_have_three_readings(self):
        outside = Activity(visits=1, cost=900_000, paid=200_000)
        stays = Activity(visits=8, cost=2_400_000, paid=1_000_000)
        facts = {"stays": stays, "outside_stays": outside}
        assert value("outside_stay_visits", **facts) == 1250
        assert value("outside_stay_cost", **facts) == 3750
        assert value("outside_stay_paid", **facts) == 2000
        assert value("inside_payment_share", everything=stays, outside=outside) == 8000

    def test_stays(self):
        assert value("average_stay", stays=Activity(days=29, visits=4)) == 725  # 7.25 days
        assert (
            value("average_stay_cost", stays=Activity(cost=1_000_001, visits=2)) == 500_001
        )  # half a fen goes up
        assert value("grassroots_share", grassroots=3, stays=Activity(visits=8)) == 3750

    def test_balances(self):
        assert at_end("balance_rate", balance=-5_000, raised=100_000) == -500
        assert indicators.months_payable(300_000, 1_200_000, 12) == 300  # three months
        # Found in service: nine months with payments, 8.30 by twelve.
        assert indicators.months_payable(830_000, 1_200_000, 12) == 830
        assert indicators.months_payable(830_000, 1_200_000, 9) == 623
        assert indicators.months_payable(300_000, 0, 0) is None

    def test_growth(self):
        assert indicators.growth(150, 100) == 5000
        assert indicators.growth(50, 100) == -5000
        assert indicators.growth(5, 0) is None

    def test_household_accounts(self):
        """80.00 brought forward, 40.00 granted, 30.00 used: a quarter; 90.00 lie idle."""
        accounts = State(account_brought_forward=8_000, account_granted=4_000, account_used=3_000)
        assert value("account_use_rate", end=accounts) == 2500
        assert value("account_idle", end=accounts) == 9_000

    def test_serious_illness_lifts_the_ratio(self):
        lifted = Activity(serious=600_000, serious_cost=6_000_000)
        assert value("serious_lift", everything=lifted) == 1000
        assert indicators.quotient(600_000, 2) == 300_000  # relief of each of two persons

    def test_recoveries_of_both_years_count(self):
        """The audit's repeated payments and payments after death: 21362.49 + 711.18."""
        taken_back = State(
            recovered_this_year=to_fen("21362.49"), recovered_earlier=to_fen("711.18")
        )
        assert value("recovered", end=taken_back) == to_fen("22073.67")

    def test_direct_settlement(self):
        assert value("direct_settlement_rate", outside=Activity(direct=3, visits=4)) == 7500

    def test_township_quota(self):
        assert indicators.ratio(11_000_000, 10_000_000) == 11_000
        assert indicators.quota_overspend(11_000_000, 10_000_000) == 1_000_000
        assert indicators.quota_overspend(9_000_000, 10_000_000) == 0

    def test_in_place(self):
        assert at_end("in_place_rate", raised=3_000, due=4_000) == 7500


@pytest.mark.parametrize("formula", [indicators.ratio, indicators.quotient])
def test_nothing_to_divide_by_has_no_value(formula):
    assert formula(5, 0) is None


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("enrollment_rate", {"enrolled": 5}),
        ("raised_per_person", {"end": State(raised=5)}),
        ("average_stay_cost", {"stays": Activity(cost=5)}),
        ("average_stay", {"stays": Activity(days=5)}),
    ],
)
def test_a_rate_of_nobody_has_no_value(key, facts):
    assert value(key, **facts) is None


@given(part=st.integers(0, 10**12), whole=st.integers(1, 10**12))
def test_a_ratio_is_within_half_a_step_of_the_truth(part, whole):
    found = indicators.ratio(part, whole)
    assert abs(found * whole - part * 10_000) * 2 <= whole
