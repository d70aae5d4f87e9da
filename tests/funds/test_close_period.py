"""Closing months and the year, with the checks of the month's end."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from funds.balances import account_balances
from funds.models import Book, ClosingBalance, Period, Posting, Seal, Voucher
from funds.services import close_period, close_year, closing_problems
from lib.periods import Month
from tests.funds.conftest import check_now, legs

pytestmark = pytest.mark.usefixtures("money_aside", "as_application")

OCTOBER, NOVEMBER, DECEMBER = date(2025, 10, 20), date(2025, 11, 20), date(2025, 12, 20)
LATER = date(2026, 1, 4)


def period(book: Book, year: int, month: int) -> Period:
    return Period.objects.get(book=book, year=year, month=month)


def test_a_closed_month_is_sealed_balanced_and_final(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("subsidy_received", "400000.00", OCTOBER, funding_level="central")
    post("expenditure_funded", "150000.00", OCTOBER)

    closed = close_period(actor=cast.accountant, period=period(book, 2025, 10), on=NOVEMBER)

    check_now()
    assert (closed.status, closed.closed_by) == ("closed", cast.accountant)
    assert Seal.objects.count() == 2
    kept = ClosingBalance.objects.filter(period=closed).order_by("account__code")
    assert list(kept.values_list("account__code", "debit", "credit")) == [
        ("1003", Decimal("400000.00"), Decimal("150000.00")),
        ("1004", Decimal("150000.00"), Decimal("0.00")),
        ("4101-central", Decimal("0.00"), Decimal("400000.00")),
    ]
    assert period(book, 2025, 11).status == "open"
    assert AuditLine.objects.filter(action="funds.close_period").count() == 1
    with pytest.raises(Refusal, match="2025年10月已结账"):
        post("expenditure_funded", "1.00", OCTOBER)


def test_a_month_is_closed_once(book: Book, cast: SimpleNamespace) -> None:
    close_period(actor=cast.accountant, period=period(book, 2025, 10), on=NOVEMBER)

    with pytest.raises(Refusal, match="2025年10月已经结账"):
        close_period(actor=cast.accountant, period=period(book, 2025, 10), on=NOVEMBER)


def test_months_are_closed_in_order_and_when_they_are_over(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("subsidy_received", "1.00", NOVEMBER, funding_level="county")

    assert closing_problems(period(book, 2025, 10), OCTOBER) == ["2025年10月还没有过完"]
    with pytest.raises(Refusal, match="请先结2025年10月的账"):
        close_period(actor=cast.accountant, period=period(book, 2025, 11), on=DECEMBER)


def test_the_collection_account_is_emptied_by_the_months_end(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """收入户月末清零。"""
    post("premium_collected", "1200.00", OCTOBER)

    with pytest.raises(Refusal, match=r"收入户存款月末须无余额，现余 1,200\.00 元"):
        close_period(actor=cast.accountant, period=period(book, 2025, 10), on=NOVEMBER)

    post("premium_transferred", "1200.00", date(2025, 10, 31))
    close_period(actor=cast.accountant, period=period(book, 2025, 10), on=NOVEMBER)


def test_a_bank_account_below_zero_stops_the_closing(
    book: Book, post: Callable[..., Voucher]
) -> None:
    post("claim_paid", "600.00", OCTOBER, purpose="inpatient")

    assert closing_problems(period(book, 2025, 10), NOVEMBER) == [
        "支出户存款余额为负（-600.00 元），请核对是否漏记拨款、划款或提取"
    ]


def close_autumn(book: Book, cast: SimpleNamespace) -> None:
    for month in (10, 11):
        close_period(actor=cast.accountant, period=period(book, 2025, month), on=LATER)


def test_december_is_closed_with_the_year(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("subsidy_received", "1.00", DECEMBER, funding_level="county")
    close_autumn(book, cast)

    with pytest.raises(Refusal, match="十二月请办理年终结账"):
        close_period(actor=cast.accountant, period=period(book, 2025, 12), on=LATER)


def test_the_year_ends_with_income_and_expense_in_net_assets_by_tier(
    book: Book,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    """E27 and E28: assets = net assets afterwards, and each tier's surplus stays apart."""
    post("premium_collected", "20000.00", OCTOBER, tier="tier1")
    post("premium_collected", "60000.00", OCTOBER, tier="tier2")
    post("premium_transferred", "80000.00", OCTOBER)
    post("expenditure_funded", "50000.00", NOVEMBER)
    post("claim_paid", "2050.00", NOVEMBER, purpose="inpatient", tier="tier2")
    post("claim_paid", "600.00", DECEMBER, purpose="inpatient", tier="tier1")
    post("claim_paid", "15.00", DECEMBER, purpose="outpatient", tier="tier1")
    close_autumn(book, cast)

    december = close_year(actor=cast.accountant, book=book, year=2025, on=LATER)

    check_now()
    assert december.status == "closed"
    income, expense = Voucher.objects.filter(period=december, number__gte=3).in_order()
    assert (income.event_number, expense.event_number) == ("E27", "E28")
    assert legs(income) == [
        ("4001-personal", "20000.00", "0.00"),
        ("4001-personal", "60000.00", "0.00"),
        ("3001", "0.00", "20000.00"),
        ("3001", "0.00", "60000.00"),
    ]
    assert legs(expense) == [
        ("3001", "615.00", "0.00"),
        ("3001", "2050.00", "0.00"),
        ("5001-inpatient", "0.00", "600.00"),
        ("5001-inpatient", "0.00", "2050.00"),
        ("5001-outpatient", "0.00", "15.00"),
    ]
    end = date(2025, 12, 31)
    assert closing(book, "4", end) == closing(book, "5", end) == Decimal("0.00")
    assert closing(book, "3001", end) == Decimal("77335.00")
    assert closing(book, "1", end) == Decimal("77335.00")
    by_tier = Posting.objects.filter(account__code="3001").values_list("tier", "credit", "debit")
    assert sum(c - d for tier, c, d in by_tier if tier == "tier1") == Decimal("19385.00")
    assert sum(c - d for tier, c, d in by_tier if tier == "tier2") == Decimal("57950.00")


def test_an_account_on_its_unusual_side_is_closed_too(
    book: Book,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    """More was recovered than paid: the expense stands in credit, and still goes to zero."""
    post("claim_recovered", "300.00", OCTOBER, purpose="inpatient")
    post("interest_received", "20.00", DECEMBER, purpose="fiscal")
    close_autumn(book, cast)

    close_year(actor=cast.accountant, book=book, year=2025, on=LATER)

    check_now()
    expense = Voucher.objects.get(event="expense_closed")
    assert legs(expense) == [("5001-inpatient", "300.00", "0.00"), ("3001", "0.00", "300.00")]
    assert closing(book, "3001", date(2025, 12, 31)) == Decimal("320.00")


def test_year_end_is_refused_whole_when_something_is_open(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "5.00", DECEMBER)
    with pytest.raises(Refusal, match=r"请先结2025年10月的账；收入户存款月末须无余额"):
        close_year(actor=cast.accountant, book=book, year=2025, on=LATER)
    with pytest.raises(Refusal, match="账上还没有 2027 年 12 月"):
        close_year(actor=cast.accountant, book=book, year=2027, on=LATER)
    assert not Voucher.objects.filter(event__in=["income_closed", "expense_closed"]).exists()


def test_a_quiet_year_closes_without_vouchers(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("expenditure_funded", "5.00", LATER)  # January begins, and with it every month before
    close_autumn(book, cast)

    december = close_year(actor=cast.accountant, book=book, year=2025, on=LATER)

    assert (december.status, december.next_number) == ("closed", 1)


def test_balances_continue_over_closed_months(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("subsidy_received", "1000.00", OCTOBER, funding_level="county")
    post("expenditure_funded", "300.00", NOVEMBER)
    close_autumn(book, cast)
    post("expenditure_funded", "200.00", DECEMBER)
    post("subsidy_received", "50.00", date(2025, 12, 25), funding_level="county")

    rows = {row.code: row for row in account_balances(area=book.area, through=date(2025, 12, 31))}
    fiscal = rows["1003"]
    assert (fiscal.opening, fiscal.debit, fiscal.credit, fiscal.closing) == tuple(
        map(Decimal, ("700.00", "50.00", "200.00", "550.00"))
    )
    mid = {row.code: row for row in account_balances(area=book.area, through=date(2025, 12, 24))}
    assert mid["1003"].closing == Decimal("500.00")
    whole = account_balances(
        area=book.area, through=date(2025, 12, 31), first_month=Month(2025, 10)
    )
    assert {row.code: row.opening for row in whole}["1003"] == Decimal("0.00")
    assert sum(row.debit for row in whole) == sum(row.credit for row in whole) == Decimal("1550.00")
