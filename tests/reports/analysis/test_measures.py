"""Every measure of an analysis is the figure of the month report, from the same sums."""

from decimal import Decimal

import pytest

from claims.models import Visit
from institutions.models import Institution
from lib.money import to_fen
from lib.periods import Month
from reports.analysis.answer import answer, median
from reports.analysis.asked import Asked
from reports.analysis.dimensions import DIMENSIONS
from reports.analysis.measures import MEASURES
from reports.analysis.months import Months, last_months
from reports.figures import collect
from tests.claims.conftest import line
from tests.conftest import past_the_guards
from tests.reports.conftest import MARCH

ONE = Months(MARCH, MARCH)


@pytest.fixture
def ask(cast, county):
    """ask("cost", "township", …) → {name: row} and the whole."""

    def analysed(measure, by="month", months=ONE, user=None, **more):
        user = user or cast.auditor
        asked = Asked(
            user=user,
            area=county,
            measure=MEASURES[measure],
            dimension=DIMENSIONS[by],
            months=months,
            **{"place": user.division_code} | more,
        )
        found = answer(asked)
        return {row.name: row for row in found.rows}, found.whole, found

    return analysed


def figure(row, period):
    """Of the report, in fen, 1/10000, 1/100 or as a count."""
    value = row[period]
    return to_fen(value) if isinstance(value, str) else value


def test_the_analysis_of_a_month_is_the_report_of_the_month(spring, county, ask):
    report = collect(area=county, month=MARCH)
    kept = {row["key"]: row for row in report["indicators"]}
    year = Months(Month(2026, 1), MARCH)
    compared = 0
    for key, measure in MEASURES.items():
        rows, whole, _ = ask(key)
        of_year = ask(key, months=year)[1]
        assert rows["2026-03"].value == whole.value, key
        if key not in kept:
            continue
        now = "year" if measure.at_end else "month"
        assert whole.value == figure(kept[key], now), key
        assert of_year.value == figure(kept[key], "year"), key
        assert whole.top == kept[key]["top"][now], key
        assert whole.bottom == kept[key]["bottom"][now], key
        compared += 1
    assert compared == 28
    account = kept["account_use_rate"]
    assert ask("account_used")[1].value == account["top"]["year"]
    funds = {row["funder"]: row["received"] for row in report["enrollment"]["funding"]}
    assert ask("premiums")[1].value == to_fen(funds["personal"]) == 560_00
    assert ask("enrolled")[1].value == report["enrollment"]["enrolled"] == 4
    (everything,) = (report["all_care"]["month"],)
    assert ask("average_cost")[1].value == to_fen(everything["average_cost"]) == 12_500_00


def test_every_dimension_has_the_rows_of_the_report(spring, county, ask):
    """March: 王建国 of 龙水镇 5000.00 at the county hospital, 张大山 of 万古镇 20000.00 outside."""
    report = collect(area=county, month=MARCH)
    year = Months(Month(2026, 1), MARCH)
    towns = {one["name"]: one for one in report["townships"]}
    for by, name, column in (("cost", "cost", "year"), ("stays", "stays", "year")):
        rows, whole, _ = ask(by, "township", year)
        assert {one: row.value for one, row in rows.items()} == {
            one: figure(row, name) for one, row in towns.items()
        }, (by, column)
        assert whole.value == sum(row.value for row in rows.values())
    assert {name: row.value for name, row in ask("enrolled", "township")[0].items()} == {
        name: row["enrolled"] for name, row in towns.items()
    }
    for by in ("level", "care"):
        rows, *_ = ask("paid", by)
        told = {one["name"]: one["month"] for one in report[f"{by}s" if by == "level" else by]}
        assert {name: row.value for name, row in rows.items()} == {
            name: to_fen(row["paid"]) for name, row in told.items() if row["visits"]
        }
    for by, kind in (("institution", "institutions"), ("tier", "tiers"), ("disease", "diseases")):
        rows, *_ = ask("cost", by)
        told = {one["name"]: one["cost_month"] for one in report["by"][kind]["rows"]}
        assert {name: row.value for name, row in rows.items()} == {
            name: to_fen(cost) for name, cost in told.items() if cost != "0.00"
        }
    rows, whole, _ = ask("premiums", "township")
    assert (rows["龙水镇"].value, rows["万古镇"].value, whole.value) == (320_00, 240_00, 560_00)
    villages = ask("cost", "village")[0]
    assert {name: row.value for name, row in villages.items()} == {
        "龙水镇桥亭村": 5000_00,
        "万古镇石庙村": 20000_00,
    }


def test_statuses_count_once_in_the_whole(spring, county, people, ask):
    """陈老伯 of 五保 and 低保: one visit of 600.00, in both rows and once in the sum."""
    people.chen.statuses.create(code="dibao", first_day=MARCH.first, source="民政局")
    spring.counter(people.chen, line("X01", "6", "100.00"), on=MARCH.last)
    _, whole, found = ask("cost", "status")
    assert [row.value for row in found.rows] == [600_00, 600_00]
    assert (whole.value, ask("visits", "status")[1].value) == (600_00, 1)


def test_beside_the_year_before_the_month_before_and_the_peers(spring, county, ask):
    """The county's books begin in October 2025: of March 2025 there are none (无账)."""
    rows, whole, found = ask("cost", against="last_year")
    assert (rows["2026-03"].before, whole.before) == (None, None)
    assert [str(one) for one in found.without_books] == ["2025-03"]
    rows, whole, found = ask("cost", against="previous")
    assert (rows["2026-03"].before, whole.before) == (1200_00, 1200_00)
    # (25000 - 1200) / 1200 = 1983.33 %
    assert (whole.growth, found.without_books) == (198_333, [])
    rows, *_ = ask("actual_ratio", "township", against="previous")
    assert (rows["龙水镇"].before, rows["龙水镇"].change) == (3333, 4100 - 3333)
    assert (median([3, 1, 2]), median([1, 2]), median([5])) == (2, 2, 5)


def test_an_institution_beside_those_of_its_level(spring, county, people, ask, cast):
    """Two of the county level: 5000.00 and 1000.00 a visit, so the middle is 3000.00."""

    other = Institution.objects.create(
        code="H50022500002", name="县中医院", level="county", division=county
    )
    extra = spring.counter(people.li, line("X01", "10", "100.00"), on=MARCH.last)
    past_the_guards(
        Visit.objects.filter(pk=extra.visit_id), institution=other, institution_name=other.name
    )
    rows, *_ = ask("average_cost", "institution", against="peers")
    mine = next(row for name, row in rows.items() if name != "县中医院" and row.level == "county")
    assert (mine.value, mine.before, mine.growth) == (5000_00, 3000_00, 6667)
    assert (rows["县中医院"].before, rows["县中医院"].growth) == (3000_00, -6667)


def test_a_township_sees_its_own_people_and_no_rare_disease(spring, county, cast, people, ask):
    """A disease of one person is not named below the county; its money stays in the sum."""
    spring.counter(people.li, line("X01", "5", "100.00"), on=MARCH.last)
    rows, whole, _ = ask("cost", "disease", user=cast.clerk_a)
    assert list(rows) == ["其他病种（每种不足 3 人，不列名）"]
    assert whole.value == 5000_00 + 500_00 == rows[next(iter(rows))].value
    assert rows[next(iter(rows))].leads.top == ""
    assert "肺炎" in ask("cost", "disease")[0]
    assert ask("cost", "disease", place="500225102")[0].keys() == rows.keys()
    assert {name for name in ask("cost", "township", user=cast.clerk_a)[0]} == {"龙水镇"}


def test_months_go_back_over_the_year(ask, spring):
    rows, whole, _ = ask("enrolled", months=last_months(MARCH, 4))
    assert list(rows) == ["2025-12", "2026-01", "2026-02", "2026-03"]
    assert [row.value for row in rows.values()] == [0, 4, 4, 4]
    assert whole.value == 4
    assert Decimal(rows["2026-03"].top) == 4
