"""A clerk's day stays open while a roster still writes receipts on the clerk's name."""

import importlib
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Refusal
from enrollment.collection.days import close_day
from enrollment.models import DayClose, Receipt, ReceiptRun
from enrollment.rosters.confirming import apply_register
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.services import confirm_register
from enrollment.rosters.staging import check_register
from tests.claims.test_concurrency import at_once
from tests.enrollment.rosters.conftest import OCTOBER, PAID, the_chens, xlsx


def paid_roster() -> bytes:
    """The Chens on receipt 1 of book LS01, which the village wrote: 3 people, 360 yuan."""
    rows = [[*row, 120, "LS01", 1] for row in the_chens()]
    return xlsx([PAID, *rows])


def close(cast: SimpleNamespace, counted: int) -> DayClose:
    return close_day(
        actor=cast.clerk_a, day=OCTOBER, counted=Decimal(counted), explanation="", on=OCTOBER
    )


@pytest.mark.django_db
def test_the_day_waits_for_the_last_receipt_of_the_roster(
    uploaded: Callable[..., RegisterImport], cast: SimpleNamespace, book_a: Any
) -> None:
    register = uploaded(paid_roster())
    confirm_register(actor=cast.clerk_a, register=register, sha256=register.sha256, on=OCTOBER)
    assert ReceiptRun.objects.get().key == f"roster:{register.pk}"
    with pytest.raises(Refusal, match="名册正在导入，收据还会增加"):
        close(cast, 0)
    apply_register(register_id=register.pk)
    assert not ReceiptRun.objects.exists()
    cash = sum(Receipt.objects.values_list("amount", flat=True))
    done = close(cast, int(cash))
    assert (done.cash_receipts, done.cash, done.explanation) == (Receipt.objects.count(), cash, "")


@pytest.mark.django_db
def test_a_roster_under_way_in_an_old_database_is_told(
    uploaded: Callable[..., RegisterImport], cast: SimpleNamespace, book_a: Any
) -> None:
    register = uploaded(paid_roster())
    confirm_register(actor=cast.clerk_a, register=register, sha256=register.sha256, on=OCTOBER)
    ReceiptRun.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(importlib.import_module("enrollment.migrations.0016_receipt_runs").FILL)
    run = ReceiptRun.objects.get()
    assert (run.clerk, run.key, run.began_on) == (cast.clerk_a, f"roster:{register.pk}", OCTOBER)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(4))
def test_confirming_and_closing_at_once(
    uploaded: Callable[..., RegisterImport],
    cast: SimpleNamespace,
    book_a: Any,
    monkeypatch: Any,
    round: int,
) -> None:
    """Whichever is first, the other one is refused: no receipt can come after the count."""
    monkeypatch.setattr("enrollment.rosters.services._work", lambda pk: None)
    register = uploaded(paid_roster())
    check_register(register_id=register.pk, on=OCTOBER)
    register.refresh_from_db()

    def confirm() -> None:
        confirm_register(actor=cast.clerk_a, register=register, sha256=register.sha256, on=OCTOBER)

    closed, confirmed = at_once([lambda: close(cast, 0), confirm])
    assert ReceiptRun.objects.exists() != DayClose.objects.exists()
    assert isinstance(closed, Refusal) != isinstance(confirmed, Refusal)
