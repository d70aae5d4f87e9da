"""The figures of March 2026, worked out by hand in conftest.py, to the fen."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import Division
from claims.services import withdraw
from funds.models import Book, Posting
from funds.services import open_book
from lib.periods import Month
from reports.figures import canonical, collect, fingerprint
from tests.claims.conftest import line, stay
from tests.reports.conftest import MARCH


@pytest.fixture
def figures(spring: SimpleNamespace, county: Division) -> dict[str, Any]:
    return collect(area=county, month=MARCH)


def indicator(figures: dict[str, Any], name: str) -> tuple[Any, Any, Any]:
    (row,) = (row for row in figures["indicators"] if row["name"] == name)
    return row["month"], row["previous"], row["year"]


def only(rows: list[dict[str, Any]], **wanted: str) -> dict[str, Any]:
    (row,) = (row for row in rows if all(row[key] == value for key, value in wanted.items()))
    return row


class TestEnrollment:
    def test_four_of_five_living_people(self, figures):
        found = figures["enrollment"]
        assert (found["eligible"], found["enrolled"], found["households"]) == (5, 4, 2)
        assert found["rate"] == 8000
        assert found["tiers"] == [
            {"name": "一档", "persons": 1},
            {"name": "二档", "persons": 3},
        ]

    def test_everyone_with_an_assisted_status(self, figures):
        (row,) = figures["enrollment"]["statuses"]
        assert row == {"name": "农村五保", "eligible": 1, "enrolled": 1, "rate": 10_000}
        assert indicator(figures, "五保、低保对象参保率")[2] == 10_000

    def test_funds_due_and_received_by_who_pays(self, figures):
        """Registered premiums 100 + 3 × 200 are due from households; 560.00 came in."""
        personal = only(figures["enrollment"]["funding"], name="个人")
        assert personal == {
            "name": "个人",
            "due": "700.00",
            "received": "560.00",
            "rate": 8000,
        }
        assert only(figures["enrollment"]["funding"], name="中央")["received"] == "4000.00"
        assert figures["enrollment"]["funding_total"]["received"] == "7560.00"
        assert indicator(figures, "人均筹资")[2] == "1890.00"
        assert indicator(figures, "财政补助占比")[2] == 9259


class TestBooks:
    def test_income_by_source(self, figures):
        assert figures["income"]["total"] == {
            "month": "3012.34",
            "previous": "0.00",
            "year": "7012.34",
        }
        city = only(figures["income"]["lines"], code="4101-city")
        assert (city["name"], city["month"]) == ("财政补贴收入—市", "3000.00")
        # Premiums of October belong to last year's cash but to this year's funds.
        assert not [r for r in figures["income"]["lines"] if r["code"] == "4001-personal"]

    def test_expenditure_by_purpose(self, figures):
        (inpatient,) = figures["expenditure"]["lines"]
        assert inpatient == {
            "code": "5001-inpatient",
            "name": "社会保险待遇支出—住院费用",
            "month": "2050.00",
            "previous": "400.00",
            "year": "2450.00",
        }

    def test_balance_and_months_payable(self, figures):
        """560.00 + 7012.34 - 2450.00; 5122.34 × 12 / 2450.00 = 25.09."""
        assert figures["funds"]["balance"] == "5122.34"
        assert indicator(figures, "可支付月数")[2] == "25.09"
        assert indicator(figures, "当年基金使用率")[2] == 3241
        assert indicator(figures, "支出进度偏差")[2] == 741
        assert indicator(figures, "累计结余率")[2] == 6776

    def test_twelve_months_end_with_this_one(self, figures):
        flows = figures["flows"]
        assert [row["month"] for row in (flows[0], flows[-1])] == ["2025-04", "2026-03"]
        assert only(flows, month="2025-10") == {
            "month": "2025-10",
            "income": "560.00",
            "expenditure": "0.00",
            "balance": "560.00",
        }
        assert only(flows, month="2026-02")["balance"] == "4160.00"
        assert only(flows, month="2025-09")["balance"] == "0.00"

    def test_totals_equal_the_postings_to_the_fen(self, figures, county):
        rows = Posting.objects.filter(
            voucher__occurred_on__range=(date(2026, 1, 1), MARCH.last)
        ).values_list("account__kind", "debit", "credit")
        income = sum(c - d for kind, d, c in rows if kind == "income")
        expense = sum(d - c for kind, d, c in rows if kind == "expense")
        assert Decimal(figures["income"]["total"]["year"]) == income
        assert Decimal(figures["expenditure"]["total"]["year"]) == expense
        by_town = sum(Decimal(row["spent"]) for row in figures["townships"])
        assert by_town == expense

    def test_reserve_is_part_of_the_balance(self, spring, post, county):
        post("reserve_drawn", "500.00", date(2026, 3, 30), purpose="risk_reserve")
        funds = collect(area=county, month=MARCH)["funds"]
        assert (funds["balance"], funds["reserve"], funds["general"]) == (
            "5122.34",
            "500.00",
            "4622.34",
        )

    def test_recoveries_of_this_year_and_earlier(self, spring, post, county):
        post("claim_recovered", "50.00", date(2026, 3, 30), purpose="inpatient")
        post("prior_recovery", "7.11", date(2026, 3, 30))
        found = collect(area=county, month=MARCH)
        assert indicator(found, "追回基金")[2] == "57.11"
        assert found["expenditure"]["total"]["year"] == "2400.00"


class TestCare:
    def test_the_month_the_one_before_and_the_year(self, figures):
        assert indicator(figures, "就诊人次") == (2, 1, 3)
        assert indicator(figures, "医疗总费用") == ("25000.00", "1200.00", "26200.00")
        assert indicator(figures, "基金支付(结算期)") == ("8700.00", "400.00", "9100.00")
        assert indicator(figures, "实际补偿比") == (3480, 3333, 3473)
        assert indicator(figures, "政策范围内补偿比") == (3580, 3333, 3569)
        assert indicator(figures, "目录外费用占比") == (120, 0, 115)
        assert indicator(figures, "受益面(人数)") == (5000, 2500, 7500)
        assert indicator(figures, "次均住院日") == ("8.00", "19.00", "11.67")
        assert indicator(figures, "次均住院费用") == ("12500.00", "1200.00", "8733.33")

    def test_what_happened_outside_the_county(self, figures):
        assert indicator(figures, "县外住院人次占比")[0] == 5000
        assert indicator(figures, "县外住院费用占比")[0] == 8000
        assert indicator(figures, "县外住院补偿占比")[0] == 7644
        assert indicator(figures, "县域内基金支出占比")[0] == 2356
        assert indicator(figures, "异地直接结算率") == (0, None, 0)

    def test_by_level(self, figures):
        assert [row["name"] for row in figures["levels"]] == ["县级医院", "市级医院"]
        county = figures["levels"][0]
        assert county["month"] == {
            "visits": 1,
            "persons": 1,
            "cost": "5000.00",
            "in_scope": "4300.00",
            "paid": "2050.00",
            "average_cost": "5000.00",
            "average_paid": "2050.00",
            "actual_ratio": 4100,
            "in_scope_ratio": 4767,
        }
        assert (county["year"]["visits"], county["year"]["persons"]) == (2, 2)
        assert county["previous"]["paid"] == "400.00"

    def test_a_person_with_two_visits_counts_once(self, spring, people, county):
        second = stay(date(2026, 3, 20), date(2026, 3, 28))
        spring.counter(people.wang, line("X01", "1", "300.00"), visit=second, on=MARCH.last)
        found = collect(area=county, month=MARCH)
        county_level = only(found["levels"], code="county")["month"]
        assert (county_level["visits"], county_level["persons"]) == (2, 1)
        assert indicator(found, "受益人数")[0] == 2

    def test_a_withdrawn_claim_is_out(self, spring, cast, county):
        withdraw(actor=cast.clerk_b, settlement=spring.outside, reason="发票有误")
        assert indicator(collect(area=county, month=MARCH), "就诊人次") == (1, 1, 2)

    def test_accounts_of_households(self, spring, people, county):
        """20 + 3 × 40 granted, 30 used for an outpatient visit of 李秀兰's household."""
        visit = stay(date(2026, 3, 5), date(2026, 3, 5), care="outpatient")
        spring.counter(people.li, line("X01", "1", "30.00"), visit=visit, on=date(2026, 3, 6))
        found = collect(area=county, month=MARCH)
        assert indicator(found, "家庭账户沉淀额")[2] == "110.00"
        assert indicator(found, "家庭账户使用率")[2] == 2143


class TestTownships:
    def test_spending_against_the_quota(self, figures):
        """7560.00 less a tenth for the reserves, half to each township by head count."""
        longshui = only(figures["townships"], name="龙水镇")
        assert (longshui["enrolled"], longshui["eligible"]) == (2, 2)
        assert (longshui["spent"], longshui["spent_month"]) == ("2450.00", "2050.00")
        assert (longshui["quota"], longshui["use_rate"]) == ("3402.00", 7202)
        assert longshui["overspend"] == "0.00"
        assert (longshui["stays"], longshui["average_stay_cost"]) == (2, "3100.00")

    def test_claims_settled_but_not_paid(self, figures):
        wangu = only(figures["townships"], name="万古镇")
        assert (wangu["settled"], wangu["spent"]) == ("6650.00", "0.00")
        assert wangu["rate"] == 6667

    def test_spending_that_names_no_township_has_a_row_of_its_own(self, spring, post, county):
        post("claim_paid", "9.90", date(2026, 3, 30), purpose="other")
        rest = collect(area=county, month=MARCH)["townships"][-1]
        assert rest == {"code": "", "name": "未分乡镇", "spent": "9.90"}

    def test_overspending(self, spring, post, county, town_a):
        post("claim_paid", "1000.00", date(2026, 3, 30), purpose="other", township=town_a)
        row = only(collect(area=county, month=MARCH)["townships"], name="龙水镇")
        assert (row["overspend"], row["use_rate"]) == ("48.00", 10_141)


class TestSnapshot:
    def test_same_data_same_fingerprint(self, spring, county):
        first, second = (collect(area=county, month=MARCH) for _ in range(2))
        assert fingerprint(first) == fingerprint(second)

    def test_one_fen_more_is_another_fingerprint(self, spring, post, county):
        before = fingerprint(collect(area=county, month=MARCH))
        post("interest_received", "0.01", date(2026, 3, 31), purpose="fiscal")
        assert fingerprint(collect(area=county, month=MARCH)) != before

    def test_what_happens_after_the_month_does_not_matter(self, spring, post, county):
        before = fingerprint(collect(area=county, month=MARCH))
        post("interest_received", "5.00", date(2026, 4, 1), purpose="fiscal")
        assert fingerprint(collect(area=county, month=MARCH)) == before

    def test_nothing_but_text_integers_and_gaps(self, figures):
        assert _floats(figures) == []

    def test_no_names_of_people(self, figures):
        text = canonical(figures)
        assert not [name for name in ("王建国", "李秀兰", "张大山", "陈老伯") if name in text]


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [found for part in value.values() for found in _floats(part)]
    if isinstance(value, list):
        return [found for part in value for found in _floats(part)]
    return [value] if isinstance(value, float) else []


class TestScopeAndCost:
    def test_another_county_changes_nothing(self, spring, county, other_county, cast):
        before = fingerprint(collect(area=county, month=MARCH))
        open_book(actor=None, area=other_county, first_month=Month(2026, 1))
        assert fingerprint(collect(area=county, month=MARCH)) == before

    def test_statements_do_not_grow_with_the_data(
        self, spring: SimpleNamespace, people: SimpleNamespace, county: Division
    ):
        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                collect(area=county, month=MARCH)
            return len(queries)

        before = statements()
        for day in (2, 8, 14):
            visit = stay(date(2026, 3, day), date(2026, 3, day + 5))
            spring.counter(people.chen, line("X01", "1", "500.00"), visit=visit, on=MARCH.last)
        assert statements() == before <= 30

    def test_an_area_without_books_is_told_so(self, claims, county):
        with pytest.raises(Refusal, match="账套"):
            collect(area=county, month=MARCH)

    def test_a_month_without_measures_is_told_so(self, book: Book, county, cast):
        with pytest.raises(Refusal, match="没有已采用的政策办法"):
            collect(area=county, month=Month(2030, 1))

    def test_an_empty_month_has_dashes_not_faults(self, book: Book, pack, county):
        found = collect(area=county, month=Month(2025, 10))
        assert found["income"]["lines"] == [] and found["levels"] == []
        assert indicator(found, "实际补偿比") == (None, None, None)
        assert found["funds"]["balance"] == "0.00"
