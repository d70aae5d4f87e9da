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
from claims.quotas.models import Allotment, TownshipQuota
from claims.services import withdraw
from enrollment.models import IdentityStatus
from funds.models import Book, Period, Posting
from funds.services import close_period, open_book
from lib.periods import Month
from policies.models import Pack
from reports.figures import canonical, collect, fingerprint
from supervision.models import Alert
from supervision.rules import RULES
from tests.claims.conftest import line, stay
from tests.claims.deciding.conftest import rules
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
            "funder": "personal",
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
            "last_year": None,  # the book begins in October 2025: no accounts, not nothing
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
            "last_year": None,
        }

    def test_balance_and_months_payable(self, figures):
        """560.00 + 7012.34 - 2450.00; two months had payments: 5122.34 × 2 / 2450.00 = 4.18."""
        assert figures["funds"]["balance"] == "5122.34"
        assert indicator(figures, "可支付月数")[2] == "4.18"
        assert indicator(figures, "当年基金使用率")[2] == 3241
        assert indicator(figures, "支出进度偏差")[2] == 741
        assert indicator(figures, "累计结余率")[2] == 6776

    def test_the_months_of_the_book_end_with_this_one(self, figures):
        """Of twelve the six since the book was opened: before it are no accounts."""
        flows = figures["flows"]
        assert [row["month"] for row in (flows[0], flows[-1])] == ["2025-10", "2026-03"]
        assert len(flows) == 6
        assert only(flows, month="2025-10") == {
            "month": "2025-10",
            "income": "560.00",
            "expenditure": "0.00",
            "balance": "560.00",
        }
        assert only(flows, month="2026-02")["balance"] == "4160.00"

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

    def test_what_was_brought_and_given_back_is_not_recovered(self, spring, post, county):
        """50.00 came, 20.00 went back to whoever had brought them: 30.00, of which nothing more
        is gone than the 20.00 that are paid."""
        post("claim_recovered", "50.00", date(2026, 3, 30), purpose="inpatient")
        post("recovery_returned", "20.00", date(2026, 3, 30), purpose="inpatient")
        found = collect(area=county, month=MARCH)
        assert indicator(found, "追回基金")[2] == "30.00"
        assert found["expenditure"]["total"]["year"] == "2420.00"

    def test_months_without_payments_do_not_stretch_the_balance(self, figures):
        row = only(figures["indicators"], key="months_payable")
        assert (row["top"]["year"], row["bottom"]["year"]) == (512_234, 245_000)

    def test_next_years_premiums_are_no_surplus_of_this_year(self, spring, post, county):
        """The collecting season: 700.00 for 2027 come in, and nothing about 2026 changes."""
        before = collect(area=county, month=MARCH)
        post(
            "premium_collected", "700.00", date(2026, 3, 30), policy_year=2027,
            funding_level="personal",
        )  # fmt: skip
        found = collect(area=county, month=MARCH)
        funds = found["funds"]
        assert (funds["balance"], funds["ahead"]) == ("5822.34", "700.00")
        assert (funds["surplus"], funds["general"]) == ("5122.34", "5122.34")
        for name in ("累计结余率", "可支付月数", "人均筹资"):
            assert indicator(found, name) == indicator(before, name)

    def test_open_months_are_marked_and_closed_ones_are_not(self, book, pack, cast, county):
        found = collect(area=county, month=MARCH)
        assert found["closed"] is False
        months = ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
        assert found["open_months"] == months
        for month in (10, 11):
            period = Period.objects.get(book=book, year=2025, month=month)
            close_period(actor=cast.accountant, period=period, on=MARCH.last)
        assert collect(area=county, month=MARCH)["open_months"] == months[2:]

    def test_a_month_before_the_book_has_no_report(self, spring, county):
        with pytest.raises(Refusal, match="账套自 2025-10 启用，2025年9月无账"):
            collect(area=county, month=Month(2025, 9))


class TestAYearAgo:
    """March 2027: a year before, the books and claims of `spring` are there."""

    @pytest.fixture
    def later(self, spring, county, monkeypatch):
        pack = Pack.objects.in_force(county.code, MARCH.last).first()
        monkeypatch.setattr("reports.material.pack_in_force", lambda **_: pack)
        return collect(area=county, month=Month(2027, 3))

    def test_the_same_month_stands_beside(self, later):
        row = only(later["indicators"], key="visits")
        assert (row["month"], row["last_year"]) == (0, 2)
        assert only(later["indicators"], key="actual_ratio")["last_year"] == 3480
        assert only(later["indicators"], key="enrollment_rate")["last_year"] == 8000
        assert only(later["indicators"], key="use_rate")["last_year"] == 3241
        assert later["income"]["total"]["last_year"] == "3012.34"
        assert only(later["levels"], code="county")["last_year"]["paid"] == "2050.00"
        assert later["all_care"]["last_year"]["paid"] == "8700.00"

    def test_without_accounts_it_is_told_so(self, figures):
        row = only(figures["indicators"], key="visits")
        assert row["last_year"] is None and figures["kept"]["last_year"] is False


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

    def test_quotas_that_two_people_decided(self, spring, county, cast, town_a, town_b):
        """They take the place of what is computed for reference: 2 450.00 of 2 000.00; in a month
        that was over when they were agreed to they were not in force."""
        decided = Allotment.objects.create(
            area=county, year=2026, counted_on=date(2026, 2, 28), raised=Decimal("7000.00"),
            reserved=Decimal("700.00"), accounts=Decimal("140.00"), pool=Decimal("5000.00"),
            law="第二十六条(三)", status="approved", evidence="会议纪要", reason="",
            proposed_by=cast.supervisor, proposed_on=date(2026, 3, 1), decided_by=cast.approver,
            decided_on=date(2026, 3, 2),
        )  # fmt: skip
        for town, amount in ((town_a, "2000.00"), (town_b, "3000.00")):
            TownshipQuota.objects.create(
                allotment=decided, township=town, insured=2, amount=Decimal(amount)
            )
        found = collect(area=county, month=MARCH)
        longshui = only(found["townships"], name="龙水镇")
        assert (longshui["quota"], longshui["overspend"]) == ("2000.00", "450.00")
        total = found["townships_total"]
        assert total["quota"] == "5000.00" and found["quotas"] == "decided"
        # 万古镇 has its 3 000.00 left: that is not 龙水镇's.
        assert (total["spent"], total["overspend"]) == ("2450.00", "450.00")
        assert collect(area=county, month=MARCH.previous())["quotas"] == "reference"

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


class TestGroups:
    def test_every_institution_with_its_total(self, figures, hospital):
        """The county's hospital by its code, the city's by its name."""
        rows = {row["code"]: row for row in figures["by"]["institutions"]["rows"]}
        own, city = rows.pop(hospital.code), next(iter(rows.values()))
        assert own["name"] == hospital.name
        assert (own["visits_month"], own["paid_month"], own["paid"]) == (1, "2050.00", "2450.00")
        assert (city["visits_month"], city["paid_month"]) == (1, "6650.00")
        assert own["stays"] == 2 and own["off_catalogue"] == 484  # 300.00 of 6 200.00
        total = figures["by"]["institutions"]["total"]
        assert (total["visits"], total["cost"], total["paid"]) == (3, "26200.00", "9100.00")
        assert total["average_stay"] == "11.67"

    def test_by_tier_and_disease(self, figures):
        tiers = {row["name"]: row["paid"] for row in figures["by"]["tiers"]["rows"]}
        assert tiers == {"一档": "400.00", "二档": "8700.00"}
        diseases = figures["by"]["diseases"]
        assert sum(row["visits"] for row in diseases["rows"]) == diseases["total"]["visits"] == 3

    def test_by_the_identity_of_the_day(self, spring, people, county):
        """陈老伯 is 五保 and, from 15 to 20 March, 低保 too: of three the second counts under
        both, and once in the total. The student of one day counts with that day's claim of 5 000,
        the 低保 that ended the day before a claim does not."""
        for person, code, first, last in (
            (people.chen, "dibao", 15, 20),
            (people.wang, "student", 20, 20),
            (people.zhang, "dibao", 1, 20),
        ):
            IdentityStatus.objects.create(
                person=person, code=code, source="民政局",
                first_day=date(2026, 3, first), last_day=date(2026, 3, last),
            )  # fmt: skip
        for day in (10, 20, 26):
            visit = stay(date(2026, 3, day - 5), date(2026, 3, day))
            on = date(2026, 3, day)
            spring.counter(people.chen, line("X01", "1", "500.00"), visit=visit, on=on)
        statuses = collect(area=county, month=MARCH)["by"]["statuses"]
        counts = {row["code"]: row["visits"] for row in statuses["rows"]}
        assert counts == {"wubao": 3, "dibao": 1, "student": 1}
        assert statuses["total"]["visits"] == 4 and statuses["total"]["cost"] == "6500.00"

    def test_the_county_is_the_sum_of_the_townships(self, figures):
        total = figures["townships_total"]
        assert (total["eligible"], total["enrolled"], total["visits"]) == (5, 4, 3)
        assert (total["spent"], total["spent_month"]) == ("2450.00", "2050.00")
        assert total["quota"] == "6804.00"
        for key in ("cost", "spent", "quota", "settled"):
            rows = [Decimal(row[key] or 0) for row in figures["townships"]]
            assert sum(rows) == Decimal(total[key]), key

    def test_large_claims_without_a_rule_are_the_largest(self, figures):
        paid = [(row["paid"], row["why"]) for row in figures["large"]]
        assert paid == [("6650.00", "本月大额"), ("2050.00", "本月大额")]

    def test_large_claims_by_the_countys_rule_and_what_screening_found(self, spring, county, cast):
        rules(cast, second_above=Decimal(5000))
        Alert.objects.create(
            rule="A05", certainty="suspect", settlement=spring.march,
            division=spring.march.division, finding="十日内再次入院",
        )  # fmt: skip
        first, second = collect(area=county, month=MARCH)["large"]
        assert (first["paid"], first["why"]) == ("6650.00", "基金支付超过 5,000.00 元")
        assert (second["paid"], second["why"]) == ("2050.00", RULES["A05"].title)


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
        assert statements() == before <= 32

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
