"""总账, 明细账, 日记账, 辅助账: each figure leads to its postings, the voucher and the business."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Division, User
from desk.worklist import find
from funds.chart import OF_2026
from funds.ledgers import reading
from funds.ledgers.behind import behind
from funds.ledgers.reading import NONE, Ledger, detail, general, shares
from funds.models import Book, Voucher
from funds.services import close_period
from lib.periods import Month

pytestmark = pytest.mark.usefixtures("money_aside")

JANUARY, FEBRUARY = Month(2026, 1), Month(2026, 2)
SignIn = Callable[[User], Client]


@pytest.fixture
def story(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace, town_a: Division
) -> list[Voucher]:
    """October 2025, closed: of 1000.00 received 800.00 go to the expenditure account, of which
    300.00 are paid. 2026: in January 100.00 and 40.00, in February 10.50 in a township."""
    post("subsidy_received", "1000.00", date(2025, 10, 7), funding_level="central")
    rows = [
        post("expenditure_funded", "800.00", date(2025, 10, 8)),
        post("claim_paid", "300.00", date(2025, 10, 9), purpose="inpatient", tier="tier1"),
    ]
    close_period(actor=cast.accountant, period=rows[0].period, on=date(2025, 11, 2))
    inpatient: dict[str, Any] = {"purpose": "inpatient", "tier": "tier1"}
    rows += [
        post("claim_paid", "100.00", date(2026, 1, 5), **inpatient),
        post("claim_paid", "40.00", date(2026, 1, 5), **inpatient, township=town_a),
        post("claim_paid", "10.50", date(2026, 2, 3), **inpatient, township=town_a),
    ]
    return rows


def told(book: Book, code: str, first: Month, last: Month, page: int = 1, **narrowed: str) -> Any:
    found = detail(Ledger(book, code, OF_2026, narrowed), first, last, page)
    return [(one.what, str(one.debit), str(one.credit), str(one.balance)) for one in found.lines]


def test_the_cash_book_tells_each_payment_its_day_its_month_and_its_year(
    book: Book, story: list[Voucher]
) -> None:
    """支出户日记账: 800.00 less 300.00 in October stand there when the year begins."""

    def left(spent: str) -> str:
        return str(Decimal("500.00") - Decimal(spent))

    lines = told(book, "1004", JANUARY, FEBRUARY)
    assert [(what, debit, credit) for what, debit, credit, _ in lines] == [
        ("上年结转", "None", "None"),
        ("支付待遇", "0.00", "100.00"),
        ("支付待遇", "0.00", "40.00"),
        ("本日合计", "0.00", "140.00"),
        ("本月合计", "0.00", "140.00"),
        ("本年累计", "0.00", "140.00"),
        ("支付待遇", "0.00", "10.50"),
        ("本日合计", "0.00", "10.50"),
        ("本月合计", "0.00", "10.50"),
        ("本年累计", "0.00", "150.50"),
    ]
    assert [line[3] for line in lines] == [
        left("0"), left("100.00"), *[left("140.00")] * 4, *[left("150.50")] * 4,
    ]  # fmt: skip
    page = detail(Ledger(book, "1004", OF_2026), JANUARY, JANUARY, 1)
    assert {line.against for line in page.lines if line.posting} == {
        "5001 社会保险待遇支出—住院费用"
    }


def test_what_the_accounts_on_the_other_side_lie_under_is_said_once() -> None:
    """住院 and 门诊 lie under 5001; 其他 under 5901 is another account."""
    accounts = ["5001 支出—住院费用", "5001 支出—门诊费用", "5901 其他支出", "5902 其他—手续费"]
    told = "5001 支出—住院费用、门诊费用、5901 其他支出、5902 其他—手续费"
    assert reading._in_words(accounts) == told


def test_months_without_movement_tell_what_stands(book: Book, story: list[Voucher]) -> None:
    """Nothing moved in March: 500.00 less 150.50 stand there."""
    march = Month(2026, 3)
    assert told(book, "1004", march, march) == [("期初余额", "None", "None", "349.50")]


def test_pages_of_a_ledger_carry_the_balance_over(
    book: Book, story: list[Voucher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines a page: the second begins where the first ended; a day is summed whole."""
    monkeypatch.setattr(reading, "PAGE", 1)
    one = told(book, "5001", JANUARY, FEBRUARY, 1)
    two = told(book, "5001", JANUARY, FEBRUARY, 2)
    assert one[0] == ("上年结转", "None", "None", "300.00")
    assert one[-1] == ("过次页", "None", "None", "400.00")
    assert two[0] == ("承前页", "None", "None", "400.00")
    assert ("本月合计", "140.00", "0.00", "440.00") in two
    money = told(book, "1004", JANUARY, FEBRUARY, 2)
    assert ("本日合计", "0.00", "140.00") in [line[:3] for line in money]


def test_the_subsidiary_ledger_parts_an_account_and_its_sums_are_the_account(
    book: Book, story: list[Voucher], town_a: Division
) -> None:
    names = {town_a.code: town_a.name}
    rows = shares(Ledger(book, "5001", OF_2026), "township", JANUARY, FEBRUARY, names)
    assert [(row.name, row.opening, row.debit, row.closing) for row in rows] == [
        ("龙水镇", Decimal("0"), Decimal("50.50"), Decimal("50.50")),
        ("（未注明）", Decimal("300.00"), Decimal("100.00"), Decimal("400.00")),
    ]
    town = told(book, "5001", JANUARY, FEBRUARY, township=town_a.code)
    assert town[-1] == ("本年累计", "50.50", "0.00", "50.50")
    rest = told(book, "5001", JANUARY, FEBRUARY, township=NONE)
    assert (rest[0][3], rest[-1][3]) == ("300.00", "400.00")


def test_the_general_ledger_of_a_year(book: Book, story: list[Voucher]) -> None:
    found = {one.code: one for one in general(book, 2026)}
    benefits = found["5001"]
    assert benefits.opening == Decimal("300.00")
    assert [
        (str(row.month), row.debit, row.year_debit, row.balance) for row in benefits.months[:2]
    ] == [
        ("2026-01", Decimal("140.00"), Decimal("140.00"), Decimal("440.00")),
        ("2026-02", Decimal("10.50"), Decimal("150.50"), Decimal("450.50")),
    ]
    assert "4501" not in found  # nothing stood or moved there
    assert [one.code for one in general(book, 2026, "5001")] == ["5001"]


def test_an_account_with_others_below_it_is_asked_for_with_or_without_them(
    book: Book, story: list[Voucher]
) -> None:
    assert len(Ledger(book, "3001", OF_2026).accounts) == 2
    assert [one.code for one in Ledger(book, "3001=", OF_2026).accounts] == ["3001"]
    with pytest.raises(LookupError):
        Ledger(book, "9999", OF_2026)


def test_the_pages_lead_from_balance_to_posting_to_voucher(
    book: Book, story: list[Voucher], cast: SimpleNamespace, as_user: SignIn, settings: Any
) -> None:
    settings.TODAY = date(2026, 3, 20)
    client = as_user(cast.auditor)
    balances = client.get(reverse("funds:accounts"), {"first": "2026-01", "last": "2026-02"})
    text = balances.content.decode()
    way = f"/funds/ledgers/account?book={book.pk}&amp;first=2026-01&amp;last=2026-02"
    assert f'<a href="{way}&amp;account=5001-inpatient"' in text and "ps-4" in text
    assert "借方科目合计" in text and "贷方科目合计" in text
    ledger = client.get(way.replace("&amp;", "&") + "&account=5001-inpatient").content.decode()
    assert f'href="/funds/vouchers/{story[2].pk}"' in ledger and "440.00" in ledger
    year = client.get(reverse("funds:general_ledger"), {"year": "2026"})
    assert "440.00" in year.content.decode()
    tiers = {"account": "5001", "by": "tier", "first": "2026-01", "last": "2026-02"}
    page = client.get(reverse("funds:subsidiary_ledger"), tiers)
    assert page.context["form"].errors == {}
    assert "account=5001&amp;first=2026-01&amp;last=2026-02&amp;tier=tier1" in page.content.decode()
    for wrong in ({"account": "9999"}, {"first": "x"}, {"policy_year": "二〇"}, {"page": "x"}):
        assert client.get(reverse("funds:account_ledger"), wrong).status_code == 200


def test_both_sides_of_the_balances_are_equal(
    book: Book, story: list[Voucher], cast: SimpleNamespace, as_user: SignIn
) -> None:
    response = as_user(cast.auditor).get(
        reverse("funds:accounts"), {"first": "2026-01", "last": "2026-02"}
    )
    debit, credit, moved = response.context["totals"]
    assert debit["opening"] == credit["opening"] > 0
    assert debit["closing"] == credit["closing"]
    assert moved["debit"] == moved["credit"] == Decimal("150.50")


def test_a_ledger_costs_the_same_statements_however_long(
    book: Book,
    story: list[Voucher],
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    as_user: SignIn,
) -> None:
    client = as_user(cast.auditor)
    asked = {"account": "5001", "first": "2026-01", "last": "2026-02"}

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(reverse("funds:account_ledger"), asked).status_code == 200
        return len(caught)

    before = count()
    for _ in range(12):
        post("claim_paid", "1.00", date(2026, 2, 4), purpose="outpatient")
    assert count() == before


def test_a_voucher_leads_to_its_draft_and_back_from_its_number(
    book: Book, by_hand: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    voucher = by_hand("expenditure_funded", "500.00", date(2026, 3, 9))
    found = behind(cast.accountant, Voucher.objects.get(pk=voucher.pk))
    assert [(one.what, one.amount) for one in found] == [("手工凭证", Decimal("500.00"))]
    hits = find(cast.accountant, voucher.label, 10)
    assert [hit.what for hit in hits] == ["凭证", "手工凭证"]
