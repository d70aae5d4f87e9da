"""Every figure leads to the claims and postings that it was summed from, and they sum to it."""

import re
from decimal import Decimal

import pytest

from desk.listing import Table
from lib.periods import Month
from reports.figures import collect
from reports.grids import Cell
from reports.listings import CLAIMS, POSTINGS
from reports.showing import sections
from reports.statements.asked import Asked
from reports.statements.catalogue import STATEMENTS
from tests.reports.conftest import MARCH, TODAY


@pytest.fixture(autouse=True)
def _spring(spring, settings):
    settings.TODAY = TODAY


def amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.-]", "", text))


@pytest.fixture
def followed(cast, rf):
    """followed(cell): what the list behind the cell says: rows, and its sums by title."""

    def follow(cell: Cell):
        path, _, query = cell.address.partition("?")
        listing = {"/reports/claims": CLAIMS, "/reports/postings": POSTINGS}[path]
        request = rf.get(f"{path}?{query}")
        request.user = cast.auditor
        request.resolver_match = None
        table = Table(listing, request)
        assert table.form.is_valid(), (cell.address, table.form.errors)
        sums = {
            column.title: value or 0
            for column, value in zip(table.columns, table.sums, strict=True)
            if column.total
        }
        return table.number, sums

    return follow


TITLES = {
    "总费用": ("cost", "总费用"),
    "本年费用": ("cost", "总费用"),
    "本月费用": ("cost", "总费用"),
    "基金支付": ("paid", "基金支付"),
    "本年基金支付": ("paid", "基金支付"),
    "本月基金支付": ("paid", "基金支付"),
    "结算基金支付": ("paid", "基金支付"),
}


def test_the_tables_of_the_report_are_the_sums_of_their_lists(county, followed):
    """Counts are the rows of the list, amounts its sums; of postings, what they moved in all."""
    grids = sections(collect(area=county, month=MARCH))
    asked = 0
    for key, grid in grids.items():
        if key in ("indicators", "large"):
            continue
        for line in [*grid.rows, grid.total]:
            for head, cell in zip(grid.heads, line, strict=bool(line)):
                if not cell.address or cell.value is None:
                    continue
                number, sums = followed(cell)
                asked += 1
                where = (key, head.title, cell.address)
                if cell.unit == "count":
                    if head.title != "人数":
                        assert number == cell.value, where
                elif "借方" in sums:
                    moved = abs(sums["借方"] - sums["贷方"])
                    assert moved == Decimal(cell.value), where
                elif head.title in TITLES:
                    assert sums[TITLES[head.title][1]] == Decimal(cell.value), where
    assert asked > 120


def test_the_parts_of_the_indicators_lead_to_their_rows(county, followed):
    grid = sections(collect(area=county, month=MARCH))["indicators"]
    at = [head.title for head in grid.heads]
    for line in grid.rows:
        for cell in (line[at.index("分子")], line[at.index("分母")]):
            if cell.address and cell.unit == "count" and line[1].value != "次均住院日":
                number, _ = followed(cell)
                assert number >= cell.value, line[1].value
    visits = next(line for line in grid.rows if line[1].value == "就诊人次")
    assert followed(visits[at.index("分子")])[0] == 3


@pytest.mark.parametrize("code", ["balance-sheet", "income", "funding"])
def test_the_statements_lead_to_their_postings(county, followed, code):
    told = STATEMENTS[code].tell(Asked(county, MARCH))
    asked = 0
    for grid in told.grids:
        for line in [*grid.rows, *([grid.total] if grid.total else [])]:
            for cell in line:
                if cell.address and "/postings" in cell.address:
                    _, sums = followed(cell)
                    assert abs(sums["借方"] - sums["贷方"]) == abs(Decimal(cell.value)), cell
                    asked += 1
    assert asked > 6
    assert all(holds for _, holds in told.checks)


def test_strangers_and_masks(cast, as_user, people):
    """Another county sees no row; who may not read names in full sees them masked."""
    query = "?since=2026-03-01&until=2026-03-31&status=any"
    other = as_user(cast.other_officer).get(f"/reports/claims{query}").content.decode()
    assert "没有符合条件的结算单" in other
    page = as_user(cast.accountant).get("/reports/claims").content.decode()
    assert "王建国" not in page and "王*国" in page
    assert "王建国" in as_user(cast.auditor).get("/reports/claims").content.decode()
    mine = as_user(cast.clerk_a).get("/reports/claims").content.decode()
    assert "王建国" in mine and "张大山" not in mine, "a township sees its own people"
    assert as_user(cast.cadre_a).get("/reports/claims").status_code == 403
    assert as_user(cast.reviewer).get("/reports/postings").status_code == 403


def test_who_may_not_open_the_ledger_is_led_nowhere(county, cast):
    grid = sections(collect(area=county, month=MARCH))["income"]
    assert any(cell.address for line in grid.for_user(cast.auditor).rows for cell in line)
    assert not any(cell.address for line in grid.for_user(cast.reviewer).rows for cell in line)


def test_a_month_without_postings_is_empty(cast, as_user):
    page = as_user(cast.auditor).get(f"/reports/postings?since={Month(2026, 4)}").content.decode()
    assert "没有符合条件的分录" in page
