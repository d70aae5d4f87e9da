"""In Chromium: from the search to what it found and back by the arrows; a birth by Enter."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from enrollment.models import Household
from tests.enrollment.conftest import OCTOBER
from tests.walk import Walk, walk

__all__ = ["walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_arrows_walk_through_what_was_found(
    walk: Walk, settings: Any, cast: SimpleNamespace, autumn: SimpleNamespace
) -> None:
    """The households of 龙水镇 under the field of the search."""
    settings.TODAY = OCTOBER
    window = walk.page
    walk.sign_in("clerk_a")
    walk.go(reverse("enrollment:household_list"))
    field, doors = window.locator("#text"), window.locator(".hz-table tbody td:first-child a")
    expect(field).to_be_focused()
    assert doors.count() >= 2
    window.keyboard.press("ArrowDown")
    expect(doors.nth(0)).to_be_focused()
    window.keyboard.press("ArrowDown")
    expect(doors.nth(1)).to_be_focused()
    window.keyboard.press("ArrowUp")
    window.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    window.keyboard.press("ArrowUp")
    expect(doors.last).to_be_focused()
    walk.leads_on("Enter")
    assert "户编号" in window.inner_text("main")
    assert walk.complaints == []


def test_enter_moves_on_through_a_birth(
    walk: Walk, settings: Any, cast: SimpleNamespace, autumn: SimpleNamespace
) -> None:
    """As at the window: no key before the button sends the form half filled in."""
    settings.TODAY = OCTOBER
    household = Household.objects.get(members__name="杨德明")
    window = walk.page
    walk.become("clerk_a")
    address = reverse("enrollment:change_birth", args=[household.pk])
    walk.go(address)
    names = []
    for _ in range(12):
        names.append(window.evaluate("document.activeElement.name || 'button'"))
        if names[-1] == "button":
            break
        window.keyboard.press("Enter")
    assert window.url.endswith(address)
    assert names[:4] == ["name", "kind", "number", "sex"]
    assert names[-1] == "button"
    assert walk.complaints == []
