"""会社保01, 会社保02 and the statement of net assets: rows as data, worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from funds.balances import account_balances
from funds.chart import ROLES
from funds.services import EventLine, open_book, post_event
from funds.statements import (
    ASSETS,
    EXPENSE,
    INCOME,
    LIABILITIES,
    NET_ASSETS,
    balance_sheet,
    income_statement,
    net_assets,
)
from lib.periods import Month

LINES = {"asset": ASSETS, "liability": LIABILITIES, "net": NET_ASSETS}
LINES |= {"income": INCOME, "expense": EXPENSE}
FUND = "resident"


@pytest.mark.parametrize(
    "account", [one for chart in ROLES.values() for one in chart], ids=lambda one: one.code
)
def test_every_account_stands_in_one_line_of_its_kind(account):
    whole = [line for line in LINES[account.kind] if not line.is_part and line.holds(account.code)]
    parts = [line for line in LINES[account.kind] if line.is_part and line.holds(account.code)]
    assert len(whole) == 1
    assert len(parts) == (account.code != whole[0].account)
    for kind, lines in LINES.items():
        assert kind == account.kind or not any(line.holds(account.code) for line in lines)


def figures(section):
    return {one.line.title: one.figures for one in section.lines if not one.is_idle}


def yuan(*texts):
    return tuple(Decimal(text) for text in texts)


@pytest.fixture
def year(post):
    """2025: 560.00 of premiums in December. 2026: 4 000.00 and 3 000.00 of subsidies, 12.34 of
    interest, 500.00 moved to the expenditure account, 300.00 paid, 200.00 set aside."""
    post("premium_collected", "560.00", date(2025, 12, 5), funding_level="personal")
    post(
        "subsidy_received", "4000.00", date(2026, 1, 15), funding_level="central", policy_year=2026
    )
    post("subsidy_received", "3000.00", date(2026, 3, 10), funding_level="city", policy_year=2026)
    post("interest_received", "12.34", date(2026, 3, 21), purpose="fiscal")
    post("expenditure_funded", "500.00", date(2026, 3, 22))
    post("claim_paid", "300.00", date(2026, 3, 25), purpose="inpatient")
    post("reserve_drawn", "200.00", date(2026, 3, 30), purpose="risk_reserve")


MARCH = Month(2026, 3)


def codes(county):
    return [one.code for one in account_balances(area=county, through=MARCH.last)]


def stated(county, month=MARCH):
    sheet = balance_sheet(area=county, fund_type=FUND, month=month)
    statement = income_statement(area=county, fund_type=FUND, month=month, codes=codes(county))
    return sheet, statement


def test_assets_are_liabilities_and_net_assets(year, county):
    """560.00 + 7 012.34 − 300.00 = 7 272.34; the beginning of the year had the 560.00."""
    sheet, _ = stated(county)
    assets, net = figures(sheet.assets), figures(sheet.net)
    assert assets["财政专户存款"] == yuan("6512.34", "0.00")
    assert assets["支出户存款"] == yuan("200.00", "0.00")
    assert assets["收入户存款"] == yuan("560.00", "560.00")
    assert net["一般基金结余"] == yuan("7072.34", "560.00")
    assert net["风险基金结余"] == net["风险储备金"] == yuan("200.00", "0.00")
    assert sheet.assets.total == sheet.owed_and_owned == yuan("7272.34", "560.00")
    assert sheet.is_even
    # Nothing was closed in this book: what 2025 brought is still income at the year's beginning.
    assert sheet.unclosed == yuan("7272.34", "560.00")


def test_income_less_expense_is_what_net_assets_grew_by(year, county):
    sheet, statement = stated(county)
    income, expense = figures(statement.income), figures(statement.expense)
    assert income["财政补贴收入"] == yuan("3000.00", "7000.00", "0.00")
    assert income["市"] == yuan("3000.00", "3000.00", "0.00") and "县" not in income
    assert expense["社会保险待遇支出"] == yuan("300.00", "300.00", "0.00")
    assert statement.income.total == yuan("3012.34", "7012.34", "0.00")
    assert statement.surplus == yuan("2712.34", "6712.34", "0.00")
    assert sheet.net.total[0] - sheet.net.total[1] == statement.surplus[1]


def test_setting_aside_changes_no_income_and_no_sum(year, county, post):
    """E20 (V17): 300 more are set aside; only the two lines of net assets move."""
    before, statement = stated(county)
    post("reserve_drawn", "300.00", date(2026, 3, 31), purpose="serious_reserve")
    after, again = stated(county)
    assert again == statement
    assert after.net.total == before.net.total and after.is_even
    assert figures(after.net)["一般基金结余"][0] == Decimal("6772.34")
    assert figures(after.net)["风险基金结余"][0] == Decimal("500.00")


def test_the_same_months_of_the_year_before(year, county):
    _, statement = stated(county, Month(2026, 12))
    assert statement.income.total[2] == Decimal("560.00")
    assert stated(county, Month(2026, 11))[1].income.total[2] == 0


def test_a_deferring_book_owes_premiums_of_the_next_year(cast, county):
    open_book(actor=cast.accountant, area=county, first_month=MARCH, defers_advance_premium=True)
    line = EventLine(amount=Decimal("400.00"), funding_level="personal", policy_year=2027)
    post_event(
        event="premium_collected", area=county, on=date(2026, 3, 5), key="test:1", source="测试",
        actor=cast.accountant, lines=[line],
    )  # fmt: skip
    sheet, statement = stated(county)
    assert figures(sheet.liabilities)["预收以后年度个人保费"] == yuan("400.00", "0.00")
    assert statement.income.total[1] == 0 and sheet.is_even


def test_net_assets_of_the_earlier_rule_move_between_columns_only(year, county):
    """Household accounts: 50.00 brought forward, 120.00 granted, 30.00 used."""
    sheet, statement = stated(county)
    found = net_assets(sheet, statement, accounts=yuan("50.00", "120.00", "30.00"))
    assert found.opening == yuan("510.00", "0.00", "50.00")
    assert found.moved == yuan("-320.00", "200.00", "120.00") and sum(found.moved) == 0
    assert found.decrease == yuan("270.00", "0.00", "30.00")
    assert found.closing == yuan("6932.34", "200.00", "140.00")
    columns = (found.opening, found.increase, found.moved, found.decrease, found.closing)
    for opening, more, moved, less, closing in zip(*columns, strict=True):
        assert opening + more + moved - less == closing
    assert sum(found.closing) == sheet.net.total[0]
