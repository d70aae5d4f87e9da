"""The accountant sets the year up and hands out the receipt books."""

import pytest

from accounts.models import AuditLine
from enrollment.models import Campaign, ReceiptBook

pytestmark = pytest.mark.django_db
BOOK = {"book-code": "LS01", "book-first_number": "1", "book-last_number": "50"}


def test_a_year_is_opened_by_the_dates_of_the_measures(cast, pack, as_user):
    accountant = as_user(cast.accountant)
    assert accountant.post("/enrollment/prepare/campaign", {"campaign-year": "2026"}).url
    campaign = Campaign.objects.get()
    assert f"{campaign.first_day} {campaign.last_day} {campaign.remit_by}" == (
        "2025-10-01 2025-11-30 2025-12-10"
    )
    again = accountant.post("/enrollment/prepare/campaign", {"campaign-year": "2026"})
    assert "已经设立" in again.content.decode()
    beyond = accountant.post("/enrollment/prepare/campaign", {"campaign-year": "2050"})
    assert "没有已采用的政策办法" in beyond.content.decode()
    assert AuditLine.objects.filter(action="enrollment.open_campaign").count() == 1


def test_a_book_reaches_a_clerk_of_the_own_county(cast, pack, as_user):
    accountant = as_user(cast.accountant)
    facts = BOOK | {"book-year": "2026", "book-clerk": cast.clerk_a.pk}
    assert accountant.post("/enrollment/prepare/book", facts).status_code == 302
    book = ReceiptBook.objects.get()
    assert (book.clerk, book.township.name, book.used) == (cast.clerk_a, "龙水镇", 0)
    assert "LS01" in accountant.get("/enrollment/prepare").content.decode()

    for change, words in (
        ({}, "已发放过"),
        ({"book-code": "LS02", "book-last_number": "0"}, "不能小于 1"),
        ({"book-code": "LS02", "book-first_number": "60"}, "起号不能大于止号"),
        ({"book-code": "LS02", "book-clerk": cast.reviewer.pk}, "选择一个有效的选项"),
    ):
        page = accountant.post("/enrollment/prepare/book", facts | change).content.decode()
        assert words in page, change
    assert ReceiptBook.objects.count() == 1


def test_clerks_do_not_hand_out_books_to_themselves(cast, pack, as_user):
    clerk = as_user(cast.clerk_a)
    assert clerk.get("/enrollment/prepare").status_code == 403
    facts = BOOK | {"book-year": "2026", "book-clerk": cast.clerk_a.pk}
    assert clerk.post("/enrollment/prepare/book", facts).status_code == 403
    assert not ReceiptBook.objects.exists()
