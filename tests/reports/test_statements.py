"""The statements as pages, on paper and as workbooks; figures by hand from conftest.py."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLine
from funds.services import open_book
from lib.periods import Month
from reports.statements.asked import Asked
from reports.statements.catalogue import STATEMENTS
from tests.claims.conftest import line, stay
from tests.reports.conftest import MARCH, TODAY


@pytest.fixture(autouse=True)
def _spring(spring, settings):
    settings.TODAY = TODAY


def told(county, code, month=MARCH):
    return STATEMENTS[code].tell(Asked(county, month))


def table(grid):
    """First word of a row → title → value."""
    first = next(at for at, head in enumerate(grid.heads) if head.unit == "text")
    lines = [*grid.rows, grid.total] if grid.total else grid.rows
    return {
        one[first].value.strip(): {
            head.title: cell.value for head, cell in zip(grid.heads, one, strict=True)
        }
        for one in lines
    }


def test_the_balance_sheet_stands_in_two_halves(county):
    """560.00 from last year, 7 012.34 came and 2 450.00 went; the payments of the tests borrow
    what the expenditure account lacks, which is owed."""
    found = told(county, "balance-sheet")
    (grid,) = found.grids
    left, right = grid.total[:3], grid.total[3:]
    borrowed = Decimal("10000000.00")
    own = [Decimal("5122.34"), Decimal("560.00")]
    assert [cell.value for cell in left[1:]] == [each + borrowed for each in own]
    assert [cell.value for cell in right[1:]] == [cell.value for cell in left[1:]]
    halves = {row[3].value.strip(): row[4].value for row in grid.rows}
    assert halves["净资产合计"] == Decimal("5122.34") and halves["负债合计"] == borrowed
    assert found.checks == (("资产 = 负债 + 净资产：相等", True),)
    assert "未结账" in found.basis


def test_the_income_statement(county):
    (grid,) = told(county, "income").grids
    rows = table(grid)
    assert rows["一、基金收入"]["本年累计数"] == Decimal("7012.34")
    assert rows["其中：中央"]["本月数"] == 0
    assert rows["三、本期基金结余"]["本月数"] == Decimal("962.34")
    assert rows["四、年初基金滚存结余"]["本年累计数"] == Decimal("560.00")
    assert rows["五、期末基金滚存结余"]["本年累计数"] == Decimal("5122.34")
    assert rows["一、基金收入"]["上年同期累计数"] is None
    assert {cell.text for row in grid.rows for cell in row} >= {"无账"}


def test_net_assets_by_the_earlier_rule(county):
    """20.00 + 3 × 40.00 are granted to household accounts out of the general fund."""
    found = told(county, "net-assets")
    rows = table(found.grids[0])
    assert rows["三、提取、划入（减：转出）"]["家庭账户基金"] == Decimal("140.00")
    assert rows["五、期末余额"]["合计"] == Decimal("5122.34")
    assert all(holds for _, holds in found.checks)


def test_the_year_table_of_enrolment(county):
    """Four people: 陈老伯 is 78 and 五保, three are grown up."""
    found = told(county, "enrolled")
    rows = table(found.grids[0])
    assert rows["合计"]["应参人数"] == 5 and rows["合计"]["参保人数"] == 4
    assert rows["万古镇"]["60岁以上"] == 1
    assert rows["合计"]["一档"] == 1 and rows["合计"]["二档"] == 3
    assert all(holds for _, holds in found.checks)


def test_funding_by_who_pays(county):
    rows = table(told(county, "funding").grids[0])
    assert rows["个人"]["应到位"] == Decimal("700.00")
    assert rows["个人"]["未到位"] == Decimal("140.00")
    assert rows["合计"]["已到位"] == Decimal("7560.00")


def test_benefits_by_township_level_and_care(county):
    towns, levels, _ = told(county, "benefits").grids
    longshui = next(row for row in towns.rows if row[0].value == "龙水镇")
    assert longshui[2].value == 1 and longshui[6].value == Decimal("2050.00")
    assert longshui[-1].value == 5000  # one of two
    year = next(row for row in towns.rows[-3:] if row[1].value == "本年累计")
    assert (year[2].value, year[4].value) == (3, Decimal("26200.00"))
    assert levels.rows[2][2].text == "无账"


def test_institutions_with_drugs_and_readmissions(county, people, hospital, spring):
    """李秀兰 for 600.00 after her stay of February, 王建国's bill of 5 000.00 is of drugs but for
    800.00 of CT; she is back within 15 days of the 20th, the one of two."""
    again = stay(date(2026, 3, 1), date(2026, 3, 6))
    spring.counter(people.li, line("X01", "6", "100.00"), visit=again, on=date(2026, 3, 28))
    rows = table(told(county, "institutions").grids[0])
    own = rows[hospital.name]
    assert own["其中住院"] == 2 and own["次均费用"] == Decimal("2800.00")
    assert (own["药占比"], own["目录外比"], own["再入院率"]) == (8571, 536, 5000)
    assert own["次均环比"] == 13333  # 1 200.00 in February
    assert rows["合计"]["人次"] == 3


def test_three_layers_by_identity(county, people, spring):
    """陈老伯 (五保): 500.00 in the county hospital; 60.00 of it as if from assistance."""
    on = date(2026, 3, 20)
    claim = spring.counter(
        people.chen, line("X01", "1", "500.00"), visit=stay(date(2026, 3, 15), on), on=on
    )
    month, year = told(county, "three-layers").grids
    row = table(month)["农村五保"]
    assert (row["人次"], row["总费用"]) == (1, Decimal("500.00"))
    assert row["基本医保"] + row["大病保险"] + row["医疗救助"] == claim.fund_amount
    assert row["个人负担"] == claim.personal_amount
    assert table(year)["合计（一人多种身份不重复）"]["人次"] == 1


def test_assistance_has_a_book_of_its_own(county, cast):
    open_book(actor=None, area=county, first_month=Month(2026, 1), fund_type="assistance")
    found = told(county, "aid-income")
    assert table(found.grids[0])["三、本期基金结余"]["本年累计数"] == 0
    assert "社会保险费收入" not in table(found.grids[0])
    assert told(county, "aid-balance-sheet").checks[0][1]
    assert table(told(county, "assistance").grids[0])["资助参保（人）"]["人（次、件）"] >= 0


@pytest.mark.parametrize("code", STATEMENTS)
def test_a_statement_costs_the_same_for_many(county, people, spring, code):
    if code.startswith("aid"):
        open_book(actor=None, area=county, first_month=Month(2026, 1), fund_type="assistance")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            told(county, code)
        return len(queries)

    statements()
    before = statements()
    for day in (2, 8, 14):
        visit = stay(date(2026, 3, day), date(2026, 3, day + 5))
        spring.counter(people.chen, line("X01", "1", "500.00"), visit=visit, on=MARCH.last)
    assert statements() == before <= 30


@pytest.mark.parametrize("code", [one for one in STATEMENTS if not one.startswith("aid")])
def test_page_print_and_workbook(cast, as_user, code):
    client = as_user(cast.auditor)
    address = f"/reports/statements/{code}?month=2026-03"
    page = client.get(address).content.decode()
    assert STATEMENTS[code].title in page and "编制单位：大足县" in page and "财务负责人" in page
    assert "data-print-now" in client.post(address).content.decode()
    taken = client.post(f"/reports/statements/{code}/export", {"month": "2026-03"})
    book = openpyxl.load_workbook(io.BytesIO(taken.getvalue()))
    for sheet in book.worksheets[:-1]:
        assert sheet.freeze_panes == "A2" and sheet.max_row > 1
    about = {row[0].value: row[1].value for row in book["说明"].iter_rows(min_row=2)}
    assert about["编制单位"] == "大足县" and about["口径"]
    line = AuditLine.objects.filter(action="export").latest("pk")
    assert line.after["criteria"] == {"statement": code, "month": "2026-03"}


def test_a_wrong_month_is_told(cast, as_user):
    client = as_user(cast.auditor)
    page = client.get("/reports/statements/income?month=2026-05").content.decode()
    assert "2026年5月还没有开始" in page
    assert "应为 年-月" in client.get("/reports/statements/income?month=x").content.decode()
    page = client.get("/reports/statements/funding?month=2025-09").content.decode()
    assert "无账" in page or "没有已采用的政策办法" in page
    assert client.get("/reports/statements/none").status_code == 404
    assert client.post("/reports/statements/income/export", {"month": "x"}).status_code == 404


def test_another_county_has_statements_of_its_own(cast, as_user):
    page = as_user(cast.other_officer).get("/reports/statements/balance-sheet?month=2026-03")
    assert "5,122.34" not in page.content.decode()
