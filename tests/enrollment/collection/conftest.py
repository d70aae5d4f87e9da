"""龙水镇 in October 2025 with money in hand: short words for what the stories do often."""

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import openpyxl
import pytest

from accounts.models import User
from enrollment.collection.receipts import take_payment
from enrollment.collection.remittances import confirm_remittance, remit
from enrollment.cover.enrolling import save_entry
from enrollment.models import Campaign, Household, Person, Receipt, Remittance
from funds.models import Posting
from tests.enrollment.conftest import OCTOBER, member, resident_id

NAMES = "王强 李刚 张勇 赵敏 钱军 孙丽 周涛 吴霞 郑伟 冯英 陈明 褚平".split()  # noqa: SIM905


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """An .xlsx as the bank or the bureau would send it; the same rows are the same file."""
    return _workbook(tuple(tuple(row) for row in rows))


@cache  # a workbook carries the second in which it was written
def _workbook(rows: tuple[tuple[Any, ...], ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def statement(*lines: Sequence[Any]) -> bytes:
    """Lines: serial, day, amount (out negative), summary."""
    head = ["交易日期", "交易流水号", "借方发生额", "贷方发生额", "余额", "摘要"]
    rows = [["收入户对账单"], head]
    for serial, day, amount, summary in lines:
        out, into = ("", amount) if amount > 0 else (-amount, "")
        rows.append([day.isoformat(), serial, out, into, "", summary])
    return workbook(rows)


def person_id(sequence: int) -> str:
    return resident_id("19790909", sequence)


@pytest.fixture
def single(entry_of) -> Callable[..., Household]:
    """single(clerk, 3): one man alone, entered and waiting to pay 120 (second tier)."""

    def enter(clerk: User, sequence: int, *, tier: str = "tier2", **facts: Any) -> Household:
        where = {key: facts.pop(key) for key in ("division",) if key in facts}
        one = member(0, NAMES[sequence % len(NAMES)], person_id(sequence), "0", **facts)
        entry = entry_of([one], tier=tier, **where)
        return save_entry(actor=clerk, entry=entry, on=OCTOBER).household

    return enter


@pytest.fixture
def paid(single) -> Callable[..., Receipt]:
    """paid(clerk, 3, on=day): the same, and paid in cash."""

    def take(clerk: User, sequence: int, *, on: date = OCTOBER, **facts: Any) -> Receipt:
        household = single(clerk, sequence, **facts)
        return take_payment(actor=clerk, household=household, received=Decimal(1000), on=on)[0]

    return take


def hand_in(
    clerk: User,
    season: Campaign,
    slip: str,
    amount: int,
    day: date = OCTOBER,
) -> Remittance:
    return remit(
        actor=clerk,
        campaign=season,
        slip_number=slip,
        slip_date=day,
        amount=Decimal(amount),
        on=day,
    )


def confirm(accountant: User, remittance: Remittance, on: date = OCTOBER) -> Remittance:
    return confirm_remittance(
        actor=accountant, remittance=remittance, bank_amount=remittance.amount, on=on
    )


def person_of(household: Household) -> Person:
    return Person.objects.get(household=household)


def ledger(code: str) -> Decimal:
    """What stands on an account, debit less credit."""
    rows = Posting.objects.filter(account__code=code).values_list("debit", "credit")
    return sum((debit - credit for debit, credit in rows), Decimal(0))


def day(number: int) -> date:
    """October the so-manieth, 2025."""
    return date(2025, 10, 1) + timedelta(days=number - 1)
