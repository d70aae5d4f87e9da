"""The books of Dazu from October 2025 on, and short words for what happens to them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.clock import today
from accounts.models import Division
from funds.balances import account_balances
from funds.drafts.services import enter_draft, make_draft, take_step
from funds.models import Book, Voucher, VoucherDraft
from funds.services import EventLine, open_book, post_event
from lib.periods import Month


@pytest.fixture
def book(cast: SimpleNamespace, county: Division) -> Book:
    return open_book(actor=cast.accountant, area=county, first_month=Month(2025, 10))


@pytest.fixture
def post(book: Book, cast: SimpleNamespace) -> Callable[..., Voucher]:
    """post("claim_paid", "2050.00", day, purpose="inpatient", …): one line, a key of its own."""
    count = 0

    def post_one(event: str, amount: str, on: date, **options: Any) -> Voucher:
        nonlocal count
        count += 1
        facts = {
            name: options.pop(name) for name in ("key", "source", "summary") if name in options
        }
        return post_event(
            event=event,
            area=book.area,
            on=on,
            key=facts.get("key", f"test:{count}"),
            source=facts.get("source", "测试"),
            actor=cast.accountant,
            lines=[EventLine(amount=Decimal(amount), **options)],
            summary=facts.get("summary", ""),
        )

    return post_one


@pytest.fixture
def by_hand(book: Book, cast: SimpleNamespace) -> Callable[..., Voucher]:
    """by_hand("expenditure_funded", "500.00", day): made, reviewed and entered by three people."""

    def one(event: str, amount: str, on: date, **options: Any) -> Voucher:
        at = VoucherDraft.objects.count() + 1
        draft = make_draft(
            actor=cast.accountant, book=book, event=event, on=on, today=on, document=f"回单 {at}",
            key=f"hand:{at}", lines=[EventLine(amount=Decimal(amount), **options)],
        )  # fmt: skip
        return through_all_hands(draft, cast)

    return one


@pytest.fixture
def closing() -> Callable[..., Decimal]:
    """closing(book, "3001", day): the balance of an account, or of all accounts below a prefix."""

    def balance(book: Book, code: str, on: date) -> Decimal:
        rows = account_balances(area=book.area, through=on, fund_type=book.fund_type)
        return sum((row.closing for row in rows if row.code.startswith(code)), Decimal("0.00"))

    return balance


def check_now() -> None:
    """Run the checks that PostgreSQL leaves for the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def legs(voucher: Voucher) -> list[tuple[str, str, str]]:
    """(account, debit, credit) of each line, as text."""
    return [
        (posting.account.code, str(posting.debit), str(posting.credit))
        for posting in voucher.postings.select_related("account").order_by("line")
    ]


def through_all_hands(
    draft: VoucherDraft, cast: SimpleNamespace, on: date | None = None
) -> Voucher:
    """蒋正平 reviews what an accountant made, 唐玉梅 enters it."""
    take_step(actor=cast.supervisor, draft=draft, event="review_voucher")
    done = enter_draft(actor=cast.accountant2, draft=draft, today=on or today())
    assert done.voucher is not None
    return done.voucher
