"""The indicators, first with the printed figures of a district's year, then by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.money import to_fen
from reports import indicators
from reports.indicators import Volume


def wan(text: str) -> int:
    """万元 → fen."""
    return to_fen(text) * 10_000


class TestTheDistrictOf2021:
    """The review says 57.58 of 57.96 (ten thousand persons) = 99.35 %, and closes its sums."""

    def test_enrollment_rates(self):
        assert indicators.enrollment_rate(575_800, 579_600) == 9934  # 99.344 %, printed as 99.35
        assert indicators.enrollment_rate(575_850, 579_600) == 9935
        assert indicators.special_group_rate(32_893, 32_924) == 9991  # people out of poverty

    def test_funding_levels_sum_to_the_funds_raised(self):
        levels = [wan(t) for t in ("15670.73", "23464.13", "2943.23", "2237.48")]
        raised = wan("44315.57")
        assert sum(levels) == raised
        assert indicators.subsidy_share(sum(levels[1:]), raised) == 6464
        assert indicators.raised_per_person(raised, 575_800) == 76_963  # 769.63 yuan
        assert indicators.premium_per_person(levels[0], 575_800) == 27_216

    def test_kinds_of_care_sum_to_the_payments_but_for_a_rounded_cent(self):
        visits = [66_825, 126_552, 667_941]
        paid = [wan(t) for t in ("21898.64", "2060.32", "4111.34")]
        assert sum(visits) == 861_318
        assert sum(paid) - wan("28070.29") == wan("0.01")
        assert indicators.use_rate(sum(paid), wan("44315.57")) == 6334
        assert indicators.pace_deviation(sum(paid), wan("44315.57"), 9) == 6334 - 7500
        assert indicators.hospitalisation_rate(66_825, 575_800) == 1161
        assert indicators.beneficiary_rate_visits(861_318, 575_800) == 14_959
        assert indicators.average_payment(paid[0], visits[0]) == 327_701

    def test_assistance(self):
        assert indicators.average_assistance(wan("1520.33"), 45_433) == 33_463


class TestByHand:
    def test_ratios_of_one_county_hospital_stay(self):
        """Bill 5000.00, in scope 4300.00, self-paid 300.00, the fund pays 2050.00."""
        assert indicators.actual_ratio(205_000, 500_000) == 4100
        assert indicators.in_scope_ratio(205_000, 430_000) == 4767  # 47.674 %
        assert indicators.off_catalogue_share(30_000, 500_000) == 600
        assert indicators.average_personal(295_000, 1) == 295_000

    def test_outside_shares_have_three_readings(self):
        shares = indicators.outside_shares(
            Volume(visits=1, cost=900_000, paid=200_000),
            Volume(visits=8, cost=2_400_000, paid=1_000_000),
        )
        assert (shares.visits, shares.cost, shares.paid) == (1250, 3750, 2000)
        assert indicators.inside_payment_share(800_000, 1_000_000) == 8000

    def test_stays(self):
        assert indicators.average_stay(29, 4) == 725  # 7.25 days
        assert indicators.average_cost(1_000_001, 2) == 500_001  # half a fen goes up
        assert indicators.grassroots_share(3, 8) == 3750

    def test_balances(self):
        assert indicators.balance_rate(-5_000, 100_000) == -500
        assert indicators.months_payable(300_000, 1_200_000) == 300  # three months
        assert indicators.months_payable(300_000, 0) is None

    def test_growth(self):
        assert indicators.growth(150, 100) == 5000
        assert indicators.growth(50, 100) == -5000
        assert indicators.growth(5, 0) is None

    def test_household_accounts(self):
        """80.00 brought forward, 40.00 granted, 30.00 used: a quarter; 90.00 lie idle."""
        assert indicators.account_use_rate(3_000, 8_000, 4_000) == 2500
        assert indicators.account_idle(3_000, 8_000, 4_000) == 9_000

    def test_serious_illness_lifts_the_ratio(self):
        assert indicators.serious_lift(600_000, 6_000_000) == 1000
        assert indicators.serious_relief(600_000, 2) == 300_000

    def test_recoveries_of_both_years_count(self):
        """The audit's repeated payments and payments after death: 21362.49 + 711.18."""
        assert indicators.recovered(to_fen("21362.49"), to_fen("711.18")) == to_fen("22073.67")

    def test_direct_settlement(self):
        assert indicators.direct_settlement_rate(3, 4) == 7500

    def test_township_quota(self):
        assert indicators.quota_use_rate(11_000_000, 10_000_000) == 11_000
        assert indicators.quota_overspend(11_000_000, 10_000_000) == 1_000_000
        assert indicators.quota_overspend(9_000_000, 10_000_000) == 0

    def test_in_place(self):
        assert indicators.in_place_rate(3_000, 4_000) == 7500


@pytest.mark.parametrize(
    "formula",
    [
        indicators.enrollment_rate,
        indicators.raised_per_person,
        indicators.average_cost,
        indicators.average_stay,
        indicators.months_payable,
        indicators.quota_use_rate,
    ],
)
def test_nothing_to_divide_by_has_no_value(formula):
    assert formula(5, 0) is None


@given(part=st.integers(0, 10**12), whole=st.integers(1, 10**12))
def test_a_ratio_is_within_half_a_step_of_the_truth(part, whole):
    found = indicators.ratio(part, whole)
    assert abs(found * whole - part * 10_000) * 2 <= whole
