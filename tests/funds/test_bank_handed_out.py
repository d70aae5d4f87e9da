"""Statements and reconciliation tables in an export: an altered line is found by it alone.

The story of October at the expenditure account (test_reconciling.py) with its table reviewed: bank
497 357.34, books 497 270.00, both adjusted 497 277.34. In November the bank pays the 80.00 that was
under way: 497 277.34, and that table is reviewed too. Both months are closed.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from funds import verify
from funds.exports import json_lines
from funds.models import Account, Book, Period
from funds.reconciling.services import (
    make_adjustment,
    match_by_hand,
    match_by_rule,
    review_adjustment,
    unmatched,
)
from funds.services import close_period
from tests.funds.test_reconciling import (  # noqa: F401 - fixtures
    LATER,
    NOVEMBER,
    OCTOBER,
    account,
    bring,
    story,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside", "no_worker", "story")]
Records = list[dict[str, Any]]


@pytest.fixture
def records(
    book: Book,
    account: Account,  # noqa: F811
    cast: SimpleNamespace,
    post: Callable[..., Any],
) -> Records:
    post("subsidy_received", "500000.00", date(2025, 10, 8), funding_level="central")
    match_by_rule(actor=cast.accountant, account=account)
    for month, balance in ((OCTOBER, "497357.34"), (NOVEMBER, "497277.34")):
        row = make_adjustment(
            actor=cast.accountant, account=account, month=month, balance=Decimal(balance), on=LATER
        )
        review_adjustment(actor=cast.supervisor, adjustment=row)
        period = Period.objects.get(book=book, year=month.year, month=month.month)
        close_period(actor=cast.accountant, period=period, on=LATER)
    return [json.loads(line) for line in json_lines(book)]


def found(records: Records) -> list[str]:
    return [str(one) for one in verify.verify(records).findings]


def of(records: Records, serial: str) -> dict[str, Any]:
    return next(one for one in records if one.get("serial") == serial)


def table(records: Records, month: str) -> dict[str, Any]:
    return next(one for one in records if (one["kind"], one.get("month")) == ("bank_table", month))


def linked_anew(records: Records) -> None:
    """What somebody does who knows how the chain is made."""
    link = verify.FIRST_LINK
    for one in records:
        if one["kind"] == "bank_line":
            link = one["digest"] = verify.line_digest(link, one)


def test_what_is_whole_is_whole(records: Records) -> None:
    assert found(records) == []
    assert "银行流水 6 行，余额调节表 2 份" in verify.verify(records).lines()[0]
    assert "代发" not in json.dumps(records, ensure_ascii=False)  # words of a bank may name people


@pytest.mark.parametrize(
    ("serial", "where"),
    [("S1", "2025-10-09 S1"), ("S4", "2025-10-21 S4"), ("S6", "2025-11-03 S6")],
)
def test_the_first_bad_line_is_named(records: Records, serial: str, where: str) -> None:
    of(records, serial)["amount"] = "7.00"
    assert found(records)[0] == (
        f"银行流水 1004 {where}：与逐行指纹不符：这一行被改动过，或它前面的行被增删、改动过"
    )
    assert sum("逐行指纹" in one for one in found(records)) == 1


def test_a_line_that_is_gone_shows_at_the_next(records: Records) -> None:
    records.remove(of(records, "S2"))
    assert found(records)[0].startswith("银行流水 1004 2025-10-21 S3：与逐行指纹不符")


def test_a_matched_line_with_its_link_made_anew(records: Records) -> None:
    of(records, "S3")["amount"] = "-601.00"
    linked_anew(records)
    assert found(records) == [
        "银行流水 1004 2025-10-21 S3：勾对的流水合计 -601.00，凭证 2025-10-0003 合计 -600.00"
    ]


def test_an_open_line_with_its_link_made_anew(records: Records) -> None:
    """12.34 of interest as 99.99: both tables list 12.34, and not what is there."""
    of(records, "S4")["amount"] = "99.99"
    linked_anew(records)
    assert found(records)[:2] == [
        "2025-10 余额调节表 1004：列有 2025-10-21 S4 12.34，流水和凭证中没有",
        "2025-10 余额调节表 1004：没有列 银行流水 1004 2025-10-21 S4，它也没有勾对",
    ]


def test_line_and_table_altered_together_break_with_the_next_month(records: Records) -> None:
    """99.99 in October's table as well, the bank's balance 87.65 higher: November's is not."""
    of(records, "S4")["amount"] = "99.99"
    linked_anew(records)
    for month in ("2025-10", "2025-11"):
        table(records, month)["items"]["bank_in"][0]["amount"] = "99.99"
    table(records, "2025-10")["bank"] = "497444.99"
    assert found(records) == [
        "2025-11 余额调节表 1004：调节后的银行、账面余额不等：497277.34 和 497364.99",
        "2025-11 余额调节表 1004：对账单余额是 497277.34，2025-10 的余额加其间流水是 497364.99",
    ]


def test_books_that_say_less_than_the_table(records: Records) -> None:
    table(records, "2025-11")["book"] = "497271.00"
    assert found(records)[0] == (
        "2025-11 余额调节表 1004：账面余额是 497271.00，按凭证重算是 497270.00"
    )


def test_an_earlier_export_knows_a_line_that_was_made_anew_with_all_else(records: Records) -> None:
    earlier = json.loads(json.dumps(records))
    of(records, "S6")["amount"] = "-81.00"
    assert [str(one) for one in verify.changes_since(earlier, records)] == [
        "银行流水 1004 2025-11-03 S6：先前是 -80.00，现在是 -81.00"
    ]


def test_what_was_settled_after_a_table_leaves_it_whole(
    records: Records, book: Book, account: Account, post: Callable[..., Any],  # noqa: F811
    cast: SimpleNamespace,
) -> None:  # fmt: skip
    """In December the interest of October is booked, and matched with its line: as it should be."""
    post("interest_received", "12.34", date(2025, 12, 2), purpose="expenditure")
    lines, vouchers = unmatched(account)
    match_by_hand(
        actor=cast.accountant, account=account,
        lines=[one.key for one in lines if one.number == "S4"],
        vouchers=[vouchers[-1].key],
    )  # fmt: skip
    assert found([json.loads(line) for line in json_lines(book)]) == []
