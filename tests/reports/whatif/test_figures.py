"""What a draft would have made of five real claims, to the fen."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from claims.models import UsageEntry
from claims.services import Cut, cut_and_review, withdraw
from enrollment.models import Enrollment, IdentityStatus, Person
from reports.whatif import tables
from reports.whatif.models import KeptYear
from reports.whatif.run import simulate
from tests.claims.conftest import line, stay
from tests.conftest import past_the_guards
from tests.reports.whatif.conftest import TODAY, YEAR, draft_of


def run(county, source, year=YEAR, on=TODAY):
    return simulate(
        area=county, year=year, source=source, name="草稿", on=on, progress=lambda *told: None
    )


def rows(figures, code):
    (table,) = (one for one in figures["tables"] if one["code"] == code)
    return {row["name"]: row for row in table["rows"]}


def money(row):
    return row["before"], row["after"], row["change"]


class TestWhatWasPaid:
    def test_the_measures_in_force_give_what_was_paid(self, year, county, pack):
        figures = run(county, pack.source)
        assert figures["check"] == {
            "compared": 5, "others": 0, "differing": 0, "settled": 10900_00,
            "computed": 10900_00, "examples": [],
        }  # fmt: skip
        assert money(figures["total"]) == (10900_00, 10900_00, 0)
        assert figures["gains"]["persons"]["same"] == 3

    def test_balances_are_carried_into_the_year(self, claims, people, county, pack, hospital):
        """王建国 visits the county hospital's outpatients twice: the account of his household
        holds 40 + 20 yuan, so the fund pays 45.00 and then 15.00 of 30.00. 陈老伯's credit of
        50.00 pays part of what is his."""
        day = date(2026, 4, 1)
        chens = Enrollment.objects.filter(person=people.chen)
        past_the_guards(chens, credit_amount=50, other_amount=50)
        first = claims.counter(people.wang, line("X01", "1", "45.00"), visit=clinic(day), on=day)
        later = claims.counter(people.li, line("X01", "1", "30.00"), visit=clinic(day), on=day)
        chen = claims.counter(
            people.chen,
            line("X01", "10", "100.00"),
            visit=stay(day, date(2026, 4, 6)),
            on=date(2026, 4, 6),
        )
        assert (first.fund_amount, later.fund_amount) == (Decimal("45.00"), Decimal("15.00"))
        assert chen.credit_amount == Decimal("50.00")
        assert run(county, pack.source)["check"]["differing"] == 0

    def test_what_a_reviewer_cut_is_cut_again(self, claims, cast, county, pack):
        cuts = {1: Cut(approved_amount=Decimal("900.00"), reason="超量用药")}
        again = cut_and_review(
            actor=cast.reviewer, settlement=claims.february, cuts=cuts, on=date(2026, 2, 21)
        )
        assert again.fund_amount == Decimal("280.00")
        figures = run(county, pack.source)
        assert (figures["claims"], figures["check"]["differing"]) == (3, 0)
        assert figures["total"]["before"] == 9100_00 - 400_00 + 280_00

    def test_a_withdrawn_claim_is_no_claim(self, claims, cast, county, pack):
        withdraw(actor=cast.hospital_clerk, settlement=claims.february, reason="录错人")
        assert run(county, pack.source)["claims"] == 2

    def test_a_fact_corrected_afterwards_is_told_as_a_difference(self, year, people, county, pack):
        """李秀兰 of the first tier has no bonus; 王建国 turns out to be a minor: 55 % was due."""
        Person.objects.filter(pk=people.wang.pk).update(birth_date=date(2010, 5, 1))
        check = run(county, pack.source)["check"]
        assert (check["compared"], check["differing"]) == (5, 2)
        told = {(row["number"], row["settled"], row["computed"]) for row in check["examples"]}
        assert told == {
            (year.march.number, 2050_00, 2255_00),
            (year.second.number, 1400_00, 1540_00),
        }

    def test_a_status_counts_on_the_day_of_the_visit(self, year, people, county, pack):
        IdentityStatus.objects.create(
            person=people.wang, code="dibao", first_day=date(2026, 4, 1), source="民政局"
        )
        by_status = rows(run(county, pack.source), "status")
        assert by_status["低保对象"]["claims"] == 1
        assert by_status["低保对象"]["before"] == 1400_00
        assert by_status["普通居民（无特殊身份）"]["before"] == 9500_00


def clinic(day):
    return stay(day, day, care="outpatient")


class TestDraft:
    def test_five_points_more_at_the_county_hospital(self, year, county, better_county):
        figures = run(county, better_county)
        assert money(figures["total"]) == (10900_00, 11285_00, 385_00)
        assert figures["total"]["total"] == 30200_00
        assert figures["total"]["actual_before"] == 3609  # 10900 / 30200
        assert figures["total"]["actual_after"] == 3737
        # In scope: 4300 + 3000 + 1200 + 20000 + 1000 = 29500.
        assert figures["total"]["in_scope_before"] == 3695
        assert figures["total"]["in_scope_after"] == 3825
        by_level = rows(figures, "level")
        assert money(by_level["县级医院"]) == (4250_00, 4635_00, 385_00)
        assert money(by_level["市级医院"]) == (6650_00, 6650_00, 0)
        assert money(rows(figures, "township")["龙水镇"]) == (3850_00, 4195_00, 345_00)
        assert money(rows(figures, "township")["万古镇"]) == (7050_00, 7090_00, 40_00)
        assert money(rows(figures, "tier")["一档"]) == (400_00, 400_00, 0)
        assert money(rows(figures, "age")["45—59 岁"]) == (10900_00, 11285_00, 385_00)
        (basic,) = figures["layers"]
        assert (basic["name"], *money(basic)) == ("基本医疗统筹", 10900_00, 11285_00, 385_00)

    def test_who_gains_and_who_loses(self, year, county, worse_city):
        gains = run(county, worse_city)["gains"]
        assert gains["claims"]["better"]["count"] == 3
        assert gains["claims"]["better"]["sum"] == 385_00
        spread = {
            each["percent"]: each["amount"] for each in gains["claims"]["better"]["quantiles"]
        }
        assert spread == {
            10: 40_00, 25: 40_00, 50: 140_00, 75: 205_00, 90: 205_00, 100: 205_00,
        }  # fmt: skip
        assert (gains["claims"]["worse"]["sum"], gains["claims"]["same"]) == (950_00, 1)
        # 张大山 wins 40.00 at the county hospital and loses 950.00 in the city.
        assert gains["persons"]["better"]["sum"] == 345_00
        assert gains["persons"]["worse"]["quantiles"][-1] == {"percent": 100, "amount": 910_00}
        assert [gains["persons"][side]["count"] for side in ("better", "worse")] == [1, 1]

    def test_a_yearly_cap_binds_over_the_claims_of_a_person(self, year, county, pack):
        """Capped at 3000.00: 王建国 2050 + 950, 张大山 3000 + 0, 李秀兰 as before."""
        draft = draft_of(
            pack,
            (
                "{when: {age_group: adult}, amount: 60000}",
                "{when: {age_group: adult}, amount: 3000}",
            ),
        )
        figures = run(county, draft)
        assert money(figures["total"]) == (10900_00, 6400_00, -4500_00)
        assert figures["refused"] == {"before": 0, "after": 1}

    def test_the_fund_at_the_end_of_the_year(self, year, county, worse_city):
        """Income 7572.34; 2450.00 were paid, of which 2050.00 become 2255.00."""
        fund = run(county, worse_city)["fund"]
        assert fund["through"] == "2026-06"
        assert (fund["income"], fund["spent_before"], fund["spent_after"]) == (
            7572_34, 2450_00, 2655_00,
        )  # fmt: skip
        assert (fund["balance_before"], fund["balance_after"]) == (5122_34, 4917_34)
        # 5122.34 x 12 / 2450 and 4917.34 x 12 / 2655.
        assert (fund["months_before"], fund["months_after"]) == (418, 370)
        assert fund["waiting"] == {"claims": 3, "before": 8450_00, "after": 7680_00}
        by_month = {row["month"]: row for row in fund["months"]}
        assert by_month["2026-02"]["balance_after"] == by_month["2026-02"]["balance_before"]
        assert by_month["2026-03"]["spent_after"] == 2255_00
        assert by_month["2026-06"]["balance_after"] == 4917_34

    def test_without_books_there_is_no_balance(self, claims, county, pack):
        assert run(county, pack.source)["fund"] is None

    def test_a_draft_for_next_year_is_tried_on_this_years_claims(self, year, county, better_county):
        later = better_county.replace("from: 2012-01-01", "from: 2027-01-01", 1)
        assert run(county, later)["total"]["after"] == 11285_00


class TestEarlierYears:
    """A cap for life, of which 王建国 had used 59000.00 of 60000.00 at county hospitals in 2025."""

    ONCE = "annual_paid: {title: 年累计报销额, owner: person}"

    @pytest.fixture
    def used_up(self, year, people):
        UsageEntry.objects.create(
            settlement=year.march, person=people.wang, policy_year=2025,
            counter="annual_paid", amount=59000_00,
        )  # fmt: skip
        UsageEntry.objects.create(
            settlement=year.march, person=people.wang, policy_year=2025,
            counter="annual_paid@county", amount=59500_00,
        )  # fmt: skip

    def test_a_cap_of_the_year_forgets_them(self, used_up, county, pack):
        assert run(county, pack.source)["total"]["after"] == 10900_00

    def test_a_cap_for_life_goes_on(self, used_up, county, pack):
        for_life = self.ONCE.replace("person}", "person, period: life}")
        figures = run(county, draft_of(pack, (self.ONCE, for_life)))
        assert money(figures["total"]) == (10900_00, 10900_00 - 3450_00 + 1000_00, -2450_00)

    def test_a_cap_for_life_at_each_level_of_hospital(self, used_up, county, pack):
        by_level = self.ONCE.replace("person}", "person, period: life, by: level}")
        figures = run(county, draft_of(pack, (self.ONCE, by_level)))
        assert money(figures["total"]) == (10900_00, 10900_00 - 3450_00 + 500_00, -2950_00)


class TestRefusals:
    def test_a_year_without_claims(self, year, county, pack):
        with pytest.raises(Refusal, match="2025 年度还没有结算单"):
            run(county, pack.source, year=2025)

    def test_another_countys_claims_are_not_read(self, year, other_county, pack):
        with pytest.raises(Refusal, match="还没有结算单"):
            run(other_county, pack.source)

    def test_a_text_that_the_checker_refuses(self, year, county, pack):
        with pytest.raises(Refusal, match="比例“500%”不可能"):
            run(county, draft_of(pack, ("ratio: 70%", "ratio: 500%")))

    def test_a_status_that_the_draft_does_not_know(self, year, people, county, pack):
        """陈老伯 is 五保 but has no claim; 王建国 becomes a student, which the draft forgets."""
        IdentityStatus.objects.create(
            person=people.wang, code="student", first_day=date(2026, 1, 1), source="教委"
        )
        source = pack.source.replace("    student: 学生\n", "").replace(
            "              also: {status: student}\n", ""
        )
        source = source.replace(", also: {status: student}", "")
        with pytest.raises(Refusal, match=r"2 笔结算的.*“student”不在.*vocabulary\.status"):
            run(county, source)

    def test_a_bill_class_that_the_draft_does_not_know(self, year, county, pack):
        with pytest.raises(Refusal, match=r"“in_scope”不在.*bill\.classes"):
            run(county, pack.source.replace("code: in_scope", "code: inside"))

    def test_a_draft_that_forgets_a_level_is_refused_with_the_count(self, year, county, pack):
        source = draft_of(pack, ("    city: 市级医院\n", ""))
        source = source.replace("[city, province]", "[province]").replace(
            ", city, province]", ", province]"
        )
        with pytest.raises(Refusal, match=r"1 笔结算的医疗机构级别“city”不在.*vocabulary\.level"):
            run(county, source)


def test_the_number_of_statements_does_not_grow(claims, people, county, pack, monkeypatch):
    """Spans of ids are as many as there are ids to share out, up to a fixed number."""
    monkeypatch.setattr(tables, "SPANS", 2)
    copies = []
    original = tables.copy_columns

    def counted(*arguments):
        copies.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(tables, "copy_columns", counted)
    with CaptureQueriesContext(connection) as few:
        run(county, pack.source)
    before = len(copies)
    for month in (4, 5, 6):
        claims.counter(
            people.wang,
            line("X01", "3", "100.00"),
            visit=stay(date(2026, month, 2), date(2026, month, 4)),
            on=date(2026, month, 4),
        )
    KeptYear.objects.all().delete()  # both read everything
    with CaptureQueriesContext(connection) as more:
        assert run(county, pack.source)["claims"] == 6
    assert len(copies) - before <= before + 1
    assert len(more) <= len(few) + 1
