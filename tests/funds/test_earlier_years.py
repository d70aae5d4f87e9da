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
from enrollment.collection.subsidies import ARRIVALS
from funds.drafts.earlier import standing_lines
from funds.drafts.services import (
    enter_draft,
    make_correction,
    make_level_move,
    make_reversal,
    take_step,
)
from funds.law.working import raised
from funds.models import Book, Period, Voucher, VoucherDraft
from funds.named import received_by
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

FEB = Month(2026, 2)
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


def test_a_subsidy_of_another_level(
    book: Book, by_hand: ByHand, correct: Correct, close: Callable[[], None],
    cast: SimpleNamespace, closing: Callable[..., Decimal],
) -> None:  # fmt: skip
    """70 000.00 of December 2025 for 2025: 50 000.00 booked as the centre's, 20 000.00 as the
    county's. Of the centre's 12 000.00 were the city's: 借 4101-中央 12 000.00 贷 4101-市 12 000.00
    in February 2026. Of 2025 there arrived 38 000.00, 12 000.00 and 20 000.00: 70 000.00 as before;
    2026 has no more and no less of income, surplus and money. Then 2 000.00 of the city's were the
    county's after all: 10 000.00 and 22 000.00."""
    wrong = by_hand(
        "subsidy_received", "50000.00", DECEMBER, funding_level="central", policy_year=2025
    )
    by_hand("subsidy_received", "20000.00", DECEMBER, funding_level="county", policy_year=2025)

    def arrived() -> dict[str, Decimal]:
        found = received_by(ARRIVALS, area=book.area, policy_year=2025)
        return {level: amount for level, amount in found.items() if amount}

    with pytest.raises(Refusal, match="2025年还没有年终结账，请直接红冲"):
        moved(cast, wrong, "12000.00")
    close()
    before = {"sheet": balance_sheet(area=book.area, fund_type="resident", month=FEB).net.total,
              "raised": raised(book, 2025)}  # fmt: skip
    for level, amount, words in (
        ("central", "1.00", "改记的级次与现在的相同"),
        ("city", "50000.01", "“财政专户、中央”现为 50,000.00 元，不能再改记 50,000.01 元"),
    ):
        with pytest.raises(Refusal, match=words):
            moved(cast, wrong, amount, level=level)
    draft = moved(cast, wrong, "12000.00")
    assert [(one["what"], one["amount"], one["how"]) for one in draft.working] == [
        ("中央", "-12000.00", "现为 50,000.00，改记后为 38,000.00"),
        ("市", "12000.00", "现为 0.00，改记后为 12,000.00"),
    ]
    with pytest.raises(Refusal, match="的更正已制单"):
        moved(cast, wrong, "1.00")
    with pytest.raises(Refusal, match="不论金额大小，须先经审批才能记账"):
        through_all_hands(draft, cast, FEBRUARY)

    take_step(actor=cast.approver, draft=draft, event="approve_voucher")
    voucher = enter_draft(actor=cast.accountant2, draft=draft, today=FEBRUARY).voucher
    assert voucher is not None
    rows = voucher.postings.order_by("line").values_list(
        "account__code", "debit", "credit", "funding_level", "policy_year"
    )
    assert list(rows) == [
        ("4101-central", 12000, 0, "central", 2025),
        ("4101-city", 0, 12000, "city", 2025),
    ]
    assert arrived() == {"central": 38000, "city": 12000, "county": 20000}
    codes = [one.code for one in book.accounts.all()]
    told = income_statement(area=book.area, fund_type="resident", month=FEB, codes=codes)
    own = {one.line.title: one.figures[1] for one in told.income.lines}
    assert (own["财政补贴收入"], own["中央"], own["市"]) == (0, -12000, 12000)
    sheet = balance_sheet(area=book.area, fund_type="resident", month=FEB)
    assert (sheet.net.total, raised(book, 2025)) == (before["sheet"], before["raised"])
    assert closing(book, "1003", FEBRUARY) == 70000
    # What the voucher stands at, level by level; the amount of each may be corrected as before.
    assert [(one.about, one.stands) for one in standing_lines(wrong)] == [
        ("财政专户、中央", 38000), ("财政专户、市", 12000),
    ]  # fmt: skip
    with pytest.raises(Refusal, match="请在原补助凭证上再改记一次"):
        correct(voucher, "1.00")

    approved_and_entered(moved(cast, wrong, "2000.00", level="county", at=1), cast)
    assert arrived() == {"central": 38000, "city": 10000, "county": 22000}
    less = through_all_hands(correct(wrong, "38000.00", "9000.00", "2000.00"), cast, FEBRUARY)
    assert legs(less) == [("5401-earlier", "1000.00", "0.00"), ("1003", "0.00", "1000.00")]
    assert less.postings.get(account__code="1003").funding_level == "city"
    check_now()
    assert verify(book_records(book)).findings == []


def test_a_move_of_levels_is_taken_back_and_is_no_gift_s(
    by_hand: ByHand, close: Callable[[], None], cast: SimpleNamespace
) -> None:
    """3 000.00 to the province by mistake, taken back by its red letter in the same year; a gift
    has no level."""
    wrong = by_hand(
        "subsidy_received", "9000.00", DECEMBER, funding_level="county", policy_year=2025
    )
    gift = by_hand("other_received", "30.00", DECEMBER)
    close()
    voucher = approved_and_entered(moved(cast, wrong, "3000.00", level="province"), cast)
    assert [one.stands for one in standing_lines(wrong)] == [6000, 3000]
    back = make_reversal(
        actor=cast.accountant, voucher=voucher, on=FEBRUARY, today=FEBRUARY, reason="没有错"
    )
    approved_and_entered(back, cast)
    check_now()
    assert [one.stands for one in standing_lines(wrong)] == [9000]
    with pytest.raises(Refusal, match="只有财政补助分资金级次"):
        moved(cast, gift, "1.00")


def test_the_page_of_levels(
    by_hand: ByHand, close: Callable[[], None], cast: SimpleNamespace,
    as_user: Callable[[User], Client], glass: Glass,
) -> None:  # fmt: skip
    wrong = by_hand(
        "subsidy_received", "50000.00", DECEMBER, funding_level="central", policy_year=2025
    )
    close()
    url, client = reverse("funds:correct", args=[wrong.pk]), as_user(cast.accountant)
    page = client.get(url).content.decode()
    assert looked_at(glass, page, set()) == []
    assert "金额对、资金级次记错" in page and "中央 50,000.00 元" in page
    given = {
        "at": "0", "level": "city", "amount": "12000.00", "on": "2026-02-10",
        "document": "足财社〔2026〕8号", "reason": "拨款文号记错级次",
        "key": "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a02",
    }  # fmt: skip
    refused = client.post(url, given | {"amount": "50000.01"}).content.decode()
    assert "不能再改记 50,000.01 元" in refused and "财政专户、中央：应为（元）" in refused
    answer = client.post(url, given)
    draft = VoucherDraft.objects.latest("pk")
    assert answer["Location"] == reverse("funds:draft", args=[draft.pk])
    shown = client.get(answer["Location"]).content.decode()
    assert "改记为市补助、中央、2025年度" in shown and "改记后为 38,000.00" in shown


def moved(
    cast: SimpleNamespace, voucher: Voucher, amount: str, level: str = "city", at: int = 0
) -> VoucherDraft:
    count = VoucherDraft.objects.count() + 1
    return make_level_move(
        actor=cast.accountant, voucher=voucher, at=at, level=level, amount=Decimal(amount),
        on=FEBRUARY, today=FEBRUARY, document=f"足财社〔2026〕{count}号", key=f"level:{count}",
        reason="拨款文号记错级次",
    )  # fmt: skip


def approved_and_entered(draft: VoucherDraft, cast: SimpleNamespace) -> Voucher:
    take_step(actor=cast.supervisor, draft=draft, event="review_voucher")
    take_step(actor=cast.approver, draft=draft, event="approve_voucher")
    done = enter_draft(actor=cast.accountant2, draft=draft, today=FEBRUARY)
    assert done.voucher is not None
    return done.voucher


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
