"""A clerk's day stays open while a roster still writes receipts on the clerk's name."""

import importlib
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Refusal
from desk.jobs import run
from enrollment.collection.days import close_day
from enrollment.models import DayClose, Receipt, ReceiptRun
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.services import REGISTERS
from tests.at_once import at_once
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
    REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)
    assert ReceiptRun.objects.get().key == f"roster:{register.pk}"
    with pytest.raises(Refusal, match="名册正在导入，收据还会增加"):
        close(cast, 0)
    run("enrollment.registerimport", register.pk, OCTOBER)
    assert not ReceiptRun.objects.exists()
    cash = sum(Receipt.objects.values_list("amount", flat=True))
    done = close(cast, int(cash))
    assert (done.cash_receipts, done.cash, done.explanation) == (Receipt.objects.count(), cash, "")


@pytest.mark.django_db
def test_a_roster_under_way_in_an_old_database_is_told(
    uploaded: Callable[..., RegisterImport], cast: SimpleNamespace, book_a: Any
) -> None:
    register = uploaded(paid_roster())
    REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)
    ReceiptRun.objects.all().delete()
    with connection.cursor() as cursor:
        fill = importlib.import_module("enrollment.migrations.0016_receipt_runs").FILL
        cursor.execute(fill.replace("uploaded_by_id", "requested_by_id"))  # called so since
    told = ReceiptRun.objects.get()
    assert (told.clerk, told.key, told.began_on) == (cast.clerk_a, f"roster:{register.pk}", OCTOBER)


@pytest.mark.django_db
def test_a_roster_that_fails_lets_the_day_be_closed(
    uploaded: Callable[..., RegisterImport],
    cast: SimpleNamespace,
    book_a: Any,
    monkeypatch: Any,
) -> None:
    register = uploaded(paid_roster())
    REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("enrollment.rosters.services.apply_register", broken)
    with pytest.raises(ZeroDivisionError):
        run("enrollment.registerimport", register.pk, OCTOBER)
    register.refresh_from_db()
    assert (register.status, register.content) == ("failed", "")
    assert close(cast, 0).cash == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(4))
def test_confirming_and_closing_at_once(
    uploaded: Callable[..., RegisterImport],
    cast: SimpleNamespace,
    book_a: Any,
    no_worker: None,
    round: int,
) -> None:
    """Whichever is first, the other one is refused: no receipt can come after the count."""
    register = uploaded(paid_roster())
    run("enrollment.registerimport", register.pk, OCTOBER)
    register.refresh_from_db()

    def confirm() -> None:
        REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)

    closed, confirmed = at_once([lambda: close(cast, 0), confirm])
    assert ReceiptRun.objects.exists() != DayClose.objects.exists()
    assert isinstance(closed, Refusal) != isinstance(confirmed, Refusal)
