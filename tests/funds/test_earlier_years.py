"""What was wrong in a year that is closed is put right in this one, by three people.

2025: interest of 1 234.56 was booked as 1 324.56 (90.00 too much); of 50 000.00 central subsidy
500 000.00, so that the fiscal account has 450 000.00 that the bank has not; a gift of 300.00 as
30.00. All of it is found in February 2026.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from funds.drafts.earlier import standing_lines
from funds.drafts.services import make_correction, make_reversal, take_step
from funds.models import Book, Period, Voucher, VoucherDraft
from funds.papers import VOUCHER
from funds.records import book_records
from funds.services import close_period, close_year
from funds.statements import balance_sheet, income_statement
from funds.verify import verify
from lib.periods import Month
from tests.desk.test_every_page import looked_at
from tests.funds.conftest import check_now, legs, through_all_hands
from tests.glass import Glass

pytestmark = pytest.mark.usefixtures("money_aside", "as_application")

DECEMBER, LATER, FEBRUARY = date(2025, 12, 21), date(2026, 1, 4), date(2026, 2, 10)
ByHand = Callable[..., Voucher]


@pytest.fixture
def close(book: Book, cast: SimpleNamespace) -> Callable[[], None]:
    def close_2025() -> None:
        for month in (10, 11):
            row = Period.objects.get(book=book, year=2025, month=month)
            close_period(actor=cast.accountant, period=row, on=LATER)
        close_year(actor=cast.accountant, book=book, year=2025, on=LATER)

    return close_2025


@pytest.fixture
def correct(cast: SimpleNamespace) -> Callable[..., VoucherDraft]:
    """correct(voucher, "1234.56"): 郑淑芬 says what each line should be."""

    def make(voucher: Voucher, *right: str, **options: Any) -> VoucherDraft:
        at = VoucherDraft.objects.count() + 1
        return make_correction(
            **{
                "actor": cast.accountant, "voucher": voucher, "on": FEBRUARY, "today": FEBRUARY,
                "right": [Decimal(one) for one in right], "document": f"更正单 {at}",
                "key": f"correct:{at}", "reason": "与利息清单不符",
            }
            | options
        )  # fmt: skip

    return make


Correct = Callable[..., VoucherDraft]


def test_interest_of_a_closed_year(
    book: Book, by_hand: ByHand, correct: Correct, close: Callable[[], None],
    cast: SimpleNamespace, closing: Callable[..., Decimal],
) -> None:  # fmt: skip
    """1 324.56 − 1 234.56 = 90.00: 借 其他支出—以前年度更正支出 贷 财政专户存款."""
    wrong = by_hand("interest_received", "1324.56", DECEMBER, purpose="fiscal")
    with pytest.raises(Refusal, match="2025年还没有年终结账，请直接红冲，红冲日期填 2025-12-31"):
        correct(wrong, "1234.56")
    close()
    with pytest.raises(Refusal, match="请在这张凭证的页面办理“更正以前年度”"):
        make_reversal(
            actor=cast.accountant, voucher=wrong, on=FEBRUARY, today=FEBRUARY, reason="金额录错"
        )

    draft = correct(wrong, "1234.56")

    assert draft.working == [
        {
            "what": "财政专户",
            "amount": "-90.00",
            "how": "应为 1,234.56 − 现为 1,324.56（原记 1,324.56）",
            "article": "财会〔2017〕28号及 2026 年补充规定 5401 其他支出",
        }
    ]
    with pytest.raises(Refusal, match=r"的更正已制单（手工凭证 \d+ 号），请等待复核、记账"):
        correct(wrong, "1200.00")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        take_step(actor=cast.accountant, draft=draft, event="review_voucher")
    voucher = through_all_hands(draft, cast, FEBRUARY)
    check_now()
    assert legs(voucher) == [("5401-earlier", "90.00", "0.00"), ("1003", "0.00", "90.00")]
    assert voucher.summary == f"更正 {wrong.label}：与利息清单不符"
    assert VOUCHER.marks(wrong) == [f"本凭证已由 {voucher.label} 更正"]
    assert closing(book, "1003", FEBRUARY) == Decimal("1234.56")
    # 2025 stays as it was reported; 2026 has the 90.00 on a line of its own.
    codes = [one.code for one in book.accounts.all()]
    told = income_statement(area=book.area, fund_type="resident", month=Month(2026, 2), codes=codes)
    own = {one.line.title: one.figures for one in told.expense.lines}
    assert own["以前年度更正支出"] == own["其他支出"] == (Decimal(90), Decimal(90), Decimal(0))
    assert told.surplus[1] == -90
    sheet = balance_sheet(area=book.area, fund_type="resident", month=Month(2026, 2))
    assert sheet.is_even and sheet.net.total == (Decimal("1234.56"), Decimal("1324.56"))
    assert verify(book_records(book)).findings == []


def test_a_correction_may_be_wrong_itself(
    by_hand: ByHand, correct: Correct, close: Callable[[], None], cast: SimpleNamespace
) -> None:
    """30.00 of a gift of 300.00 was booked; put right to 320.00 by mistake, then to 300.00; taken
    back in the same year by its red letter."""
    gift = by_hand("other_received", "30.00", DECEMBER)
    close()
    first = through_all_hands(correct(gift, "320.00"), cast, FEBRUARY)
    assert legs(first) == [("1003", "290.00", "0.00"), ("4501-earlier", "0.00", "290.00")]
    (line,) = standing_lines(gift)
    assert (line.line.amount, line.stands) == (Decimal(30), Decimal(320))
    with pytest.raises(Refusal, match="应为金额与现在的相同，无须更正"):
        correct(gift, "320.00")
    second = through_all_hands(correct(gift, "300.00"), cast, FEBRUARY)
    assert legs(second) == [("5401-earlier", "20.00", "0.00"), ("1003", "0.00", "20.00")]
    with pytest.raises(Refusal, match="2026年还没有年终结账，请直接红冲"):
        correct(second, "30.00")
    back = make_reversal(
        actor=cast.accountant, voucher=second, on=FEBRUARY, today=FEBRUARY, reason="清单看错"
    )
    through_all_hands(back, cast, FEBRUARY)
    check_now()
    assert [one.stands for one in standing_lines(gift)] == [Decimal(320)]


def test_a_subsidy_by_level_keeps_whose_money_it_was(
    book: Book, by_hand: ByHand, correct: Correct, close: Callable[[], None],
    cast: SimpleNamespace,
) -> None:  # fmt: skip
    """450 000.00 of the centre's subsidy of 2025 never came."""
    wrong = by_hand(
        "subsidy_received", "500000.00", DECEMBER, funding_level="central", policy_year=2025
    )
    close()
    for right, words in (("-1.00", "不能再减少"), ("500000.00", "无须更正")):
        with pytest.raises(Refusal, match=words):
            correct(wrong, right)
    voucher = through_all_hands(correct(wrong, "50000.00"), cast, FEBRUARY)
    line = voucher.postings.get(account__code="5401-earlier")
    assert (line.funding_level, line.policy_year, line.debit) == ("central", 2025, 450000)


def test_what_has_another_way_back(
    book: Book, post: Callable[..., Voucher], by_hand: ByHand, correct: Correct,
    close: Callable[[], None],
) -> None:  # fmt: skip
    paid = post("subsidy_received", "100.00", DECEMBER, funding_level="county")
    moved = by_hand("expenditure_funded", "40.00", DECEMBER)
    close()
    with pytest.raises(Refusal, match="业务自动生成的凭证请在原业务中更正"):
        correct(paid, "90.00")
    with pytest.raises(Refusal, match="没有收入、支出，结账后仍可在未结账的月份红冲"):
        correct(moved, "30.00")


def test_the_page(
    book: Book, by_hand: ByHand, close: Callable[[], None], cast: SimpleNamespace,
    as_user: Callable[[User], Client], glass: Glass,
) -> None:  # fmt: skip
    wrong = by_hand("interest_received", "1324.56", DECEMBER, purpose="fiscal")
    url = reverse("funds:correct", args=[wrong.pk])
    client = as_user(cast.accountant)
    refused = client.get(url).content.decode()
    assert "请直接红冲" in refused and looked_at(glass, refused, set()) == []
    close()
    page = client.get(url).content.decode()
    assert looked_at(glass, page, set()) == []
    assert "财政专户：应为（元）" in page and "账上现为 1,324.56 元" in page
    given = {"on": "2026-02-10", "document": "利息清单", "reason": "看错一位", "right_0": "1234.56"}
    key = "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a01"
    assert (
        "金额不能小于零" in client.post(url, given | {"right_0": "-1", "key": key}).content.decode()
    )
    answer = client.post(url, given | {"key": key})
    draft = VoucherDraft.objects.latest("pk")
    assert answer["Location"] == reverse("funds:draft", args=[draft.pk])
    shown = client.get(answer["Location"]).content.decode()
    assert f"更正的凭证 {wrong.label}" in shown and "-90.00" in shown
