"""What bank and old books had apart when a county moves in (启用前未达账项).

On 30 June 2026 the books have 350 000.50 at the expenditure account, the bank 350 092.84: 80.00
were paid in the old books and not yet by the bank (凭证 6-0091), interest of 12.34 stands at the
bank and not in the books. 350 000.50 + 12.34 = 350 012.84 = 350 092.84 − 80.00.

In July 2 050.00 are paid. In August the bank pays the 80.00 and the interest is booked.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from desk.jobs import run
from funds import verify
from funds.exports import json_lines
from funds.models import Account, Book, Period
from funds.opening.models import Opening
from funds.opening.outstanding import Outstanding
from funds.reconciling.services import (
    make_adjustment,
    match_by_rule,
    review_adjustment,
    unmatched,
)
from funds.reconciling.statements import STATEMENTS
from funds.reconciling.table import SIDES, Table, table_of
from funds.services import EventLine, close_period, post_event
from lib.periods import Month
from tests.desk.test_every_page import looked_at
from tests.funds.test_opening import agreed, asked, book, lines, refused  # noqa: F401 - fixture
from tests.glass import Glass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]
JULY, AUGUST, LATER = Month(2026, 7), Month(2026, 8), date(2026, 9, 3)
JUNE_30 = date(2026, 6, 30)
Records = list[dict[str, Any]]


def row(side: str, amount: str, number: str = "", day: date = JUNE_30) -> Outstanding:
    return Outstanding("1004", side, day, number, Decimal(amount))


APART = (
    row("bank", "350092.84"),
    row("book_out", "80.00", "6-0091"),
    row("bank_in", "12.34", "0621", date(2026, 6, 21)),
)


@pytest.fixture
def account(book: Book) -> Account:  # noqa: F811
    return book.accounts.select_related("book__area").get(code="1004")


@pytest.fixture
def opened(book: Book, cast: SimpleNamespace) -> Opening:  # noqa: F811
    return agreed(asked(book, cast, outstanding=APART), cast)


@pytest.fixture
def bring(account: Account, cast: SimpleNamespace) -> Callable[..., None]:
    def one(*rows: tuple[str, str, str]) -> None:
        text = "交易日期,交易流水号,金额,摘要\n" + "".join(
            f"{day},{serial},{amount},付款\n" for serial, day, amount in rows
        )
        upload, _ = STATEMENTS.upload(
            actor=cast.accountant, file_name=f"{rows[0][0]}.csv", content=text.encode(), on=LATER,
            account=account,
        )  # fmt: skip
        run("funds.accountstatement", upload.pk, LATER)

    return one


@pytest.fixture
def post(book: Book, cast: SimpleNamespace) -> Callable[..., Any]:  # noqa: F811
    def one(event: str, amount: str, on: date, purpose: str) -> Any:
        return post_event(
            event=event, area=book.area, on=on, key=f"test:{event}:{on}", source="测试",
            actor=cast.accountant, lines=[EventLine(amount=Decimal(amount), purpose=purpose)],
        )  # fmt: skip

    return one


@pytest.fixture
def july(opened: Opening, post: Callable[..., Any], bring: Callable[..., None]) -> None:
    post("claim_paid", "2050.00", date(2026, 7, 8), "inpatient")
    bring(("S1", "2026-07-09", "-2050.00"))


@pytest.fixture
def august(july: None, post: Callable[..., Any], bring: Callable[..., None]) -> None:
    bring(("S2", "2026-08-03", "-80.00"))
    post("interest_received", "12.34", date(2026, 8, 5), "expenditure")


def items(table: Table) -> dict[str, list[tuple[str, str]]]:
    return {side: [(one.number, str(one.amount)) for one in table.items[side]] for side, _ in SIDES}


LISTED = {
    "bank_in": [("0621", "12.34")],
    "bank_out": [],
    "book_in": [],
    "book_out": [("6-0091", "-80.00")],
}


@pytest.mark.usefixtures("july")
def test_the_first_table_balances(account: Account, cast: SimpleNamespace) -> None:
    """Bank 350 092.84 − 2 050.00 = 348 042.84, less 80.00; books 347 950.50 and 12.34 more: both
    347 962.84. Without the two it would be 92.34 apart."""
    assert match_by_rule(actor=cast.accountant, account=account) == 1
    table = table_of(account, JULY, Decimal("348042.84"))
    assert items(table) == LISTED
    assert (table.book, table.adjusted_book) == (Decimal("347950.50"), Decimal("347962.84"))
    assert (table.adjusted_bank, table.difference) == (Decimal("347962.84"), Decimal(0))
    assert unmatched(account) == ([], [])  # nothing that could be ticked


@pytest.mark.usefixtures("august")
def test_what_settles_them_leaves_july_as_it_was(account: Account, cast: SimpleNamespace) -> None:
    """In August line and entry come: 347 962.84 on both sides, and nothing is apart. July's table,
    made anew, is the same."""
    match_by_rule(actor=cast.accountant, account=account)
    assert unmatched(account) == ([], [])
    table = table_of(account, AUGUST, Decimal("347962.84"))
    assert not any(table.items.values()) and table.difference == 0
    assert table.book == Decimal("347962.84")
    assert items(table_of(account, JULY, Decimal("348042.84"))) == LISTED


def test_two_in_one_line_balance_as_well(
    july: None, account: Account, bring: Callable[..., None], cast: SimpleNamespace
) -> None:
    """The bank takes 85.00 for the 80.00 and a fee of 5.00: line and item stay in the table."""
    bring(("S2", "2026-08-03", "-85.00"))
    match_by_rule(actor=cast.accountant, account=account)
    table = table_of(account, AUGUST, Decimal("347957.84"))
    assert items(table)["bank_out"] == [("S2", "-85.00")]
    assert items(table)["book_out"] == [("6-0091", "-80.00")]
    assert table.difference == 0


def test_what_does_not_explain_the_difference_is_refused(
    book: Book, cast: SimpleNamespace  # noqa: F811
) -> None:  # fmt: skip
    for rows, words in (
        (APART[:2], "支出户存款：账面余额加减未达账项后为 350,000.50 元，银行对账单余额加减后为"
                    " 350,012.84 元，相差 12.34 元，请核对"),
        (APART[1:], "支出户存款有未达账项，请填写启用日的银行对账单余额"),
        ((*APART, row("book_out", "1.00", "7", date(2026, 7, 1))), "日期晚于 2026-06-30"),
        ((*APART, APART[1]), "未达账项第 4 行：与前面的行相同"),
        ((row("bank", "1.00"), row("bank_in", "1.00")), "请填写银行流水号或原账凭证号"),
        ((row("bank", "1.00"), row("bank_in", "-1.00", "3")), "金额应大于零"),
        ((Outstanding("3001", "bank", JUNE_30, "", Decimal(1)),), "请选择银行账户"),
    ):  # fmt: skip
        said = refused(lambda rows=rows: asked(book, cast, outstanding=rows))
        assert words in said, said
    assert not Opening.objects.exists()


def test_a_correction_from_a_table_keeps_them(
    opened: Opening, book: Book, cast: SimpleNamespace  # noqa: F811
) -> None:  # fmt: skip
    """What is said of the bank goes along while the account stays; 10.00 more do not fit to it."""
    again = asked(book, cast, corrects=True)
    assert again.outstanding == opened.outstanding and len(again.outstanding) == 3
    rows = lines()
    rows[1].debit += 10
    rows[-1].credit += 10
    said = refused(lambda: asked(book, cast, rows, corrects=True))
    assert "支出户存款：账面余额加减未达账项后为 350,022.84 元" in said


@pytest.fixture
def records(
    book: Book, account: Account, august: None, cast: SimpleNamespace  # noqa: F811
) -> Records:  # fmt: skip
    match_by_rule(actor=cast.accountant, account=account)
    for month, balance in ((JULY, "348042.84"), (AUGUST, "347962.84")):
        made = make_adjustment(
            actor=cast.accountant, account=account, month=month, balance=Decimal(balance), on=LATER
        )
        review_adjustment(actor=cast.supervisor, adjustment=made)
        period = Period.objects.get(book=book, year=2026, month=month.month)
        close_period(actor=cast.accountant, period=period, on=LATER)
    return [json.loads(line) for line in json_lines(book)]


def test_the_checker_works_it_out_anew(records: Records) -> None:
    def found() -> list[str]:
        return [str(one) for one in verify.verify(records).findings]

    assert found() == []
    opened = next(one for one in records if one["kind"] == "bank_opening")
    assert [one["settled"]["number"] for one in opened["items"]] == ["S2", "2026-08-0001"]
    opened["bank"] = "350092.85"
    assert found() == [
        "期初 1004：加减未达账项后的银行、账面余额不等：350012.85 和 350012.84",
        "2026-07 余额调节表 1004：对账单余额是 348042.84，2026-06 的余额加其间流水是 348042.85",
    ]
    opened["bank"] = "350092.84"
    opened["items"][0]["settled"]["number"] = "S1"
    assert "期初 1004：未达账项 6-0091 由 S1 核销，两者不符" in found()
    records.remove(opened)
    assert any("列有 2026-06-30 6-0091 -80.00，流水和凭证中没有" in one for one in found())


def test_it_is_typed_at_the_page(
    book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client], glass: Glass  # noqa: F811
) -> None:  # fmt: skip
    client, url = as_user(cast.accountant), reverse("funds:propose_opening")
    page = client.get(url).content.decode()
    assert "银行未达账项" in page and looked_at(glass, page, set()) == []
    given = {
        "lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0",
        "lines-0-account": "1004", "lines-0-debit": "350000.50",
        "lines-1-account": "3001", "lines-1-credit": "350000.50",
        "items-TOTAL_FORMS": "4", "items-INITIAL_FORMS": "0",
        "items-0-account": "1004", "items-0-side": "bank", "items-0-amount": "350092.84",
        "items-1-account": "1004", "items-1-side": "book_out", "items-1-amount": "80.00",
        "items-1-day": "2026-06-30", "items-1-number": "6-0091",
        "items-2-account": "1004", "items-2-side": "bank_in", "items-2-amount": "12.34",
        "items-2-number": "0621",
        "items-3-account": "1002", "items-3-side": "bank",
        "evidence": "原账套 2026 年 6 月余额表", "reason": "账套启用", "action": "propose",
    }  # fmt: skip
    assert "请填写日期" in client.post(url, given).content.decode()
    given |= {"items-2-day": "2026-06-21"}
    wrong = client.post(url, given | {"items-0-amount": "350092.80"}).content.decode()
    assert "相差 -0.04 元，请核对" in wrong and not Opening.objects.exists()
    assert client.post(url, given).status_code == 302
    opening = Opening.objects.get()
    assert [one["side"] for one in opening.outstanding] == ["bank", "book_out", "bank_in"]
    shown = client.get(reverse("funds:opening"), {"book": book.pk}).content.decode()
    assert "单位已付、银行未付" in shown and "350,092.84" in shown
    paper = client.get(reverse("funds:opening_paper", args=[opening.pk])).content.decode()
    assert "银行对账单余额" in paper and "6-0091" in paper
