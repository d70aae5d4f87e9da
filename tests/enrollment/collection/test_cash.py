"""Cash at the window: no false change, whatever is typed where."""

import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.errors import Refusal
from enrollment.collection.cash import is_doubtful, usual_sums
from enrollment.collection.receipts import take_payment
from enrollment.models import Receipt
from tests.enrollment.collection.test_keyboard import sign_in
from tests.enrollment.conftest import OCTOBER, text_of


@pytest.mark.parametrize(
    ("due", "sums"),
    [("120", [150, 200]), ("350", [400]), ("90", [100]), ("400", []), ("450", [500]),
     ("1234.50", [1240, 1250, 1300]), ("0", [])],
)  # fmt: skip
def test_round_sums_are_offered(due, sums):
    assert usual_sums(Decimal(due)) == sums


@pytest.mark.parametrize(
    ("received", "due", "doubtful"),
    [
        ("200", "120", False),
        ("219.99", "120", False),
        ("220", "120", True),
        ("10090.00", "90", True),
    ],
)
def test_a_whole_note_too_many_is_doubtful(received, due, doubtful):
    assert is_doubtful(Decimal(received), Decimal(due)) is doubtful


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["enrollment:payment", "enrollment:other_payment"])
def test_doubtful_cash_is_counted_again_before_a_receipt(
    way, cast, books, single, as_user, settings
):
    settings.TODAY = OCTOBER
    url = reverse(way, args=[single(cast.clerk_a, 1).pk])
    clerk = as_user(cast.clerk_a)
    form = {"received": "10120.00", "channel": "cash", "sponsor": "", "reference": ""}
    refused = clerk.post(url, form)
    assert "实收 10,120.00 元，要找零 10,000.00 元" in text_of(refused)
    assert 'name="sure"' in refused.content.decode()
    assert not Receipt.objects.exists()
    assert clerk.post(url, form | {"sure": "on"}).status_code == 302
    assert Receipt.objects.get().amount == 120


@pytest.mark.django_db
def test_too_little_is_refused_even_when_counted_again(cast, books, single):
    household = single(cast.clerk_a, 1)
    with pytest.raises(Refusal, match=re.escape("实收 50.00 元不足应收 120.00 元")):
        take_payment(
            actor=cast.clerk_a, household=household, received=Decimal(50), on=OCTOBER, is_sure=True
        )


@pytest.mark.django_db
def test_the_page_names_the_householder_and_withdraws_where_it_asks(
    cast, books, single, as_user, settings
):
    settings.TODAY = OCTOBER
    household = single(cast.clerk_a, 1)
    clerk = as_user(cast.clerk_a)
    page = clerk.get(reverse("enrollment:payment", args=[household.pk])).content.decode()
    assert "<h1>李刚户收款</h1>" in page
    assert 'value="120' not in page  # nothing stands in the field that typing could mix with
    url = reverse("enrollment:cancel", args=[household.pk])
    back = clerk.post(url, {"reason": ""}, follow=True)
    assert "请写明" in text_of(back)
    assert re.search(r"<details[^>]*open>\s*<summary>录错了", back.content.decode())
    assert clerk.post(url, {"reason": "录错户"}).url.endswith(f"/households/{household.pk}")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_cash_from_the_keyboard(
    window: Page, live_server: Any, settings: Any, cast: SimpleNamespace, books: Any, single: Any
) -> None:
    """李刚 owes 120: 100 is short, 1000 is asked about, 200 gives 80 back."""
    settings.TODAY = OCTOBER
    household = single(cast.clerk_a, 1)
    sign_in(window, live_server.url, "clerk_a")
    window.goto(live_server.url + reverse("enrollment:payment", args=[household.pk]))
    field, change = window.locator("#id_received"), window.locator("#change")
    expect(field).to_be_focused()
    window.keyboard.type("100")
    expect(change).to_have_text("还差 20.00 元")
    window.keyboard.type("0")
    expect(change).to_have_text("880.00 元")
    expect(window.locator("[name=sure]")).to_be_visible()
    window.keyboard.press("Enter")
    expect(window.locator("[name=sure]")).to_be_focused()
    window.keyboard.press("Shift+Tab")  # back in the field, what stands there is typed over
    window.keyboard.type("２００")
    expect(change).to_have_text("80.00 元")
    expect(window.locator("[name=sure]")).to_be_hidden()
    window.keyboard.press("Enter")
    expect(window.get_by_role("button", name="收款并开票")).to_be_focused()
    assert not Receipt.objects.exists()
    for width, height in ((1366, 768), (911, 512)):
        window.set_viewport_size({"width": width, "height": height})
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with window.expect_navigation(url="**/receipts/*"):
        window.keyboard.press("Enter")
    expect(window.locator("body")).to_contain_text("应找零 80.00 元")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_exact_sum_in_two_strokes(
    window: Page, live_server: Any, settings: Any, cast: SimpleNamespace, books: Any, single: Any
) -> None:
    settings.TODAY = OCTOBER
    household = single(cast.clerk_a, 1)
    sign_in(window, live_server.url, "clerk_a")
    window.goto(live_server.url + reverse("enrollment:payment", args=[household.pk]))
    window.keyboard.press("Enter")
    expect(window.locator("#change")).to_have_text("0.00 元")
    expect(window.locator("#id_received")).to_have_value("120.00")
    with window.expect_navigation(url="**/receipts/*"):
        window.keyboard.press("Enter")
    assert Receipt.objects.get().amount == 120
