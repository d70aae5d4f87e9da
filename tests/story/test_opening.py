"""In Chromium: 石桥县 moves in from an empty deployment, by the pages alone, and does its first
business to the first closed month and its report; everything as the application's own role.

With every step of the list, in production settings, with a worker beside it and TLS before it:
`bench/open_behind_tls.py`.
"""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum
from playwright.sync_api import Page

from accounts.models import User
from claims.models import Settlement
from enrollment.models import Receipt
from funds.models import Period, Posting
from moving.beginning.models import MovedIn
from reports.models import MonthlyReport
from tests.story.opening import FILES, Opening, handed_out

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("as_application"),
    pytest.mark.seconds(120),
]

# In the weeks in which premiums of the next year are collected (第十五条).
OCTOBER = date(2026, 10, 12)


def test_a_county_moves_in_by_its_pages(window: Page, live_server: Any, settings: Any) -> None:
    settings.TODAY = OCTOBER
    told = io.StringIO()
    call_command("open_county", file=FILES / "00-开县.yaml", stdout=told)

    def later(day: date) -> None:
        settings.TODAY = day

    opening = Opening(window, live_server.url, OCTOBER, handed_out(told.getvalue()), later=later)
    opening.whole(is_brief=True)

    assert opening.complaints == []
    left = MovedIn.objects.get().left
    assert left == ["原系统未付报销单", "原系统结算和重算核对", "在院病人"]
    assert not User.objects.filter(must_change_password=True, last_login__isnull=False).exists()
    receipt = Receipt.objects.get()
    assert (receipt.book.code, receipt.number, receipt.amount) == ("QS03", 201, 60)
    assert {str(one.fund_amount) for one in Settlement.objects.paid()} == {"632.00", "2750.00"}
    assert Period.objects.get(year=2026, month=10).status == Period.Status.CLOSED
    report = MonthlyReport.objects.get()
    assert (report.month, report.status) == (10, MonthlyReport.Status.DONE)
    # 75 000.00 at the banks when it began, less 3 382.00 paid, and 60.00 of the first receipt.
    money = Posting.objects.filter(account__code__in=("1002", "1003", "1004")).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    assert money["debit"] - money["credit"] == Decimal("75000.00") - 3382 + 60
    call_command("verify_books", area="510199")
