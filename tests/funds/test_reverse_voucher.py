"""Corrections: 红字冲销. What is posted stays; a red voucher takes it back."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from funds.drafts.services import make_reversal
from funds.models import Book, Period, Posting, Voucher
from funds.services import close_period, close_year, reverse_voucher
from lib.periods import Month
from tests.funds.conftest import check_now, legs, through_all_hands

pytestmark = pytest.mark.usefixtures("money_aside")

MARCH = date(2026, 3, 9)


def test_a_red_voucher_mirrors_the_original_on_the_same_sides(
    post: Callable[..., Voucher], cast: SimpleNamespace, town_a: Division
) -> None:
    paid = post("claim_paid", "2050.00", MARCH, purpose="inpatient", tier="tier2", township=town_a)

    red = reverse_voucher(
        actor=cast.accountant, voucher=paid, on=date(2026, 3, 12), reason="户名有误，银行退回"
    )

    check_now()
    assert legs(red) == [("5001-inpatient", "-2050.00", "0.00"), ("1004", "0.00", "-2050.00")]
    assert red.label == "2026-03-0002"
    assert red.reversal_of == paid
    assert red.amount == Decimal("-2050.00")
    assert red.summary == "红冲 2026-03-0001：户名有误，银行退回"
    assert set(red.postings.values_list("tier", "township__name")) == {("tier2", "龙水镇")}


def test_after_a_reversal_the_year_knows_nothing_of_the_payment(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    paid = post("claim_paid", "2050.00", MARCH, purpose="inpatient")
    reverse_voucher(actor=cast.accountant, voucher=paid, on=MARCH, reason="重复支付")

    march = Month(2026, 3)
    sums = Posting.objects.sums(area=book.area, first_month=march, last_month=march, by=["account"])
    assert sums == [
        {"account": "1004", "debit": Decimal("0.00"), "credit": Decimal("0.00")},
        {"account": "5001-inpatient", "debit": Decimal("0.00"), "credit": Decimal("0.00")},
    ]


def test_a_voucher_is_reversed_once(post: Callable[..., Voucher], cast: SimpleNamespace) -> None:
    paid = post("claim_paid", "2050.00", MARCH, purpose="inpatient")
    reverse_voucher(actor=cast.accountant, voucher=paid, on=MARCH, reason="重复支付")

    with pytest.raises(Refusal, match="2026-03-0001 已由 2026-03-0002 红冲"):
        reverse_voucher(actor=cast.accountant, voucher=paid, on=MARCH, reason="再来一次")

    assert Voucher.objects.count() == 2


def test_a_red_voucher_is_not_reversed(post: Callable[..., Voucher], cast: SimpleNamespace) -> None:
    paid = post("claim_paid", "2050.00", MARCH, purpose="inpatient")
    red = reverse_voucher(actor=cast.accountant, voucher=paid, on=MARCH, reason="重复支付")

    with pytest.raises(Refusal, match="红字凭证不能再红冲"):
        reverse_voucher(actor=cast.accountant, voucher=red, on=MARCH, reason="冲错了")


def test_a_reversal_needs_a_reason_and_a_later_day(
    post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    paid = post("claim_paid", "2050.00", MARCH, purpose="inpatient")

    with pytest.raises(Refusal, match="原因"):
        reverse_voucher(actor=cast.accountant, voucher=paid, on=MARCH, reason="  ")
    with pytest.raises(Refusal, match="不能早于原凭证日期 2026-03-09"):
        reverse_voucher(actor=cast.accountant, voucher=paid, on=date(2026, 3, 8), reason="太早")


def test_a_closed_month_is_corrected_in_the_open_one(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    moved = post("subsidy_received", "400.00", date(2025, 10, 9), funding_level="central")
    close_period(actor=cast.accountant, period=moved.period, on=date(2025, 11, 1))

    with pytest.raises(Refusal, match="2025年10月已结账"):
        reverse_voucher(actor=cast.accountant, voucher=moved, on=date(2025, 10, 31), reason="记错")
    red = reverse_voucher(actor=cast.accountant, voucher=moved, on=date(2025, 11, 2), reason="记错")

    assert red.label == "2025-11-0001"


def test_last_years_income_and_expense_are_not_reversed_this_year(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """跨年追回走 4501: the closed year's figures are final."""
    last_year = post("subsidy_received", "400.00", date(2025, 12, 9), funding_level="central")
    transfer = post("expenditure_funded", "100.00", date(2025, 12, 9))

    how = {"actor": cast.accountant, "reason": "记错"}
    with pytest.raises(Refusal, match="不能红冲，2025年还没有年终结账，红冲日期请填 2025-12-31"):
        reverse_voucher(voucher=last_year, on=date(2026, 1, 5), **how)
    twice = post("subsidy_received", "400.00", date(2025, 12, 9), funding_level="central")
    assert reverse_voucher(voucher=twice, on=date(2025, 12, 31), **how).label == "2025-12-0004"
    for period in Period.objects.filter(book=book, year=2025).exclude(month=12).order_by("month"):
        close_period(actor=cast.accountant, period=period, on=date(2026, 1, 5))
    close_year(actor=cast.accountant, book=book, year=2025, on=date(2026, 1, 5))
    with pytest.raises(Refusal, match="以前年度的收入、支出不能红冲，请按“追回以前年度待遇”"):
        reverse_voucher(voucher=last_year, on=date(2026, 1, 5), **how)
    red = reverse_voucher(
        actor=cast.accountant, voucher=transfer, on=date(2026, 1, 5), reason="退票"
    )

    assert legs(red) == [("1004", "-100.00", "0.00"), ("1003", "0.00", "-100.00")]


def test_by_hand_only_what_was_entered_by_hand(
    post: Callable[..., Voucher], by_hand: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    paid = post("claim_paid", "2050.00", MARCH, purpose="inpatient")
    entered = by_hand("expenditure_funded", "100.00", MARCH)
    facts = {"actor": cast.accountant, "on": MARCH, "today": MARCH, "reason": "填错金额"}

    with pytest.raises(Refusal, match="请在原业务中撤销"):
        make_reversal(voucher=paid, **facts)
    with pytest.raises(Refusal, match="不能晚于今天"):
        make_reversal(voucher=entered, **facts | {"on": date(2026, 3, 10)})
    assert through_all_hands(make_reversal(voucher=entered, **facts), cast).reversal_of == entered


def test_year_end_vouchers_stay(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("subsidy_received", "400.00", date(2025, 12, 9), funding_level="central")
    for month in (10, 11):
        period = book.periods.get(year=2025, month=month)
        close_period(actor=cast.accountant, period=period, on=date(2026, 1, 4))
    close_year(actor=cast.accountant, book=book, year=2025, on=date(2026, 1, 4))
    closing = Voucher.objects.get(event="income_closed")

    with pytest.raises(Refusal, match="不能红冲"):
        reverse_voucher(actor=cast.accountant, voucher=closing, on=date(2026, 1, 5), reason="试试")
