"""What an account stands at, asked while a month is being closed."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from funds.models import Book, Period, Voucher
from funds.services import close_period

OCTOBER, NOVEMBER = date(2025, 10, 20), date(2025, 11, 20)
GATE = 20251020  # of the lock by which the slow one is held up


def ask(statement: str, *given: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchone()[0] if cursor.description else None


def stands_slowly(book: int, account: int) -> Decimal:
    try:
        found: Decimal = ask("SELECT stands_at FROM slow_stands(%s, %s, %s)",
                             book, [account], NOVEMBER)  # fmt: skip
        return found
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_month_that_is_closed_meanwhile_is_counted_once(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """150,000.00 of October, whether it is closed before, after or while November is paid: the
    function is held up behind each look at the months, and October is closed then."""
    post("subsidy_received", "400000.00", OCTOBER, funding_level="central")
    post("expenditure_funded", "150000.00", OCTOBER)
    account = book.accounts.get(code="1004").pk
    whole = ask("SELECT pg_get_functiondef('hezuo_funds_stands'::regproc)")
    held_up = rf"\1 PERFORM pg_advisory_xact_lock({GATE});"
    slow, looks = re.subn(r"(INTO [^;]*funds_period[^;]*;)", held_up, whole)
    assert looks
    ask(slow.replace("hezuo_funds_stands", "slow_stands"))
    ask("SELECT pg_advisory_lock(%s)", GATE)
    try:
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(stands_slowly, book.pk, account)
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not ask(f"{waits} AND objid = %s", GATE):
                time.sleep(0.05)
            october = Period.objects.get(book=book, year=2025, month=10)
            close_period(actor=cast.accountant, period=october, on=NOVEMBER)
            ask("SELECT pg_advisory_unlock(%s)", GATE)
            assert found.result(timeout=30) == Decimal("150000.00")
    finally:
        ask("SELECT pg_advisory_unlock_all()")
        ask("DROP FUNCTION slow_stands(bigint, bigint[], date)")
