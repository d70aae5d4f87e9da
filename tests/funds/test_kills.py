"""kill -9 inside the closing of a month and of a year, and of the worker that writes out a book:
done or not begun, and whoever was at it can go on.

A few moments of each act; `bench/kill_money.py` strikes at all.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounts.models import AuditLine, User
from accounts.roles import Role
from desk.jobs import carry_on, run
from funds.handing_out.models import ExportPiece, LedgerExport
from funds.handing_out.services import ask_export
from funds.models import Book, ClosingBalance, Period, Posting, Voucher
from funds.services import EventLine, open_book, post_event
from lib.periods import Month
from tests.conftest import make_division
from tests.kills import Story, answered, form_of, play

ACTS = ("close_month", "close_year", "export")
OCTOBER, DECEMBER, LATER = Month(2025, 10), Month(2025, 12), date(2026, 1, 5)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("as_application", "no_worker"),
    pytest.mark.slow,
]


@dataclass
class Stage:
    """Opens a book in a county of its own for one act after the other."""

    settings: Any
    serial: Iterator[int] = field(default_factory=lambda: count(1))

    def book(self, month: Month) -> tuple[Book, User]:
        """400.00 came, 150.00 went to the expenditure account, 20.50 of it out for a claim."""
        self.settings.TODAY = LATER
        area = make_division(f"{520000 + next(self.serial)}", "别县")
        accountant = User.objects.create(
            username=f"accountant-{area.code}", name="郑淑芬", role=Role.ACCOUNTANT, division=area
        )
        book = open_book(actor=accountant, area=area, first_month=month)
        for event, amount, about in (
            ("subsidy_received", "400.00", {"funding_level": "central"}),
            ("expenditure_funded", "150.00", {}),
            ("claim_paid", "20.50", {"purpose": "inpatient", "tier": "tier2"}),
        ):
            post_event(
                event=event, area=area, on=month.first, key=f"test:{event}", source="测试",
                actor=accountant, lines=[EventLine(amount=Decimal(amount), **about)],
            )  # fmt: skip
        return book, accountant

    def close_month(self) -> Story:
        """The accountant closes October: three vouchers to be sealed, five balances kept."""
        book, accountant = self.book(OCTOBER)
        return self._closed_by_page(book, accountant, OCTOBER, vouchers=3, balances=4)

    def close_year(self) -> Story:
        """December with the year: E27 takes 400.00 of income away, E28 20.50 of expense."""
        book, accountant = self.book(DECEMBER)
        return self._closed_by_page(book, accountant, DECEMBER, vouchers=5, balances=5)

    def _closed_by_page(
        self, book: Book, accountant: User, month: Month, *, vouchers: int, balances: int
    ) -> Story:
        client = Client(raise_request_exception=False)
        client.force_login(accountant)
        page = f"{reverse('funds:periods')}?book={book.pk}"
        period = Period.objects.get(book=book, year=month.year, month=month.month)
        to = reverse("funds:close", args=[period.pk])
        form = form_of(client, page, {})

        def times_done() -> int:
            period.refresh_from_db()
            done = period.status == "closed"
            booked = Voucher.objects.filter(book=book)
            kept = ClosingBalance.objects.filter(period=period)
            noted = AuditLine.objects.filter(action="funds.close_period", subject_id=str(period.pk))
            assert booked.count() == (vouchers if done else 3)
            assert booked.unsealed().count() == (0 if done else 3)
            assert (kept.count(), noted.count()) == ((balances, 1) if done else (0, 0))
            assert (period.checklist is not None) == done
            assert book.periods.count() == (2 if done else 1)  # the next is open
            if done and month == DECEMBER:
                sums = Posting.objects.filter(voucher__book=book, account__code="3001").aggregate(
                    debit=Sum("debit"), credit=Sum("credit")
                )
                assert sums == {"debit": Decimal("20.50"), "credit": Decimal("400.00")}
            return int(done)

        return Story(
            send=lambda: client.post(to, form),
            again=lambda: answered(client.post(to, form)),
            anew=lambda: answered(client.post(to, form_of(client, page, {}))),
            times_done=times_done,
        )

    def export(self) -> Story:
        """A worker writes all ledgers of a book into a file; a sweep takes up what was left."""
        book, accountant = self.book(OCTOBER)
        row = ask_export(actor=accountant, book=book, reason="年度审计")

        def times_done() -> int:
            row.refresh_from_db()
            assert row.status in ("waiting", "running", "done"), row.failure
            done = row.status == "done"
            if done:
                pieces = ExportPiece.objects.filter(export=row).order_by("position")
                file = b"".join(bytes(one.content) for one in pieces)
                assert row.sha256 == hashlib.sha256(file).hexdigest()
                assert (row.size, row.postings, row.percent) == (len(file), 6, 100)
            assert LedgerExport.objects.filter(book=book).count() == 1
            return int(done)

        return Story(
            send=lambda: run("funds.ledgerexport", row.pk, LATER),
            again=carry_on,
            anew=carry_on,
            times_done=times_done,
        )

    def whole(self) -> None:
        """Asked once, at the end: every book is one of an act of its own."""


@pytest.fixture
def stage(cast: SimpleNamespace, settings: Any) -> Stage:
    return Stage(settings)


def test_killed_and_done_again(stage: Stage) -> None:
    play(stage, ACTS, stage.whole)
