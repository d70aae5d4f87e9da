"""Every figure leads to the claims and postings that it was summed from, and they sum to it."""

import re
from decimal import Decimal

import pytest

from desk.listing import Table
from lib.periods import Month
from reports.figures import collect
from reports.grids import Cell
from reports.indicators import INDICATORS
from reports.listings import ACCOUNT_USE, CLAIMS, COVERS, POSTINGS
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
        listing = {
            "/reports/claims": CLAIMS,
            "/reports/postings": POSTINGS,
            "/reports/covers": COVERS,
            "/reports/account-use": ACCOUNT_USE,
        }[path]
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


LISTS = ("/reports/claims", "/reports/postings", "/reports/covers", "/reports/account-use")
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
                if not cell.address.startswith(LISTS) or cell.value is None:
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
    """A part that counts is of as many rows or more; days of a stay are no rows of their own."""
    grid = sections(collect(area=county, month=MARCH))["indicators"]
    at = [head.title for head in grid.heads]
    asked = 0
    for indicator, line in zip(INDICATORS, grid.rows, strict=True):
        assert line[1].value == indicator.name
        for part, title in ((indicator.top, "分子"), (indicator.bottom, "分母")):
            cell = line[at.index(title)]
            if cell.address.startswith(LISTS) and part.is_counted and "天数" not in part.name:
                assert followed(cell)[0] >= cell.value, (indicator.name, title)
                asked += 1
    assert asked > 20
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


def test_people_lead_to_their_covers(county, followed):
    """Four covers, of 王建国, 李秀兰, 张大山 and 陈老伯 (五保), in every column."""
    (grid,) = STATEMENTS["enrolled"].tell(Asked(county, MARCH)).grids
    asked = 0
    for line in [*grid.rows, grid.total]:
        for cell in line:
            if cell.address:
                assert followed(cell)[0] == cell.value, cell
                asked += 1
    assert asked > 20
    (grid,) = STATEMENTS["funding"].tell(Asked(county, MARCH)).grids
    titles = {"中央": "中央", "省": "省级", "市": "市级", "县": "县级", "个人": "个人缴费"}
    for line in grid.rows:
        title = next((to for word, to in titles.items() if word in line[0].value), "其他")
        assert followed(line[1])[1][title] == line[1].value, line[0].value


# What leads nowhere, and why: quotients (their parts lead), differences, sums of the lines above,
# the number of a line, people by the register of a past day or with a dated identity (no list goes
# back), and figures converted to the form of 2008.
LEADS_NOWHERE = {
    "应参人数", "次均费用", "次均补偿", "次均住院费用", "未到位", "行次", "次均", "预算",
    "一般统筹基金", "风险基金", "家庭账户基金",
}  # fmt: skip


def test_every_figure_leads_down_or_says_why_not(county):
    """Counts and amounts of the report and the statements; identities and sums stand apart."""
    tables = {key: [one] for key, one in sections(collect(area=county, month=MARCH)).items()}
    for code, statement in STATEMENTS.items():
        if statement.fund_type == "resident":
            tables[f"statement {code}"] = list(statement.tell(Asked(county, MARCH)).grids)
    closed = set()
    for key, grids in tables.items():
        if key in ("identities", "indicators"):
            continue
        for grid in grids:
            for line in grid.rows:
                for head, cell in zip(grid.heads, line, strict=True):
                    is_figure = cell.unit in ("count", "yuan") and cell.value is not None
                    if is_figure and not (cell.address or cell.is_strong):
                        closed.add((key, head.title.strip(), line[0].value or line[1].value))
    left = {one for one in closed if one[1] not in LEADS_NOWHERE}
    assert {(key, row) for key, _, row in left} <= {
        ("statement income", "三、本期基金结余"),
        ("statement net-assets", "三、提取、划入（减：转出）"),
    }


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
