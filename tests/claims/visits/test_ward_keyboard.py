"""In Chromium: charges are typed as soon as their page is open."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from enrollment.models import Person
from tests.claims.conftest import TODAY
from tests.claims.visits.conftest import Ward
from tests.walk import Walk, walk

__all__ = ["walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_page_to_be_typed_into_begins_in_its_first_empty_field(
    walk: Walk, settings: Any, ward: Ward, wang: Person
) -> None:
    """The charges of a stay have their day already; the first code is what comes next."""
    settings.TODAY = TODAY
    visit = ward.admit(wang)
    walk.become(ward.clerk.username)
    walk.go(reverse("claims:visit_lines", args=[visit.pk]))
    expect(walk.page.locator("#id_lines-0-code")).to_be_focused()
    walk.go(reverse("claims:visit_leave", args=[visit.pk]))
    expect(walk.page.locator("[name=ends]")).to_be_focused()  # the page says so itself
    assert walk.complaints == []
