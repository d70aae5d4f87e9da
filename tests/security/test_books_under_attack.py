"""An accountant's slips and tricks that the ledger could never undo."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Division, User
from accounts.roles import Role
from funds.models import Book, Period, Voucher
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TODAY = date(2026, 3, 20)


@pytest.mark.parametrize("month", ["1926-01", "0000-01", "9999-12", "2026-13", "２０２６-01", ""])
def test_a_book_that_begins_nowhere_near_is_not_opened(
    cast: SimpleNamespace, as_user: SignIn, month: str
) -> None:
    """With 1926 nothing could ever be booked in it, and no second one could be opened."""
    form = {"first_month": month, "fund_type": "resident"}
    page = as_user(cast.accountant).post("/funds/books/open", form)
    opened = month.startswith("２") and page.status_code == 302
    assert page.status_code == 200 or opened
    assert Book.objects.exists() == opened


def test_a_townships_accountant_opens_no_book_of_the_county(
    town_a: Division, as_user: SignIn
) -> None:
    far = make_user("town_accountant", "镇会计", Role.ACCOUNTANT, town_a)
    form = {"first_month": "2026-01", "fund_type": "resident"}
    assert as_user(far).post("/funds/books/open", form).status_code == 404
    assert not Book.objects.exists()


@pytest.mark.parametrize("name", ["reserve_drawn", "surplus_reserved"])
def test_reserves_are_not_booked_in_months_to_come(
    cast: SimpleNamespace, book: Book, as_user: SignIn, name: str
) -> None:
    form = {"year": "2026", "on": "2026-12-31"}
    page = as_user(cast.accountant).post(f"/funds/reserves/{name}", form, follow=True)
    assert "日期不能晚于今天" in page.content.decode()
    assert not Voucher.objects.exists()
    assert Period.objects.count() == 1
