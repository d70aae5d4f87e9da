"""结账清单 of a month that is over: what the fund owed on its last day, whatever was paid since."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.clock import start_of
from funds.closing.own import still_open
from funds.drafts.models import BookLimit
from funds.models import Book, PaymentBatch, PaymentOrder, Transfer
from funds.payments.services import confirm_return, make_batch, release_batch, tell_return
from lib.periods import Month

pytestmark = pytest.mark.django_db
MARCH, APRIL, LATER = Month(2026, 3), Month(2026, 4), date(2026, 5, 8)
OrderOf = Callable[..., PaymentOrder]


def told(book: Book, month: Month) -> dict[str, tuple[int, Decimal | None, str]]:
    lines = still_open(book, month, LATER)
    return {one.what: (one.count, one.amount, one.words) for one in lines if one.count}


def test_what_left_in_april_was_owed_in_march(
    book: Book, order: OrderOf, cast: SimpleNamespace
) -> None:
    """15.00 went on 3 April; 20.00 are owed still."""
    gone, _ = order(1), order(2, "20.00")
    batch = make_batch(actor=cast.accountant, orders=[gone], on=date(2026, 3, 30))
    paid_on = date(2026, 4, 3)
    seen = 1, Decimal("15.00")
    release_batch(actor=cast.cashier, batch=batch, seen=seen, on=paid_on, today=paid_on)

    what = "已提出的款项都已支付"
    assert told(book, MARCH)[what] == (
        2,
        Decimal("35.00"),
        "2026年3月底 2 笔款项没有付出，35.00 元，其中 1 笔至今没有办结",
    )
    assert told(book, APRIL)[what][:2] == (1, Decimal("20.00"))


def test_what_came_back_counts_from_the_day_it_came_back(
    book: Book, released: PaymentBatch, cast: SimpleNamespace
) -> None:
    """15.00 came back on 27 March, 20.00 on 2 April. Sent in March, none of it was unpaid then."""
    for at, on in ((1, date(2026, 3, 27)), (2, date(2026, 4, 2))):
        note = tell_return(
            actor=cast.accountant, transfer=Transfer.objects.get(batch=released, position=at),
            on=on, reason="户名不符", evidence=f"回单 {at}", today=on,
        )  # fmt: skip
        confirm_return(actor=cast.cashier, note=note)

    march, april = told(book, MARCH), told(book, APRIL)
    assert march["退汇已处理"][:2] == (1, Decimal("15.00"))
    assert april["退汇已处理"][:2] == (2, Decimal("35.00"))
    assert "已提出的款项都已支付" not in march and "已提出的款项都已支付" not in april


def test_the_limit_is_that_of_the_month(
    book: Book, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The expenditure account may hold 5.00 since 2 April: in March nobody had said so."""
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: start_of(date(2026, 4, 2)))
        limit = BookLimit.objects.create(
            book=book, turnover_cash=Decimal("5.00"), basis="足医保〔2026〕4号",
            set_by=cast.supervisor, agreed_by=cast.approver,
        )  # fmt: skip
    what = "支出户余额不超过周转金"
    assert what not in told(book, MARCH)
    assert told(book, APRIL)[what][0] == 1
    assert BookLimit.objects.on(book, date(2026, 4, 1)) is None
    assert BookLimit.objects.on(book, date(2026, 4, 2)) == limit
